// Durations, rates, sizes and fractions as text.
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "models/json/units.h"

namespace tcptwin::json {
namespace {

constexpr Duration kLongest = Duration::max();

std::string why_no_duration(std::string_view text) {
  std::string why;
  EXPECT_FALSE(parse_duration(text, &why).has_value()) << text;
  return why;
}

TEST(JsonUnits, ReadsDurationsOfEveryUnit) {
  EXPECT_EQ(parse_duration("7ns"), Duration(7));
  EXPECT_EQ(parse_duration("7us"), 7us);
  EXPECT_EQ(parse_duration("40ms"), 40ms);
  EXPECT_EQ(parse_duration("3s"), 3s);
  EXPECT_EQ(parse_duration("2min"), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("-5ms"), -5ms);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(JsonUnits, ReadsDecimalsExactly) {
  EXPECT_EQ(parse_duration("1.5ms"), 1500us);
  EXPECT_EQ(parse_duration("0.000000001s"), Duration(1));
  EXPECT_EQ(parse_duration("0.1h"), 6min);
  EXPECT_EQ(parse_duration("1.123456789s"), Duration(1'123'456'789));
  EXPECT_EQ(parse_duration("0.015625min"), Duration(937'500'000));
  EXPECT_EQ(parse_duration("1.50000000000000000000000s"), 1500ms);
}

TEST(JsonUnits, RefusesPartsOfANanosecond) {
  EXPECT_EQ(why_no_duration("0.5ns"), "it is no whole number of nanoseconds");
  EXPECT_EQ(why_no_duration("0.0000000001s"), "it is no whole number of nanoseconds");
  EXPECT_EQ(why_no_duration("0.3333333333333333333333s"), "it is no whole number of nanoseconds");
}

TEST(JsonUnits, RefusesDurationsThatDoNotFit) {
  EXPECT_EQ(parse_duration("9223372036854775807ns"), kLongest);
  EXPECT_EQ(parse_duration("-9223372036854775807ns"), -kLongest);
  EXPECT_EQ(parse_duration("9223372036.854775807s"), kLongest);
  EXPECT_EQ(why_no_duration("9223372036854775808ns"), "it is too large");
  EXPECT_EQ(why_no_duration("9223372036.854775808s"), "it is too large");
  EXPECT_EQ(why_no_duration("99999999999999999999999h"), "it is too large");
}

TEST(JsonUnits, ListsTheUnits) {
  EXPECT_EQ(why_no_duration("40msec"), "unknown unit \"msec\": use ns, us, ms, s, min or h");
  EXPECT_EQ(why_no_duration("40 ms"), "unknown unit \" ms\": use ns, us, ms, s, min or h");
  EXPECT_EQ(why_no_duration("40"), "the unit is missing: use ns, us, ms, s, min or h");
}

TEST(JsonUnits, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "ms", ".5s", "5.s", "+5s", "--5s", "1e3s", " 5s"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(JsonUnits, ReadsRates) {
  EXPECT_EQ(parse_rate("9600bit/s"), 9600u);
  EXPECT_EQ(parse_rate("64kbit/s"), 64'000u);
  EXPECT_EQ(parse_rate("100Mbit/s"), 100'000'000u);
  EXPECT_EQ(parse_rate("2.5Gbit/s"), 2'500'000'000u);
  EXPECT_EQ(parse_rate("18446744073709551615bit/s"), std::numeric_limits<uint64_t>::max());
  for (const char* text : {"18446744073709551616bit/s", "100", "100Mbps", "100mbit/s", "-1bit/s"}) {
    EXPECT_FALSE(parse_rate(text).has_value()) << text;
  }
}

TEST(JsonUnits, ReadsSizes) {
  EXPECT_EQ(parse_size("1500"), 1500);
  EXPECT_EQ(parse_size("1500B"), 1500);
  EXPECT_EQ(parse_size("64KiB"), 65536);
  EXPECT_EQ(parse_size("1.5MiB"), 1572864);
  EXPECT_EQ(parse_size("0.25KiB"), 256);
  EXPECT_EQ(parse_size("1GiB"), 1073741824);
  EXPECT_EQ(parse_size("2kB"), 2000);
  EXPECT_EQ(parse_size("3MB"), 3'000'000);
  EXPECT_EQ(parse_size("4GB"), 4'000'000'000);
  for (const char* text : {"0.3KiB", "1.5", "-1", "64K", "64KB", "8589934592GiB"}) {
    EXPECT_FALSE(parse_size(text).has_value()) << text;
  }
}

TEST(JsonUnits, ReadsFractions) {
  EXPECT_EQ(parse_fraction("0.5"), 500'000'000);
  EXPECT_EQ(parse_fraction("1%"), 10'000'000);
  EXPECT_EQ(parse_fraction("0.0000001%"), 1);
  EXPECT_EQ(parse_fraction("1"), 1'000'000'000);
  EXPECT_EQ(parse_fraction("0.0000000001"), std::nullopt);
}

TEST(JsonUnits, WritesTheShortestExactDuration) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(40ms), "40ms");
  EXPECT_EQ(format_duration(1500us), "1.5ms");
  EXPECT_EQ(format_duration(500ms), "500ms");
  EXPECT_EQ(format_duration(60s), "60s");
  EXPECT_EQ(format_duration(30min), "30min");
  EXPECT_EQ(format_duration(2h), "2h");
  EXPECT_EQ(format_duration(Duration(1)), "1ns");
  EXPECT_EQ(format_duration(-1500us), "-1.5ms");
  EXPECT_EQ(format_duration(kLongest), "9223372036854775807ns");
  EXPECT_EQ(format_duration(Duration::min()), "-9223372036854775808ns");
}

TEST(JsonUnits, WritesTheShortestExactRateAndSize) {
  EXPECT_EQ(format_rate(0), "0bit/s");
  EXPECT_EQ(format_rate(100'000'000), "100Mbit/s");
  EXPECT_EQ(format_rate(1'500'000), "1.5Mbit/s");
  EXPECT_EQ(format_size(0), "0B");
  EXPECT_EQ(format_size(1460), "1460B");
  EXPECT_EQ(format_size(1500), "1500B");
  EXPECT_EQ(format_size(65536), "64KiB");
  EXPECT_EQ(format_size(6291456), "6MiB");
  EXPECT_EQ(format_size(1'000'000), "1MB");
  EXPECT_EQ(format_fraction(10'000'000), "0.01");
  EXPECT_EQ(format_fraction(1'000'000'000), "1");
}

TEST(JsonUnits, ReadsBackWhatItWrote) {
  uint64_t value = 1;
  for (int i = 0; i < 2000; ++i) {
    value = value * 6364136223846793005u + 1442695040888963407u;
    const auto number = static_cast<int64_t>(value >> (1 + value % 60));
    EXPECT_EQ(parse_duration(format_duration(Duration(number))), Duration(number));
    EXPECT_EQ(parse_size(format_size(number)), number);
    EXPECT_EQ(parse_rate(format_rate(value)), value);
    EXPECT_EQ(parse_fraction(format_fraction(number)), number);
  }
}

TEST(JsonUnits, PrettyDurationsHaveFourSignificantDigits) {
  EXPECT_EQ(pretty_duration(0s), "0 ns");
  EXPECT_EQ(pretty_duration(Duration(999)), "999 ns");
  EXPECT_EQ(pretty_duration(812us), "812 us");
  EXPECT_EQ(pretty_duration(Duration(1'234'567)), "1.235 ms");
  EXPECT_EQ(pretty_duration(Duration(43'937'412)), "43.94 ms");
  EXPECT_EQ(pretty_duration(40ms), "40 ms");
  EXPECT_EQ(pretty_duration(Duration(123'456'789)), "123.5 ms");
  EXPECT_EQ(pretty_duration(-1500us), "-1.5 ms");
  EXPECT_EQ(pretty_duration(1min + 1s), "1 min 1 s");
  EXPECT_EQ(pretty_duration(2min + 56'100ms), "2 min 56.1 s");
  EXPECT_EQ(pretty_duration(1h + 2min + 5s), "1 h 2 min 5 s");
  EXPECT_EQ(pretty_duration(49 * 24h + 17h + 2min + 47s), "49 d 17 h 3 min");
}

TEST(JsonUnits, PrettyDurationsCarryWhenTheyRoundUp) {
  EXPECT_EQ(pretty_duration(Duration(9'999'600)), "10 ms");
  EXPECT_EQ(pretty_duration(Duration(999'960'000)), "1 s");
  EXPECT_EQ(pretty_duration(Duration(59'996'000'000)), "1 min");
  EXPECT_EQ(pretty_duration(59min + 59'970ms), "1 h");
  EXPECT_EQ(pretty_duration(23h + 59min + 59'700ms), "1 d");
}

TEST(JsonUnits, PrettyDurationsOfTheWholeRangeHaveText) {
  for (int64_t ns = 1; ns < std::numeric_limits<int64_t>::max() / 3; ns += ns / 2 + 1) {
    EXPECT_FALSE(pretty_duration(Duration(ns)).empty()) << ns;
  }
  EXPECT_EQ(pretty_duration(kLongest), "106751 d 23 h 47 min");
}

}  // namespace
}  // namespace tcptwin::json
