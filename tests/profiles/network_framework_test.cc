// Apple's Network framework: flow or socket, what each opens, the states of a connection
// (facts/darwin.md 6).
#include "models/network_framework/network_framework.h"

#include <gtest/gtest.h>

#include "models/catalogue/catalogue.h"

namespace tcptwin::network_framework {
namespace {

constexpr int64_t kOffered = 512;

TEST(NetworkFramework, AConnectionOfAFreshMachineIsAFlow) {
  const Choice choice = choose(kOffered, {}, Endpoint::kNetwork);
  EXPECT_TRUE(choice.flow);
  EXPECT_FALSE(choice.relayed);
  EXPECT_EQ(choice.why, Why::kUsual);
}

TEST(NetworkFramework, EachSwitchAloneMakesItASocket) {
  const std::pair<Switches, Why> cases[] = {
      {{.application_firewall = true}, Why::kApplicationFirewall},
      {{.socket_filter = true}, Why::kSocketFilter},
      {{.interface_filter = true}, Why::kInterfaceFilter},
      {{.ip_filter = true}, Why::kIpFilter},
      {{.pf_rules = true}, Why::kPfRules},
      {{.os_socket_filters = kMostOsSocketFilters + 1}, Why::kOsSocketFilters},
      {{.bridged_interface = true}, Why::kBridgedInterface}};
  for (const auto& [switches, why] : cases) {
    const Choice choice = choose(kOffered, switches, Endpoint::kNetwork);
    EXPECT_FALSE(choice.flow) << why_text(why);
    EXPECT_EQ(choice.why, why) << why_text(why);
  }
}

TEST(NetworkFramework, FourSocketFiltersOfTheSystemAreStillNone) {
  EXPECT_TRUE(
      choose(kOffered, {.os_socket_filters = kMostOsSocketFilters}, Endpoint::kNetwork).flow);
}

TEST(NetworkFramework, ASystemThatOffersNoFlowsHasSockets) {
  EXPECT_EQ(choose(0, {}, Endpoint::kNetwork).why, Why::kSystemOffersNone);
}

TEST(NetworkFramework, LoopbackAndUnixDomainAreSocketsAndNeverRelayed) {
  for (const Endpoint endpoint : {Endpoint::kLoopback, Endpoint::kUnixDomain}) {
    const Choice choice = choose(kOffered, {.private_relay = true}, endpoint);
    EXPECT_FALSE(choice.flow);
    EXPECT_FALSE(choice.relayed);
  }
}

TEST(NetworkFramework, FlowsCostTwoDescriptorsHoweverMany) {
  const Choice choice = choose(kOffered, {}, Endpoint::kNetwork);
  Openings openings;
  const Opening first = openings.next(choice);
  EXPECT_TRUE(first.flow_client && first.flow_channel && first.carrier);
  openings.opened(choice, first);
  const Opening second = openings.next(choice);
  EXPECT_FALSE(second.flow_client || second.flow_channel);
  EXPECT_TRUE(second.carrier);
}

TEST(NetworkFramework, WhatFailedToOpenIsOpenedNextTime) {
  const Choice choice = choose(kOffered, {}, Endpoint::kNetwork);
  Openings openings;
  openings.opened(choice, {.flow_client = true});
  const Opening next = openings.next(choice);
  EXPECT_FALSE(next.flow_client);
  EXPECT_TRUE(next.flow_channel);
}

TEST(NetworkFramework, SocketsCostOneDescriptorEach) {
  const Choice choice = choose(kOffered, {.application_firewall = true}, Endpoint::kNetwork);
  const Opening opening = Openings().next(choice);
  EXPECT_FALSE(opening.flow_client || opening.flow_channel);
  EXPECT_TRUE(opening.carrier);
}

TEST(NetworkFramework, AllConnectionsShareTheOneExchangeWithTheRelay) {
  const Choice choice = choose(kOffered, {.private_relay = true}, Endpoint::kNetwork);
  EXPECT_TRUE(choice.relayed);
  EXPECT_TRUE(choice.flow);
  Openings openings;
  openings.opened(choice, openings.next(choice));
  EXPECT_FALSE(openings.next(choice).carrier);
}

TEST(NetworkFramework, AConnectionPreparesAndBecomesReady) {
  State state = next_state(State::kSetup, Event::kStarted);
  EXPECT_EQ(state, State::kPreparing);
  state = next_state(state, Event::kConnected);
  EXPECT_EQ(state, State::kReady);
  EXPECT_EQ(next_state(state, Event::kBroken), State::kFailed);
}

TEST(NetworkFramework, WithoutADescriptorItWaitsAndNothingHereEndsThat) {
  const State state = next_state(State::kPreparing, Event::kNothingToBeginWith);
  EXPECT_EQ(state, State::kWaiting);
  for (const Event event : {Event::kStarted, Event::kConnected, Event::kBroken}) {
    EXPECT_EQ(next_state(state, event), State::kWaiting);
  }
  EXPECT_EQ(next_state(state, Event::kCancelled), State::kCancelled);
}

TEST(NetworkFramework, NamesOfStatesAreThoseOfTheFramework) {
  EXPECT_STREQ(state_name(State::kSetup), "setup");
  EXPECT_STREQ(state_name(State::kPreparing), "preparing");
  EXPECT_STREQ(state_name(State::kWaiting), "waiting");
  EXPECT_STREQ(state_name(State::kReady), "ready");
  EXPECT_STREQ(state_name(State::kFailed), "failed");
  EXPECT_STREQ(state_name(State::kCancelled), "cancelled");
}

TEST(NetworkFramework, TheTableHas512PlacesAndAnotherErrorFromMacos15On) {  // facts/darwin.md 6.3
  const std::pair<const char*, Errno> cases[] = {
      {"macos-13", Errno::kENOSPC}, {"macos-14", Errno::kENOSPC}, {"macos-15", Errno::kENOMEM}};
  for (const auto& [name, error] : cases) {
    json::Context context;
    const policy::Profile profile =
        catalogue::decode_profile(*catalogue::profile_document(name), context);
    EXPECT_EQ(profile.sockets.flows_per_process, 512) << name;
    EXPECT_EQ(profile.sockets.flow_table_full, error) << name;
  }
}

}  // namespace
}  // namespace tcptwin::network_framework
