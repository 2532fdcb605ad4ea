// Network byte order, and reads that end with their bytes.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "stack/base/bytes.h"

namespace tcptwin {
namespace {

constexpr std::array<uint8_t, 7> kBytes{0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87};

TEST(ByteReader, NumbersAreInNetworkOrder) {
  ByteReader in(kBytes);
  EXPECT_EQ(in.u8(), 0x81);
  EXPECT_EQ(in.u16(), 0x8283);
  EXPECT_EQ(in.u32(), 0x84858687u);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(ByteReader, TakeGivesTheNextBytes) {
  ByteReader in(kBytes);
  in.u8();
  const auto taken = in.take(2);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0], 0x82);
  EXPECT_EQ(in.remaining(), 4u);
}

TEST(ByteReader, TakingAllIsNotPastTheEnd) {
  ByteReader in(kBytes);
  EXPECT_EQ(in.take(7).size(), 7u);
  EXPECT_TRUE(in.take(0).empty());
  EXPECT_TRUE(in.ok());
}

TEST(ByteReader, AReadPastTheEndIsZeroAndTakesNothing) {
  const auto first = [](size_t n) { return ByteReader(std::span(kBytes).first(n)); };
  ByteReader none = first(0);
  EXPECT_EQ(none.u8(), 0);
  EXPECT_FALSE(none.ok());
  ByteReader one = first(1);
  EXPECT_EQ(one.u16(), 0);
  EXPECT_FALSE(one.ok());
  ByteReader three = first(3);
  EXPECT_EQ(three.u32(), 0u);
  EXPECT_FALSE(three.ok());
  EXPECT_EQ(three.remaining(), 3u);
}

TEST(ByteReader, AfterAFailureEveryReadIsZero) {
  ByteReader in(kBytes);
  EXPECT_TRUE(in.take(8).empty());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.u16(), 0);
  EXPECT_EQ(in.u32(), 0u);
  EXPECT_TRUE(in.take(1).empty());
  EXPECT_FALSE(in.ok());
}

TEST(ByteReader, AnEndlessReadFails) {
  ByteReader in(kBytes);
  EXPECT_TRUE(in.take(~size_t{0}).empty());
  EXPECT_FALSE(in.ok());
}

TEST(ByteWriter, NumbersAreAppendedInNetworkOrder) {
  std::vector<uint8_t> bytes{9};
  ByteWriter out(bytes);
  out.u8(0x81);
  out.u16(0x8283);
  out.u32(0x84858687);
  EXPECT_EQ(bytes, (std::vector<uint8_t>{9, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87}));
}

TEST(ByteWriter, SpansAreAppendedAsTheyAre) {
  std::vector<uint8_t> bytes;
  ByteWriter out(bytes);
  out.bytes(kBytes);
  out.bytes({});
  EXPECT_EQ(bytes, std::vector<uint8_t>(kBytes.begin(), kBytes.end()));
}

TEST(ByteWriter, WhatIsWrittenIsReadBack) {
  std::vector<uint8_t> bytes;
  ByteWriter out(bytes);
  for (int bit = 0; bit < 32; ++bit) out.u32(1u << bit);
  ByteReader in(bytes);
  for (int bit = 0; bit < 32; ++bit) EXPECT_EQ(in.u32(), 1u << bit);
}

}  // namespace
}  // namespace tcptwin
