// The Internet checksum: RFC 1071, and the pseudo header of RFC 9293 3.1.
#include <gtest/gtest.h>

#include <algorithm>

#include "stack/wire/checksum.h"
#include "tests/unit/wire_samples.h"

namespace tcptwin::wire {
namespace {

// RFC 1071 section 1, step by step and a word at a time.
uint16_t reference_checksum(std::span<const uint8_t> bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? uint32_t{bytes[i]} << 8 : uint32_t{bytes[i]};
    if (sum > 0xffff) sum -= 0xffff;  // end-around carry
  }
  return static_cast<uint16_t>(~sum);
}

TEST(WireChecksum, TheExampleOfRfc1071Section3SumsToDdf2) {
  const auto bytes = from_hex("0001f203f4f5f6f7");
  EXPECT_EQ(internet_checksum(bytes), static_cast<uint16_t>(~0xddf2));
}

TEST(WireChecksum, NoBytesSumToZero) { EXPECT_EQ(internet_checksum({}), 0xffff); }

TEST(WireChecksum, AnOddLastByteIsTheHighHalfOfAWord) {
  EXPECT_EQ(internet_checksum(from_hex("0001f2")), internet_checksum(from_hex("0001f200")));
}

TEST(WireChecksum, ACarryOfTheFoldIsFoldedAgain) {
  EXPECT_EQ(internet_checksum(from_hex("ffffffff0001")), static_cast<uint16_t>(~1));
  const std::vector<uint8_t> ones(65535, 0xff);
  EXPECT_EQ(internet_checksum(ones), reference_checksum(ones));
}

TEST(WireChecksum, EverySizeAgreesWithASumWordByWord) {
  Rng rng = Rng::stream(1, "checksum");
  for (size_t size = 0; size < 300; ++size) {
    const auto bytes = random_bytes(rng, size);
    ASSERT_EQ(internet_checksum(bytes), reference_checksum(bytes)) << size;
  }
}

TEST(WireChecksum, PiecesOfAnySizeSumLikeTheWhole) {
  Rng rng = Rng::stream(2, "checksum");
  for (int round = 0; round < 2000; ++round) {
    const auto bytes = random_bytes(rng, rng.below(80));
    InternetSum sum;
    for (std::span<const uint8_t> rest = bytes; !rest.empty();) {
      const size_t size = std::min<size_t>(rest.size(), rng.below(10));
      sum.add(rest.first(size));
      rest = rest.subspan(size);
    }
    ASSERT_EQ(sum.checksum(), reference_checksum(bytes)) << to_hex(bytes);
  }
}

TEST(WireChecksum, BytesWithTheirOwnChecksumGiveZero) {
  Rng rng = Rng::stream(3, "checksum");
  for (int round = 0; round < 500; ++round) {
    auto bytes = random_bytes(rng, 2 * rng.below(40));
    const uint16_t checksum = internet_checksum(bytes);
    bytes.push_back(static_cast<uint8_t>(checksum >> 8));
    bytes.push_back(static_cast<uint8_t>(checksum));
    ASSERT_EQ(internet_checksum(bytes), 0) << to_hex(bytes);
  }
}

TEST(WireChecksum, ThePseudoHeaderIsAddressesProtocolAndLength) {
  const auto sum = pseudo_header_sum(Ipv4Address(0x0a4d0001), Ipv4Address(0x0a4d0002), 6, 0x1428);
  EXPECT_EQ(sum.checksum(), reference_checksum(from_hex("0a4d00010a4d000200061428")));
}

TEST(WireChecksum, PseudoHeaderAndSegmentOfARealPacketGiveZero) {
  for (const Captured& c : captured_packets()) {
    const auto bytes = from_hex(c.hex);
    const auto segment = std::span(bytes).subspan(kIpv4HeaderSize);
    InternetSum sum = pseudo_header_sum(parsed(c).ip.source, parsed(c).ip.destination, 6,
                                        static_cast<uint16_t>(segment.size()));
    sum.add(segment);
    EXPECT_EQ(sum.checksum(), 0) << c.name;
  }
}

}  // namespace
}  // namespace tcptwin::wire
