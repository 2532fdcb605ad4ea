// A host and ICMP: it answers echo requests, says what reaches nobody, and takes errors about its
// own segments as far as its system believes them.
#include <gtest/gtest.h>

#include <optional>

#include "models/catalogue/catalogue.h"
#include "models/json/context.h"
#include "stack/host/native_stack.h"
#include "stack/wire/any_packet.h"
#include "stack/wire/icmp_error.h"
#include "stack/wire/ipv4.h"

namespace tcptwin::host {
namespace {

using wire::IcmpKind;

constexpr wire::Ipv4Address kOwn(0x0a000001), kPeer(0x0a000102), kRouter(0x0a000002);

class HostIcmp : public testing::Test {
 protected:
  // A host of that system, whose SYN to kPeer is out.
  void connects(const std::string& system) {
    json::Context context;
    profile_ = catalogue::decode_profile(*catalogue::profile_document(system), context);
    stack_.emplace(
        NativeStackSetup{.profile = &profile_,
                         .uptime = std::chrono::hours(1),
                         .interfaces = {{wire::IpAddress::loopback_v4(), 65536}, {kOwn, 1500}},
                         .routes = {{kPeer, 1}, {kRouter, 1}},
                         .seed = 1,
                         .name = "a",
                         .ids = &ids_,
                         .keep_notes = false});
    caller_ = {stack_->add_process(), ids_.next()};
    fd_ = static_cast<socket::Descriptor>(stack_->open_socket(now_, caller_).value);
    operation_ = stack_->connect(now_, caller_, fd_, {kPeer, wire::Port{80}}).pending;
    syn_ = leaves();
  }
  std::optional<wire::Packet> leaves() {
    OutPacket out;
    if (!stack_->poll_packet(out)) return std::nullopt;
    return std::move(out.packet);
  }
  void arrives(wire::Packet&& packet) { stack_->on_packet(now_, std::move(packet), ids_.next()); }
  void error_about(const wire::Packet& packet, IcmpKind kind) {
    arrives(*wire::make_icmp_error(packet, kind, kRouter));
  }
  // How the connect ended; nothing: it goes on.
  std::optional<Errno> failure() {
    const auto outcome = stack_->resume(now_, operation_, ids_.next());
    return outcome.error;
  }
  // Until the SYN has left so many more times.
  void repeats(int times) {
    while (times > 0) {
      now_ = stack_->next_deadline();
      stack_->on_deadline(now_);
      if (leaves()) --times;
    }
  }
  wire::Packet datagram() const {
    return wire::Packet::of({.source = kPeer, .destination = kOwn},
                            wire::UdpDatagram{wire::Port{5000}, wire::Port{53}, true, {}});
  }

  policy::Profile profile_;
  RecordIds ids_{0};
  std::optional<NativeStack> stack_;
  socket::Caller caller_;
  socket::Descriptor fd_ = -1;
  socket::OperationId operation_{};
  std::optional<wire::Packet> syn_;
  Instant now_;
};

TEST_F(HostIcmp, UnreachableEndsTheConnectOfLinuxAtOnce) {
  connects("linux-6.18");
  error_about(*syn_, IcmpKind::kHostUnreachable);
  EXPECT_EQ(failure(), Errno::kEHOSTUNREACH);
}

TEST_F(HostIcmp, ByRfc1122UnreachableIsNoReasonToGiveUp) {  // 4.2.3.9
  connects("rfc");
  error_about(*syn_, IcmpKind::kHostUnreachable);
  EXPECT_EQ(failure(), std::nullopt);
}

TEST_F(HostIcmp, ByRfc1122APortThatIsUnreachableIsOne) {  // 4.2.3.9
  connects("rfc");
  error_about(*syn_, IcmpKind::kPortUnreachable);
  EXPECT_EQ(failure(), Errno::kECONNREFUSED);
}

TEST_F(HostIcmp, FreebsdGivesUpAtTheSecondAfterRepeatedSyns) {
  connects("freebsd-14");
  error_about(*syn_, IcmpKind::kHostUnreachable);
  error_about(*syn_, IcmpKind::kHostUnreachable);
  EXPECT_EQ(failure(), std::nullopt);
  repeats(4);
  error_about(*syn_, IcmpKind::kHostUnreachable);
  EXPECT_EQ(failure(), Errno::kEHOSTUNREACH);
}

TEST_F(HostIcmp, WhatARouterSaidIsTheErrorInTheEnd) {
  connects("rfc");
  error_about(*syn_, IcmpKind::kHostUnreachable);
  while (!stack_->next_deadline().is_never()) {
    now_ = stack_->next_deadline();
    stack_->on_deadline(now_);
    while (leaves()) {
    }
  }
  EXPECT_EQ(failure(), Errno::kEHOSTUNREACH);
}

TEST_F(HostIcmp, AnErrorAboutWhatIsNotOnItsWayIsIgnored) {  // RFC 5927 4.1
  connects("linux-6.18");
  wire::Packet forged = syn_->clone();
  forged.tcp.seq = forged.tcp.seq + 5;
  error_about(forged, IcmpKind::kHostUnreachable);
  EXPECT_EQ(failure(), std::nullopt);
}

TEST_F(HostIcmp, SourceQuenchIsIgnored) {  // RFC 6633
  connects("linux-6.18");
  error_about(*syn_, IcmpKind::kSourceQuench);
  EXPECT_EQ(failure(), std::nullopt);
}

TEST_F(HostIcmp, AnEchoRequestIsAnswered) {  // RFC 1122 3.2.2.6
  connects("linux-6.18");
  arrives(wire::Packet::of({.source = kPeer, .destination = kOwn},
                           wire::IcmpMessage{8, 0, 0x00070001, Payload::text("abc")}));
  const auto answer = leaves();
  ASSERT_TRUE(answer && answer->icmp());
  EXPECT_EQ(icmp_kind(answer->ip, *answer->icmp()), IcmpKind::kEchoReply);
  EXPECT_EQ(answer->icmp()->rest, 0x00070001u);
  EXPECT_EQ(answer->icmp()->body.size(), 3u);
}

TEST_F(HostIcmp, ADatagramToNobodyDrawsPortUnreachable) {  // RFC 1122 4.1.3.1
  connects("linux-6.18");
  arrives(datagram());
  const auto answer = leaves();
  ASSERT_TRUE(answer && answer->icmp());
  EXPECT_EQ(icmp_kind(answer->ip, *answer->icmp()), IcmpKind::kPortUnreachable);
}

// Twelve bytes from the peer, of SCTP unless said otherwise.
wire::Packet sctp(uint8_t protocol = 132) {
  std::vector<uint8_t> bytes;
  wire::emit_ipv4({.source = kPeer, .destination = kOwn, .protocol = protocol}, 12, bytes);
  bytes.resize(bytes.size() + 12);
  return *wire::parse_any(bytes);
}

TEST_F(HostIcmp, AProtocolOfNobodyDrawsProtocolUnreachable) {  // RFC 1122 3.2.2.1
  connects("linux-6.18");
  arrives(sctp());
  const auto answer = leaves();
  ASSERT_TRUE(answer && answer->icmp());
  EXPECT_EQ(icmp_kind(answer->ip, *answer->icmp()), IcmpKind::kProtocolUnreachable);
  EXPECT_EQ(wire::quoted_packet(answer->ip, *answer->icmp())->protocol, 132);
}

TEST_F(HostIcmp, ASegmentThatCannotBeReadDrawsNothing) {
  connects("linux-6.18");
  arrives(sctp(wire::kProtocolTcp));
  EXPECT_FALSE(leaves());
}

TEST_F(HostIcmp, PiecesOfAnUnknownProtocolAreAnsweredAsAWhole) {
  connects("linux-6.18");
  for (wire::Packet& piece : wire::cut(sctp(), 28)) arrives(std::move(piece));
  const auto answer = leaves();
  ASSERT_TRUE(answer && answer->icmp());
  EXPECT_EQ(icmp_kind(answer->ip, *answer->icmp()), IcmpKind::kProtocolUnreachable);
  EXPECT_FALSE(leaves());
}

TEST_F(HostIcmp, OnlySoManyErrorsLeaveAtOnce) {  // facts/freebsd.md E7: 200 a second
  connects("freebsd-14");
  for (int i = 0; i < 300; ++i) arrives(datagram());
  int errors = 0;
  while (leaves()) ++errors;
  EXPECT_EQ(errors, 200);
}

}  // namespace
}  // namespace tcptwin::host
