// Packets to bytes and back: RFC 9293 3.1.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "stack/wire/checksum.h"
#include "stack/wire/packet.h"
#include "tests/unit/wire_samples.h"

namespace tcptwin::wire {
namespace {

constexpr size_t kDataOffsetByte = 32;
constexpr size_t kFlagsByte = 33;

std::vector<uint8_t> data_packet() { return from_hex(captured_packets()[3].hex); }

ParseError error_of(std::span<const uint8_t> bytes, Checksums checksums = Checksums::kVerify) {
  ParseError error{};
  EXPECT_FALSE(parse(bytes, checksums, &error));
  return error;
}

// After a change to the IP header.
void repair_ip_checksum(std::vector<uint8_t>& bytes) {
  bytes[10] = bytes[11] = 0;
  const uint16_t checksum = internet_checksum(std::span(bytes).first(kIpv4HeaderSize));
  bytes[10] = static_cast<uint8_t>(checksum >> 8);
  bytes[11] = static_cast<uint8_t>(checksum);
}

void set_total_length(std::vector<uint8_t>& bytes, size_t length) {
  bytes[2] = static_cast<uint8_t>(length >> 8);
  bytes[3] = static_cast<uint8_t>(length);
  repair_ip_checksum(bytes);
}

TEST(WireTcp, FieldsOfARealDataSegmentAreRead) {
  const auto packet = parse(data_packet());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->ip.source.to_string(), "10.77.0.1");
  EXPECT_EQ(packet->ip.destination.to_string(), "10.77.0.2");
  EXPECT_EQ(packet->ip.id, 0x288e);
  EXPECT_TRUE(packet->ip.dont_fragment);
  EXPECT_EQ(packet->tcp.source, Port{37194});
  EXPECT_EQ(packet->tcp.destination, Port{5001});
  EXPECT_EQ(packet->tcp.seq, SeqNum(0x28850e91));
  EXPECT_EQ(packet->tcp.ack, SeqNum(0xb79da863));
  EXPECT_EQ(packet->tcp.flags, (TcpFlags{.psh = true, .ack = true}));
  EXPECT_EQ(packet->tcp.window, 502);
  EXPECT_EQ(packet->tcp.options.size(), 12);
  EXPECT_EQ(packet->tcp.payload.bytes(), std::vector<uint8_t>(10, 0));
}

TEST(WireTcp, RealPacketsAreEmittedByteForByte) {
  for (const Captured& c : captured_packets()) {
    if (std::string_view(c.name) == "ChecksumOfAllOnes") continue;
    EXPECT_EQ(to_hex(emitted(parsed(c))), c.hex) << c.name;
  }
}

TEST(WireTcp, AChecksumOfAllOnesIsAsGoodAsZero) {
  const auto bytes = from_hex(captured_packets()[5].hex);
  ASSERT_EQ(bytes[36] << 8 | bytes[37], 0xffff);
  ASSERT_TRUE(parse(bytes));
  const auto again = emitted(*parse(bytes));
  EXPECT_EQ(again[36] << 8 | again[37], 0);
}

TEST(WireTcp, EveryFlagHasItsBit) {
  using Flag = bool TcpFlags::*;
  const std::array<Flag, 8> flags{&TcpFlags::fin, &TcpFlags::syn, &TcpFlags::rst, &TcpFlags::psh,
                                  &TcpFlags::ack, &TcpFlags::urg, &TcpFlags::ece, &TcpFlags::cwr};
  for (size_t bit = 0; bit < flags.size(); ++bit) {
    Packet packet;
    packet.tcp.flags.*flags[bit] = true;
    const auto bytes = emitted(packet);
    EXPECT_EQ(bytes[kFlagsByte], 1 << bit);
    ASSERT_TRUE(parse(bytes));
    EXPECT_EQ(parse(bytes)->tcp.flags, packet.tcp.flags) << bit;
  }
}

TEST(WireTcp, SizesCountHeadersAndPayload) {
  const Packet packet = parsed(captured_packets()[3]);
  EXPECT_EQ(packet.tcp.payload_size(), 10u);
  EXPECT_EQ(packet.tcp.header_size(), 32u);
  EXPECT_EQ(packet.size(), 62u);
}

TEST(WireTcp, SynAndFinTakeASequenceNumberEach) {  // RFC 9293 3.4
  TcpSegment segment;
  EXPECT_EQ(segment.sequence_length(), 0u);
  segment.payload = Payload::synthetic(0, 0, 5);
  EXPECT_EQ(segment.sequence_length(), 5u);
  segment.flags = {.fin = true, .syn = true, .rst = true, .psh = true, .ack = true, .urg = true};
  EXPECT_EQ(segment.sequence_length(), 7u);
}

TEST(WireTcp, WhatIsEmittedIsReadBackTheSame) {
  Rng rng = Rng::stream(1, "tcp");
  for (int i = 0; i < 5000; ++i) {
    const Packet packet = random_packet(rng);
    const auto bytes = emitted(packet);
    ASSERT_EQ(bytes.size(), packet.size());
    ParseError error{};
    const auto again = parse(bytes, Checksums::kVerify, &error);
    ASSERT_TRUE(again) << parse_error_text(error) << ' ' << describe(packet);
    ASSERT_EQ(describe(*again), describe(packet));
  }
}

TEST(WireTcp, PacketsOfEverySizeUpTo65535AreReadBackTheSame) {
  for (const size_t size : {0u, 1u, 2u, 3u, 1448u, 1449u, 65494u, 65495u}) {
    Packet packet;
    packet.tcp.payload = Payload::synthetic(3, 5, size);
    const auto again = parse(emitted(packet));
    ASSERT_TRUE(again) << size;
    EXPECT_EQ(again->tcp.payload.bytes(), packet.tcp.payload.bytes()) << size;
  }
}

TEST(WireTcp, EmitAppendsToWhatIsThere) {
  const Packet packet = parsed(captured_packets()[3]);
  std::vector<uint8_t> out{1, 2, 3};
  emit(packet, out);
  emit(packet, out);
  EXPECT_EQ(to_hex(out), "010203" + std::string(captured_packets()[3].hex) +
                             std::string(captured_packets()[3].hex));
}

TEST(WireTcp, EmitAllocatesOnceForAPacket) {
  const Packet packet = parsed(captured_packets()[3]);
  EXPECT_EQ(emitted(packet).capacity(), packet.size());  // growing would end at a power of two
}

TEST(WireTcp, ManyPacketsInOneBufferAllocateRarely) {
  const Packet packet = parsed(captured_packets()[3]);
  std::vector<uint8_t> out;
  std::set<size_t> capacities;
  for (int i = 0; i < 1000; ++i) {
    emit(packet, out);
    capacities.insert(out.capacity());
  }
  EXPECT_LT(capacities.size(), 15u);
}

TEST(WireTcp, ACloneHasEveryFieldAndByte) {
  Rng rng = Rng::stream(2, "tcp");
  for (int i = 0; i < 500; ++i) {
    const Packet packet = random_packet(rng);
    ASSERT_EQ(describe(packet.clone()), describe(packet));
  }
}

TEST(WireTcp, EverySingleBitErrorIsFoundByAChecksum) {
  for (const Captured& c : captured_packets()) {
    const auto intact = from_hex(c.hex);
    for (size_t bit = 0; bit < 8 * intact.size(); ++bit) {
      auto bytes = intact;
      bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      EXPECT_FALSE(parse(bytes)) << c.name << " bit " << bit;
    }
  }
}

TEST(WireTcp, EverySingleBitErrorOfRandomPacketsIsFoundByAChecksum) {
  Rng rng = Rng::stream(3, "tcp");
  for (int i = 0; i < 100; ++i) {
    auto bytes = emitted(random_packet(rng));
    for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      // IPv6 leaves traffic class, flow label and hop limit to chance: RFC 8200 8.1.
      const bool unchecked = bit < 4 || (bit >= 8 && bit < 32) || bit / 8 == 7;
      if (bytes[0] >> 4 == 6 && unchecked) continue;
      bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      ASSERT_FALSE(parse(bytes)) << to_hex(bytes) << " bit " << bit;
      bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
  }
}

TEST(WireTcp, NoBeginningOfAPacketIsAPacket) {
  for (const Captured& c : captured_packets()) {
    const auto whole = from_hex(c.hex);
    for (size_t size = 0; size < whole.size(); ++size) {
      // A block of its own, so that asan sees a read behind it.
      const std::vector<uint8_t> bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
      EXPECT_EQ(error_of(bytes), ParseError::kTruncated) << c.name << ' ' << size;
    }
  }
}

TEST(WireTcp, NoBeginningOfTheHeadersIsAPacketEvenWithoutChecksums) {
  const auto whole = data_packet();
  for (size_t size = 0; size < 52; ++size) {
    const std::vector<uint8_t> bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(error_of(bytes, Checksums::kIgnore), ParseError::kTruncated) << size;
  }
}

TEST(WireTcp, APayloadCutShortKeepsItsSizeWhenChecksumsAreIgnored) {
  auto bytes = emitted([] {
    Packet packet = parsed(captured_packets()[3]);
    packet.tcp.payload = Payload::text("abcdefghij");
    return packet;
  }());
  bytes.resize(55);
  const auto packet = parse(bytes, Checksums::kIgnore);
  ASSERT_TRUE(packet);
  ASSERT_EQ(packet->tcp.payload_size(), 10u);
  EXPECT_EQ(packet->tcp.payload.sub(0, 3).bytes(), Payload::text("abc").bytes());
  EXPECT_EQ(packet->tcp.payload.sub(3, 7).bytes(), Payload::synthetic(0, 3, 7).bytes());
}

TEST(WireTcp, RandomBytesAreReadWithinTheirBounds) {
  Rng rng = Rng::stream(4, "tcp");
  for (int i = 0; i < 20000; ++i) {
    auto bytes = random_bytes(rng, rng.below(120));
    if (!bytes.empty()) bytes[0] = static_cast<uint8_t>(0x40 | (bytes[0] & 0xf));
    if (bytes.size() > 9) bytes[9] = kProtocolTcp;
    if (bytes.size() > 7) bytes[6] = bytes[7] = 0;
    if (bytes.size() > 3 && rng.below(2) == 0) bytes[2] = 0;
    if (const auto packet = parse(bytes, Checksums::kIgnore)) {
      ASSERT_TRUE(parse(emitted(*packet))) << to_hex(bytes);
    }
    parse(bytes, Checksums::kVerify);
  }
}

TEST(WireTcp, BytesBehindTheTotalLengthAreIgnored) {  // Ethernet pads to 46 bytes
  auto bytes = data_packet();
  bytes.insert(bytes.end(), 6, 0xee);
  ASSERT_TRUE(parse(bytes));
  EXPECT_EQ(parse(bytes)->tcp.payload_size(), 10u);
}

TEST(WireTcp, IpOptionsAreSkipped) {
  auto bytes = data_packet();
  bytes.insert(bytes.begin() + kIpv4HeaderSize, {1, 1, 1, 0});
  bytes[0] = 0x46;
  set_total_length(bytes, bytes.size());
  const auto packet = parse(bytes, Checksums::kIgnore);
  ASSERT_TRUE(packet);
  EXPECT_EQ(describe(*packet), describe(*parse(data_packet())));
}

TEST(WireTcp, ReservedBitsAreIgnored) {  // RFC 9293 3.1: Rsrvd
  auto bytes = data_packet();
  bytes[kDataOffsetByte] |= 0x0f;
  const auto packet = parse(bytes, Checksums::kIgnore);
  ASSERT_TRUE(packet);
  EXPECT_EQ(describe(*packet), describe(*parse(data_packet())));
}

TEST(WireTcp, AMissingErrorPointerIsAllowed) { EXPECT_FALSE(parse({})); }

TEST(WireTcp, AFragmentIsNoSegment) {
  auto bytes = data_packet();
  bytes[7] = 1;  // offset 8
  repair_ip_checksum(bytes);
  const auto packet = parse(bytes);
  ASSERT_TRUE(packet && packet->fragment() != nullptr);
  EXPECT_EQ(packet->fragment()->offset, 8u);
  EXPECT_EQ(packet->protocol(), kProtocolTcp);
}

TEST(WireTcp, OtherProtocolsAreRefused) {
  auto bytes = data_packet();
  bytes[9] = 132;
  repair_ip_checksum(bytes);
  EXPECT_EQ(error_of(bytes), ParseError::kUnknownProtocol);
}

TEST(WireTcp, ADataOffsetBelowFiveIsRefused) {
  auto bytes = data_packet();
  for (unsigned words = 0; words < 5; ++words) {
    bytes[kDataOffsetByte] = static_cast<uint8_t>(words << 4);
    EXPECT_EQ(error_of(bytes, Checksums::kIgnore), ParseError::kBadTcpHeader) << words;
  }
}

TEST(WireTcp, ADataOffsetPastTheEndIsRefused) {
  auto bytes = data_packet();  // 42 bytes of TCP
  bytes[kDataOffsetByte] = 0xb0;
  EXPECT_EQ(error_of(bytes, Checksums::kIgnore), ParseError::kBadTcpHeader);
  bytes[kDataOffsetByte] = 0xa0;
  EXPECT_TRUE(parse(bytes, Checksums::kIgnore));
}

TEST(WireTcp, ASegmentBelowTwentyBytesIsRefused) {
  auto bytes = data_packet();
  set_total_length(bytes, 39);
  EXPECT_EQ(error_of(bytes), ParseError::kBadTcpHeader);
}

TEST(WireTcp, AWrongIpChecksumIsNamed) {
  auto bytes = data_packet();
  ++bytes[8];
  EXPECT_EQ(error_of(bytes), ParseError::kBadIpChecksum);
}

TEST(WireTcp, AWrongTcpChecksumIsNamed) {
  auto bytes = data_packet();
  ++bytes.back();
  EXPECT_EQ(error_of(bytes), ParseError::kBadTcpChecksum);
}

TEST(WireTcp, AddressesAreUnderTheTcpChecksum) {
  auto bytes = data_packet();
  ++bytes[15];
  repair_ip_checksum(bytes);
  EXPECT_EQ(error_of(bytes), ParseError::kBadTcpChecksum);
}

TEST(WireTcp, WrongChecksumsCanBeIgnored) {
  auto bytes = data_packet();
  ++bytes[10];
  ++bytes[36];
  EXPECT_TRUE(parse(bytes, Checksums::kIgnore));
}

TEST(WireTcp, EveryErrorHasItsOwnText) {
  std::set<std::string> texts;
  for (int e = 0; e <= static_cast<int>(ParseError::kBadIcmpChecksum); ++e) {
    texts.insert(parse_error_text(static_cast<ParseError>(e)));
  }
  EXPECT_EQ(texts.size(), 15u);
}

TEST(WireTcpDeathTest, APacketOver65535BytesIsOurBug) {
  Packet packet;
  packet.tcp.payload = Payload::synthetic(0, 0, 65496);
  EXPECT_DEATH(emitted(packet), "CHECK failed");
  packet.tcp.payload = Payload::synthetic(0, 0, size_t{1} << 32);  // 0 in 32 bits
  EXPECT_DEATH(emitted(packet), "CHECK failed");
}

TEST(WireTcpDeathTest, UnpaddedOptionsAreOurBug) {
  Packet packet;
  packet.tcp.options.add_nop();
  EXPECT_DEATH(emitted(packet), "CHECK failed");
}

}  // namespace
}  // namespace tcptwin::wire
