// Capture files of a whole run.
#include <gtest/gtest.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "sim/trace/pcapng.h"
#include "tests/sim/trace_story.h"

namespace tcptwin::trace {
namespace {

// Reads what the writer wrote; draft-ietf-opsawg-pcapng.
struct Reader {
  std::vector<uint8_t> bytes;
  size_t at = 0;

  uint64_t number(int size) {
    uint64_t v = 0;
    for (int i = 0; i < size; ++i) v |= uint64_t{bytes.at(at++)} << (8 * i);
    return v;
  }
  std::string text(size_t size) {
    std::string t;
    for (size_t i = 0; i < size; ++i) t += static_cast<char>(bytes.at(at++));
    return t;
  }
};

struct Block {
  uint32_t type = 0;
  std::vector<uint8_t> body;
  std::map<uint16_t, std::string> options;

  uint64_t number(size_t at, int size) const { return Reader{body, at}.number(size); }
  uint64_t option_number(uint16_t code) const {
    const std::string& value = options.at(code);
    return Reader{{value.begin(), value.end()}}.number(static_cast<int>(value.size()));
  }
};

std::map<uint16_t, std::string> options_of(const std::vector<uint8_t>& body, size_t at) {
  std::map<uint16_t, std::string> options;
  Reader in{body, at};
  while (in.at < body.size()) {
    const auto code = static_cast<uint16_t>(in.number(2));
    const size_t size = in.number(2);
    if (code == 0) {
      EXPECT_EQ(in.at, body.size());
      break;
    }
    options[code] = in.text(size);
    in.at += (4 - size % 4) % 4;
  }
  return options;
}

constexpr uint32_t kInterface = 1, kNames = 4, kPacket = 6, kSection = 0x0a0d0d0a;

std::vector<Block> blocks_of(Story& story, const PcapngOptions& options = {}) {
  Reader in;
  write_pcapng(story.journal(), options, in.bytes);
  std::vector<Block> blocks;
  while (in.at < in.bytes.size()) {
    Block block;
    block.type = static_cast<uint32_t>(in.number(4));
    const size_t length = in.number(4);
    EXPECT_EQ(length % 4, 0u);
    const std::string body = in.text(length - 12);
    EXPECT_EQ(in.number(4), length);  // stands at both ends
    block.body.assign(body.begin(), body.end());
    size_t fixed = block.type == kSection ? 16 : 8;
    if (block.type == kPacket) fixed = 20 + (block.number(12, 4) + 3) / 4 * 4;
    if (block.type != kNames) block.options = options_of(block.body, fixed);
    blocks.push_back(block);
  }
  return blocks;
}

std::vector<Block> blocks_of_type(Story& story, uint32_t type, const PcapngOptions& options = {}) {
  std::vector<Block> blocks = blocks_of(story, options);
  std::erase_if(blocks, [&](const Block& b) { return b.type != type; });
  return blocks;
}

std::vector<std::string> interface_names(Story& story) {
  std::vector<std::string> names;
  for (const Block& b : blocks_of_type(story, kInterface)) names.push_back(b.options.at(2));
  return names;
}

TEST(Pcapng, ARunWithoutPacketsIsAWholeFile) {
  Story story;
  const auto blocks = blocks_of(story, {.application = "tcptwin 1.2"});
  ASSERT_EQ(blocks.size(), 4u);  // the section, two hosts, a link
  EXPECT_EQ(blocks[0].type, kSection);
  EXPECT_EQ(blocks[0].number(0, 4), 0x1a2b3c4du);  // little-endian
  EXPECT_EQ(blocks[0].options.at(4), "tcptwin 1.2");
}

TEST(Pcapng, EachHostIsAnInterfaceOfRawIpInNanoseconds) {
  Story story;
  const auto interfaces = blocks_of_type(story, kInterface);
  EXPECT_EQ(interfaces.at(0).options.at(2), "client");
  EXPECT_EQ(interfaces.at(1).options.at(2), "server");
  EXPECT_EQ(interfaces[0].number(0, 2), 101u);
  EXPECT_EQ(interfaces[0].option_number(9), 9u);
}

TEST(Pcapng, TheOnlyLinkDropsIntoDrops) {
  Story story;
  EXPECT_EQ(interface_names(story), (std::vector<std::string>{"client", "server", "drops"}));
}

TEST(Pcapng, SeveralLinksDropUnderTheirNames) {
  Story story;
  story.journal().add_link("uplink");
  EXPECT_EQ(interface_names(story),
            (std::vector<std::string>{"client", "server", "drops wire", "drops uplink"}));
}

TEST(Pcapng, APacketStandsAtBothEndsUnderOneId) {
  Story story;
  story.passes(kServer, 10, "P. 1:11(10) ack 1");
  const auto packets = blocks_of_type(story, kPacket);
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(packets[0].number(0, 4), kServer);
  EXPECT_EQ(packets[1].number(0, 4), kClient);
  EXPECT_EQ(packets[0].option_number(5), uint64_t{1} << 48 | 1);  // the record of its departure
  EXPECT_EQ(packets[1].option_number(5), packets[0].option_number(5));
}

TEST(Pcapng, DirectionsAreOutboundThenInbound) {
  Story story;
  story.passes(kServer, 10, "P. 1:11(10) ack 1");
  const auto packets = blocks_of_type(story, kPacket);
  EXPECT_EQ(packets.at(0).option_number(2), 2u);
  EXPECT_EQ(packets.at(1).option_number(2), 1u);
}

TEST(Pcapng, TimeBeginsInTheYear2000) {
  Story story;
  story.sends(kClient, 1, "P. 1:11(10) ack 1");
  const Block packet = blocks_of_type(story, kPacket).at(0);
  const uint64_t time = packet.number(4, 4) << 32 | packet.number(8, 4);
  EXPECT_EQ(time, 946'684'800'000'001'000u);
}

TEST(Pcapng, ThePacketItselfHasGoodChecksums) {
  Story story;
  story.sends(kClient, 1, "P. 1:12(11) ack 1");
  const Block packet = blocks_of_type(story, kPacket).at(0);
  const auto bytes = std::span(packet.body).subspan(20, packet.number(12, 4));
  const auto parsed = wire::parse(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->tcp.payload_size(), 11u);
}

TEST(Pcapng, TheSenderSaysWhyAndTheReceiverWhichPacketItIs) {
  Story story;
  story.passes(kServer, 10, "P. 1:11(10) ack 1");
  const auto packets = blocks_of_type(story, kPacket);
  EXPECT_EQ(packets.at(0).options.at(1), "data, sent without waiting");
  EXPECT_EQ(packets.at(1).options.at(1), "= packet server#1");
}

TEST(Pcapng, ACommentSaysThatItsReasonWasInferred) {
  Story story;
  story.infer_reasons(true);
  story.passes(kServer, 10, "P. 1:11(10) ack 1");
  const auto packets = blocks_of_type(story, kPacket);
  EXPECT_EQ(packets.at(0).options.at(1), "data, sent without waiting (inferred)");
  EXPECT_EQ(packets.at(1).options.at(1), "= packet server#1");
}

TEST(Pcapng, CommentsCanBeLeftOut) {
  Story story;
  story.passes(kServer, 10, "P. 1:11(10) ack 1");
  for (const Block& packet : blocks_of_type(story, kPacket, {.comments = false})) {
    EXPECT_FALSE(packet.options.contains(1));
    EXPECT_TRUE(packet.options.contains(5));
  }
}

TEST(Pcapng, ALossStandsOnTheInterfaceForDrops) {
  Story story;
  story.drops(kClient, 10, story.sends(kClient, 10, "P. 1:11(10) ack 1"));
  const auto packets = blocks_of_type(story, kPacket);
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(packets[1].number(0, 4), 2u);
  EXPECT_EQ(packets[1].options.at(1),
            "= packet client#1, lost on link wire: listed by the scenario");
  EXPECT_FALSE(packets[1].options.contains(2));  // it has no direction
}

TEST(Pcapng, ALoopbackPacketStandsOnce) {
  Story story(true);
  story.passes(kClient, 10, "P. 1:11(10) ack 1");
  EXPECT_EQ(blocks_of_type(story, kPacket).size(), 1u);
}

TEST(Pcapng, PacketsStandInTheOrderOfTime) {
  Story story;
  story.sends(kClient, 50, "P. 1:11(10) ack 1");  // decided first, leaves last
  story.sends(kServer, 10, "P. 1:3(2) ack 1");
  const auto packets = blocks_of_type(story, kPacket);
  EXPECT_EQ(packets.at(0).number(0, 4), kServer);
  EXPECT_EQ(packets.at(1).number(0, 4), kClient);
}

TEST(Pcapng, AddressesHaveTheirNames) {
  Story story;
  const auto names =
      blocks_of_type(story, kNames, {.names = {{wire::Ipv4Address(0x0a4d0001), "client"}}});
  ASSERT_EQ(names.size(), 1u);
  const std::vector<uint8_t> expected{1,   0,   11,  0,   10, 77, 0, 1, 'c', 'l',
                                      'i', 'e', 'n', 't', 0,  0,  0, 0, 0,   0};
  EXPECT_EQ(names[0].body, expected);
}

}  // namespace
}  // namespace tcptwin::trace
