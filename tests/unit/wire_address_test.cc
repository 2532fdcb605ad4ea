// Addresses of both versions as one value, and their text: RFC 4291, RFC 5952.
#include <gtest/gtest.h>

#include "stack/base/rng.h"
#include "stack/wire/address.h"

namespace tcptwin::wire {
namespace {

std::string again(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address ? address->to_string() : "refused";
}

TEST(WireIpAddress, TakesSixteenBytes) { EXPECT_EQ(sizeof(IpAddress), 16u); }

TEST(WireIpAddress, WithoutAValueItIsTheWildcardOfIpv4) {
  EXPECT_TRUE(IpAddress().is_v4());
  EXPECT_TRUE(IpAddress().is_any());
  EXPECT_EQ(IpAddress().to_string(), "0.0.0.0");
}

TEST(WireIpAddress, TheWildcardsOfTheVersionsDiffer) {
  EXPECT_NE(IpAddress::any_v6(), IpAddress());
  EXPECT_TRUE(IpAddress::any_v6().is_any());
  EXPECT_TRUE(IpAddress::any_v6().is_v6());
}

TEST(WireIpAddress, LeadingZerosOfAGroupAreLeftOut) {  // RFC 5952 4.1
  EXPECT_EQ(again("2001:0db8:0001:0010:0100:1000:000a:00bc"), "2001:db8:1:10:100:1000:a:bc");
}

TEST(WireIpAddress, TheLongestRunOfZerosIsShortened) {  // RFC 5952 4.2.3
  EXPECT_EQ(again("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
  EXPECT_EQ(again("0:0:0:0:0:0:0:0"), "::");
  EXPECT_EQ(again("0:0:0:0:0:0:0:1"), "::1");
  EXPECT_EQ(again("fd77:1:0:0:0:0:0:0"), "fd77:1::");
}

TEST(WireIpAddress, OfEqualRunsTheFirstIsShortened) {  // RFC 5952 4.2.3
  EXPECT_EQ(again("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
}

TEST(WireIpAddress, ASingleZeroGroupIsNotShortened) {  // RFC 5952 4.2.2
  EXPECT_EQ(again("2001:db8::1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
}

TEST(WireIpAddress, DigitsAreLowerCase) {  // RFC 5952 4.3
  EXPECT_EQ(again("2001:DB8::ABCD"), "2001:db8::abcd");
}

TEST(WireIpAddress, AMappedAddressIsTheIpv4Address) {
  EXPECT_EQ(IpAddress::parse("::ffff:10.77.0.1"), IpAddress(Ipv4Address(0x0a4d0001)));
  EXPECT_EQ(again("::ffff:a4d:1"), "10.77.0.1");
  EXPECT_EQ(again("64:ff9b::10.77.0.1"), "64:ff9b::a4d:1");
}

TEST(WireIpAddress, AnythingElseIsRefused) {
  for (const char* text : {"",
                           ":",
                           ":::",
                           "1",
                           "1:",
                           ":1",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "12345::",
                           "g::",
                           "1:2:3:4:5:6:7::8",
                           "::1.2.3",
                           "1.2.3.4::",
                           "::1%eth0",
                           " ::1",
                           "::1 ",
                           "-1::",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "::0x1"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(WireIpAddress, TextIsReadBackTheSame) {
  Rng rng = Rng::stream(1, "address");
  for (int i = 0; i < 5000; ++i) {
    const auto half = [&] { return rng.next() & (rng.next() | rng.next() >> rng.below(64)); };
    uint64_t high = half();
    uint64_t low = half();
    for (int group = 0; group < 4; ++group) {  // many zero groups
      if (rng.below(2) == 0) high &= ~(uint64_t{0xffff} << (16 * group));
      if (rng.below(2) == 0) low &= ~(uint64_t{0xffff} << (16 * group));
    }
    const IpAddress address = IpAddress::v6(high, low);
    ASSERT_EQ(IpAddress::parse(address.to_string()), address) << address.to_string();
  }
}

TEST(WireIpAddress, BytesAreReadBackTheSame) {
  const IpAddress address = IpAddress::v6(0x0102030405060708, 0x090a0b0c0d0e0f10);
  EXPECT_EQ(address.bytes()[0], 1);
  EXPECT_EQ(address.bytes()[15], 16);
  EXPECT_EQ(IpAddress::from_bytes(address.bytes()), address);
}

TEST(WireIpAddress, LoopbackIsOneAddressOfIpv6) {  // RFC 4291 2.5.3
  EXPECT_TRUE(IpAddress::loopback_v6().is_loopback());
  EXPECT_TRUE(IpAddress::loopback_v4().is_loopback());
  EXPECT_FALSE(IpAddress::v6(0, 2).is_loopback());
}

TEST(WireIpAddress, ManyOrNobodyIsNotOneHost) {
  for (const char* text : {"0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "ff02::1"}) {
    EXPECT_FALSE(IpAddress::parse(text)->is_one_host()) << text;
  }
  for (const char* text : {"10.77.0.1", "fd77::1", "127.0.0.1", "::1"}) {
    EXPECT_TRUE(IpAddress::parse(text)->is_one_host()) << text;
  }
}

}  // namespace
}  // namespace tcptwin::wire
