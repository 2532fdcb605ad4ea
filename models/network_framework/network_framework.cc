#include "models/network_framework/network_framework.h"

#include "stack/base/check.h"

namespace tcptwin::network_framework {

const char* why_text(Why why) {
  switch (why) {
    case Why::kUsual: return "nothing stands in the way of flows";
    case Why::kSystemOffersNone: return "the system offers no flows";
    case Why::kUnixDomain: return "Unix-domain";
    case Why::kLoopback: return "loopback";
    case Why::kBridgedInterface: return "bridged interface";
    case Why::kPfRules: return "rules of pf";
    case Why::kSocketFilter: return "third-party socket filter";
    case Why::kInterfaceFilter: return "third-party interface filter";
    case Why::kIpFilter: return "third-party IP filter";
    case Why::kApplicationFirewall: return "application firewall";
    case Why::kOsSocketFilters: return "more than 4 socket filters of the system";
  }
  CHECK(false);
}

namespace {

// Why not a flow; kUsual: it can be one.
Why obstacle(int64_t offered, const Switches& switches, Endpoint endpoint) {
  if (endpoint == Endpoint::kUnixDomain) return Why::kUnixDomain;
  if (endpoint == Endpoint::kLoopback) return Why::kLoopback;
  if (offered == 0) return Why::kSystemOffersNone;
  if (switches.bridged_interface) return Why::kBridgedInterface;
  if (switches.pf_rules) return Why::kPfRules;
  if (switches.socket_filter) return Why::kSocketFilter;
  if (switches.interface_filter) return Why::kInterfaceFilter;
  if (switches.ip_filter) return Why::kIpFilter;
  if (switches.application_firewall) return Why::kApplicationFirewall;
  if (switches.os_socket_filters > kMostOsSocketFilters) return Why::kOsSocketFilters;
  return Why::kUsual;
}

}  // namespace

Choice choose(int64_t offered, const Switches& switches, Endpoint endpoint) {
  Choice choice;
  choice.why = obstacle(offered, switches, endpoint);
  choice.flow = choice.why == Why::kUsual;
  choice.relayed = switches.private_relay && endpoint == Endpoint::kNetwork;
  return choice;
}

Opening Openings::next(const Choice& choice) const {
  Opening opening;
  opening.flow_client = choice.flow && !flow_client_;
  opening.flow_channel = choice.flow && !flow_channel_;
  opening.carrier = !choice.relayed || !relay_;
  return opening;
}

void Openings::opened(const Choice& choice, const Opening& opening) {
  flow_client_ = flow_client_ || opening.flow_client;
  flow_channel_ = flow_channel_ || opening.flow_channel;
  relay_ = relay_ || (choice.relayed && opening.carrier);
}

const char* state_name(State state) {
  switch (state) {
    case State::kSetup: return "setup";
    case State::kPreparing: return "preparing";
    case State::kWaiting: return "waiting";
    case State::kReady: return "ready";
    case State::kFailed: return "failed";
    case State::kCancelled: return "cancelled";
  }
  CHECK(false);
}

State next_state(State state, Event event) {
  if (event == Event::kCancelled) return State::kCancelled;
  const bool preparing = state == State::kPreparing;
  switch (event) {
    case Event::kStarted: return state == State::kSetup ? State::kPreparing : state;
    case Event::kNothingToBeginWith:
    case Event::kUnreachable: return preparing ? State::kWaiting : state;
    case Event::kConnected: return preparing ? State::kReady : state;
    case Event::kBroken: return state == State::kReady ? State::kFailed : state;
    case Event::kCancelled: break;
  }
  CHECK(false);
}

}  // namespace tcptwin::network_framework
