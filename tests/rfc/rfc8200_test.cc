// RFC 8200: the IPv6 header, its extension headers, and checksums above it.
#include <gtest/gtest.h>

#include "stack/wire/ipv6.h"
#include "stack/wire/packet.h"

namespace tcptwin::wire {
namespace {

constexpr IpAddress kFrom = IpAddress::v6(0xfd77000000000000, 1);
constexpr IpAddress kTo = IpAddress::v6(0xfd77000000000000, 2);

std::vector<uint8_t> tcp_packet() {
  Packet packet;
  packet.ip = {.source = kFrom, .destination = kTo, .ttl = 61, .tos = 0xa5, .flow_label = 0x12345};
  packet.tcp.payload = Payload::text("hello");
  std::vector<uint8_t> bytes;
  emit(packet, bytes);
  return bytes;
}

// tcp_packet() with an extension header `kind` of these bytes, the first of which becomes the next
// header.
std::vector<uint8_t> with_extension(uint8_t kind, std::vector<uint8_t> extension) {
  auto bytes = tcp_packet();
  extension[0] = bytes[6];
  bytes[6] = kind;
  bytes.insert(bytes.begin() + 40, extension.begin(), extension.end());
  bytes[5] = static_cast<uint8_t>(bytes[5] + extension.size());
  return bytes;
}

std::string outcome(const std::vector<uint8_t>& bytes) {
  ParseError error{};
  return parse(bytes, Checksums::kVerify, &error) ? "taken" : parse_error_text(error);
}

TEST(Rfc8200_3, FieldsStandWhereTheFigurePutsThem) {
  const auto bytes = tcp_packet();
  ASSERT_EQ(bytes.size(), 65u);
  const std::vector<uint8_t> first(bytes.begin(), bytes.begin() + 8);
  EXPECT_EQ(first, (std::vector<uint8_t>{0x6a, 0x51, 0x23, 0x45, 0, 25, 6, 61}));
  EXPECT_EQ(bytes[8], 0xfd);
  EXPECT_EQ(bytes[23], 1);
  EXPECT_EQ(bytes[39], 2);
}

TEST(Rfc8200_3, HeaderIsReadBackTheSame) {
  const auto packet = parse(tcp_packet());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->ip.source, kFrom);
  EXPECT_EQ(packet->ip.destination, kTo);
  EXPECT_EQ(packet->ip.ttl, 61);
  EXPECT_EQ(packet->ip.tos, 0xa5);
  EXPECT_EQ(packet->ip.flow_label, 0x12345u);
  EXPECT_EQ(packet->tcp.payload.bytes(), Payload::text("hello").bytes());
}

TEST(Rfc8200_4_2, OptionsThatMayBeSkippedAreSkipped) {
  EXPECT_EQ(outcome(with_extension(0, {0, 0, 5, 2, 0, 0, 1, 0})), "taken");  // router alert, PadN
  EXPECT_EQ(outcome(with_extension(60, {0, 0, 0x1e, 4, 1, 2, 3, 4})), "taken");
}

TEST(Rfc8200_4_2, AnOptionThatMayNotBeSkippedDropsThePacket) {
  for (const uint8_t type : {uint8_t{0x40}, uint8_t{0x80}, uint8_t{0xc2}}) {
    EXPECT_EQ(outcome(with_extension(60, {0, 0, type, 4, 0, 0, 0, 0})),
              parse_error_text(ParseError::kBadExtensionHeader));
  }
}

TEST(Rfc8200_4_1, HopByHopOptionsStandOnlyBehindTheHeader) {
  auto bytes = with_extension(0, {0, 0, 1, 4, 0, 0, 0, 0});
  bytes[6] = 60;
  bytes[40] = 0;  // as if a second one followed
  EXPECT_EQ(outcome(bytes), parse_error_text(ParseError::kUnknownProtocol));
}

TEST(Rfc8200_4_4, ARoutingHeaderWithoutSegmentsLeftIsSkipped) {
  EXPECT_EQ(outcome(with_extension(43, {0, 0, 4, 0, 0, 0, 0, 0})), "taken");
  EXPECT_EQ(outcome(with_extension(43, {0, 0, 4, 1, 0, 0, 0, 0})),
            parse_error_text(ParseError::kBadExtensionHeader));
}

TEST(Rfc8200_4_5, AFragmentHasOffsetIdentificationAndProtocol) {
  const auto packet = parse(with_extension(44, {0, 0, 0, 8, 0, 0, 0, 7}));
  ASSERT_TRUE(packet && packet->fragment() != nullptr);
  EXPECT_EQ(packet->fragment()->offset, 8u);
  EXPECT_EQ(packet->fragment()->id, 7u);
  EXPECT_FALSE(packet->fragment()->more);
  EXPECT_EQ(packet->protocol(), kProtocolTcp);
}

TEST(Rfc8200_4_5, AllButTheLastAreMultiplesOfEightBytes) {
  EXPECT_EQ(outcome(with_extension(44, {0, 0, 0, 1, 0, 0, 0, 7})),  // 25 bytes, and more follow
            parse_error_text(ParseError::kFragment));
}

TEST(Rfc8200_4_5, NoneReachesBeyondTheLongestPacket) {
  EXPECT_EQ(outcome(with_extension(44, {0, 0, 0xff, 0xf8, 0, 0, 0, 7})),
            parse_error_text(ParseError::kFragment));
}

TEST(Rfc6946_4, AFragmentHeaderOfAWholePacketIsSkipped) {
  EXPECT_EQ(outcome(with_extension(44, {0, 0, 0, 0, 0, 0, 0, 7})), "taken");
}

TEST(Rfc8200_8_1, AddressesAreUnderTheTcpChecksum) {
  auto bytes = tcp_packet();
  ++bytes[23];
  EXPECT_EQ(outcome(bytes), parse_error_text(ParseError::kBadTcpChecksum));
}

TEST(Rfc8200_8_1, AUdpDatagramWithoutChecksumIsDropped) {
  std::vector<uint8_t> bytes;
  emit(Packet::of({.source = kFrom, .destination = kTo}, UdpDatagram{}), bytes);
  EXPECT_EQ(outcome(bytes), "taken");
  bytes[46] = bytes[47] = 0;
  EXPECT_EQ(outcome(bytes), parse_error_text(ParseError::kBadUdpChecksum));
}

TEST(Rfc4291_2_5_5_2, MappedAddressesAreNotTakenFromTheWire) {
  auto bytes = tcp_packet();
  for (size_t i = 8; i < 18; ++i) bytes[i] = 0;
  bytes[18] = bytes[19] = 0xff;
  EXPECT_EQ(outcome(bytes), parse_error_text(ParseError::kMappedAddress));
}

}  // namespace
}  // namespace tcptwin::wire
