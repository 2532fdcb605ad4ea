// RFC 768: the UDP header and its checksum.
#include <gtest/gtest.h>

#include "stack/wire/packet.h"

namespace tcptwin::wire {
namespace {

constexpr IpHeader kHeader{.source = Ipv4Address(0x0a4d0001),
                           .destination = Ipv4Address(0x0a4d0002)};
constexpr size_t kUdp = 20;  // where it begins

std::vector<uint8_t> bytes_of(std::string_view text, bool checksum = true) {
  UdpDatagram udp{.source = Port{4000}, .destination = Port{53}, .checksum = checksum};
  if (!text.empty()) udp.payload = Payload::text(text);
  std::vector<uint8_t> bytes;
  emit(Packet::of(kHeader, std::move(udp)), bytes);
  return bytes;
}

std::string outcome(const std::vector<uint8_t>& bytes, Checksums checksums = Checksums::kVerify) {
  ParseError error{};
  return parse(bytes, checksums, &error) ? "taken" : parse_error_text(error);
}

TEST(Rfc768, HeaderIsPortsLengthAndChecksum) {
  const auto bytes = bytes_of("abc");
  ASSERT_EQ(bytes.size(), 31u);
  EXPECT_EQ(bytes[9], kProtocolUdp);
  const std::vector<uint8_t> header(bytes.begin() + kUdp, bytes.begin() + kUdp + 6);
  EXPECT_EQ(header, (std::vector<uint8_t>{0x0f, 0xa0, 0, 53, 0, 11}));
}

TEST(Rfc768, ADatagramIsReadBackTheSame) {
  const auto packet = parse(bytes_of("abc"));
  ASSERT_TRUE(packet && packet->udp() != nullptr);
  EXPECT_FALSE(packet->is_tcp());
  EXPECT_EQ(packet->udp()->source, Port{4000});
  EXPECT_EQ(packet->udp()->destination, Port{53});
  EXPECT_EQ(packet->udp()->payload.bytes(), Payload::text("abc").bytes());
  EXPECT_EQ(packet->size(), 31u);
}

TEST(Rfc768, AnEmptyDatagramIsADatagram) { EXPECT_EQ(outcome(bytes_of("")), "taken"); }

TEST(Rfc768, AWrongChecksumDropsTheDatagram) {
  auto bytes = bytes_of("abc");
  ++bytes.back();
  EXPECT_EQ(outcome(bytes), parse_error_text(ParseError::kBadUdpChecksum));
}

TEST(Rfc768, AChecksumFieldOfZeroMeansNone) {
  auto bytes = bytes_of("abc", false);
  EXPECT_EQ(bytes[kUdp + 6] | bytes[kUdp + 7], 0);
  ++bytes.back();
  EXPECT_EQ(outcome(bytes), "taken");
}

TEST(Rfc768, AComputedZeroIsSentAsAllOnes) {
  for (int high = 0; high < 256; ++high) {
    for (int low = 0; low < 256; ++low) {
      const std::array<uint8_t, 2> data{static_cast<uint8_t>(high), static_cast<uint8_t>(low)};
      UdpDatagram udp{.source = Port{4000}, .destination = Port{53}};
      udp.payload = Payload::real(data);
      std::vector<uint8_t> bytes;
      emit(Packet::of(kHeader, std::move(udp)), bytes);
      ASSERT_NE(bytes[kUdp + 6] | bytes[kUdp + 7], 0);
    }
  }
}

TEST(Rfc768, ALengthThatTheDatagramCannotHaveIsRefused) {
  auto bytes = bytes_of("abc");
  bytes[kUdp + 5] = 7;
  EXPECT_EQ(outcome(bytes, Checksums::kIgnore), parse_error_text(ParseError::kBadUdpHeader));
  bytes[kUdp + 5] = 12;
  EXPECT_EQ(outcome(bytes, Checksums::kIgnore), parse_error_text(ParseError::kBadUdpHeader));
}

TEST(Rfc768, BytesBehindTheLengthAreIgnored) {
  auto bytes = bytes_of("abc");
  bytes[kUdp + 5] = 9;
  const auto packet = parse(bytes, Checksums::kIgnore);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->udp()->payload.bytes(), Payload::text("a").bytes());
}

}  // namespace
}  // namespace tcptwin::wire
