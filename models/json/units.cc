#include "models/json/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>
#include <span>

#include "models/json/nearest.h"

namespace tcptwin::json {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;  // in base units
};

// Each list from small to large.
constexpr std::array<Unit, 6> kDurationUnits = {{{"ns", 1},
                                                 {"us", 1'000},
                                                 {"ms", 1'000'000},
                                                 {"s", 1'000'000'000},
                                                 {"min", 60'000'000'000},
                                                 {"h", 3'600'000'000'000}}};
constexpr std::array<Unit, 4> kRateUnits = {
    {{"bit/s", 1}, {"kbit/s", 1'000}, {"Mbit/s", 1'000'000}, {"Gbit/s", 1'000'000'000}}};
constexpr std::array<Unit, 7> kSizeUnits = {{{"B", 1},
                                             {"kB", 1'000},
                                             {"KiB", 1 << 10},
                                             {"MB", 1'000'000},
                                             {"MiB", 1 << 20},
                                             {"GB", 1'000'000'000},
                                             {"GiB", 1 << 30}}};
constexpr uint64_t kBillion = 1'000'000'000;
constexpr std::array<Unit, 2> kFractionUnits = {{{"%", kBillion / 100}, {"", kBillion}}};

constexpr size_t kMaxDecimals = 18;

std::string list_units(std::span<const Unit> units) {
  std::string list;
  for (size_t i = 0; i < units.size(); ++i) {
    if (i > 0) list += i + 1 == units.size() ? " or " : ", ";
    list += units[i].name.empty() ? "no unit" : units[i].name;
  }
  return list;
}

uint64_t power_of_ten(size_t exponent) {
  uint64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

std::optional<uint64_t> to_number(std::string_view digits) {
  uint64_t number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (result.ec != std::errc() || result.ptr != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// "1.50min" in three parts.
struct Parts {
  std::string_view whole{};
  std::string_view decimals{};  // without zeros at the end
  std::string_view unit{};
};

std::optional<Parts> split(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  Parts parts;
  const size_t whole = std::min(text.find_first_not_of(kDigits), text.size());
  if (whole == 0) return std::nullopt;
  parts.whole = text.substr(0, whole);
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const size_t count = std::min(text.find_first_not_of(kDigits), text.size());
    if (count == 0) return std::nullopt;
    parts.decimals = text.substr(0, count);
    parts.decimals = parts.decimals.substr(0, parts.decimals.find_last_not_of('0') + 1);
    text.remove_prefix(count);
  }
  parts.unit = text;
  return parts;
}

// The decimals as a whole number of base units. (digits / 10^n) x factor, where cancelling the
// common divisor of 10^n and factor first keeps everything below 2^64.
std::optional<uint64_t> decimals_in_base_units(std::string_view decimals, uint64_t factor) {
  if (decimals.empty()) return 0;
  if (decimals.size() > kMaxDecimals) return std::nullopt;
  const uint64_t digits = *to_number(decimals);
  const uint64_t power = power_of_ten(decimals.size());
  const uint64_t common = std::gcd(power, factor);
  const uint64_t rest = power / common;
  if (digits % rest != 0) return std::nullopt;
  return digits / rest * (factor / common);
}

struct Kind {
  std::string_view base;  // what must come out whole, for messages
  std::span<const Unit> units;
  uint64_t most;
};

std::optional<uint64_t> refuse(std::string* why, std::string reason) {
  if (why != nullptr) *why = std::move(reason);
  return std::nullopt;
}

std::optional<uint64_t> parse_units(std::string_view text, const Kind& kind, std::string* why) {
  const auto parts = split(text);
  if (!parts) return refuse(why, "it must be digits, perhaps with decimals, and a unit");
  const auto unit = std::find_if(kind.units.begin(), kind.units.end(),
                                 [&parts](const Unit& known) { return known.name == parts->unit; });
  if (unit == kind.units.end()) {
    const std::string fault = parts->unit.empty()
                                  ? "the unit is missing"
                                  : "unknown unit \"" + std::string(parts->unit) + "\"";
    return refuse(why, fault + ": use " + list_units(kind.units));
  }
  const auto decimals = decimals_in_base_units(parts->decimals, unit->factor);
  if (!decimals) return refuse(why, "it is no whole number of " + std::string(kind.base));
  const auto whole = to_number(parts->whole);
  // The decimals are less than one unit.
  if (!whole || *whole > (kind.most - *decimals) / unit->factor) {
    return refuse(why, "it is too large");
  }
  return *whole * unit->factor + *decimals;
}

// `value` in a unit, with as many decimals as it takes; empty when no number of decimals is exact.
std::optional<std::string> in_unit(uint64_t value, const Unit& unit) {
  std::string text = std::to_string(value / unit.factor);
  uint64_t rest = value % unit.factor;
  if (rest > 0) text += '.';
  // rest < factor <= 3.6e12, so that ten times it fits.
  for (size_t i = 0; rest > 0; ++i) {
    if (i == kMaxDecimals) return std::nullopt;
    rest *= 10;
    text += static_cast<char>('0' + rest / unit.factor);
    rest %= unit.factor;
  }
  return text.append(unit.name);
}

// The shortest; among equals one without decimals, then the largest unit. Units larger than the
// value are left out.
std::string shortest(uint64_t value, std::span<const Unit> units) {
  std::string best;
  for (const Unit& unit : units) {
    if (value < unit.factor && unit.factor > 1) continue;
    const auto text = in_unit(value, unit);
    if (!text) continue;
    const bool whole = text->find('.') == std::string::npos;
    const bool shorter = best.empty() || text->size() < best.size();
    if (shorter || (text->size() == best.size() && whole)) best = *text;
  }
  return best;
}

uint64_t magnitude(int64_t value) {
  return value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

// `value` of `unit`, rounded to `decimals`; zeros at the end are cut.
std::string rounded(uint64_t value, uint64_t unit, size_t decimals) {
  const uint64_t step = unit / power_of_ten(decimals);
  const uint64_t steps = step == 0 ? value : (value + step / 2) / step;
  std::string fraction = std::to_string(steps % power_of_ten(decimals));
  fraction.insert(0, decimals - std::min(decimals, fraction.size()), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  const std::string whole = std::to_string(steps / power_of_ten(decimals));
  return fraction.empty() ? whole : whole + "." + fraction;
}

std::string below_a_minute(uint64_t ns) {
  if (ns < 1'000) return std::to_string(ns) + " ns";
  for (const Unit& unit : {Unit{"us", 1'000}, Unit{"ms", 1'000'000}, Unit{"s", kBillion}}) {
    for (const uint64_t limit : {uint64_t{10}, uint64_t{100}, uint64_t{1000}}) {
      const size_t decimals = limit == 10 ? 3 : limit == 100 ? 2 : 1;
      // What rounds up to the limit belongs to the next line.
      const uint64_t half_a_step = unit.factor / power_of_ten(decimals) / 2;
      if (ns + half_a_step < limit * unit.factor) {
        return rounded(ns, unit.factor, decimals) + " " + std::string(unit.name);
      }
    }
  }
  return {};
}

std::string from_a_minute_on(uint64_t ns) {
  constexpr uint64_t kMinute = 60 * kBillion;
  constexpr uint64_t kHour = 60 * kMinute;
  constexpr uint64_t kDay = 24 * kHour;
  const auto count = [](uint64_t number, const char* unit) {
    return number == 0 ? "" : std::to_string(number) + " " + unit + " ";
  };
  std::string text;
  if (ns < kHour - kBillion / 20) {
    ns = (ns + kBillion / 20) / (kBillion / 10) * (kBillion / 10);
    const std::string seconds = rounded(ns % kMinute, kBillion, 1);
    text = count(ns / kMinute, "min") + (seconds == "0" ? "" : seconds + " s ");
  } else if (ns < kDay - kBillion / 2) {
    ns = (ns + kBillion / 2) / kBillion * kBillion;
    text = count(ns / kHour, "h") + count(ns % kHour / kMinute, "min") +
           count(ns % kMinute / kBillion, "s");
  } else {
    ns = (ns + kMinute / 2) / kMinute * kMinute;
    text =
        count(ns / kDay, "d") + count(ns % kDay / kHour, "h") + count(ns % kHour / kMinute, "min");
  }
  text.pop_back();
  return text;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text, std::string* why) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const Kind kind{.base = "nanoseconds",
                  .units = kDurationUnits,
                  .most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max())};
  const auto ns = parse_units(text, kind, why);
  if (!ns) return std::nullopt;
  return Duration(negative ? -static_cast<int64_t>(*ns) : static_cast<int64_t>(*ns));
}

std::optional<uint64_t> parse_rate(std::string_view text, std::string* why) {
  return parse_units(text,
                     {.base = "bits per second",
                      .units = kRateUnits,
                      .most = std::numeric_limits<uint64_t>::max()},
                     why);
}

std::optional<int64_t> parse_size(std::string_view text, std::string* why) {
  std::string with_unit(text);
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    with_unit += 'B';
  }
  const auto bytes =
      parse_units(with_unit,
                  {.base = "bytes",
                   .units = kSizeUnits,
                   .most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max())},
                  why);
  return bytes ? std::optional(static_cast<int64_t>(*bytes)) : std::nullopt;
}

std::optional<int64_t> parse_fraction(std::string_view text, std::string* why) {
  const auto parts =
      parse_units(text,
                  {.base = "billionths",
                   .units = kFractionUnits,
                   .most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max())},
                  why);
  return parts ? std::optional(static_cast<int64_t>(*parts)) : std::nullopt;
}

std::string format_duration(Duration value) {
  if (value.count() == 0) return "0s";
  return (value.count() < 0 ? "-" : "") + shortest(magnitude(value.count()), kDurationUnits);
}

std::string format_rate(uint64_t bits_per_second) { return shortest(bits_per_second, kRateUnits); }

std::string format_size(int64_t bytes) { return shortest(magnitude(bytes), kSizeUnits); }

std::string format_fraction(int64_t parts_per_billion) {
  return *in_unit(magnitude(parts_per_billion), {"", kBillion});
}

std::string pretty_duration(Duration value) {
  const uint64_t ns = magnitude(value.count());
  const std::string short_text = ns < 60 * kBillion - kBillion / 200 ? below_a_minute(ns) : "";
  return (value.count() < 0 ? "-" : "") + (short_text.empty() ? from_a_minute_on(ns) : short_text);
}

}  // namespace tcptwin::json
