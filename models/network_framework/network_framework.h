// network_framework.h: Apple's Network framework as far as the network and the descriptors of a
// process see it: whether a connection becomes a socket or a flow that the process carries itself,
// what it opens for that, and the states that a connection goes through. Opens nothing itself.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/errno.h"
#include "stack/socket/calls.h"

namespace tcptwin::network_framework {

// What of a machine decides: facts/darwin.md 6.2. All of it is off on a fresh one.
struct Switches {
  bool application_firewall = false;  // net.alf.perm is not 0
  // Third-party kernel extensions, of a VPN for instance: that they are loaded counts, not whether
  // they have anything to do.
  bool socket_filter = false;
  bool interface_filter = false;
  bool ip_filter = false;
  bool pf_rules = false;          // own anchors or rules of pf, even with pf off
  int64_t os_socket_filters = 0;  // of the system; more than kMostOsSocketFilters count
  bool bridged_interface = false;
  bool private_relay = false;
};
inline constexpr int64_t kMostOsSocketFilters = 4;

enum class Endpoint : uint8_t {
  kNetwork,
  kLoopback,    // the loopback interface offers no flows
  kUnixDomain,  // a path instead of an address
};

enum class Why : uint8_t {
  kUsual,  // nothing stands in the way of flows
  kSystemOffersNone,
  kUnixDomain,
  kLoopback,
  kBridgedInterface,
  kPfRules,
  kSocketFilter,
  kInterfaceFilter,
  kIpFilter,
  kApplicationFirewall,
  kOsSocketFilters,
};
// "application firewall"
const char* why_text(Why why);

struct Choice {
  bool flow = true;      // else a socket
  bool relayed = false;  // inside the one UDP exchange with the relay, which all connections share
  Why why = Why::kUsual;
};
// `offered`: flows that a process may have on this system; 0: it has none, as macOS before 12.
Choice choose(int64_t offered, const Switches& switches, Endpoint endpoint);

// What has to be opened before the next connection can start.
struct Opening {
  bool flow_client = false;   // a descriptor
  bool flow_channel = false;  // a descriptor
  bool carrier = false;       // a flow, or a socket with a descriptor
};
// Of one process, over one interface: facts/darwin.md 6.3.
class Openings {
 public:
  Opening next(const Choice& choice) const;
  void opened(const Choice& choice, const Opening& opening);

 private:
  bool flow_client_ = false;
  bool flow_channel_ = false;
  bool relay_ = false;
};

// NWConnection.State.
enum class State : uint8_t { kSetup, kPreparing, kWaiting, kReady, kFailed, kCancelled };
// "preparing"
const char* state_name(State state);

enum class Event : uint8_t {
  kStarted,
  kNothingToBeginWith,  // no descriptor, no place in the table of flows, no port
  kConnected,
  kUnreachable,  // refused, timed out, no way there
  kBroken,       // after it was ready
  kCancelled,
};
// Nothing but a change of the path leads out of waiting, and there is none here.
State next_state(State state, Event event);

}  // namespace tcptwin::network_framework
