// Flows: connections that a process carries itself (facts/darwin.md 6.1, 6.3), and what else has a
// descriptor.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/host_pair.h"

namespace tcptwin::host {
namespace {

using socket::Descriptor;
using socket::FileKind;
using socket::kFirstHandle;
using socket::Outcome;

policy::Profile with_flows(int32_t most) {
  policy::Profile profile = policy::rfc_sample();
  profile.sockets.flows_per_process = most;
  profile.sockets.descriptors_per_process = 5;
  profile.sockets.kqueue = true;
  return profile;
}

class HostFlows : public testing::Test {
 protected:
  Outcome open_flow(std::optional<socket::Family> datagrams = std::nullopt) {
    return pair.a.open_flow(pair.now, pair.caller_a(), datagrams);
  }
  Descriptor opened() { return static_cast<Descriptor>(open_flow().value); }
  Outcome open_socket() { return pair.a.open_socket(pair.now, pair.caller_a()); }
  // A flow of a's that is connected to b.
  Descriptor connected() {
    pair.listen_on_b(80);
    const Descriptor flow = opened();
    const Outcome outcome =
        pair.a.connect(pair.now, pair.caller_a(), flow, {kAddressB, wire::Port{80}});
    pair.run(1s);
    EXPECT_EQ(pair.a.resume(pair.now, outcome.pending, pair.record_a()).value, 0);
    return flow;
  }

  policy::Profile profile = with_flows(4);
  HostPair pair{profile};
};

TEST_F(HostFlows, AFlowTakesNoDescriptor) {
  for (int i = 0; i < 4; ++i) EXPECT_GE(opened(), kFirstHandle);
  EXPECT_EQ(open_socket().value, 3);
  EXPECT_EQ(open_socket().value, 4);
  EXPECT_EQ(open_socket().error, Errno::kEMFILE);
}

TEST_F(HostFlows, OneMoreThanTheTableHoldsFailsUntilOneIsClosed) {
  const Descriptor first = opened();
  for (int i = 0; i < 3; ++i) opened();
  EXPECT_EQ(open_flow().error, Errno::kENOSPC);
  EXPECT_EQ(pair.a.close(pair.now, pair.caller_a(), first).value, 0);
  EXPECT_EQ(open_flow().value, first);
}

TEST_F(HostFlows, TheTableIsOfOneProcess) {
  for (int i = 0; i < 4; ++i) opened();
  const socket::Caller other{pair.a.add_process(), pair.record_a()};
  EXPECT_FALSE(pair.a.open_flow(pair.now, other, std::nullopt).error);
}

TEST_F(HostFlows, AHostThatOffersNoneRefuses) {
  const policy::Profile none = with_flows(0);
  HostPair plain{none};
  EXPECT_EQ(plain.a.open_flow(plain.now, plain.caller_a(), std::nullopt).error, Errno::kEOPNOTSUPP);
}

TEST_F(HostFlows, ItSpeaksTheSameTcpAsASocket) {
  connected();
  HostPair sockets{profile};
  sockets.connection();
  ASSERT_GE(pair.seen.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(pair.seen[i].flags, sockets.seen[i].flags) << i;
    EXPECT_EQ(pair.seen[i].option_bytes, sockets.seen[i].option_bytes) << i;
  }
}

TEST_F(HostFlows, TheSnapshotTellsAFlowFromASocketAndCountsItsPackets) {
  const Descriptor flow = connected();
  pair.a.send(pair.now, pair.caller_a(), flow, Payload::synthetic(0, 0, 100), {});
  pair.run(1s);
  const std::vector<SocketRow> rows = pair.a.snapshot();
  ASSERT_EQ(rows.size(), 1U);
  ASSERT_TRUE(rows[0].flow);
  EXPECT_EQ(rows[0].owner, pair.process_a);
  EXPECT_EQ(rows[0].descriptor, -1);
  EXPECT_EQ(rows[0].flow->packets_out, 3);  // SYN, ACK, data
  EXPECT_EQ(rows[0].flow->packets_in, 2);   // SYN-ACK, ACK
  EXPECT_GE(rows[0].flow->bytes_out, 100 + 3 * 40);
  for (const SocketRow& row : pair.b.snapshot()) EXPECT_FALSE(row.flow);
}

TEST_F(HostFlows, AnExchangeOfDatagramsMayBeAFlow) {
  const auto flow = static_cast<Descriptor>(open_flow(socket::Family::kIpv4).value);
  ASSERT_GE(flow, kFirstHandle);
  pair.a.send_to(pair.now, pair.caller_a(), flow, Payload::synthetic(0, 0, 10), {},
                 {kAddressB, wire::Port{443}});
  const std::vector<SocketRow> rows = pair.a.snapshot();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].datagram);
  ASSERT_TRUE(rows[0].flow);
  EXPECT_EQ(rows[0].flow->packets_out, 1);
  EXPECT_EQ(rows[0].flow->bytes_out, 38);
}

TEST_F(HostFlows, TheEndOfTheProcessEndsItsFlows) {
  connected();
  pair.a.exit_process(pair.now, pair.caller_a());
  EXPECT_FALSE(open_flow().error);
  EXPECT_EQ(open_flow().value, kFirstHandle + 1);  // both places are free again
}

TEST_F(HostFlows, TheQueueOfAWorkloopTakesNoDescriptorEither) {
  const Outcome queue = pair.a.open_queue(pair.now, pair.caller_a(), socket::QueueKind::kWorkloop);
  EXPECT_EQ(queue.value, kFirstHandle);
  const Descriptor flow = opened();
  const socket::QueueChange change{
      .filter = socket::QueueChange::Filter::kWrite, .fd = flow, .events = {.out = true}};
  const auto fd = static_cast<Descriptor>(queue.value);
  EXPECT_EQ(pair.a.change_queue(pair.now, pair.caller_a(), fd, change).value, 0);
  EXPECT_EQ(pair.a.close(pair.now, pair.caller_a(), fd).value, 0);
  EXPECT_EQ(open_socket().value, 3);
}

// ---- other files

TEST_F(HostFlows, AFileTakesADescriptorAndGivesItBack) {
  const auto open = [&](FileKind kind) {
    return pair.a.open_file(pair.now, pair.caller_a(), kind);
  };
  EXPECT_EQ(open(FileKind::kFlowClient).value, 3);
  EXPECT_EQ(open(FileKind::kFlowChannel).value, 4);
  EXPECT_EQ(open(FileKind::kFile).error, Errno::kEMFILE);
  const std::vector<FileRow> rows = pair.a.files();
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0].kind, FileKind::kStream);
  EXPECT_EQ(rows[3].kind, FileKind::kFlowClient);
  EXPECT_EQ(rows[4].kind, FileKind::kFlowChannel);
  EXPECT_EQ(rows[4].descriptor, 4);
  pair.a.close(pair.now, pair.caller_a(), 3);
  EXPECT_EQ(open_socket().value, 3);
}

TEST_F(HostFlows, AFileIsNoSocket) {
  pair.a.open_file(pair.now, pair.caller_a(), FileKind::kFile);
  EXPECT_EQ(pair.a.listen(pair.now, pair.caller_a(), 3, 1).error, Errno::kENOTSOCK);
}

TEST_F(HostFlows, SetrlimitStopsAtTheCeilingOfTheHost) {  // facts/darwin.md 6.3
  policy::Profile low = with_flows(4);
  low.sockets.descriptors_ceiling = 100;
  HostPair other{low};
  const auto limit = [&](int64_t most) {
    return other.a.limit_descriptors(other.now, other.caller_a(), most, std::nullopt);
  };
  EXPECT_EQ(limit(101).error, Errno::kEINVAL);
  EXPECT_EQ(limit(100).value, 0);
}

// ---- ports of bound sockets

TEST_F(HostFlows, BindGivesAPortThatIsFreeOfThatAddressAlone) {  // facts/darwin.md 4.4
  policy::Profile one = with_flows(4);
  one.ports.first = one.ports.last = 50000;
  one.ports.whole_port = true;
  one.sockets.descriptors_per_process = 10;
  HostPair other{one};
  const auto bound = [&](wire::IpAddress address) {
    const auto fd = static_cast<Descriptor>(other.a.open_socket(other.now, other.caller_a()).value);
    return other.a.bind(other.now, other.caller_a(), fd, {address, wire::Port{}});
  };
  EXPECT_EQ(bound(kAddressA).value, 0);
  EXPECT_TRUE(bound(kAddressA).error);
  EXPECT_EQ(bound(kLoopbackAddress).value, 0);
  EXPECT_TRUE(bound(wire::IpAddress()).error);
}

}  // namespace
}  // namespace tcptwin::host
