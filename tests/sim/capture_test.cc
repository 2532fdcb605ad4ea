// Capture files read back: formats, link layers, byte orders, damage.
#include "sim/capture/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/capture/view.h"
#include "tests/support/capture_bytes.h"

namespace tcptwin::capture {
namespace {

using support::CaptureBytes;
using support::packet_bytes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr uint32_t kMicroseconds = 0xa1b2c3d4, kNanoseconds = 0xa1b23c4d, kRaw = 101;
const std::string kSegment = "P. 1:11(10) ack 1 win 100";

Capture read_good(const std::string& bytes) {
  std::string problem;
  auto capture = read(bytes, problem);
  EXPECT_EQ(problem, "");
  return capture ? std::move(*capture) : Capture();
}
std::string problem_of(const std::string& bytes) {
  std::string problem;
  EXPECT_FALSE(read(bytes, problem));
  return problem;
}

// ---- pcap

TEST(CaptureFile, PcapOfMicrosecondsIsRead) {
  const Capture c = read_good(
      CaptureBytes().pcap(kMicroseconds, kRaw).record(7, 5, packet_bytes(kSegment)).bytes());
  ASSERT_EQ(c.packets.size(), 1u);
  EXPECT_EQ(c.packets[0].at.ns(), 7'000'005'000);
  EXPECT_EQ(c.packets[0].number, 1u);
  EXPECT_EQ(c.packets[0].tcp.payload_size(), 10u);
}
TEST(CaptureFile, PcapOfNanosecondsInTheOtherByteOrderIsRead) {
  const Capture c = read_good(
      CaptureBytes(true).pcap(kNanoseconds, kRaw).record(7, 5, packet_bytes(kSegment)).bytes());
  ASSERT_EQ(c.packets.size(), 1u);
  EXPECT_EQ(c.packets[0].at.ns(), 7'000'000'005);
}
TEST(CaptureFile, PcapCutOffInAPacketIsReadUpToThere) {
  std::string bytes = CaptureBytes()
                          .pcap(kMicroseconds, kRaw)
                          .record(7, 5, packet_bytes(kSegment))
                          .record(8, 5, packet_bytes(kSegment))
                          .bytes();
  bytes.resize(bytes.size() - 3);
  const Capture c = read_good(bytes);
  EXPECT_EQ(c.packets.size(), 1u);
  EXPECT_THAT(c.remarks, ElementsAre("cut off within packet 2, at byte 90"));
}
TEST(CaptureFile, PcapWithAnAbsurdLengthIsRefusedWithItsPlace) {
  const std::string bytes =
      CaptureBytes().pcap(kMicroseconds, kRaw).u32(1).u32(1).u32(1u << 30).u32(1).bytes();
  EXPECT_EQ(problem_of(bytes),
            "at byte 24: packet 1 would be 1073741824 bytes long: the file is damaged");
}
TEST(CaptureFile, PcapOfAnUnknownLinkTypeIsRefused) {
  EXPECT_THAT(problem_of(CaptureBytes().pcap(kMicroseconds, 147).bytes()),
              HasSubstr("at byte 20: link type 147 is not read"));
}
TEST(CaptureFile, PacketCutShortKeepsItsSize) {
  const std::string whole = packet_bytes(kSegment);
  const std::string bytes = CaptureBytes()
                                .pcap(kMicroseconds, kRaw)
                                .u32(1)
                                .u32(0)
                                .u32(40)
                                .u32(static_cast<uint32_t>(whole.size()))
                                .add(whole.substr(0, 40))
                                .bytes();
  const Capture c = read_good(bytes);
  ASSERT_EQ(c.packets.size(), 1u);
  EXPECT_EQ(c.packets[0].tcp.payload_size(), 10u);
}
TEST(CaptureFile, PacketWithoutLengthHasThatOfTheWire) {  // left to the network card to cut
  std::string whole = packet_bytes(kSegment);
  whole[2] = whole[3] = 0;
  const Capture c = read_good(CaptureBytes().pcap(kMicroseconds, kRaw).record(1, 0, whole).bytes());
  ASSERT_EQ(c.packets.size(), 1u);
  EXPECT_EQ(c.packets[0].tcp.payload_size(), 10u);
}
TEST(CaptureFile, WhatCannotBeReadIsCounted) {
  const Capture c =
      read_good(CaptureBytes()
                    .pcap(kMicroseconds, 1)
                    .record(1, 0, std::string(12, 'x') + "\x08\x06" + "arp")
                    .record(2, 0, std::string(12, 'x') + std::string("\x08\0", 2) + "E")
                    .bytes());
  EXPECT_THAT(c.packets, IsEmpty());
  EXPECT_THAT(c.remarks, ElementsAre("1 packet without IP was left out",
                                     HasSubstr("1 packet could not be read, the first of them "
                                               "number 2: ")));
}

// ---- link layers: what stands before the IP header

struct Layer {
  const char* name;
  uint32_t link_type;
  std::string before;
  Direction direction = Direction::kUnknown;
};
class LinkLayer : public testing::TestWithParam<Layer> {};

TEST_P(LinkLayer, IsStripped) {
  const Capture c = read_good(CaptureBytes()
                                  .pcap(kMicroseconds, GetParam().link_type)
                                  .record(1, 0, GetParam().before + packet_bytes(kSegment))
                                  .bytes());
  ASSERT_EQ(c.packets.size(), 1u);
  EXPECT_EQ(c.packets[0].tcp.payload_size(), 10u);
  EXPECT_EQ(c.packets[0].direction, GetParam().direction);
}

using namespace std::string_literals;
const std::string kMacs(12, 'm');
INSTANTIATE_TEST_SUITE_P(
    All, LinkLayer,
    testing::Values(Layer{"Raw", 101, ""}, Layer{"Ipv4", 228, ""},
                    Layer{"Ethernet", 1, kMacs + "\x08\0"s},
                    Layer{"Vlans", 1, kMacs + "\x88\xa8\0\x01\x81\0\0\x02\x08\0"s},
                    Layer{"SllOut", 113, "\0\4"s + kMacs + "\x08\0"s, Direction::kOut},
                    Layer{"SllIn", 113, "\0\0"s + kMacs + "\x08\0"s, Direction::kIn},
                    Layer{"Sll2Out", 276, "\x08\0"s + "12345678\4"s + "123456789", Direction::kOut},
                    Layer{"NullOfLittleEndian", 0, "\2\0\0\0"s}, Layer{"Loop", 108, "\0\0\0\2"s}),
    [](const auto& tested) { return tested.param.name; });

// ---- pcapng

constexpr uint32_t kSection = 0x0a0d0d0a, kInterface = 1, kSimple = 3, kEnhanced = 6;

std::string section(bool big = false) {
  return CaptureBytes(big).u32(0x1a2b3c4d).u16(1).u16(0).u64(UINT64_MAX).bytes();
}
std::string interface(bool big, const std::string& name, uint8_t resolution) {
  return CaptureBytes(big)
      .u16(kRaw)
      .u16(0)
      .u32(0)
      .option(2, name)
      .option(9, std::string(1, static_cast<char>(resolution)))
      .option(0, "")
      .bytes();
}
std::string enhanced(bool big, uint32_t interface_number, uint64_t time,
                     const std::string& comment) {
  const std::string packet = packet_bytes(kSegment);  // 50 bytes
  const auto size = static_cast<uint32_t>(packet.size());
  CaptureBytes body(big);
  body.u32(interface_number).u32(static_cast<uint32_t>(time >> 32));
  body.u32(static_cast<uint32_t>(time)).u32(size).u32(size).add(packet + "\0\0"s);
  return body.option(1, comment).option(2, CaptureBytes(big).u32(2).bytes()).option(0, "").bytes();
}
Capture read_pcapng_of(bool big, uint8_t resolution, uint64_t time) {
  return read_good(CaptureBytes(big)
                       .block(kSection, section(big))
                       .block(kInterface, interface(big, "eth0", resolution))
                       .block(4, "names that nobody reads.")
                       .block(kEnhanced, enhanced(big, 0, time, "why it left"))
                       .bytes());
}

TEST(CaptureFile, PcapngOfBothByteOrdersIsRead) {
  for (const bool big : {false, true}) {
    const Capture c = read_pcapng_of(big, 9, 7'000'000'005);
    ASSERT_EQ(c.packets.size(), 1u);
    EXPECT_EQ(c.packets[0].at.ns(), 7'000'000'005);
    EXPECT_EQ(c.packets[0].comment, "why it left");
    EXPECT_EQ(c.packets[0].direction, Direction::kOut);
    EXPECT_EQ(c.interfaces[0].name, "eth0");
  }
}
TEST(CaptureFile, PcapngTimesHaveTheResolutionOfTheirInterface) {
  EXPECT_EQ(read_pcapng_of(false, 6, 7'000'005).packets[0].at.ns(), 7'000'005'000);
  EXPECT_EQ(read_pcapng_of(false, 3, 7'005).packets[0].at.ns(), 7'005'000'000);
  EXPECT_EQ(read_pcapng_of(false, 12, 7'000'000'005'999).packets[0].at.ns(), 7'000'000'005);
  EXPECT_EQ(read_pcapng_of(false, 0x80 | 10, 7 * 1024 + 512).packets[0].at.ns(), 7'500'000'000);
  EXPECT_EQ(read_pcapng_of(false, 0x80 | 60, (7ull << 57)).packets[0].at.ns(), 875'000'000);
}
TEST(CaptureFile, PcapngSectionsNumberTheirInterfacesAnew) {
  CaptureBytes file;
  for (const char* name : {"first", "second"}) {
    file.block(kSection, section())
        .block(kInterface, interface(false, name, 9))
        .block(kEnhanced, enhanced(false, 0, 1, ""));
  }
  const Capture c = read_good(file.bytes());
  ASSERT_EQ(c.packets.size(), 2u);
  EXPECT_EQ(c.interfaces[c.packets[1].interface].name, "second");
}
TEST(CaptureFile, PcapngSimplePacketsAreRead) {
  const std::string packet = packet_bytes(kSegment);
  const Capture c = read_good(
      CaptureBytes()
          .block(kSection, section())
          .block(kInterface, interface(false, "eth0", 9))
          .block(kSimple,
                 CaptureBytes().u32(static_cast<uint32_t>(packet.size())).add(packet).bytes())
          .bytes());
  ASSERT_EQ(c.packets.size(), 1u);
  EXPECT_EQ(c.packets[0].tcp.payload_size(), 10u);
}
TEST(CaptureFile, PcapngCutOffInABlockIsReadUpToThere) {
  std::string bytes = CaptureBytes()
                          .block(kSection, section())
                          .block(kInterface, interface(false, "eth0", 9))
                          .block(kEnhanced, enhanced(false, 0, 1, ""))
                          .block(kEnhanced, enhanced(false, 0, 2, ""))
                          .bytes();
  bytes.resize(bytes.size() - 5);
  const Capture c = read_good(bytes);
  EXPECT_EQ(c.packets.size(), 1u);
  EXPECT_THAT(c.remarks, ElementsAre(HasSubstr("cut off after packet 1, at byte ")));
}
TEST(CaptureFile, PcapngPacketOfNoInterfaceIsRefused) {
  const std::string bytes =
      CaptureBytes().block(kSection, section()).block(kEnhanced, enhanced(false, 3, 1, "")).bytes();
  EXPECT_EQ(problem_of(bytes), "at byte 28: a packet of interface 3, of 0 described before it");
}
TEST(CaptureFile, PcapngBlockWhoseLengthsDifferIsRefused) {
  std::string bytes = CaptureBytes().block(kSection, section()).block(5, "statistics").bytes();
  bytes.back() = 1;
  EXPECT_EQ(problem_of(bytes), "at byte 28: the two lengths of a block differ");
}

// ---- text

TEST(CaptureFile, TextNumbersItsPacketsByLine) {
  const Capture c = read_good(
      "# seen at host A (client)\n"
      "# first packet ... = 1.9 ms after a 4 ms jiffy boundary (HZ=250)\n"
      "-0.000090 C connect = 0 [1168]\n"
      "0.000000 > S 0:0(0) win 64240 <mss 1460,nop,wscale 7>\n"
      "0.001038 < S. 0:0(0) ack 1 win 65160 <mss 1460,nop,wscale 7>\n"
      "0.001067 > . 1:1(0) ack 1 win 64256\n");
  ASSERT_EQ(c.packets.size(), 3u);
  EXPECT_EQ(c.packets[0].number, 4u);
  EXPECT_EQ(c.packets[2].at.ns(), 1'067'000);
  EXPECT_EQ(c.packets[2].tcp.window, 502);  // as in the header
  EXPECT_EQ(c.interfaces[0].name, "A (client)");
  EXPECT_EQ(c.tick, 4ms);
}
TEST(CaptureFile, TextKeepsConnectionsOfOnePortApart) {
  const Capture c = read_good(
      "0.000000 > S 0:0(0) win 100\n"
      "0.001000 > S 0:0(0) win 100\n"  // again
      "0.002000 > . 1:1(0) ack 1 win 100\n"
      "0.003000 > S 0:0(0) win 100\n");
  std::string problem;
  const auto view = view_of(c, "", problem);
  ASSERT_EQ(view->connections.size(), 2u);
  EXPECT_EQ(view->connections[0].segments.size(), 3u);
}
TEST(CaptureFile, TextWithABrokenSegmentIsRefusedWithItsLine) {
  EXPECT_THAT(problem_of("0.000000 > S 0:0(0) win 100\n0.1 > P. 1:12(10) ack 1 win 5\n"),
              HasSubstr("line 2: expected a segment such as"));
}
TEST(CaptureFile, WhatIsNoCaptureIsRefused) {
  EXPECT_EQ(problem_of(""), "the file is empty");
  EXPECT_THAT(problem_of("Hello\n"), HasSubstr("neither pcap, pcapng nor our text"));
  EXPECT_THAT(problem_of("\n\n"), HasSubstr("no line of it is a packet"));
}

}  // namespace
}  // namespace tcptwin::capture
