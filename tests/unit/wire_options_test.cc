// TCP options as bytes and as values: RFC 9293 3.2, RFC 7323 2.2 and 3.2, RFC 2018 2 and 3.
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "stack/wire/tcp_options.h"
#include "tests/unit/wire_samples.h"

namespace tcptwin::wire {
namespace {

std::string hex_of(const TcpOptions& options) { return to_hex(options.bytes()); }
TcpOptions options_of(std::string_view hex) { return TcpOptions::from_bytes(from_hex(hex)); }
ParsedTcpOptions parsed_options(std::string_view hex) { return parse_options(options_of(hex)); }

std::vector<int> kinds_of(const TcpOptions& options) {
  std::vector<int> kinds;
  TcpOptionWalk walk(options);
  while (const auto option = walk.next()) kinds.push_back(static_cast<int>(option->kind));
  return kinds;
}

TEST(WireOptions, NopAndEndAreOneByte) {
  TcpOptions options;
  EXPECT_TRUE(options.add_nop());
  EXPECT_TRUE(options.add_end());
  EXPECT_EQ(hex_of(options), "0100");
}

TEST(WireOptions, MssIsKind2OfLength4) {
  TcpOptions options;
  EXPECT_TRUE(options.add_mss(1460));
  EXPECT_EQ(hex_of(options), "020405b4");
}

TEST(WireOptions, WindowScaleIsKind3OfLength3) {
  TcpOptions options;
  EXPECT_TRUE(options.add_window_scale(7));
  EXPECT_EQ(hex_of(options), "030307");
}

TEST(WireOptions, SackPermittedIsKind4OfLength2) {
  TcpOptions options;
  EXPECT_TRUE(options.add_sack_permitted());
  EXPECT_EQ(hex_of(options), "0402");
}

TEST(WireOptions, TimestampsAreKind8OfLength10) {
  TcpOptions options;
  EXPECT_TRUE(options.add_timestamps({.value = 0x01020304, .echo = 0xf5f6f7f8}));
  EXPECT_EQ(hex_of(options), "080a01020304f5f6f7f8");
}

TEST(WireOptions, SackIsKind5WithEightBytesABlock) {
  TcpOptions options;
  const std::array blocks{SackBlock{SeqNum(1), SeqNum(2)},
                          SackBlock{SeqNum(0xfffffffe), SeqNum(3)}};
  EXPECT_TRUE(options.add_sack(blocks));
  EXPECT_EQ(hex_of(options), "05120000000100000002fffffffe00000003");
}

TEST(WireOptions, SackOfNoBlocksAddsNothing) {
  TcpOptions options;
  EXPECT_TRUE(options.add_sack({}));
  EXPECT_EQ(options.size(), 0);
}

TEST(WireOptions, RawKeepsAnyValue) {
  TcpOptions options;
  EXPECT_TRUE(options.add_raw(TcpOptionKind{253}, from_hex("abcdef")));
  EXPECT_TRUE(options.add_raw(TcpOptionKind::kFastOpenCookie, {}));
  EXPECT_EQ(hex_of(options), "fd05abcdef2202");
}

TEST(WireOptions, OrderOfTheCallsIsTheOrderOfTheBytes) {
  TcpOptions options;
  options.add_mss(1460);
  options.add_sack_permitted();
  options.add_timestamps({.value = 0x03de10a7, .echo = 0});
  options.add_nop();
  options.add_window_scale(7);
  EXPECT_EQ(options, parsed(captured_packets()[0]).tcp.options);
}

TEST(WireOptions, PaddingIsEndOfListUpToAWord) {
  TcpOptions options;
  options.add_window_scale(7);
  options.pad();
  EXPECT_EQ(hex_of(options), "03030700");
  options.pad();
  EXPECT_EQ(options.size(), 4);
}

TEST(WireOptions, NoOptionsNeedNoPadding) {
  TcpOptions options;
  options.pad();
  EXPECT_EQ(options.size(), 0);
}

TEST(WireOptions, FortyBytesAreFull) {
  TcpOptions options;
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(options.add_nop());
  EXPECT_FALSE(options.add_nop());
  EXPECT_FALSE(options.add_end());
  EXPECT_FALSE(options.add_sack_permitted());
  EXPECT_EQ(options.size(), 40);
}

TEST(WireOptions, WhatDoesNotFitAddsNothing) {
  TcpOptions options;
  for (int i = 0; i < 38; ++i) options.add_nop();
  const TcpOptions before = options;
  EXPECT_FALSE(options.add_window_scale(1));
  EXPECT_FALSE(options.add_timestamps({}));
  EXPECT_EQ(options, before);
  EXPECT_TRUE(options.add_sack_permitted());
  EXPECT_EQ(options.size(), 40);
}

TEST(WireOptions, FourSackBlocksFitAndFiveDoNot) {
  const std::vector<SackBlock> blocks(5);
  TcpOptions options;
  EXPECT_FALSE(options.add_sack(blocks));
  EXPECT_TRUE(options.add_sack(std::span(blocks).first(4)));
  EXPECT_EQ(options.size(), 34);
}

TEST(WireOptions, BesideTimestampsThreeSackBlocksFit) {  // RFC 2018 3
  const std::vector<SackBlock> blocks(4);
  TcpOptions options;
  options.add_nop();
  options.add_nop();
  options.add_timestamps({});
  EXPECT_FALSE(options.add_sack(blocks));
  EXPECT_TRUE(options.add_sack(std::span(blocks).first(3)));
}

TEST(WireOptions, AnEndlessSackOrRawValueIsRefused) {
  TcpOptions options;
  EXPECT_FALSE(options.add_sack(std::vector<SackBlock>(1000)));
  EXPECT_FALSE(options.add_raw(TcpOptionKind{99}, std::vector<uint8_t>(1000)));
  EXPECT_FALSE(options.add_raw(TcpOptionKind{99}, std::vector<uint8_t>(39)));
  EXPECT_TRUE(options.add_raw(TcpOptionKind{99}, std::vector<uint8_t>(38)));
}

TEST(WireOptions, BytesOfAPacketAreKeptAsTheyAre) {
  const auto bytes = from_hex("01010402fe00ff12");
  EXPECT_EQ(hex_of(TcpOptions::from_bytes(bytes)), "01010402fe00ff12");
}

TEST(WireOptions, MoreThanFortyBytesAreCut) {
  const std::vector<uint8_t> bytes(60, 1);
  EXPECT_EQ(TcpOptions::from_bytes(bytes).size(), 40);
}

TEST(WireOptions, EqualityIsOfTheBytesInUse) {
  EXPECT_EQ(options_of("0101"), options_of("0101"));
  EXPECT_FALSE(options_of("0101") == options_of("010100"));
  EXPECT_FALSE(options_of("0101") == options_of("0102"));
  EXPECT_EQ(options_of(""), TcpOptions());
}

TEST(WireParsedOptions, NothingIsFoundInNoBytes) {
  const auto p = parsed_options("");
  EXPECT_FALSE(p.mss || p.window_scale || p.timestamps || p.sack_permitted || p.malformed);
  EXPECT_EQ(p.sack_count, 0);
}

TEST(WireParsedOptions, TheOptionsOfARealSynAreRead) {
  const auto p = parse_options(parsed(captured_packets()[0]).tcp.options);
  EXPECT_EQ(p.mss, 1460);
  EXPECT_EQ(p.window_scale, 7);
  EXPECT_TRUE(p.sack_permitted);
  EXPECT_EQ(p.timestamps, (Timestamps{.value = 0x03de10a7, .echo = 0}));
  EXPECT_FALSE(p.malformed);
}

TEST(WireParsedOptions, TheBlockOfARealSackIsRead) {
  const auto p = parse_options(parsed(captured_packets()[4]).tcp.options);
  ASSERT_EQ(p.sack_count, 1);
  EXPECT_EQ(p.sack[0], (SackBlock{SeqNum(0xbe6f2e37), SeqNum(0xbe6f66c7)}));
}

TEST(WireParsedOptions, FourSackBlocksAreReadInOrder) {
  TcpOptions options;
  std::array<SackBlock, 4> blocks;
  for (uint32_t i = 0; i < 4; ++i) blocks[i] = {SeqNum(10 * i), SeqNum(10 * i + 5)};
  options.add_sack(blocks);
  const auto p = parse_options(options);
  EXPECT_EQ(p.sack_count, 4);
  EXPECT_EQ(p.sack, blocks);
}

TEST(WireParsedOptions, TimestampsOfZeroAreThere) {
  EXPECT_EQ(parsed_options("080a0000000000000000").timestamps, Timestamps{});
}

TEST(WireParsedOptions, NothingCountsBehindTheEndOfTheList) {
  const auto p = parsed_options("0402000204ffff");
  EXPECT_TRUE(p.sack_permitted);
  EXPECT_FALSE(p.mss);
  EXPECT_FALSE(p.malformed);
}

TEST(WireParsedOptions, UnknownKindsAreSkipped) {  // RFC 9293 MUST-6
  const auto p = parsed_options("fd04abcd1302020405b4");
  EXPECT_EQ(p.mss, 1460);
  EXPECT_FALSE(p.malformed);
}

TEST(WireParsedOptions, AKnownKindOfAnotherLengthIsSkipped) {  // as Linux and FreeBSD do
  // mss of 3, wscale of 4, sackOK of 3, timestamps of 6, sack of 9 and of 2, then a good mss
  const auto p = parsed_options(
      "020305"
      "03040101"
      "0403ff"
      "0806aabbccdd"
      "050900000000000000"
      "0502"
      "020405b4");
  EXPECT_EQ(p.mss, 1460);
  EXPECT_FALSE(p.window_scale || p.sack_permitted || p.timestamps || p.sack_count || p.malformed);
}

TEST(WireParsedOptions, OfAnOptionThatStandsTwiceTheLastCounts) {
  EXPECT_EQ(parsed_options("020405b402040218").mss, 536);
  const auto p = parsed_options(
      "0512"
      "00000001000000020000000300000004"
      "050a0000000500000006");
  EXPECT_EQ(p.sack_count, 1);
  EXPECT_EQ(p.sack[0], (SackBlock{SeqNum(5), SeqNum(6)}));
}

TEST(WireParsedOptions, LengthsBelowTwoEndTheList) {  // RFC 9293 MUST-7
  for (const char* hex : {"020405b40300"
                          "0402",
                          "020405b40301"
                          "0402",
                          "020405b4fe00"
                          "0402"}) {
    const auto p = parsed_options(hex);
    EXPECT_EQ(p.mss, 1460) << hex;
    EXPECT_FALSE(p.sack_permitted) << hex;
    EXPECT_TRUE(p.malformed) << hex;
  }
}

TEST(WireParsedOptions, ALengthPastTheEndEndsTheList) {
  for (const char* hex : {"0402"
                          "0205",
                          "0402"
                          "020405",
                          "0402"
                          "080a00000000000000",
                          "0402"
                          "05ff0000",
                          "0402"
                          "fd03"}) {
    const auto p = parsed_options(hex);
    EXPECT_TRUE(p.sack_permitted) << hex;
    EXPECT_TRUE(p.malformed) << hex;
    EXPECT_FALSE(p.mss || p.timestamps || p.sack_count) << hex;
  }
}

TEST(WireParsedOptions, AKindWithoutItsLengthIsMalformed) {
  EXPECT_TRUE(parsed_options("010102").malformed);
}

TEST(WireParsedOptions, AnOptionMayEndWithTheBytes) {
  const auto p = parsed_options("01030305");
  EXPECT_EQ(p.window_scale, 5);
  EXPECT_FALSE(p.malformed);
}

TEST(WireOptionWalk, EveryOptionIsVisitedInOrder) {
  EXPECT_EQ(kinds_of(options_of("0101080a0000000000000000fd0200")),
            (std::vector<int>{1, 1, 8, 253, 0}));
}

TEST(WireOptionWalk, AfterTheEndThereIsNothingMore) {
  const TcpOptions options = options_of("00");
  TcpOptionWalk walk(options);
  EXPECT_TRUE(walk.next());
  EXPECT_FALSE(walk.next());
  EXPECT_FALSE(walk.next());
}

TEST(WireOptions, WhatIsAddedIsReadBack) {
  Rng rng = Rng::stream(1, "options");
  for (int i = 0; i < 3000; ++i) {
    TcpOptions options;
    const auto mss = static_cast<uint16_t>(rng.next());
    const auto shift = static_cast<uint8_t>(rng.next());
    const Timestamps ts{rng.next32(), rng.next32()};
    const SackBlock block{SeqNum(rng.next32()), SeqNum(rng.next32())};
    options.add_mss(mss);
    options.add_raw(TcpOptionKind{200}, random_bytes(rng, rng.below(9)));
    options.add_window_scale(shift);
    options.add_timestamps(ts);
    options.add_sack({&block, 1});
    options.pad();
    const auto p = parse_options(options);
    ASSERT_EQ(p.mss, mss);
    ASSERT_EQ(p.window_scale, shift);
    ASSERT_EQ(p.timestamps, ts);
    ASSERT_EQ(p.sack_count, 1);
    ASSERT_EQ(p.sack[0], block);
    ASSERT_FALSE(p.sack_permitted || p.malformed);
  }
}

TEST(WireOptions, RandomBytesAreWalkedWithinTheirBounds) {
  Rng rng = Rng::stream(2, "options");
  for (int i = 0; i < 20000; ++i) {
    auto bytes = random_bytes(rng, rng.below(41));
    for (uint8_t& b : bytes) b = rng.below(2) == 0 ? static_cast<uint8_t>(b % 12) : b;
    const TcpOptions options = TcpOptions::from_bytes(bytes);
    size_t walked = 0;
    TcpOptionWalk walk(options);
    while (const auto option = walk.next()) {
      const bool has_length = static_cast<uint8_t>(option->kind) > 1;
      walked += has_length ? 2 + option->value.size() : 1;
    }
    ASSERT_LE(walked, bytes.size()) << to_hex(bytes);
    ASSERT_LE(parse_options(options).sack_count, 4) << to_hex(bytes);
  }
}

TEST(WireOptionsDeathTest, NopAndEndHaveNoValue) {
  TcpOptions options;
  EXPECT_DEATH(options.add_raw(TcpOptionKind::kNop, {}), "CHECK failed");
  EXPECT_DEATH(options.add_raw(TcpOptionKind::kEnd, {}), "CHECK failed");
}

}  // namespace
}  // namespace tcptwin::wire
