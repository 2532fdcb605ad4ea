// Classic capture files.
#include <gtest/gtest.h>

#include <span>
#include <vector>

#include "sim/trace/pcap.h"
#include "tests/sim/trace_story.h"

namespace tcptwin::trace {
namespace {

constexpr size_t kFileHeader = 24;
constexpr size_t kPacketHeader = 16;

uint32_t u32(const std::vector<uint8_t>& bytes, size_t at) {
  return uint32_t{bytes[at]} | uint32_t{bytes[at + 1]} << 8 | uint32_t{bytes[at + 2]} << 16 |
         uint32_t{bytes[at + 3]} << 24;
}

struct Captured {
  uint32_t seconds = 0;
  uint32_t nanoseconds = 0;
  std::optional<wire::Packet> packet;
};

std::vector<Captured> packets_of(Story& story, uint16_t host) {
  std::vector<uint8_t> file;
  write_pcap(story.journal(), host, file);
  std::vector<Captured> packets;
  for (size_t at = kFileHeader; at < file.size();) {
    const size_t size = u32(file, at + 8);
    EXPECT_EQ(size, u32(file, at + 12));
    packets.push_back({u32(file, at), u32(file, at + 4),
                       wire::parse(std::span(file).subspan(at + kPacketHeader, size))});
    at += kPacketHeader + size;
  }
  return packets;
}

TEST(Pcap, TheHeaderSaysNanosecondsAndRawIp) {
  Story story;
  std::vector<uint8_t> file;
  write_pcap(story.journal(), kClient, file);
  ASSERT_EQ(file.size(), kFileHeader);
  EXPECT_EQ(u32(file, 0), 0xa1b23c4du);
  EXPECT_EQ(u32(file, 4), 2u | 4u << 16);  // version 2.4
  EXPECT_EQ(u32(file, 20), 101u);          // LINKTYPE_RAW
}

TEST(Pcap, APacketIsTimedWhereTheHostSawIt) {
  Story story;
  story.passes(kClient, 1'000'005, "P. 1:11(10) ack 1", RecordId::kNone, tcp::DataSegment{}, 20);
  const auto client = packets_of(story, kClient);
  const auto server = packets_of(story, kServer);
  ASSERT_EQ(client.size(), 1u);
  ASSERT_EQ(server.size(), 1u);
  EXPECT_EQ(client[0].seconds, 946'684'801u);  // 2000-01-01 and one second
  EXPECT_EQ(client[0].nanoseconds, 5'000u);
  EXPECT_EQ(server[0].nanoseconds, 25'000u);
}

TEST(Pcap, ChecksumsAreGoodAndThePayloadIsThere) {
  Story story;
  story.passes(kClient, 1, "P. 1:11(10) ack 1");
  const auto packets = packets_of(story, kServer);
  ASSERT_TRUE(packets.at(0).packet);  // parse verifies both checksums
  EXPECT_EQ(packets[0].packet->tcp.payload_size(), 10u);
}

TEST(Pcap, APacketThatLeavesLaterStandsLater) {
  Story story;
  story.sends(kClient, 50, "P. 1:11(10) ack 1");  // decided first, but the device is slow
  story.passes(kServer, 10, "P. 1:3(2) ack 1");
  const auto packets = packets_of(story, kClient);
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(packets[0].packet->tcp.payload_size(), 2u);
  EXPECT_EQ(packets[1].packet->tcp.payload_size(), 10u);
}

TEST(Pcap, ALostPacketIsSeenByItsSenderOnly) {
  Story story;
  story.drops(kClient, 1, story.sends(kClient, 1, "P. 1:11(10) ack 1"));
  EXPECT_EQ(packets_of(story, kClient).size(), 1u);
  EXPECT_EQ(packets_of(story, kServer).size(), 0u);
}

TEST(Pcap, ALoopbackPacketStandsOnce) {
  Story story(true);
  story.passes(kClient, 1, "P. 1:11(10) ack 1");
  EXPECT_EQ(packets_of(story, kClient).size(), 1u);
}

}  // namespace
}  // namespace tcptwin::trace
