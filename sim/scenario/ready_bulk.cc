#include "sim/scenario/ready_bulk.h"

namespace tcptwin::scenario {

namespace {

constexpr json::Limits<int64_t> kSomeThreads{.at_least = 1, .at_most = 1 << 16};
constexpr json::Limits<int64_t> kOnePiece{.at_least = 1, .at_most = 1 << 30};
constexpr json::Limits<int64_t> kMuch{.at_least = 1, .at_most = int64_t{1} << 40};

}  // namespace

const json::Fields<programs::BulkSendPlan>& bulk_send_fields() {
  using Plan = programs::BulkSendPlan;
  static const json::Fields<Plan> fields =
      json::Fields<Plan>("bulk_send",
                         "sends much; measures `transfer` of each connection and `goodput` of all "
                         "together, in bits per second")
          .include(&Plan::peer, peer_fields())
          .integer("connections", &Plan::connections, "each with a thread", kSomeThreads)
          .size("bytes", &Plan::bytes, "of all together, in equal shares", kMuch)
          .size("chunk", &Plan::chunk, "bytes of a send", kOnePiece);
  return fields;
}

const json::Fields<programs::BulkReceivePlan>& bulk_receive_fields() {
  using Plan = programs::BulkReceivePlan;
  static const json::Fields<Plan> fields =
      json::Fields<Plan>(
          "bulk_receive",
          "takes what comes, a thread for each connection; measures `stream`, from "
          "accept to the end of each, `received`, its bytes, `open`, how many are "
          "open with each that is accepted, and `goodput` of all, in bits per second, "
          "when it ends")
          .integer("port", &Plan::port, "where it listens", {.at_least = 1, .at_most = 65535})
          .enumeration("family", &Plan::family, "of the address it binds",
                       {{"ipv4", socket::Family::kIpv4, ""}, {"ipv6", socket::Family::kIpv6, ""}})
          .integer("backlog", &Plan::backlog, "of listen", {.at_least = 0, .at_most = 1 << 20})
          .integer("connections", &Plan::connections, "ends after so many; 0: never",
                   {.at_least = 0, .at_most = 1 << 30})
          .size("read", &Plan::read, "bytes that a recv asks for", kOnePiece)
          .boolean("echo", &Plan::echo, "sends back what it reads, byte for byte");
  return fields;
}

const json::Fields<programs::MessageWorkersPlan>& message_workers_fields() {
  using Plan = programs::MessageWorkersPlan;
  static const json::Fields<Plan> fields =
      json::Fields<Plan>("message_workers",
                         "sends the messages of a queue; measures `message`, from taking one until "
                         "it is handed over (and its connection closed), and `connect`")
          .include(&Plan::peer, peer_fields())
          .integer("messages", &Plan::messages, "that wait in the queue", kMuch)
          .size("bytes", &Plan::bytes, "of a message", kOnePiece)
          .integer("workers", &Plan::workers, "threads; epoll: connections under way at a time",
                   kSomeThreads)
          .enumeration("connections", &Plan::connections, "what they send over",
                       {{"each", Plan::Connections::kEach, "a connection for each message"},
                        {"worker", Plan::Connections::kWorker, "one for each worker"},
                        {"one", Plan::Connections::kOne, "one for all"}})
          .enumeration("way", &Plan::way, "how they wait",
                       {{"threads", Plan::Way::kThreads, "in calls that sleep, a thread each"},
                        {"epoll", Plan::Way::kEpoll, "in one thread, with epoll"}})
          .boolean("mutex", &Plan::mutex,
                   "a global mutex is held from taking a message until it is sent")
          .check([](const Plan& plan, const json::Node& node, json::Context& context) {
            const bool each = plan.connections == Plan::Connections::kEach;
            if (plan.way == Plan::Way::kEpoll && !each)
              context.error(node, "with epoll each message has a connection of its own");
            if (plan.connections == Plan::Connections::kOne && plan.workers > 1 && !plan.mutex)
              context.error(node, "one connection for several workers takes \"mutex\"");
          });
  return fields;
}

const json::Fields<programs::RequestResponsePlan>& request_response_fields() {
  using Plan = programs::RequestResponsePlan;
  static const json::Fields<Plan> fields =
      json::Fields<Plan>("request_response",
                         "asks and waits for the answer, again and again (its server is the "
                         "operation `serve`); measures `round`")
          .include(&Plan::peer, peer_fields())
          .integer("clients", &Plan::clients, "threads, each with a connection", kSomeThreads)
          .integer("rounds", &Plan::rounds, "of each client", kMuch)
          .size("request", &Plan::request, "bytes", kOnePiece)
          .integer("writes", &Plan::writes, "sends that a request is cut into", kSomeThreads)
          .size("answer", &Plan::answer, "bytes", kOnePiece)
          .boolean("no_delay", &Plan::no_delay, "sets TCP_NODELAY on each connection")
          .duration("think", &Plan::think, "between the rounds of a client, slept")
          .check([](const Plan& plan, const json::Node& node, json::Context& context) {
            if (plan.writes > plan.request)
              context.error(node, "more writes than the request has bytes");
          });
  return fields;
}

}  // namespace tcptwin::scenario
