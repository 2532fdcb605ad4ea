#include "sim/scenario/ready_programs.h"

#include <algorithm>
#include <string_view>

#include "models/json/fields.h"
#include "sim/scenario/ready_apps.h"
#include "sim/scenario/ready_bulk.h"

namespace tcptwin::scenario {

namespace {

using programs::FileServerPlan;
using programs::HttpLoadPlan;
using programs::HttpProxyPlan;
using programs::HttpSends;
using programs::HttpServerPlan;
using programs::NetworkAppPlan;
using programs::Peer;

constexpr json::Limits<int64_t> kServerPort{.at_least = 1, .at_most = 65535};
constexpr json::Limits<int64_t> kBacklog{.at_least = 0, .at_most = 1 << 20};
constexpr json::Limits<int64_t> kPiece{.at_least = 1, .at_most = 1 << 30};

std::vector<json::Enumerator<HttpSends>> send_names() {
  return {{"together", HttpSends::kTogether, "head and body in one send"},
          {"apart", HttpSends::kApart, "a send each"},
          {"more", HttpSends::kMore, "a send each, the first with MSG_MORE"},
          {"corked", HttpSends::kCorked,
           "a send each, between setting and clearing TCP_CORK (where the host has none, "
           "TCP_NOPUSH)"}};
}

bool is_header_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Whoever starts the server waits for the hashes.
void check_hashed(const HttpServerPlan& plan, const json::Node& node, json::Context& context) {
  constexpr int64_t kMost = int64_t{1} << 30;
  if (plan.hash_header.empty()) return;
  int64_t rest = kMost - (plan.paths.empty() ? plan.body : 0);
  for (const auto& [path, bytes] : plan.paths) rest -= std::min(bytes, kMost + 1);
  if (rest < 0) context.error(node, "expected at most 1 GiB of bodies with \"hash_header\"");
}

const json::Fields<HttpServerPlan>& http_server_fields() {
  using Plan = HttpServerPlan;
  static const json::Fields<Plan> fields =
      json::Fields<Plan>("http_server",
                         "answers GET requests; measures `request`, from the first byte of one to "
                         "the end of its answer")
          .integer("port", &Plan::port, "where it listens", kServerPort)
          .enumeration("family", &Plan::family, "of the address it binds",
                       {{"ipv4", socket::Family::kIpv4, ""}, {"ipv6", socket::Family::kIpv6, ""}})
          .integer("backlog", &Plan::backlog, "of listen", kBacklog)
          .enumeration(
              "way", &Plan::way, "how it waits for its clients",
              {{"serial", Plan::Way::kSerial, "the next connection after the end of the last"},
               {"threads", Plan::Way::kThreads, "a thread for each connection"}})
          .boolean("keep_alive", &Plan::keep_alive,
                   "waits for another request; else it closes after each answer")
          .size("body", &Plan::body, "bytes of each answer's body", {.at_most = int64_t{1} << 40})
          .map("paths", &Plan::paths, "bytes by path; all others are 404 then",
               json::size_of<int64_t>({.at_most = int64_t{1} << 40}))
          .text("hash_header", &Plan::hash_header,
                "header of each answer with a body, with the SHA-256 of that body in lower-case "
                "digits; absent: none. All bodies together have at most 1 GiB then",
                {.accepts = is_header_name,
                 .expected = "the name of a header such as \"X-Content-SHA256\"",
                 .pattern = "^[A-Za-z0-9-]+$"})
          .enumeration("sends", &Plan::sends, "how head and body go to the socket", send_names())
          .boolean("no_delay", &Plan::no_delay, "sets TCP_NODELAY on each connection")
          .duration("think", &Plan::think, "between request and answer, slept")
          .rate("rate", &Plan::rate, "at which it makes the body; absent: it is there at once",
                {.non_zero = true})
          .size("chunk", &Plan::chunk, "bytes it makes and sends at a time, with `rate`", kPiece)
          .check(check_hashed);
  return fields;
}

const json::Fields<HttpLoadPlan>& http_load_fields() {
  using Plan = HttpLoadPlan;
  static const json::Fields<Plan> fields =
      json::Fields<Plan>(
          "http_load",
          "a load generator such as oha: workers that ask a web server again and again; measures "
          "`request` (those that finished), `connect`, `received` (bytes of bodies), `cut_off`")
          .include(&Plan::peer, peer_fields())
          .text("path", &Plan::path, "that it asks for", {.non_empty = true, .pattern = "^/"})
          .text("agent", &Plan::agent, "User-Agent of its requests", {.non_empty = true})
          .integer("workers", &Plan::workers, "threads, each with a connection of its own",
                   {.at_least = 1, .at_most = 1 << 20})
          .duration("lasts", &Plan::lasts,
                    "the process ends after so long, whatever is under way; absent: see `requests`",
                    {.non_zero = true})
          .integer("requests", &Plan::requests,
                   "of all workers together; it ends after the last answer",
                   {.at_least = 1, .at_most = int64_t{1} << 40})
          .boolean("keep_alive", &Plan::keep_alive,
                   "a connection serves all requests of its worker; else one")
          .enumeration(
              "closes", &Plan::closes, "who closes a connection first",
              {{"server", Plan::Closes::kServer,
                "the server: it is asked to, and the worker waits for its end"},
               {"client", Plan::Closes::kClient, "the worker, as soon as it has the whole answer"}})
          .duration("retry", &Plan::retry,
                    "a worker whose request failed goes on after so long; absent: it ends")
          .duration("gap", &Plan::gap, "between the requests of a worker, slept")
          .size("read", &Plan::read, "bytes that a recv asks for", kPiece)
          .boolean("quick_ack", &Plan::quick_ack, "sets TCP_QUICKACK before each recv")
          .check([](const Plan& plan, const json::Node& node, json::Context& context) {
            if (plan.lasts.has_value() == plan.requests.has_value())
              context.error(node, "expected either \"lasts\" or \"requests\"");
          });
  return fields;
}

const json::Fields<HttpProxyPlan>& http_proxy_fields() {
  using Plan = HttpProxyPlan;
  static const json::Fields<Plan> fields =
      json::Fields<Plan>("http_proxy",
                         "takes requests, asks the origin and hands its answers on, a thread for "
                         "each client; measures `answer`, from its first send to its last")
          .integer("listen", &Plan::port, "port where it listens", kServerPort)
          .include(&Plan::origin, peer_fields())
          .integer("backlog", &Plan::backlog, "of listen", kBacklog)
          .boolean("keep_alive", &Plan::keep_alive,
                   "waits for another request of a client; else it closes after each answer")
          .boolean("keeps_origin", &Plan::keeps_origin,
                   "one connection to the origin for each client; else one a request")
          .enumeration("sends", &Plan::sends, "how an answer's head and body go to the client",
                       send_names())
          .boolean("no_delay", &Plan::no_delay, "sets TCP_NODELAY on clients' connections");
  return fields;
}

const json::Fields<FileServerPlan>& file_server_fields() {
  using Plan = FileServerPlan;
  static const json::Fields<Plan> fields =
      json::Fields<Plan>(
          "file_server",
          "answers GET requests in one event loop over epoll, kqueue or poll, whichever the host "
          "has first; measures `request` (from the first byte of one until all of its answer is "
          "handed over, or the server believes so), `taken` and `first_write` (bytes of the file "
          "that all its writes and the first of them took), `expired` (bytes left when the timer "
          "closed a connection)")
          .integer("port", &Plan::port, "where it listens", kServerPort)
          .enumeration("family", &Plan::family, "of the address it binds",
                       {{"ipv4", socket::Family::kIpv4, ""}, {"ipv6", socket::Family::kIpv6, ""}})
          .integer("backlog", &Plan::backlog, "of listen", kBacklog)
          .size("file", &Plan::file, "bytes of every file", {.at_most = int64_t{1} << 40})
          .size("chunk", &Plan::chunk, "bytes that a write is given at most; 0: all that is left",
                {.at_most = 1 << 30})
          .enumeration("writes", &Plan::writes, "what it does about writes that take less",
                       {{"once", Plan::Writes::kOnce,
                         "nothing: one write for the file, its result is not looked at"},
                        {"until_again", Plan::Writes::kUntilAgain,
                         "writes until EAGAIN, and goes on when the socket is writable"}})
          .enumeration("timer", &Plan::timer, "when it gives a client up",
                       {{"none", Plan::Timer::kNone, "never"},
                        {"fixed", Plan::Timer::kFixed, "`patience` after its request"},
                        {"progress", Plan::Timer::kProgress,
                         "`patience` after the last write that took something"}})
          .duration("patience", &Plan::patience, "of the timer", {.non_zero = true})
          .boolean("keep_alive", &Plan::keep_alive,
                   "waits for another request; else it closes after each answer");
  return fields;
}

Peer* peer_of(HttpServerPlan&) { return nullptr; }
Peer* peer_of(FileServerPlan&) { return nullptr; }
Peer* peer_of(HttpProxyPlan& plan) { return &plan.origin; }
Peer* peer_of(NetworkAppPlan&) { return nullptr; }
Peer* peer_of(programs::GameServerPlan&) { return nullptr; }

Peer* peer_of(programs::BulkReceivePlan&) { return nullptr; }
template <class Plan>
Peer* peer_of(Plan& plan) {
  return &plan.peer;
}

}  // namespace

const json::Fields<Peer>& peer_fields() {
  static const json::Fields<Peer> fields =
      json::Fields<Peer>("peer", "where it connects to")
          .text("to", &Peer::to, "name of the host", {.required = true, .non_empty = true})
          .integer("port", &Peer::port, "of the host",
                   {.required = true, .at_least = 1, .at_most = 65535})
          .enumeration("family", &Peer::family, "address family",
                       {{"ipv4", socket::Family::kIpv4, ""}, {"ipv6", socket::Family::kIpv6, ""}});
  return fields;
}

const json::Codec<programs::Ready>& ready_codec() {
  static const json::Codec<programs::Ready> codec = json::choice_of<programs::Ready>(
      "program",
      {{"http_server", http_server_fields, "a web server"},
       {"http_load", http_load_fields, "a load generator"},
       {"http_proxy", http_proxy_fields, "a reverse proxy"},
       {"bulk_send", bulk_send_fields, "who sends much"},
       {"bulk_receive", bulk_receive_fields, "who takes it"},
       {"message_workers", message_workers_fields, "threads that send messages"},
       {"request_response", request_response_fields, "clients that ask and wait"},
       {"network_app", network_app_fields, "many connections of Apple's Network framework"},
       {"game_server", game_server_fields, "the server of a game, with a tick"},
       {"file_server", file_server_fields, "a web server for files, as an event loop"}});
  return codec;
}

void resolve_peers(const json::Node& node, const ProgramHost& host, programs::Ready& ready,
                   json::Context& context) {
  if (auto* app = std::get_if<NetworkAppPlan>(&ready)) {
    return resolve_network_peers(node, host, *app, context);
  }
  Peer* peer = std::visit([](auto& plan) { return peer_of(plan); }, ready);
  const json::Node* to = node.find("to");
  if (peer == nullptr || to == nullptr) return;
  const auto scope = context.enter("to");
  const auto address = host.resolve(*to, peer->family, context);
  if (address) peer->address = {*address, static_cast<wire::Port>(peer->port)};
}

}  // namespace tcptwin::scenario
