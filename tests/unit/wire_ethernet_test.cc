// Ethernet frames, ARP (RFC 826) and neighbour discovery (RFC 4861) as values.
#include <gtest/gtest.h>

#include "stack/wire/arp.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/nd.h"
#include "tests/unit/wire_samples.h"

namespace tcptwin::wire {
namespace {

constexpr MacAddress kMac({0x02, 0x00, 0x0a, 0x4d, 0x00, 0x01});
constexpr MacAddress kOther({0x5e, 0x12, 0x34, 0x56, 0x78, 0x9a});
constexpr IpAddress kOwn = IpAddress::v6(0xfd77000000000000, 1);
constexpr IpAddress kPeer = IpAddress::v6(0xfd77000000000000, 0x02abcdef);

TEST(WireEthernet, MacAddressAsText) { EXPECT_EQ(kMac.to_string(), "02:00:0a:4d:00:01"); }

TEST(WireEthernet, GroupsAreNoStations) {
  EXPECT_TRUE(kMac.is_one_station());
  EXPECT_TRUE(MacAddress::broadcast().is_group());
  EXPECT_FALSE(MacAddress::broadcast().is_one_station());
  EXPECT_FALSE(MacAddress().is_one_station());
}

TEST(WireEthernet, GroupAddressesFollowFromThoseOfIp) {
  const auto mac = [](const char* ip) {
    return MacAddress::of_group(*IpAddress::parse(ip)).to_string();
  };
  EXPECT_EQ(mac("224.0.0.22"), "01:00:5e:00:00:16");
  EXPECT_EQ(mac("239.129.2.3"), "01:00:5e:01:02:03");  // RFC 1112 6.4: 23 bits
  EXPECT_EQ(mac("ff02::1:ffab:cdef"), "33:33:ff:ab:cd:ef");
  EXPECT_EQ(mac("255.255.255.255"), "ff:ff:ff:ff:ff:ff");
}

TEST(WireEthernet, AHeaderIsReadBackTheSame) {
  std::vector<uint8_t> bytes;
  emit_ethernet({kOther, kMac, kEtherTypeIpv6}, bytes);
  EXPECT_EQ(to_hex(bytes), "5e123456789a02000a4d000186dd");
  bytes.push_back(7);
  const auto frame = parse_ethernet(bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->header, (EthernetHeader{kOther, kMac, kEtherTypeIpv6}));
  EXPECT_EQ(to_hex(frame->bytes), "07");
}

TEST(WireEthernet, LessThanAHeaderIsNoFrame) {
  EXPECT_FALSE(parse_ethernet(std::vector<uint8_t>(13)));
  EXPECT_TRUE(parse_ethernet(std::vector<uint8_t>(14)));
}

const ArpMessage kQuestion{.operation = ArpMessage::Operation::kRequest,
                           .sender_mac = kMac,
                           .sender = Ipv4Address(0x0a4d0001),
                           .target = Ipv4Address(0x0a4d0002)};

TEST(WireArp, AMessageIsReadBackTheSame) {
  std::vector<uint8_t> bytes;
  emit_arp(kQuestion, bytes);
  EXPECT_EQ(to_hex(bytes), "000108000604000102000a4d00010a4d00010000000000000a4d0002");
  bytes.resize(46);  // padding
  EXPECT_EQ(parse_arp(bytes), kQuestion);
}

TEST(WireArp, OtherAddressesAndOperationsAreNone) {
  std::vector<uint8_t> good;
  emit_arp(kQuestion, good);
  for (const size_t at : {0u, 1u, 2u, 4u, 5u, 7u}) {
    std::vector<uint8_t> bytes = good;
    bytes[at] = 9;
    EXPECT_FALSE(parse_arp(bytes)) << at;
  }
  good.pop_back();
  EXPECT_FALSE(parse_arp(good));
}

// As it stands on the wire, after `change`.
template <class Change>
Packet received(const Packet& packet, Change&& change) {
  Packet changed = packet.clone();
  change(changed);
  auto again = parse(emitted(changed));
  EXPECT_TRUE(again);
  return again ? std::move(*again) : Packet{};
}
void nothing(Packet&) {}

TEST(WireNeighbours, SolicitedNodeHasTheLast24Bits) {  // RFC 4291 2.7.1
  EXPECT_EQ(solicited_node(kPeer).to_string(), "ff02::1:ffab:cdef");
}

TEST(WireNeighbours, ASolicitationIsReadBackTheSame) {
  const Solicitation asked{kPeer, kMac};
  const Packet packet = received(make_solicitation(kOwn, asked), nothing);
  EXPECT_EQ(packet.ip.destination, solicited_node(kPeer));
  EXPECT_EQ(packet.ip.ttl, 255);
  EXPECT_EQ(read_solicitation(packet), asked);
  EXPECT_FALSE(read_advertisement(packet));
}

TEST(WireNeighbours, AnAdvertisementIsReadBackTheSame) {
  const Advertisement news{
      .target = kOwn, .target_mac = kMac, .router = true, .solicited = true, .overrides = true};
  const Packet packet = received(make_advertisement(kOwn, kPeer, news), nothing);
  EXPECT_EQ(packet.icmp()->rest, 0xe0000000u);
  EXPECT_EQ(read_advertisement(packet), news);
  EXPECT_FALSE(read_solicitation(packet));
}

TEST(WireNeighbours, WhatARouterHasPassedOnIsDiscarded) {  // RFC 4861 7.1.1
  const auto packet =
      received(make_solicitation(kOwn, {kPeer, kMac}), [](Packet& p) { p.ip.ttl = 254; });
  EXPECT_FALSE(read_solicitation(packet));
}

TEST(WireNeighbours, AnotherCodeIsDiscarded) {
  const auto packet =
      received(make_solicitation(kOwn, {kPeer, kMac}), [](Packet& p) { p.icmp()->code = 1; });
  EXPECT_FALSE(read_solicitation(packet));
}

TEST(WireNeighbours, ATargetOfManyIsDiscarded) {
  const auto packet = received(make_solicitation(kOwn, {solicited_node(kPeer), kMac}), nothing);
  EXPECT_FALSE(read_solicitation(packet));
}

TEST(WireNeighbours, AnOptionWithoutLengthIsDiscarded) {  // RFC 4861 4.6
  const auto packet = received(make_solicitation(kOwn, {kPeer, kMac}), [](Packet& p) {
    std::vector<uint8_t> body = p.icmp()->body.bytes();
    body[17] = 0;
    p.icmp()->body = Payload::real(body);
  });
  EXPECT_FALSE(read_solicitation(packet));
}

TEST(WireNeighbours, UnknownOptionsAreSkipped) {
  const auto packet = received(make_solicitation(kOwn, {kPeer, kMac}), [](Packet& p) {
    std::vector<uint8_t> body = p.icmp()->body.bytes();
    const std::vector<uint8_t> nonce = from_hex("0e01010203040506");
    body.insert(body.begin() + 16, nonce.begin(), nonce.end());
    p.icmp()->body = Payload::real(body);
  });
  EXPECT_EQ(read_solicitation(packet), (Solicitation{kPeer, kMac}));
}

TEST(WireNeighbours, WhoHasNoAddressAsksTheGroupAndNamesNoMac) {  // RFC 4861 7.1.1
  const IpAddress nobody = IpAddress::any_v6();
  EXPECT_TRUE(read_solicitation(received(make_solicitation(nobody, {kPeer, {}}), nothing)));
  EXPECT_FALSE(read_solicitation(received(make_solicitation(nobody, {kPeer, kMac}), nothing)));
  EXPECT_FALSE(read_solicitation(received(make_solicitation(nobody, {kPeer, {}}),
                                          [](Packet& p) { p.ip.destination = kPeer; })));
}

TEST(WireNeighbours, AnAnswerToManyIsNone) {  // RFC 4861 7.1.2
  const IpAddress all = IpAddress::v6(0xff02000000000000, 1);
  const Advertisement news{.target = kOwn, .target_mac = kMac, .solicited = true};
  EXPECT_FALSE(read_advertisement(received(make_advertisement(kOwn, all, news), nothing)));
}

}  // namespace
}  // namespace tcptwin::wire
