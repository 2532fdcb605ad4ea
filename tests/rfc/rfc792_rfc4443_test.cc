// RFC 792, RFC 1191 4 and RFC 4443: ICMP messages of both versions.
#include <gtest/gtest.h>

#include "stack/wire/icmp_error.h"
#include "stack/wire/text.h"

namespace tcptwin::wire {
namespace {

const IpAddress kRouter4 = Ipv4Address(0x0a4d0001);
constexpr IpAddress kRouter6 = IpAddress::v6(0xfd77000000000000, 1);

Packet data_packet(bool v4, size_t size = 1000) {
  Packet packet;
  if (v4) {
    packet.ip = {.source = Ipv4Address(0x0a4d0102), .destination = Ipv4Address(0x0a4d0202)};
  } else {
    packet.ip = {.source = IpAddress::v6(0xfd77000100000000, 2),
                 .destination = IpAddress::v6(0xfd77000200000000, 2)};
  }
  packet.tcp.source = Port{40000};
  packet.tcp.destination = Port{80};
  packet.tcp.seq = SeqNum(123456789);
  packet.tcp.payload = Payload::synthetic(1, 0, size);
  return packet;
}

// Through bytes and back, as the host that gets it reads it.
Packet received(const Packet& packet) {
  std::vector<uint8_t> bytes;
  emit(packet, bytes);
  auto again = parse(bytes);
  EXPECT_TRUE(again);
  return again ? std::move(*again) : Packet{};
}

TEST(Rfc792, EchoReplyHasIdentifierNumberAndDataOfTheRequest) {
  IcmpMessage request{.type = 8, .rest = 0x12340001, .body = Payload::text("abc")};
  const IpHeader ip{.source = Ipv4Address(0x0a4d0001), .destination = Ipv4Address(0x0a4d0002)};
  const Packet reply = received(make_echo_reply(ip, request));
  EXPECT_EQ(reply.ip.source, ip.destination);
  EXPECT_EQ(reply.ip.destination, ip.source);
  EXPECT_EQ(icmp_kind(reply.ip, *reply.icmp()), IcmpKind::kEchoReply);
  EXPECT_EQ(reply.icmp()->rest, 0x12340001u);
  EXPECT_EQ(reply.icmp()->body.bytes(), Payload::text("abc").bytes());
}

TEST(Rfc792, TypesAndCodesOfErrors) {
  const auto numbers = [](IcmpKind kind) { return icmp_numbers(true, kind).value(); };
  EXPECT_EQ(numbers(IcmpKind::kHostUnreachable), (std::pair<uint8_t, uint8_t>(3, 1)));
  EXPECT_EQ(numbers(IcmpKind::kPortUnreachable), (std::pair<uint8_t, uint8_t>(3, 3)));
  EXPECT_EQ(numbers(IcmpKind::kPacketTooBig), (std::pair<uint8_t, uint8_t>(3, 4)));
  EXPECT_EQ(numbers(IcmpKind::kTimeExceeded), (std::pair<uint8_t, uint8_t>(11, 0)));
}

TEST(Rfc4443_2_1, TypesAndCodesOfErrors) {
  const auto numbers = [](IcmpKind kind) { return icmp_numbers(false, kind).value(); };
  EXPECT_EQ(numbers(IcmpKind::kHostUnreachable), (std::pair<uint8_t, uint8_t>(1, 3)));
  EXPECT_EQ(numbers(IcmpKind::kPortUnreachable), (std::pair<uint8_t, uint8_t>(1, 4)));
  EXPECT_EQ(numbers(IcmpKind::kPacketTooBig), (std::pair<uint8_t, uint8_t>(2, 0)));
  EXPECT_EQ(numbers(IcmpKind::kTimeExceeded), (std::pair<uint8_t, uint8_t>(3, 0)));
  EXPECT_FALSE(icmp_numbers(false, IcmpKind::kSourceQuench));
}

TEST(Rfc4443_2_1, UnknownTypesBelow128AreErrors) {
  EXPECT_EQ(icmp_kind(false, 127, 0), IcmpKind::kOtherError);
  EXPECT_EQ(icmp_kind(false, 130, 0), IcmpKind::kOther);
}

TEST(IcmpQuote, NamesTheConnectionAndTheSequenceNumber) {
  for (const bool v4 : {true, false}) {
    const auto error =
        make_icmp_error(data_packet(v4), IcmpKind::kHostUnreachable, v4 ? kRouter4 : kRouter6);
    ASSERT_TRUE(error);
    const Packet packet = received(*error);
    EXPECT_EQ(packet.ip.destination, data_packet(v4).ip.source);
    const auto quoted = quoted_packet(packet.ip, *packet.icmp());
    ASSERT_TRUE(quoted);
    EXPECT_EQ(quoted->protocol, kProtocolTcp);
    EXPECT_EQ(quoted->ip.destination, data_packet(v4).ip.destination);
    EXPECT_EQ(quoted->source, Port{40000});
    EXPECT_EQ(quoted->destination, Port{80});
    EXPECT_EQ(quoted->seq, SeqNum(123456789));
    EXPECT_EQ(quoted->size, data_packet(v4).size());
  }
}

TEST(Rfc792, EightBytesOfTheTransportHeaderAreEnough) {
  auto error = *make_icmp_error(data_packet(true), IcmpKind::kTimeExceeded, kRouter4);
  error.icmp()->body = error.icmp()->body.sub(0, 28);
  const auto quoted = quoted_packet(error.ip, *error.icmp());
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->seq, SeqNum(123456789));
  error.icmp()->body = error.icmp()->body.sub(0, 27);
  EXPECT_FALSE(quoted_packet(error.ip, *error.icmp()));
}

TEST(Rfc1191_4, FragmentationNeededNamesTheMtuOfTheNextHop) {
  const auto error = make_icmp_error(data_packet(true), IcmpKind::kPacketTooBig, kRouter4, 1280);
  const Packet packet = received(*error);
  EXPECT_EQ(packet.icmp()->type, 3);
  EXPECT_EQ(packet.icmp()->code, 4);
  EXPECT_EQ(packet.icmp()->rest, 1280u);
  EXPECT_EQ(next_hop_mtu(packet.ip, *packet.icmp()), 1280u);
}

TEST(Rfc4443_3_2, PacketTooBigNamesTheMtuOfTheNextHop) {
  const auto error = make_icmp_error(data_packet(false), IcmpKind::kPacketTooBig, kRouter6, 70000);
  const Packet packet = received(*error);
  EXPECT_EQ(packet.icmp()->type, 2);
  EXPECT_EQ(next_hop_mtu(packet.ip, *packet.icmp()), 70000u);
}

TEST(Rfc1812_4_3_2_3, AnErrorOfIpv4TakesAtMost576Bytes) {
  EXPECT_EQ(make_icmp_error(data_packet(true), IcmpKind::kTimeExceeded, kRouter4)->size(), 576u);
}

TEST(Rfc4443_3, AnErrorOfIpv6FitsInTheSmallestMtu) {
  const auto error = make_icmp_error(data_packet(false, 1400), IcmpKind::kTimeExceeded, kRouter6);
  EXPECT_EQ(error->size(), 1280u);
}

TEST(Rfc1122_3_2_2, NoErrorAnswersAnError) {
  const auto error = make_icmp_error(data_packet(true), IcmpKind::kTimeExceeded, kRouter4);
  EXPECT_FALSE(make_icmp_error(*error, IcmpKind::kHostUnreachable, kRouter4));
}

TEST(Rfc1122_3_2_2, NoErrorAnswersWhatCameFromNobodyOrWentToMany) {
  Packet packet = data_packet(true);
  packet.ip.source = Ipv4Address();
  EXPECT_FALSE(make_icmp_error(packet, IcmpKind::kPortUnreachable, kRouter4));
  packet = data_packet(true);
  packet.ip.destination = Ipv4Address(0xe0000001);
  EXPECT_FALSE(make_icmp_error(packet, IcmpKind::kPortUnreachable, kRouter4));
}

TEST(Rfc4443_2_4, TooBigIsAlsoSaidOfMulticast) {
  Packet packet = data_packet(false);
  packet.ip.destination = IpAddress::v6(0xff02000000000000, 5);
  EXPECT_TRUE(make_icmp_error(packet, IcmpKind::kPacketTooBig, kRouter6, 1280));
  EXPECT_FALSE(make_icmp_error(packet, IcmpKind::kTimeExceeded, kRouter6));
}

TEST(Rfc4443_2_3, TheChecksumCoversAddresses) {
  const auto error = make_icmp_error(data_packet(false), IcmpKind::kTimeExceeded, kRouter6);
  std::vector<uint8_t> bytes;
  emit(*error, bytes);
  ++bytes[23];
  ParseError why{};
  EXPECT_FALSE(parse(bytes, Checksums::kVerify, &why));
  EXPECT_EQ(why, ParseError::kBadIcmpChecksum);
}

TEST(WirePacketText, AnErrorNamesWhatItQuotes) {
  const auto error = make_icmp_error(data_packet(true), IcmpKind::kPacketTooBig, kRouter4, 1280);
  EXPECT_EQ(to_text(*error),
            "ICMP 10.77.0.1 > 10.77.1.2 packet too big mtu 1280: TCP 10.77.1.2.40000 > "
            "10.77.2.2.80 seq 123456789");
}

}  // namespace
}  // namespace tcptwin::wire
