// IPv4 addresses and the IPv4 header: RFC 791 3.1.
#include <gtest/gtest.h>

#include "stack/wire/checksum.h"
#include "stack/wire/ipv4.h"
#include "tests/unit/wire_samples.h"

namespace tcptwin::wire {
namespace {

std::vector<uint8_t> header_bytes(const Ipv4Header& header, uint32_t payload_size) {
  std::vector<uint8_t> bytes;
  emit_ipv4(header, payload_size, bytes);
  return bytes;
}

// What parse_ipv4 says against `bytes`.
ParseError error_of(std::span<const uint8_t> bytes, Checksums checksums = Checksums::kVerify) {
  ParseError error{};
  EXPECT_FALSE(parse_ipv4(bytes, checksums, error));
  return error;
}

TEST(WireIpv4Address, DottedTextIsRead) {
  EXPECT_EQ(Ipv4Address::parse("10.77.0.1"), Ipv4Address(0x0a4d0001));
  EXPECT_EQ(Ipv4Address::parse("0.0.0.0"), Ipv4Address(0));
  EXPECT_EQ(Ipv4Address::parse("255.255.255.255"), Ipv4Address(0xffffffff));
}

TEST(WireIpv4Address, AnythingElseIsRefused) {
  for (const char* text :
       {"", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", ".1.2.3", "1..2.3", "256.1.1.1",
        "1.1.1.1000", "-1.1.1.1", "+1.1.1.1", " 1.1.1.1", "1.1.1.1 ", "1.1.1.a", "0x1.1.1.1",
        "1,1,1,1", "::1", "99999999999.1.1.1"}) {
    EXPECT_FALSE(Ipv4Address::parse(text)) << text;
  }
}

TEST(WireIpv4Address, ALeadingZeroIsRefused) {
  EXPECT_FALSE(Ipv4Address::parse("010.1.1.1"));
  EXPECT_FALSE(Ipv4Address::parse("1.1.1.00"));
}

TEST(WireIpv4Address, TextIsReadBackTheSame) {
  Rng rng = Rng::stream(1, "ipv4");
  for (int i = 0; i < 1000; ++i) {
    const Ipv4Address address(rng.next32() >> rng.below(32));
    ASSERT_EQ(Ipv4Address::parse(address.to_string()), address) << address.to_string();
  }
}

TEST(WireIpv4Address, TextHasFourDecimalNumbers) {
  EXPECT_EQ(Ipv4Address(0x0a4d0001).to_string(), "10.77.0.1");
  EXPECT_EQ(Ipv4Address(0xffffffff).to_string(), "255.255.255.255");
  EXPECT_EQ(Ipv4Address().to_string(), "0.0.0.0");
}

TEST(WireIpv4Address, LoopbackIsAllOfNet127) {
  EXPECT_TRUE(Ipv4Address(0x7f000001).is_loopback());
  EXPECT_TRUE(Ipv4Address(0x7fffffff).is_loopback());
  EXPECT_FALSE(Ipv4Address(0x80000000).is_loopback());
  EXPECT_FALSE(Ipv4Address(0x7effffff).is_loopback());
}

TEST(WireIpv4Address, OnlyZeroIsAny) {
  EXPECT_TRUE(Ipv4Address().is_any());
  EXPECT_FALSE(Ipv4Address(1).is_any());
}

TEST(WireIpv4, HeaderOfARealPacketIsEmittedByteForByte) {
  const auto bytes = from_hex(captured_packets()[0].hex);
  ParseError error{};
  const auto ip = parse_ipv4(bytes, Checksums::kVerify, error);
  ASSERT_TRUE(ip);
  EXPECT_EQ(to_hex(header_bytes(ip->header, ip->size)), to_hex(std::span(bytes).first(20)));
}

TEST(WireIpv4, FieldsStandWhereRfc791PutsThem) {
  const Ipv4Header header{.source = Ipv4Address(0x01020304),
                          .destination = Ipv4Address(0x05060708),
                          .protocol = 0x11,
                          .ttl = 0x22,
                          .tos = 0x33,
                          .id = 0x4455,
                          .dont_fragment = true,
                          .more_fragments = true,
                          .fragment_offset = 0x0123};
  auto bytes = header_bytes(header, 0x100);
  bytes[10] = bytes[11] = 0;
  EXPECT_EQ(to_hex(bytes),
            "45330114"
            "44556123"
            "22110000"
            "01020304"
            "05060708");
}

TEST(WireIpv4, EveryHeaderIsReadBackTheSame) {
  Rng rng = Rng::stream(2, "ipv4");
  for (int i = 0; i < 2000; ++i) {
    Ipv4Header header{.source = Ipv4Address(rng.next32()),
                      .destination = Ipv4Address(rng.next32()),
                      .ttl = static_cast<uint8_t>(rng.next()),
                      .tos = static_cast<uint8_t>(rng.next()),
                      .id = static_cast<uint16_t>(rng.next()),
                      .dont_fragment = rng.below(2) == 0};
    header.protocol = static_cast<uint8_t>(rng.next());
    header.more_fragments = rng.below(2) == 0;
    header.fragment_offset = static_cast<uint16_t>(rng.below(0x2000));
    ParseError error{};
    const auto ip = parse_ipv4(header_bytes(header, 0), Checksums::kVerify, error);
    ASSERT_TRUE(ip);
    ASSERT_EQ(ip->header, header);
  }
}

TEST(WireIpv4, EmitAppendsAndSumsOnlyItsOwnBytes) {
  std::vector<uint8_t> bytes{1, 2, 3};
  emit_ipv4({}, 0, bytes);
  ASSERT_EQ(bytes.size(), 23u);
  EXPECT_EQ(internet_checksum(std::span(bytes).subspan(3)), 0);
}

TEST(WireIpv4, OptionsAreSkipped) {
  auto bytes = header_bytes({}, 4 + 3);
  bytes.insert(bytes.end(), {1, 1, 1, 0, 'a', 'b', 'c'});
  bytes[0] = 0x46;
  ParseError error{};
  const auto ip = parse_ipv4(bytes, Checksums::kIgnore, error);
  ASSERT_TRUE(ip);
  EXPECT_EQ(to_hex(ip->bytes), "616263");
  EXPECT_EQ(ip->size, 3);
}

TEST(WireIpv4, OptionsAreUnderTheChecksum) {
  auto bytes = header_bytes({}, 4);
  bytes.insert(bytes.end(), {1, 1, 1, 0});
  bytes[0] = 0x46;
  bytes[10] = bytes[11] = 0;
  const uint16_t checksum = internet_checksum(bytes);
  bytes[10] = static_cast<uint8_t>(checksum >> 8);
  bytes[11] = static_cast<uint8_t>(checksum);
  ParseError error{};
  EXPECT_TRUE(parse_ipv4(bytes, Checksums::kVerify, error));
  bytes[21] ^= 1;
  EXPECT_EQ(error_of(bytes), ParseError::kBadIpChecksum);
}

TEST(WireIpv4, BytesBehindTheTotalLengthAreNoPayload) {
  auto bytes = header_bytes({}, 2);
  bytes.insert(bytes.end(), {7, 8, 0, 0, 0});
  ParseError error{};
  const auto ip = parse_ipv4(bytes, Checksums::kVerify, error);
  ASSERT_TRUE(ip);
  EXPECT_EQ(to_hex(ip->bytes), "0708");
}

TEST(WireIpv4, NoBytesAreTruncated) { EXPECT_EQ(error_of({}), ParseError::kTruncated); }

TEST(WireIpv4, OtherVersionsAreNotIpv4) {
  auto bytes = header_bytes({}, 0);
  for (unsigned version = 0; version < 16; ++version) {
    bytes[0] = static_cast<uint8_t>(version << 4 | 5);
    if (version != 4) {
      EXPECT_EQ(error_of(bytes, Checksums::kIgnore), ParseError::kNotIpv4) << version;
    }
  }
}

TEST(WireIpv4, AHeaderShorterThanFiveWordsIsNotIpv4) {
  auto bytes = header_bytes({}, 0);
  for (uint8_t words = 0; words < 5; ++words) {
    bytes[0] = static_cast<uint8_t>(0x40 | words);
    EXPECT_EQ(error_of(bytes, Checksums::kIgnore), ParseError::kNotIpv4) << int{words};
  }
}

TEST(WireIpv4, AHeaderLongerThanTheBytesIsTruncated) {
  auto bytes = header_bytes({}, 0);
  bytes[0] = 0x4f;
  EXPECT_EQ(error_of(bytes, Checksums::kIgnore), ParseError::kTruncated);
}

TEST(WireIpv4, ATotalLengthWithinTheHeaderIsNotIpv4) {
  auto bytes = header_bytes({}, 0);
  bytes[3] = 19;
  EXPECT_EQ(error_of(bytes, Checksums::kIgnore), ParseError::kNotIpv4);
}

TEST(WireIpv4, ATotalLengthPastTheBytesIsTruncated) {
  EXPECT_EQ(error_of(header_bytes({}, 1)), ParseError::kTruncated);
}

TEST(WireIpv4, APayloadCutShortKeepsItsSizeWhenChecksumsAreIgnored) {
  auto bytes = header_bytes({}, 100);
  bytes.push_back(9);
  ParseError error{};
  const auto ip = parse_ipv4(bytes, Checksums::kIgnore, error);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->size, 100);
  EXPECT_EQ(ip->bytes.size(), 1u);
}

TEST(WireIpv4, EverySingleBitErrorOfTheHeaderIsFound) {
  const auto packet = from_hex(captured_packets()[3].hex);
  ParseError ignored{};
  const auto intact = header_bytes(parse_ipv4(packet, Checksums::kVerify, ignored)->header, 0);
  for (size_t bit = 0; bit < 8 * intact.size(); ++bit) {
    auto bytes = intact;
    bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    ParseError error{};
    EXPECT_FALSE(parse_ipv4(bytes, Checksums::kVerify, error)) << "bit " << bit;
  }
}

TEST(WireIpv4DeathTest, APacketOver65535BytesIsOurBug) {
  std::vector<uint8_t> bytes;
  EXPECT_DEATH(emit_ipv4({}, 65535 - 19, bytes), "CHECK failed");
}

TEST(WireIpv4DeathTest, AFragmentOffsetOf14BitsIsOurBug) {
  std::vector<uint8_t> bytes;
  EXPECT_DEATH(emit_ipv4({.fragment_offset = 0x2000}, 0, bytes), "CHECK failed");
}

}  // namespace
}  // namespace tcptwin::wire
