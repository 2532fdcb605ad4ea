#include "sim/scenario/ready_apps.h"

namespace tcptwin::scenario {

using programs::GameServerPlan;
using programs::NetworkAppPlan;

namespace {

constexpr json::Limits<int64_t> kDescriptors{.at_least = 3, .at_most = 1 << 24};

const json::Fields<network_framework::Switches>& machine_fields() {
  using S = network_framework::Switches;
  static const json::Fields<S> fields =
      json::Fields<S>("machine", "what on the machine turns flows into sockets")
          .boolean("application_firewall", &S::application_firewall, "net.alf.perm is not 0")
          .boolean("socket_filter", &S::socket_filter,
                   "a third-party kernel extension with a socket filter is loaded, as that of a "
                   "VPN, connected or not")
          .boolean("interface_filter", &S::interface_filter, "the same with an interface filter")
          .boolean("ip_filter", &S::ip_filter, "the same with an IP filter")
          .boolean("pf_rules", &S::pf_rules, "own rules or anchors of pf, even with pf off")
          .integer("os_socket_filters", &S::os_socket_filters,
                   "socket filters of the system itself; more than 4 count", {.at_most = 1000})
          .boolean("bridged_interface", &S::bridged_interface, "the way goes over a bridge")
          .boolean("private_relay", &S::private_relay,
                   "all connections go through one UDP exchange with `relay`");
  return fields;
}

const json::Fields<programs::Peer>& relay_fields() {
  using programs::Peer;
  static const json::Fields<Peer> fields =
      json::Fields<Peer>("relay", "of Private Relay: it sends each datagram back")
          .text("to", &Peer::to, "name of the host", {.required = true, .non_empty = true})
          .integer("port", &Peer::port, "of the host", {.at_least = 1, .at_most = 65535});
  return fields;
}

}  // namespace

const json::Fields<NetworkAppPlan>& network_app_fields() {
  using Plan = NetworkAppPlan;
  static const json::Fields<Plan> fields =
      json::Fields<Plan>(
          "network_app",
          "an app that opens connections through Apple's Network framework and keeps them; "
          "measures `ready`, `answered` and `gave_up` (since the start of the connection), "
          "`waiting` and "
          "`failed` (the numbers, from 1, of those that became it), and once all have settled "
          "`flows`, `sockets` and `descriptors` (open ones), at its end `still_waiting`")
          .list("to", &Plan::to, "hosts, in turn; none: each connection is a Unix-domain one",
                json::text_of({.non_empty = true}))
          .integer("port", &Plan::port, "of the hosts, the first",
                   {.at_least = 1, .at_most = 65535})
          .integer("ports", &Plan::ports,
                   "so many from there on, in turn after each round of hosts",
                   {.at_least = 1, .at_most = 65535})
          .integer("connections", &Plan::connections, "how many it opens",
                   {.at_least = 1, .at_most = 1 << 20})
          .enumeration("starts", &Plan::starts, "when the next connection starts",
                       {{"together", Plan::Starts::kTogether, "`gap` after the one before"},
                        {"in_turn", Plan::Starts::kInTurn, "when the one before has its answer"}})
          .duration("gap", &Plan::gap, "between two starts")
          .integer("open_at_start", &Plan::open_at_start,
                   "descriptors that it has open before, the standard streams included",
                   kDescriptors)
          .integer("limit", &Plan::limit, "RLIMIT_NOFILE that it sets first; absent: the host's",
                   kDescriptors)
          .integer("hard_limit", &Plan::hard_limit, "set with it", kDescriptors)
          .boolean("binds", &Plan::binds,
                   "each connection to the own address of its way (requiredLocalEndpoint)")
          .size("request", &Plan::request, "bytes it sends once a connection is ready",
                {.at_most = 1 << 20})
          .size("answer", &Plan::answer, "bytes that it then waits for", {.at_most = 1 << 30})
          .duration("keeps", &Plan::keeps, "how long it goes on after all have settled")
          .object("machine", &Plan::machine, "what is on at the machine", machine_fields)
          .object("relay", &Plan::relay, "of Private Relay", relay_fields)
          .check([](const Plan& plan, const json::Node& node, json::Context& context) {
            if (plan.machine.private_relay && plan.relay.to.empty())
              context.error(node, "private_relay needs a \"relay\"");
          });
  return fields;
}

const json::Fields<GameServerPlan>& game_server_fields() {
  using Plan = GameServerPlan;
  static const json::Fields<Plan> fields =
      json::Fields<Plan>("game_server",
                         "the server of a game for one player; measures `wait`, from where it saw "
                         "the first bytes of a turn to where it saw the last")
          .integer("port", &Plan::port, "where the player finds it",
                   {.at_least = 1, .at_most = 65535})
          .duration("tick", &Plan::tick, "it looks at its socket only then; 0: it sleeps in recv")
          .size("input", &Plan::input, "bytes of one turn, in whatever messages",
                {.at_least = 1, .at_most = 1 << 20})
          .size("answer", &Plan::answer, "bytes of its answer to a turn",
                {.at_least = 1, .at_most = 1 << 20})
          .boolean("datagrams", &Plan::datagrams, "over UDP");
  return fields;
}

void resolve_network_peers(const json::Node& node, const ProgramHost& host, NetworkAppPlan& plan,
                           json::Context& context) {
  if (const json::Node* to = node.find("to")) {
    const auto scope = context.enter("to");
    for (const json::Node& name : to->items()) {
      const auto address = host.resolve(name, socket::Family::kIpv4, context);
      plan.found.push_back(address.value_or(wire::IpAddress()));
    }
  }
  const json::Node* relay = node.find("relay");
  if (relay == nullptr) return;
  const auto scope = context.enter("relay");
  const auto to = context.enter("to");
  const auto address = host.resolve(*relay->find("to"), plan.relay.family, context);
  if (address) plan.relay.address = {*address, static_cast<wire::Port>(plan.relay.port)};
}

}  // namespace tcptwin::scenario
