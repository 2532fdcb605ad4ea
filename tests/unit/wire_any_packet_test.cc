// Packets that are carried whether or not they can be read, byte for byte.
#include <gtest/gtest.h>

#include "stack/wire/any_packet.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmp_error.h"
#include "tests/unit/wire_samples.h"

namespace tcptwin::wire {
namespace {

using Bytes = std::vector<uint8_t>;

// An IPv4 packet with these options (a multiple of 4) and payload.
Bytes ipv4(uint8_t protocol, const Bytes& options, const Bytes& payload, uint16_t fragment = 0) {
  const size_t size = 20 + options.size() + payload.size();
  Bytes bytes = from_hex("45000000123400004000000a0a4d00010a4d0002");
  bytes[0] = static_cast<uint8_t>(0x45 + options.size() / 4);
  bytes[2] = static_cast<uint8_t>(size >> 8);
  bytes[3] = static_cast<uint8_t>(size);
  bytes[6] = static_cast<uint8_t>(fragment >> 8);
  bytes[7] = static_cast<uint8_t>(fragment);
  bytes[9] = protocol;
  bytes[10] = bytes[11] = 0;
  bytes.insert(bytes.end(), options.begin(), options.end());
  const uint16_t checksum = internet_checksum(bytes);
  bytes[10] = static_cast<uint8_t>(checksum >> 8);
  bytes[11] = static_cast<uint8_t>(checksum);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

Bytes ipv6(uint8_t next, const Bytes& payload) {
  Bytes bytes =
      from_hex("6000000000000040fd770000000000000000000000000001fd770000000000000000000000000002");
  bytes[4] = static_cast<uint8_t>(payload.size() >> 8);
  bytes[5] = static_cast<uint8_t>(payload.size());
  bytes[6] = next;
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

Packet carried(const Bytes& bytes) {
  ParseError error{};
  auto packet = parse_any(bytes, &error);
  EXPECT_TRUE(packet) << parse_error_text(error);
  return packet ? std::move(*packet) : Packet{};
}

const Bytes kRouterAlert = from_hex("94040000");          // copied: RFC 2113
const Bytes kRecordRoute = from_hex("0707040000000000");  // not copied: RFC 791 3.1
const Bytes kUdp = from_hex("13880035000a0000abcd");      // no checksum
const Bytes kSctp = from_hex("0bb80bb900000000000000000101020304050607");

TEST(WireAnyPacket, WhatCanBeReadAndWrittenAgainIsReadAsUsual) {
  for (const Captured& c : captured_packets()) {
    if (std::string_view(c.name) == "ChecksumOfAllOnes") continue;
    const Packet packet = carried(from_hex(c.hex));
    EXPECT_TRUE(packet.is_tcp() && packet.apart == nullptr) << c.name;
  }
}

TEST(WireAnyPacket, AChecksumOfAllOnesIsKeptAndTheSegmentIsRead) {
  const Bytes bytes = from_hex(captured_packets().back().hex);
  const Packet packet = carried(bytes);
  EXPECT_TRUE(packet.is_tcp());
  EXPECT_EQ(packet.tcp.ack, parsed(captured_packets().back()).tcp.ack);
  EXPECT_EQ(packet.size(), bytes.size());
  EXPECT_EQ(emitted(packet), bytes);
  EXPECT_EQ(emitted(packet.clone()), bytes);
}

TEST(WireAnyPacket, OptionsOfIpv4AreKept) {
  const Bytes bytes = ipv4(kProtocolUdp, kRouterAlert, kUdp);
  const Packet packet = carried(bytes);
  ASSERT_NE(packet.udp(), nullptr);
  EXPECT_EQ(packet.udp()->destination, Port{53});
  EXPECT_EQ(packet.size(), bytes.size());
  EXPECT_EQ(emitted(packet), bytes);
}

TEST(WireAnyPacket, ExtensionHeadersOfIpv6AreKept) {
  Bytes behind = from_hex("3a00050200000100");  // hop by hop: router alert
  const Bytes message = from_hex("8000f87600010002");
  behind.insert(behind.end(), message.begin(), message.end());
  Bytes bytes = ipv6(0, behind);
  const Packet unchecked = *parse(bytes, Checksums::kIgnore);
  Bytes plain;
  emit(unchecked, plain);
  std::copy(plain.end() - 8, plain.end(), bytes.end() - 8);  // with its checksum
  const Packet packet = carried(bytes);
  ASSERT_NE(packet.icmp(), nullptr);
  EXPECT_EQ(emitted(packet), bytes);
}

TEST(WireAnyPacket, AnUnknownProtocolIsCarriedUnread) {
  const Bytes bytes = ipv4(132, {}, kSctp);
  const Packet packet = carried(bytes);
  ASSERT_NE(packet.opaque(), nullptr);
  EXPECT_FALSE(packet.is_tcp());
  EXPECT_EQ(packet.opaque()->protocol, 132);
  EXPECT_EQ(packet.opaque()->why, ParseError::kUnknownProtocol);
  EXPECT_EQ(packet.ip.destination, IpAddress(Ipv4Address(0x0a4d0002)));
  EXPECT_EQ(emitted(packet), bytes);
}

TEST(WireAnyPacket, AnUnreadPacketAsText) {
  EXPECT_EQ(to_text(carried(ipv4(132, {}, kSctp))), "IP proto 132 10.77.0.1 > 10.77.0.2 (20)");
  EXPECT_EQ(to_text(carried(ipv4(kProtocolTcp, {}, kSctp))),
            "IP proto 6 10.77.0.1 > 10.77.0.2 (20) bad TCP header");
  EXPECT_EQ(to_text(carried(ipv4(132, {}, kSctp, 0x2000))).substr(0, 13), "IP proto 132 ");
}

TEST(WireAnyPacket, TheProtocolBehindExtensionHeadersIsNamed) {
  const Packet packet = carried(ipv6(60, from_hex("840001040000000000")));
  ASSERT_NE(packet.opaque(), nullptr);
  EXPECT_EQ(packet.opaque()->protocol, 132);
  EXPECT_EQ(packet.opaque()->protocol_at, 40);
}

TEST(WireAnyPacket, AnExtensionHeaderThatMustNotBeSkippedIsCarried) {
  const Bytes bytes = ipv6(60, from_hex("3b00c20400000000"));  // jumbo payload
  const Packet packet = carried(bytes);
  ASSERT_NE(packet.opaque(), nullptr);
  EXPECT_EQ(packet.opaque()->why, ParseError::kBadExtensionHeader);
  EXPECT_EQ(packet.opaque()->protocol, 60);
  EXPECT_EQ(emitted(packet), bytes);
}

TEST(WireAnyPacket, WhatIsNoIpPacketIsRefused) {
  ParseError error{};
  EXPECT_FALSE(parse_any({}, &error));
  EXPECT_EQ(error, ParseError::kTruncated);
  EXPECT_FALSE(parse_any(from_hex("55000014"), &error));
  EXPECT_EQ(error, ParseError::kNotIp);
  Bytes cut = ipv4(132, {}, kSctp);
  cut.pop_back();
  EXPECT_FALSE(parse_any(cut, &error));
  EXPECT_EQ(error, ParseError::kTruncated);
  Bytes mapped = ipv6(132, kSctp);
  std::fill(mapped.begin() + 8, mapped.begin() + 18, 0);
  mapped[18] = mapped[19] = 0xff;
  EXPECT_FALSE(parse_any(mapped, &error));
  EXPECT_EQ(error, ParseError::kMappedAddress);
}

TEST(WireAnyPacket, BytesBehindItsLengthAreNoPartOfIt) {
  const Bytes bytes = ipv4(132, {}, kSctp);
  Bytes padded = bytes;
  padded.resize(60);
  EXPECT_EQ(emitted(carried(padded)), bytes);
}

TEST(WireAnyPacket, TimeToLiveAndCongestionMarkShowInItsBytes) {  // RFC 1624
  for (const Bytes& bytes : {ipv4(132, kRouterAlert, kSctp), ipv6(132, kSctp)}) {
    Packet packet = carried(bytes);
    --packet.ip.ttl;
    packet.ip.tos = 0x2b;
    const Packet again = carried(emitted(packet));
    ASSERT_NE(again.opaque(), nullptr);
    EXPECT_EQ(again.opaque()->why, ParseError::kUnknownProtocol) << "checksum";
    EXPECT_EQ(again.ip, packet.ip);
    EXPECT_EQ(again.size(), bytes.size());
  }
}

TEST(WireAnyPacket, AWrongHeaderChecksumStaysWrong) {
  Bytes bytes = ipv4(132, {}, kSctp);
  bytes[10] ^= 1;
  Packet packet = carried(bytes);
  EXPECT_EQ(packet.opaque()->why, ParseError::kBadIpChecksum);
  EXPECT_EQ(emitted(packet), bytes);
  --packet.ip.ttl;
  EXPECT_EQ(carried(emitted(packet)).opaque()->why, ParseError::kBadIpChecksum);
}

TEST(WireAnyPacket, PiecesHaveTheOptionsThatAreToBeCopied) {  // RFC 791 3.1
  Bytes options = kRouterAlert;
  options.insert(options.end(), kRecordRoute.begin(), kRecordRoute.end());
  const Bytes bytes = ipv4(132, options, Bytes(100, 7));
  const std::vector<Packet> pieces = cut(carried(bytes), 20 + 12 + 64);
  ASSERT_EQ(pieces.size(), 2u);
  const Bytes first = emitted(pieces[0]);
  const Bytes second = emitted(pieces[1]);
  EXPECT_EQ(first.size(), 96u);
  EXPECT_EQ(second.size(), 20u + 12 + 36);
  EXPECT_EQ(to_hex(std::span(first).subspan(20, 12)), "940400000707040000000000");
  EXPECT_EQ(to_hex(std::span(second).subspan(20, 12)), "940400000101010101010100");
  ASSERT_NE(pieces[1].fragment(), nullptr);
  EXPECT_EQ(pieces[1].fragment()->offset, 64u);
  EXPECT_TRUE(pieces[0].fragment()->more);
  EXPECT_FALSE(pieces[1].fragment()->more);
}

TEST(WireAnyPacket, PiecesOfAnUnknownProtocolNameIt) {
  const std::vector<Packet> pieces = cut(carried(ipv4(132, {}, Bytes(100, 7))), 84);
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(to_text(pieces[1]), "IP proto 132 10.77.0.1 > 10.77.0.2 fragment 4660, bytes 64:100");
}

TEST(WireAnyPacket, NobodyCutsIpv6OnItsWay) {
  EXPECT_TRUE(cut(carried(ipv6(132, Bytes(2000, 7))), 1280).empty());
}

TEST(WireAnyPacket, ProtocolUnreachablePointsAtTheNumber) {  // RFC 4443 3.4
  const IpAddress own = IpAddress::v6(0xfd77000000000000, 2);
  const auto error = make_icmp_error(carried(ipv6(60, from_hex("840001040000000000"))),
                                     IcmpKind::kProtocolUnreachable, own);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->icmp()->rest, 40u);
}

TEST(WireAnyPacket, AnyBytesThatAreTakenComeOutTheSame) {
  Rng rng = Rng::stream(1, "any packet");
  for (int i = 0; i < 2000; ++i) {
    Bytes bytes = emitted(random_packet(rng));
    for (uint64_t changes = rng.below(4); changes > 0; --changes) {
      bytes[rng.below(std::min<size_t>(bytes.size(), 60))] = static_cast<uint8_t>(rng.next());
    }
    const auto packet = parse_any(bytes);
    if (!packet) continue;
    const Bytes again = emitted(*packet);
    ASSERT_EQ(to_hex(again), to_hex(std::span(bytes).first(again.size())));
    ASSERT_EQ(packet->size(), again.size());
  }
}

}  // namespace
}  // namespace tcptwin::wire
