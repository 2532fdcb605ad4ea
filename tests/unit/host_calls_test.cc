// The socket calls of NativeStack: what they return, when they sleep, what wakes them.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/host_pair.h"

namespace tcptwin::host {
namespace {

using socket::Descriptor;
using socket::MessageFlags;
using socket::Outcome;
using socket::Shutdown;

constexpr MessageFlags kDontWait{.dont_wait = true};

Payload bytes(size_t count) { return Payload::synthetic(0, 0, count); }

class HostCalls : public testing::Test {
 protected:
  Descriptor open() {
    return static_cast<Descriptor>(pair.a.open_socket(pair.now, pair.caller_a()).value);
  }
  Outcome bind(Descriptor fd, uint16_t port, wire::Ipv4Address address = {}) {
    return pair.a.bind(pair.now, pair.caller_a(), fd, {address, wire::Port{port}});
  }
  Outcome listen(Descriptor fd, int64_t backlog = 8) {
    return pair.a.listen(pair.now, pair.caller_a(), fd, backlog);
  }
  Outcome send(Descriptor fd, size_t count, MessageFlags flags = {}) {
    return pair.a.send(pair.now, pair.caller_a(), fd, bytes(count), flags);
  }
  Outcome recv(Descriptor fd, int64_t count, MessageFlags flags = {}) {
    return pair.a.recv(pair.now, pair.caller_a(), fd, count, flags);
  }
  Outcome recv_b(Descriptor fd, int64_t count, MessageFlags flags = kDontWait) {
    return pair.b.recv(pair.now, pair.caller_b(), fd, count, flags);
  }
  Outcome resume(socket::OperationId id) { return pair.a.resume(pair.now, id, pair.record_a()); }
  bool woken(socket::OperationId id) const {
    return std::count(pair.woken_a.begin(), pair.woken_a.end(), id) == 1;
  }

  HostPair pair{policy::rfc_sample()};
};

// ---- bad descriptors and states

TEST_F(HostCalls, EveryCallOnAnUnknownDescriptorFailsWithEbadf) {
  NativeStack& s = pair.a;
  const auto caller = pair.caller_a();
  EXPECT_EQ(bind(3, 80).error, Errno::kEBADF);
  EXPECT_EQ(listen(3).error, Errno::kEBADF);
  EXPECT_EQ(s.accept(pair.now, caller, 3).error, Errno::kEBADF);
  EXPECT_EQ(s.connect(pair.now, caller, 3, {kAddressB, wire::Port{80}}).error, Errno::kEBADF);
  EXPECT_EQ(send(3, 1).error, Errno::kEBADF);
  EXPECT_EQ(recv(3, 1).error, Errno::kEBADF);
  EXPECT_EQ(s.setsockopt(pair.now, caller, 3, 6, 1, 1).error, Errno::kEBADF);
  EXPECT_EQ(s.shutdown(pair.now, caller, 3, Shutdown::kWrite).error, Errno::kEBADF);
  EXPECT_EQ(s.close(pair.now, caller, 3).error, Errno::kEBADF);
}

TEST_F(HostCalls, AClosedDescriptorIsUnknown) {
  const Descriptor fd = open();
  EXPECT_EQ(pair.a.close(pair.now, pair.caller_a(), fd).value, 0);
  EXPECT_EQ(pair.a.close(pair.now, pair.caller_a(), fd).error, Errno::kEBADF);
}

TEST_F(HostCalls, TheLowestFreeDescriptorIsReused) {
  EXPECT_EQ(open(), 3);
  EXPECT_EQ(open(), 4);
  pair.a.close(pair.now, pair.caller_a(), 3);
  EXPECT_EQ(open(), 3);
}

TEST_F(HostCalls, ProcessesHaveDescriptorsOfTheirOwn) {
  open();
  const socket::Caller other{pair.a.add_process(), RecordId::kNone};
  EXPECT_EQ(pair.a.close(pair.now, other, 3).error, Errno::kEBADF);
  EXPECT_EQ(pair.a.open_socket(pair.now, other).value, 3);
}

TEST_F(HostCalls, DataNeedsAConnection) {
  const Descriptor fd = open();
  EXPECT_EQ(send(fd, 1).error, Errno::kENOTCONN);
  EXPECT_EQ(recv(fd, 1).error, Errno::kENOTCONN);
  EXPECT_EQ(pair.a.shutdown(pair.now, pair.caller_a(), fd, Shutdown::kWrite).error,
            Errno::kENOTCONN);
}

TEST_F(HostCalls, AcceptNeedsAListener) {
  EXPECT_EQ(pair.a.accept(pair.now, pair.caller_a(), open()).error, Errno::kEINVAL);
}

TEST_F(HostCalls, AConnectedSocketCannotConnectAgain) {
  const auto [fd, other] = pair.connection();
  EXPECT_EQ(pair.a.connect(pair.now, pair.caller_a(), fd, {kAddressB, wire::Port{80}}).error,
            Errno::kEISCONN);
}

TEST_F(HostCalls, AnAddressWithoutARouteIsUnreachable) {
  const wire::Ipv4Address nowhere(0x0b000001);
  EXPECT_EQ(pair.a.connect(pair.now, pair.caller_a(), open(), {nowhere, wire::Port{80}}).error,
            Errno::kENETUNREACH);
}

// ---- bind and listen

TEST_F(HostCalls, APortThatIsListenedOnIsInUse) {
  const Descriptor first = open();
  bind(first, 80);
  listen(first);
  EXPECT_EQ(bind(open(), 80).error, Errno::kEADDRINUSE);
}

TEST_F(HostCalls, APortThatIsOnlyBoundIsInUseToo) {
  bind(open(), 80);
  EXPECT_EQ(bind(open(), 80).error, Errno::kEADDRINUSE);
}

TEST_F(HostCalls, TwoAddressesMayShareAPort) {
  EXPECT_EQ(bind(open(), 80, kLoopbackAddress).value, 0);
  EXPECT_EQ(bind(open(), 80, kAddressA).value, 0);
  EXPECT_EQ(bind(open(), 80).error, Errno::kEADDRINUSE);  // the wildcard overlaps both
}

TEST_F(HostCalls, PortZeroIsNeverInUse) {
  EXPECT_EQ(bind(open(), 0).value, 0);
  EXPECT_EQ(bind(open(), 0).value, 0);
}

TEST_F(HostCalls, AClosedSocketGivesItsPortBack) {
  const Descriptor fd = open();
  bind(fd, 80);
  listen(fd);
  pair.a.close(pair.now, pair.caller_a(), fd);
  EXPECT_EQ(bind(open(), 80).value, 0);
}

TEST_F(HostCalls, ABoundSocketCannotBeBoundAgain) {
  const Descriptor fd = open();
  bind(fd, 80);
  EXPECT_EQ(bind(fd, 81).error, Errno::kEINVAL);
}

TEST_F(HostCalls, AForeignAddressCannotBeBound) {
  EXPECT_EQ(bind(open(), 80, kAddressB).error, Errno::kEADDRNOTAVAIL);
}

TEST_F(HostCalls, ListeningNeedsAnAddress) {
  EXPECT_EQ(listen(open()).error, Errno::kEDESTADDRREQ);
}

// ---- options

TEST_F(HostCalls, AnUnknownOptionFailsWithEnoprotoopt) {
  const Descriptor fd = open();
  EXPECT_EQ(pair.a.setsockopt(pair.now, pair.caller_a(), fd, 6, 12, 1).error, Errno::kENOPROTOOPT);
  EXPECT_EQ(pair.a.setsockopt(pair.now, pair.caller_a(), fd, 7, 1, 1).error, Errno::kENOPROTOOPT);
}

TEST_F(HostCalls, AnOptionSetBeforeConnectIsKept) {
  pair.listen_on_b(80);
  const Descriptor fd = open();
  EXPECT_EQ(pair.a.setsockopt(pair.now, pair.caller_a(), fd, 6, 1, 1).value, 0);
  pair.a.connect(pair.now, pair.caller_a(), fd, {kAddressB, wire::Port{80}});
  EXPECT_TRUE(pair.a.connection_of(pair.process_a, fd)->no_delay());
}

// ---- connect

TEST_F(HostCalls, ConnectSleepsUntilTheHandshakeEnds) {
  pair.listen_on_b(80);
  const auto [fd, operation] = pair.connect_from_a(80);
  pair.run(19ms);
  EXPECT_FALSE(woken(operation));
  pair.run(1ms);
  EXPECT_TRUE(woken(operation));
  EXPECT_EQ(resume(operation).value, 0);
}

TEST_F(HostCalls, ConnectToAPortWithoutListenerIsRefused) {
  const auto [fd, operation] = pair.connect_from_a(80);
  pair.run(20ms);
  EXPECT_TRUE(woken(operation));
  EXPECT_EQ(resume(operation).error, Errno::kECONNREFUSED);
}

TEST_F(HostCalls, EveryConnectionGetsAPortOfItsOwn) {
  pair.listen_on_b(80, 100);
  std::vector<wire::Port> ports;
  for (int i = 0; i < 50; ++i) {
    const auto [fd, operation] = pair.connect_from_a(80);
    ports.push_back(pair.a.connection_of(pair.process_a, fd)->ends().local_port);
  }
  std::sort(ports.begin(), ports.end());
  EXPECT_EQ(std::adjacent_find(ports.begin(), ports.end()), ports.end());
  EXPECT_GE(ports.front(), wire::Port{49152});
}

TEST(HostPorts, AreEaddrnotavailWhenAllAreTaken) {
  policy::Profile profile = policy::rfc_sample();
  profile.ports = {.first = 50000, .last = 50002, .step = 2, .skipped = {}};
  HostPair pair(profile);
  for (int i = 0; i < 3; ++i) pair.connect_from_a(80);
  const auto fd = static_cast<Descriptor>(pair.a.open_socket(pair.now, pair.caller_a()).value);
  EXPECT_EQ(pair.a.connect(pair.now, pair.caller_a(), fd, {kAddressB, wire::Port{80}}).error,
            Errno::kEADDRNOTAVAIL);
}

TEST_F(HostCalls, TwoConnectionsOfOneBoundPortToOnePeerAreOneTooMany) {
  for (const bool first : {true, false}) {
    const Descriptor fd = open();
    const uint16_t port = 5000;
    if (first) {
      bind(fd, port);
      EXPECT_TRUE(
          pair.a.connect(pair.now, pair.caller_a(), fd, {kAddressB, wire::Port{80}}).sleeps());
    } else {
      EXPECT_EQ(bind(fd, port).error, Errno::kEADDRINUSE);
    }
  }
}

TEST_F(HostCalls, AHostConnectsToItself) {
  const Descriptor listener = open();
  bind(listener, 80);
  listen(listener);
  const Descriptor fd = open();
  const auto outcome =
      pair.a.connect(pair.now, pair.caller_a(), fd, {kLoopbackAddress, wire::Port{80}});
  pair.run(1ms);
  EXPECT_EQ(resume(outcome.pending).value, 0);
  EXPECT_FALSE(pair.a.accept(pair.now, pair.caller_a(), listener).sleeps());
}

// ---- accept

TEST_F(HostCalls, AcceptSleepsUntilAConnectionIsThere) {
  const Descriptor listener = pair.listen_on_b(80);
  const Outcome outcome = pair.b.accept(pair.now, pair.caller_b(), listener);
  ASSERT_TRUE(outcome.sleeps());
  pair.connect_from_a(80);
  pair.run(29ms);
  EXPECT_TRUE(pair.woken_b.empty());
  pair.run(1ms);
  ASSERT_EQ(pair.woken_b.size(), 1u);
  EXPECT_EQ(pair.woken_b.front(), outcome.pending);
  EXPECT_EQ(pair.b.resume(pair.now, outcome.pending, pair.record_b()).value, 4);
}

TEST_F(HostCalls, ConnectionsAreAcceptedInTheirOrder) {
  const Descriptor listener = pair.listen_on_b(80);
  std::vector<wire::Port> ports;
  for (int i = 0; i < 3; ++i) {
    const auto [fd, operation] = pair.connect_from_a(80);
    ports.push_back(pair.a.connection_of(pair.process_a, fd)->ends().local_port);
    pair.run(1ms);
  }
  pair.run(1s);
  for (const wire::Port port : ports) {
    const Outcome accepted = pair.b.accept(pair.now, pair.caller_b(), listener);
    const auto fd = static_cast<Descriptor>(accepted.value);
    EXPECT_EQ(pair.b.connection_of(pair.process_b, fd)->ends().remote_port, port);
  }
}

TEST_F(HostCalls, ASynBeyondTheBacklogIsDroppedAndTriedAgain) {
  const Descriptor listener = pair.listen_on_b(80, 2);
  for (int i = 0; i < 3; ++i) pair.connect_from_a(80);
  pair.run(900ms);
  EXPECT_EQ(pair.woken_a.size(), 2u);
  pair.b.accept(pair.now, pair.caller_b(), listener);
  pair.run(1s);
  EXPECT_EQ(pair.woken_a.size(), 3u);
}

TEST(HostBacklog, HoldsOneMoreWhereTheProfileSaysSo) {  // facts/linux.md G2
  HostPair pair(policy::linux_sample());
  const Descriptor listener = pair.listen_on_b(80, 2);
  for (int i = 0; i < 4; ++i) pair.connect_from_a(80);
  pair.run(900ms);
  for (const bool sleeps : {false, false, false, true}) {
    EXPECT_EQ(pair.b.accept(pair.now, pair.caller_b(), listener).sleeps(), sleeps);
  }
}

TEST_F(HostCalls, ClosingTheListenerEndsWhatWasNotAccepted) {
  const Descriptor listener = pair.listen_on_b(80);
  const auto [fd, operation] = pair.connect_from_a(80);
  pair.run(1s);
  EXPECT_EQ(resume(operation).value, 0);
  pair.b.close(pair.now, pair.caller_b(), listener);
  pair.run(1s);
  EXPECT_EQ(recv(fd, 10, kDontWait).error, Errno::kECONNRESET);
  EXPECT_EQ(pair.connect_from_a(80).first, fd + 1);
  pair.run(1s);
  EXPECT_EQ(resume(pair.woken_a.back()).error, Errno::kECONNREFUSED);
}

// ---- data

TEST_F(HostCalls, SendReturnsWhatItTook) {
  const auto [fd, other] = pair.connection();
  EXPECT_EQ(send(fd, 10).value, 10);
}

TEST_F(HostCalls, RecvReturnsWhatIsThereUpToWhatWasAsked) {
  const auto [fd, other] = pair.connection();
  send(fd, 100);
  pair.run(1s);
  EXPECT_EQ(recv_b(other, 60).value, 60);
  EXPECT_EQ(recv_b(other, 60).value, 40);
}

TEST_F(HostCalls, RecvWithoutDataIsEagainWhenItMayNotWait) {
  const auto [fd, other] = pair.connection();
  EXPECT_EQ(recv(fd, 10, kDontWait).error, Errno::kEAGAIN);
}

TEST_F(HostCalls, RecvSleepsUntilAByteIsThere) {
  const auto [fd, other] = pair.connection();
  const Outcome outcome = recv(fd, 10);
  ASSERT_TRUE(outcome.sleeps());
  pair.run(1s);
  EXPECT_FALSE(woken(outcome.pending));
  pair.b.send(pair.now, pair.caller_b(), other, bytes(1), {});
  pair.run(10ms);
  EXPECT_TRUE(woken(outcome.pending));
  EXPECT_EQ(resume(outcome.pending).value, 1);
}

TEST_F(HostCalls, ASleeperIsToldOnce) {
  const auto [fd, other] = pair.connection();
  const Outcome outcome = recv(fd, 10);
  for (int i = 0; i < 3; ++i) {
    pair.b.send(pair.now, pair.caller_b(), other, bytes(1), {});
    pair.run(100ms);
  }
  EXPECT_TRUE(woken(outcome.pending));
}

TEST_F(HostCalls, RecvReturnsZeroAtTheEndOfTheStream) {
  const auto [fd, other] = pair.connection();
  const Outcome outcome = recv(fd, 10);
  pair.b.shutdown(pair.now, pair.caller_b(), other, Shutdown::kWrite);
  pair.run(10ms);
  EXPECT_EQ(resume(outcome.pending).value, 0);
  EXPECT_EQ(recv(fd, 10).value, 0);
}

TEST_F(HostCalls, SendSleepsUntilEverythingIsTaken) {
  const auto [fd, other] = pair.connection();
  const Outcome outcome = send(fd, 200'000);
  ASSERT_TRUE(outcome.sleeps());
  Outcome last;
  for (int i = 0; i < 1000 && (last.value == 0 && !last.error); ++i) {
    pair.run(10ms);
    recv_b(other, 100'000);
    if (pair.woken_a.empty() || pair.woken_a.back() != outcome.pending) continue;
    pair.woken_a.clear();
    last = resume(outcome.pending);
  }
  EXPECT_EQ(last.value, 200'000);
}

TEST_F(HostCalls, SendThatMayNotWaitTakesWhatFits) {
  const auto [fd, other] = pair.connection();
  EXPECT_EQ(send(fd, 200'000, kDontWait).value, 65536);
  EXPECT_EQ(send(fd, 1, kDontWait).error, Errno::kEAGAIN);
}

TEST_F(HostCalls, AfterShutdownSendFailsWithEpipe) {
  const auto [fd, other] = pair.connection();
  EXPECT_EQ(pair.a.shutdown(pair.now, pair.caller_a(), fd, Shutdown::kWrite).value, 0);
  EXPECT_EQ(send(fd, 1).error, Errno::kEPIPE);
}

TEST_F(HostCalls, AResetEndsASleepingRecvWithEconnreset) {
  const auto [fd, other] = pair.connection();
  send(fd, 10);
  pair.run(1s);
  const Outcome outcome = recv(fd, 10);
  pair.b.close(pair.now, pair.caller_b(), other);  // with unread data
  pair.run(10ms);
  EXPECT_TRUE(woken(outcome.pending));
  EXPECT_EQ(resume(outcome.pending).error, Errno::kECONNRESET);
}

TEST_F(HostCalls, AResetEndsASleepingSendWithWhatItHadTaken) {
  const auto [fd, other] = pair.connection();
  const Outcome outcome = send(fd, 200'000);
  pair.run(1s);
  const int64_t taken = pair.a.connection_of(pair.process_a, fd)->unread();
  EXPECT_EQ(taken, 0);
  pair.b.close(pair.now, pair.caller_b(), other);
  pair.run(10ms);
  const Outcome ended = resume(outcome.pending);
  EXPECT_GE(ended.value, 65536);
  EXPECT_FALSE(ended.error);
  EXPECT_EQ(send(fd, 1).error, Errno::kECONNRESET);
}

// ---- what stays behind

TEST_F(HostCalls, AConnectionOutlivesItsSocketUntilItsDataHasArrived) {
  const auto [fd, other] = pair.connection();
  send(fd, 50'000);
  pair.a.close(pair.now, pair.caller_a(), fd);
  int64_t read = 0;
  for (int i = 0; i < 100; ++i) {
    pair.run(20ms);
    read += std::max<int64_t>(recv_b(other, 100'000).value, 0);
  }
  EXPECT_EQ(read, 50'000);
}

TEST_F(HostCalls, ThousandsOfConnectionsComeAndGo) {
  const Descriptor listener = pair.listen_on_b(80, 100);
  for (int i = 0; i < 1000; ++i) {
    const auto [fd, operation] = pair.connect_from_a(80);
    pair.run(100ms);
    ASSERT_EQ(resume(operation).value, 0);
    const auto other = pair.b.accept(pair.now, pair.caller_b(), listener);
    ASSERT_FALSE(other.sleeps());
    ASSERT_EQ(fd, 3);
    ASSERT_EQ(other.value, 4);
    pair.a.close(pair.now, pair.caller_a(), fd);
    pair.run(100ms);
    pair.b.close(pair.now, pair.caller_b(), static_cast<Descriptor>(other.value));
    pair.run(100ms);
  }
  pair.run(5min);
  EXPECT_TRUE(pair.a.next_deadline().is_never());
  EXPECT_TRUE(pair.b.next_deadline().is_never());
}

}  // namespace
}  // namespace tcptwin::host
