// Segments as lines of text: the form of our captures.
#include <gtest/gtest.h>

#include "stack/wire/text.h"
#include "tests/unit/wire_samples.h"

namespace tcptwin::wire {
namespace {

constexpr TextView kView{.isn = SeqNum(1000),
                         .peer_isn = SeqNum(0xfffffff0),
                         .window_shift = 7,
                         .ts_base = 500,
                         .peer_ts_base = 0xfffffffe};

// The line of the segment that `line` describes.
std::string again(std::string_view line, const TextView& view = kView) {
  const auto segment = parse_text(line, view);
  return segment ? to_text(*segment, view) : "malformed";
}

TcpSegment segment_of(std::string_view line, const TextView& view = kView) {
  auto segment = parse_text(line, view);
  EXPECT_TRUE(segment) << line;
  return segment ? std::move(*segment) : TcpSegment{};
}

// With `hex` as its options.
std::string option_text(std::string_view hex, TcpFlags flags = {.ack = true}) {
  TcpSegment segment;
  segment.flags = flags;
  segment.options = TcpOptions::from_bytes(from_hex(hex));
  const std::string text = to_text(segment, {});
  const size_t at = text.find('<');
  return at == std::string::npos ? "" : text.substr(at);
}

TEST(WireText, RealPacketsReadAsInTheirCapture) {
  for (const Captured& c : captured_packets()) {
    EXPECT_EQ(to_text(parsed(c).tcp, c.view), c.line) << c.name;
  }
}

TEST(WireText, LinesOfACaptureAreReadBackAsTheSamePacket) {
  for (const Captured& c : captured_packets()) {
    EXPECT_EQ(again(c.line, c.view), c.line) << c.name;
  }
}

TEST(WireText, ACapturedSynIsReadBackFieldByField) {
  const Captured syn = captured_packets()[0];
  Packet packet = parsed(syn);
  TcpSegment segment = segment_of(syn.line, syn.view);
  segment.source = packet.tcp.source;  // ports are not shown
  segment.destination = packet.tcp.destination;
  EXPECT_EQ(describe({.ip = packet.ip, .tcp = std::move(segment)}), describe(packet));
}

TEST(WireText, FlagsStandInTheirOrder) {
  const TcpFlags all{.fin = true,
                     .syn = true,
                     .rst = true,
                     .psh = true,
                     .ack = true,
                     .urg = true,
                     .ece = true,
                     .cwr = true};
  TcpSegment segment;
  segment.flags = all;
  EXPECT_EQ(to_text(segment, {}), "SFRPUEW. 0:0(0) ack 0 win 0");
  EXPECT_EQ(segment_of("SFRPUEW. 0:0(0) ack 0 win 0").flags, all);
}

TEST(WireText, NoFlagIsNone) {
  EXPECT_EQ(to_text({}, {}), "none 0:0(0) win 0");
  EXPECT_EQ(segment_of("none 0:0(0) win 0").flags, TcpFlags{});
}

TEST(WireText, TheAckNumberIsShownOnlyWithTheFlag) {
  TcpSegment segment;
  segment.ack = SeqNum(77);
  segment.flags.rst = true;
  EXPECT_EQ(to_text(segment, {}), "R 0:0(0) win 0");
  segment.flags.ack = true;
  EXPECT_EQ(to_text(segment, {}), "R. 0:0(0) ack 77 win 0");
}

TEST(WireText, PositionsAreRelativeToEachSidesIsn) {
  TcpSegment segment;
  segment.flags.ack = true;
  segment.seq = SeqNum(1001);
  segment.ack = SeqNum(5);
  segment.payload = Payload::synthetic(0, 0, 10);
  EXPECT_EQ(to_text(segment, kView), ". 1:11(10) ack 21 win 0");
}

TEST(WireText, PositionsBeforeTheIsnAreNegative) {
  TcpSegment segment;
  segment.flags.ack = true;
  segment.seq = SeqNum(999);
  segment.ack = SeqNum(0xffffffef);
  EXPECT_EQ(to_text(segment, kView), ". -1:-1(0) ack -1 win 0");
  EXPECT_EQ(again(". -1:-1(0) ack -1 win 0"), ". -1:-1(0) ack -1 win 0");
}

TEST(WireText, PositionsBeyond2GiBNeedAHint) {
  const std::string line =
      ". 10000000001:10000001449(1448) ack 5000000001 win 128 <sack 5000001000:5000002000>";
  TextView view = kView;
  EXPECT_NE(again(line, view), line);
  view.near = StreamPos(10'000'000'000);
  view.peer_near = StreamPos(5'000'000'000);
  EXPECT_EQ(again(line, view), line);
}

TEST(WireText, TheWindowIsInBytes) {
  TcpSegment segment;
  segment.flags.ack = true;
  segment.window = 502;
  EXPECT_EQ(to_text(segment, {.window_shift = 7}), ". 0:0(0) ack 0 win 64256");
  EXPECT_EQ(segment_of(". 0:0(0) ack 0 win 64256").window, 502);
}

TEST(WireText, TheWindowOfASynIsNotScaled) {
  TcpSegment segment;
  segment.flags.syn = true;
  segment.window = 64240;
  EXPECT_EQ(to_text(segment, kView), "S -1000:-1000(0) win 64240");
  EXPECT_EQ(segment_of("S 0:0(0) win 64240").window, 64240);
}

TEST(WireText, AShiftAbove14CountsAs14) {  // RFC 7323 2.3
  TcpSegment segment;
  segment.window = 65535;
  for (const int shift : {14, 15, 31, 32, 64, 255}) {
    EXPECT_EQ(to_text(segment, {.window_shift = static_cast<uint8_t>(shift)}),
              "none 0:0(0) win 1073725440");
  }
}

TEST(WireText, AMissingWindowIsTheWidestBelow64KiB) {
  EXPECT_EQ(segment_of(". 1:1(0) ack 1").window, 65535 >> 7);
  EXPECT_EQ(segment_of("S 0:0(0)").window, 65535);
}

TEST(WireText, AWindowThatTheShiftCannotExpressIsMalformed) {
  EXPECT_FALSE(parse_text(". 1:1(0) ack 1 win 1000", kView));
  EXPECT_FALSE(parse_text(". 1:1(0) ack 1 win 8388608", kView));  // 65536 << 7
  EXPECT_FALSE(parse_text("S 0:0(0) win 65536", kView));
  EXPECT_TRUE(parse_text(". 1:1(0) ack 1 win 8388480", kView));
}

TEST(WireText, TicksAreRelativeToEachSidesFirstAndMayWrap) {
  TcpSegment segment;
  segment.flags.ack = true;
  segment.options.add_timestamps({.value = 490, .echo = 3});
  segment.options.pad();
  EXPECT_EQ(to_text(segment, {.ts_base = 500, .peer_ts_base = 0xfffffffe}),
            ". 0:0(0) ack 0 win 0 <TS -10/5>");
}

TEST(WireText, AnEchoOfZeroIsADashWithoutAck) {
  EXPECT_EQ(option_text("080a0000000500000000", {.syn = true}), "<TS 5/->");
  EXPECT_EQ(option_text("080a0000000500000000", {.syn = true, .ack = true}), "<TS 5/0>");
}

TEST(WireText, ADashIsAnEchoOfZero) {
  EXPECT_EQ(parse_options(segment_of("S 0:0(0) <TS 5/->").options).timestamps,
            (Timestamps{.value = 505, .echo = 0}));
}

TEST(WireText, ANegativeEchoIsNotADash) {
  EXPECT_EQ(again(". 1:1(0) ack 1 win 0 <TS 5/-3>"), ". 1:1(0) ack 1 win 0 <TS 5/-3>");
}

TEST(WireText, OptionsStandInTheOrderOfTheWire) {
  EXPECT_EQ(option_text("0303070402020405b400", {.syn = true}), "<wscale 7,sackOK,mss 1460,eol>");
}

TEST(WireText, NopAndEndAreShownOnASynOnly) {
  EXPECT_EQ(option_text("01010402010000", {.syn = true}), "<nop,nop,sackOK,nop,eol>");
  EXPECT_EQ(option_text("01010402010000"), "<sackOK>");
  EXPECT_EQ(option_text("0101"), "");
}

TEST(WireText, NothingIsShownBehindTheEndOfTheList) {
  EXPECT_EQ(option_text("000402", {.syn = true}), "<eol>");
}

TEST(WireText, UnknownOptionsAreHex) {
  EXPECT_EQ(option_text("fd05abcd0122021302"), "<o253=abcd01,o34=,o19=>");
}

TEST(WireText, AKnownOptionOfAnotherSizeIsHex) {
  EXPECT_EQ(option_text("020305030402030403ff05050102030502"),
            "<o2=05,o3=0203,o4=ff,o5=010203,o5=>");
}

TEST(WireText, AnIllegalLengthEndsTheOptions) {
  EXPECT_EQ(option_text("0402020005b4"), "<sackOK>");
  EXPECT_EQ(option_text("04020209"), "<sackOK>");
}

TEST(WireText, AllSackBlocksAreShown) {
  const std::string line = ". 1:1(0) ack 1 win 0 <sack 10:20 30:40 -5:6 2147483647:-2147483648>";
  EXPECT_EQ(again(line), line);
  EXPECT_EQ(parse_options(segment_of(line).options).sack_count, 4);
}

TEST(WireText, UnknownOptionsAreReadBack) {
  EXPECT_EQ(segment_of("none 0:0(0) <o253=abcd01,o34=>").options,
            TcpOptions::from_bytes(from_hex("fd05abcd01220200")));
}

TEST(WireText, OptionsAreReadInOrderAndPadded) {
  EXPECT_EQ(segment_of("S 0:0(0) <mss 536,nop,wscale 2,sackOK>").options,
            TcpOptions::from_bytes(from_hex("0204021801030302"
                                            "04020000")));
}

TEST(WireText, ThePayloadIsThePatternAtItsPosition) {
  const TcpSegment segment = segment_of("P. 101:111(10) ack 1");
  EXPECT_EQ(segment.payload.bytes(), Payload::synthetic(0, 101, 10).bytes());
  EXPECT_EQ(segment.seq, SeqNum(1101));
}

TEST(WireText, WindowAndOptionsMayBeMissing) {
  EXPECT_TRUE(parse_text("P. 1:11(10) ack 1", kView));
  EXPECT_TRUE(parse_text("P. 1:11(10) ack 1 win 65536", kView));
  EXPECT_TRUE(parse_text("P. 1:11(10) ack 1 <TS 5/3>", kView));
  EXPECT_TRUE(parse_text("P. 1:11(10) ack 1 win 65536 <TS 5/3>", kView));
}

TEST(WireText, MalformedLinesAreRefused) {
  for (const char* line : {"",
                           " ",
                           ".",
                           "S",
                           "0:0(0)",
                           " 0:0(0)",
                           "X 0:0(0)",
                           "PS 0:0(0)",
                           "SS 0:0(0)",
                           "s 0:0(0)",
                           "none. 0:0(0) ack 1",
                           "none",
                           "noneS 0:0(0)",
                           "S  0:0(0)",
                           "S 0(0)",
                           "S 0:0",
                           "S 0:0()",
                           "S 0:0(0",
                           "S :0(0)",
                           "S 0:(0)",
                           "S a:a(0)",
                           "S 0:1(0)",
                           "S 0:0(1)",
                           "S 1:0(-1)",
                           "S 0:0(0)x",
                           "S 0:0(0) ",
                           "S 0:0(0) ack 1",
                           ". 0:0(0)",
                           ". 0:0(0) ack",
                           ". 0:0(0) ack ",
                           ". 0:0(0) ack x",
                           ". 0:0(0) win 0 ack 0",
                           "S 0:0(0) win",
                           "S 0:0(0) win -1",
                           "S 0:0(0) win 4294967296",
                           "S 0:0(0) win 1 win 1",
                           "S 0x0:0(0)",
                           "S +0:0(0)",
                           "> S 0:0(0)",
                           "0.000000 > S 0:0(0)",
                           "S 0:0(0)\n"}) {
    EXPECT_FALSE(parse_text(line, kView)) << '"' << line << '"';
  }
}

TEST(WireText, MalformedOptionsAreRefused) {
  for (const char* options : {"<>",
                              "<",
                              "<nop",
                              "<nop,>",
                              "<,nop>",
                              "<nop,,nop>",
                              "<nop >",
                              "<nop>x",
                              "<nop> ",
                              "nop",
                              "<mss>",
                              "<mss >",
                              "<mss 65536>",
                              "<mss -1>",
                              "<mss 1 2>",
                              "<wscale 256>",
                              "<wscale>",
                              "<sackOK 1>",
                              "<sackok>",
                              "<sack>",
                              "<sack >",
                              "<sack 1>",
                              "<sack 1:>",
                              "<sack 1:2 >",
                              "<sack 1:2,3:4>",
                              "<sack 1:2 3:4 5:6 7:8 9:10>",
                              "<TS>",
                              "<TS 1>",
                              "<TS 1/>",
                              "<TS /1>",
                              "<TS 1/-x>",
                              "<TS 1/2/3>",
                              "<TS 2147483648/0>",
                              "<TS 0/-2147483649>",
                              "<o>",
                              "<o5>",
                              "<o256=00>",
                              "<o0=>",
                              "<o1=>",
                              "<o9=0>",
                              "<o9=0g>",
                              "<o9=AB>",
                              "<o9=00 >",
                              "<eol,nop>",
                              "<eol,eol>",
                              "<foo>"}) {
    const std::string line = std::string("S 0:0(0) win 0 ") + options;
    EXPECT_FALSE(parse_text(line, kView)) << line;
  }
}

TEST(WireText, MoreOptionsThanFitAreRefused) {
  std::string nops = "nop";
  for (int i = 1; i < 40; ++i) nops += ",nop";
  EXPECT_TRUE(parse_text("S 0:0(0) <" + nops + '>', kView));
  EXPECT_FALSE(parse_text("S 0:0(0) <" + nops + ",nop>", kView));
  EXPECT_FALSE(parse_text("S 0:0(0) <" + nops + ",eol>", kView));
  EXPECT_FALSE(parse_text("S 0:0(0) <" + nops + ",mss 1>", kView));
}

TEST(WireText, ASegmentThatFitsNoPacketIsRefused) {
  EXPECT_TRUE(parse_text("none 0:65515(65515)", kView));
  EXPECT_FALSE(parse_text("none 0:65516(65516)", kView));
  EXPECT_FALSE(parse_text("none 0:65515(65515) <nop>", kView));
  EXPECT_FALSE(parse_text("none 0:4294967296(4294967296)", kView));
}

TEST(WireText, PositionsThatNoStreamReachesAreRefused) {
  EXPECT_TRUE(parse_text("none 4611686018427387904:4611686018427387904(0)", kView));
  EXPECT_FALSE(parse_text("none 4611686018427387905:4611686018427387905(0)", kView));
  EXPECT_FALSE(parse_text("none 9223372036854775807:9223372036854775807(0)", kView));
  EXPECT_FALSE(parse_text("none 9223372036854775808:9223372036854775808(0)", kView));
  EXPECT_FALSE(parse_text("none 9223372036854775807:-9223372036854775807(2)", kView));
}

TEST(WireText, EverySegmentHasALineThatIsReadBack) {
  Rng rng = Rng::stream(1, "text");
  for (int i = 0; i < 5000; ++i) {
    const TcpSegment segment = random_packet(rng).tcp;
    const TextView view{.isn = SeqNum(rng.next32()),
                        .peer_isn = SeqNum(rng.next32()),
                        .window_shift = static_cast<uint8_t>(rng.below(20)),
                        .ts_base = rng.next32(),
                        .peer_ts_base = rng.next32(),
                        .near = StreamPos(static_cast<int64_t>(rng.next() >> 20)),
                        .peer_near = StreamPos(static_cast<int64_t>(rng.next() >> 20))};
    const std::string line = to_text(segment, view);
    const auto read = parse_text(line, view);
    ASSERT_TRUE(read) << line;
    ASSERT_EQ(read->seq, segment.seq) << line;
    ASSERT_EQ(read->flags, segment.flags) << line;
    ASSERT_EQ(read->window, segment.window) << line;
    ASSERT_EQ(read->payload.size(), segment.payload.size()) << line;
    if (segment.flags.ack) {
      ASSERT_EQ(read->ack, segment.ack) << line;
    }
    ASSERT_EQ(to_text(*read, view).substr(0, line.find('<')), line.substr(0, line.find('<')));
  }
}

TEST(WireText, RandomLinesDoNoHarm) {
  constexpr std::string_view kAlphabet = "SFRP. 0123456789:()-ack win<mss,sackOKTS/nopwscaleo=eol>";
  Rng rng = Rng::stream(2, "text");
  for (int i = 0; i < 20000; ++i) {
    std::string line = i % 2 == 0 ? "S. 0:0(0) ack 1 win 128 <mss 1460,TS 0/-,o9=ab,sack 1:2>" : "";
    for (uint64_t edits = 1 + rng.below(12); edits > 0; --edits) {
      const char c = kAlphabet[rng.below(kAlphabet.size())];
      if (line.empty() || rng.below(2) == 0) {
        line.insert(line.begin() + static_cast<ptrdiff_t>(rng.below(line.size() + 1)), c);
      } else {
        line[rng.below(line.size())] = c;
      }
    }
    const std::string once = again(line);
    if (once != "malformed") {
      ASSERT_EQ(again(once), once) << line;
    }
  }
}

}  // namespace
}  // namespace tcptwin::wire
