// The simulated end of an Ethernet cable: who it answers for, whom it asks, what it ignores.
#include "sim/net/ethernet_port.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "stack/wire/text.h"

namespace tcptwin::net {
namespace {

using wire::ArpMessage;
using wire::IpAddress;
using wire::MacAddress;
using Bytes = std::vector<uint8_t>;
using namespace std::chrono_literals;

const wire::Ipv4Address kServer4(0x0a4d0001), kRouter4(0x0a4d0101), kMachine4(0x0a4d0002);
constexpr IpAddress kServer6 = IpAddress::v6(0xfd77000000000000, 1);
constexpr IpAddress kMachine6 = IpAddress::v6(0xfd77000000000000, 2);
constexpr MacAddress kMachine({0x5e, 0x12, 0x34, 0x56, 0x78, 0x9a});

Bytes packet(const IpAddress& from, const IpAddress& to) {
  Bytes bytes;
  wire::emit(wire::Packet::of({.source = from, .destination = to},
                              wire::UdpDatagram{wire::Port{5000}, wire::Port{53}, true, {}}),
             bytes);
  return bytes;
}

Bytes frame(const MacAddress& to, uint16_t type, std::span<const uint8_t> payload,
            const MacAddress& from = kMachine) {
  Bytes bytes;
  wire::emit_ethernet({to, from, type}, bytes);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

class EthernetPortTest : public testing::Test {
 protected:
  EthernetPortTest() : port_({kServer4, kRouter4, kServer6}) {}

  // The IP packet in the frame; empty: none.
  Bytes arrives(const Bytes& bytes) {
    const auto ip = port_.on_frame(now_, bytes);
    return ip ? Bytes(ip->begin(), ip->end()) : Bytes();
  }
  void arrives_arp(ArpMessage::Operation operation, wire::Ipv4Address target) {
    Bytes bytes;
    wire::emit_arp({operation, kMachine, kMachine4, {}, target}, bytes);
    EXPECT_TRUE(arrives(frame(MacAddress::broadcast(), wire::kEtherTypeArp, bytes)).empty());
  }
  void arrives_nd(const wire::Packet& message) {
    Bytes bytes;
    wire::emit(message, bytes);
    const MacAddress to = MacAddress::of_group(wire::solicited_node(kServer6));
    EXPECT_TRUE(arrives(frame(to, wire::kEtherTypeIpv6, bytes)).empty());
  }
  void passes(Duration time) {
    now_ = now_ + time;
    port_.on_deadline(now_);
  }
  // All frames that leave, a line each: "TO < FROM what".
  std::string leaves() {
    std::string text;
    Bytes bytes;
    while (port_.poll_frame(bytes)) {
      const auto f = wire::parse_ethernet(bytes);
      text += f->header.destination.to_string() + " < " + f->header.source.to_string() + ' ';
      if (f->header.type == wire::kEtherTypeArp) {
        const auto arp = wire::parse_arp(f->bytes);
        text += arp->operation == ArpMessage::Operation::kRequest ? "who has " : "has ";
        text += (arp->operation == ArpMessage::Operation::kRequest ? arp->target : arp->sender)
                    .to_string();
      } else {
        const auto ip = wire::parse(f->bytes);
        const auto asked = wire::read_solicitation(*ip);
        const auto news = wire::read_advertisement(*ip);
        text += asked  ? "who has " + asked->target.to_string()
                : news ? "has " + news->target.to_string() + " to " + ip->ip.destination.to_string()
                       : wire::to_text(*ip);
      }
      text += '\n';
    }
    return text;
  }
  uint64_t ignored(Ignored kind) const { return port_.ignored(kind); }

  EthernetPort port_;
  Instant now_;
};

TEST_F(EthernetPortTest, AnswersArpForASimulatedAddress) {
  arrives_arp(ArpMessage::Operation::kRequest, kRouter4);
  EXPECT_EQ(leaves(), "5e:12:34:56:78:9a < 02:00:0a:4d:01:01 has 10.77.1.1\n");
}

TEST_F(EthernetPortTest, AnswersNoArpForOthers) {
  arrives_arp(ArpMessage::Operation::kRequest, kMachine4);
  EXPECT_EQ(leaves(), "");
  EXPECT_EQ(ignored(Ignored::kArp), 1u);
}

TEST_F(EthernetPortTest, AnswersASolicitation) {
  arrives_nd(wire::make_solicitation(kMachine6, {kServer6, kMachine}));
  EXPECT_EQ(leaves(), "5e:12:34:56:78:9a < 02:00:fd:77:00:01 has fd77::1 to fd77::2\n");
}

TEST_F(EthernetPortTest, TellsAllWhenTheMachineWantsASimulatedAddress) {  // RFC 4862 5.4.4
  arrives_nd(wire::make_solicitation(IpAddress::any_v6(), {kServer6, {}}));
  EXPECT_EQ(leaves(), "33:33:00:00:00:01 < 02:00:fd:77:00:01 has fd77::1 to ff02::1\n");
}

TEST_F(EthernetPortTest, AnswersNoSolicitationForOthers) {
  arrives_nd(wire::make_solicitation(IpAddress::any_v6(), {kMachine6, {}}));
  EXPECT_EQ(leaves(), "");
  EXPECT_EQ(ignored(Ignored::kDiscovery), 1u);
}

TEST_F(EthernetPortTest, TakesAPacketOutOfItsFrame) {
  const Bytes ip = packet(kMachine4, kServer4);
  EXPECT_EQ(arrives(frame(EthernetPort::mac_of(kServer4), wire::kEtherTypeIpv4, ip)), ip);
}

TEST_F(EthernetPortTest, KnowsTheMachineByItsFrames) {
  arrives(frame(EthernetPort::mac_of(kServer4), wire::kEtherTypeIpv4, packet(kMachine4, kServer4)));
  port_.on_ip(now_, kMachine4, packet(kServer4, kMachine4));
  EXPECT_EQ(leaves(),
            "5e:12:34:56:78:9a < 02:00:0a:4d:00:01 UDP 10.77.0.1.5000 > 10.77.0.2.53 (0)\n");
  EXPECT_TRUE(port_.next_deadline().is_never());
}

TEST_F(EthernetPortTest, AsksByArpAndSendsOnceItIsAnswered) {
  port_.on_ip(now_, kMachine4, packet(kServer4, kMachine4));
  EXPECT_EQ(leaves(), "ff:ff:ff:ff:ff:ff < 02:00:0a:4d:00:01 who has 10.77.0.2\n");
  arrives_arp(ArpMessage::Operation::kReply, kServer4);
  EXPECT_EQ(leaves(),
            "5e:12:34:56:78:9a < 02:00:0a:4d:00:01 UDP 10.77.0.1.5000 > 10.77.0.2.53 (0)\n");
  EXPECT_TRUE(port_.next_deadline().is_never());
}

TEST_F(EthernetPortTest, AsksByNeighbourSolicitation) {
  port_.on_ip(now_, kMachine6, packet(kServer6, kMachine6));
  EXPECT_EQ(leaves(), "33:33:ff:00:00:02 < 02:00:fd:77:00:01 who has fd77::2\n");
  const wire::Advertisement news{.target = kMachine6, .target_mac = kMachine, .solicited = true};
  arrives_nd(wire::make_advertisement(kMachine6, kServer6, news));
  EXPECT_EQ(leaves(), "5e:12:34:56:78:9a < 02:00:fd:77:00:01 UDP fd77::1.5000 > fd77::2.53 (0)\n");
}

TEST_F(EthernetPortTest, AsksThreeTimesASecondApartAndGivesUp) {
  port_.on_ip(now_, kMachine4, packet(kServer4, kMachine4));
  int questions = 0;
  while (!port_.next_deadline().is_never()) {
    questions += leaves().empty() ? 0 : 1;
    ASSERT_EQ(port_.next_deadline(), now_ + 1s);
    passes(1s);
  }
  EXPECT_EQ(questions, 3);
  EXPECT_EQ(now_, Instant() + 3s);
  EXPECT_EQ(ignored(Ignored::kUnresolved), 1u);
  port_.on_ip(now_, kMachine4, packet(kServer4, kMachine4));
  EXPECT_NE(leaves(), "") << "a later packet asks again";
}

TEST_F(EthernetPortTest, OfTooManyThatWaitTheOldestGo) {
  for (size_t i = 0; i < EthernetPort::kMostWaiting + 3; ++i) {
    port_.on_ip(now_, kMachine4, packet(kServer4, kMachine4));
  }
  EXPECT_EQ(ignored(Ignored::kNoRoom), 3u);
  leaves();
  arrives_arp(ArpMessage::Operation::kReply, kServer4);
  const std::string text = leaves();
  EXPECT_EQ(std::ranges::count(text, '\n'), static_cast<long>(EthernetPort::kMostWaiting));
}

TEST_F(EthernetPortTest, TheMachineCannotTakeASimulatedAddress) {
  Bytes bytes;
  wire::emit_arp({ArpMessage::Operation::kReply, kMachine, kServer4, {}, kRouter4}, bytes);
  arrives(frame(MacAddress::broadcast(), wire::kEtherTypeArp, bytes));
  port_.on_ip(now_, kServer4, packet(kRouter4, kServer4));
  EXPECT_EQ(leaves(), "ff:ff:ff:ff:ff:ff < 02:00:0a:4d:01:01 who has 10.77.0.1\n");
}

TEST_F(EthernetPortTest, IgnoresWhatIsNotForUs) {
  const Bytes ip = packet(kMachine4, kServer4);
  const MacAddress server = EthernetPort::mac_of(kServer4);
  EXPECT_TRUE(arrives(Bytes(13)).empty());
  EXPECT_TRUE(arrives(frame(server, wire::kEtherTypeIpv4, ip, MacAddress::broadcast())).empty());
  EXPECT_TRUE(arrives(frame(server, wire::kEtherTypeIpv6, ip)).empty()) << "another version";
  EXPECT_EQ(ignored(Ignored::kMalformed), 3u);
  EXPECT_TRUE(arrives(frame(server, 0x88cc, ip)).empty());
  EXPECT_EQ(ignored(Ignored::kEtherType), 1u);
  EXPECT_TRUE(arrives(frame(kMachine, wire::kEtherTypeIpv4, ip)).empty());
  EXPECT_EQ(ignored(Ignored::kStranger), 1u);
  EXPECT_TRUE(arrives(frame(MacAddress::broadcast(), wire::kEtherTypeIpv4, ip)).empty());
  EXPECT_EQ(ignored(Ignored::kGroup), 1u);
}

TEST_F(EthernetPortTest, AGroupIsReachedWithoutAQuestion) {
  const wire::Ipv4Address group(0xe00000fb);
  port_.on_ip(now_, group, packet(kServer4, group));
  EXPECT_EQ(leaves().substr(0, 17), "01:00:5e:00:00:fb");
}

TEST_F(EthernetPortTest, RemembersOnlySoManyNeighbours) {
  for (uint32_t i = 0; i < 1000; ++i) {
    const wire::Ipv4Address other(0x0a4e0000 + i);
    arrives(frame(EthernetPort::mac_of(kServer4), wire::kEtherTypeIpv4, packet(other, kServer4)));
  }
  port_.on_ip(now_, wire::Ipv4Address(0x0a4e0000 + 999),
              packet(kServer4, wire::Ipv4Address(0x0a4e0000 + 999)));
  EXPECT_NE(leaves().find("UDP"), std::string::npos);
  port_.on_ip(now_, wire::Ipv4Address(0x0a4e0000), packet(kServer4, wire::Ipv4Address(0x0a4e0000)));
  EXPECT_NE(leaves().find("who has"), std::string::npos);
}

}  // namespace
}  // namespace tcptwin::net
