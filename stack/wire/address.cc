#include "stack/wire/address.h"

#include <charconv>
#include <cstddef>

namespace tcptwin::wire {

namespace {

// One number of a dotted address, taken off the front of `text`. A leading zero could mean octal,
// so it is refused.
std::optional<uint8_t> take_octet(std::string_view& text) {
  uint8_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc()) return std::nullopt;
  const auto length = static_cast<size_t>(end - text.data());
  if (text[0] == '0' && length > 1) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

// One to four hexadecimal digits, taken off the front of `text`.
std::optional<uint16_t> take_group(std::string_view& text) {
  uint16_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (problem != std::errc()) return std::nullopt;
  const auto length = static_cast<size_t>(end - text.data());
  if (length > 4) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

// The groups of an address text, and where "::" stands among them.
struct Groups {
  std::array<uint16_t, 8> value{};
  size_t count = 0;
  std::optional<size_t> gap;

  bool add(uint16_t group) {
    if (count == value.size()) return false;
    value[count++] = group;
    return true;
  }
};

// Groups up to the end of the text, the last perhaps a dotted IPv4 address.
bool take_groups(std::string_view text, Groups& groups) {
  if (text.starts_with("::")) {
    groups.gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    if (text.find(':') == std::string_view::npos && text.find('.') != std::string_view::npos) {
      const auto v4 = Ipv4Address::parse(text);
      return v4 && groups.add(static_cast<uint16_t>(v4->value() >> 16)) &&
             groups.add(static_cast<uint16_t>(v4->value()));
    }
    const auto group = take_group(text);
    if (!group || !groups.add(*group)) return false;
    if (text.empty()) return true;
    if (text.starts_with("::")) {
      if (groups.gap) return false;
      groups.gap = groups.count;
      text.remove_prefix(2);
    } else if (text.starts_with(':') && text.size() > 1) {
      text.remove_prefix(1);
    } else {
      return false;
    }
  }
  return groups.gap.has_value();  // an empty text, or one that ends in "::"
}

}  // namespace

std::optional<Ipv4Address> Ipv4Address::parse(std::string_view text) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto octet = take_octet(text);
    if (!octet) return std::nullopt;
    value = value << 8 | *octet;
  }
  if (!text.empty()) return std::nullopt;
  return Ipv4Address(value);
}

std::string Ipv4Address::to_string() const {
  std::string text = std::to_string(value_ >> 24);
  for (const int shift : {16, 8, 0}) text += '.' + std::to_string(value_ >> shift & 0xff);
  return text;
}

IpAddress IpAddress::from_bytes(const std::array<uint8_t, 16>& bytes) {
  uint64_t high = 0;
  uint64_t low = 0;
  for (size_t i = 0; i < 8; ++i) {
    high = high << 8 | bytes[i];
    low = low << 8 | bytes[i + 8];
  }
  return {high, low};
}

std::array<uint8_t, 16> IpAddress::bytes() const {
  std::array<uint8_t, 16> bytes{};
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(high_ >> (56 - 8 * i));
    bytes[i + 8] = static_cast<uint8_t>(low_ >> (56 - 8 * i));
  }
  return bytes;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (const auto v4 = Ipv4Address::parse(text)) return IpAddress(*v4);
  Groups groups;
  if (!take_groups(text, groups)) return std::nullopt;
  if (groups.gap ? groups.count == 8 : groups.count < 8) return std::nullopt;
  const size_t gap = groups.gap.value_or(8);
  uint64_t halves[2] = {0, 0};
  for (size_t i = 0; i < groups.count; ++i) {
    const size_t at = i < gap ? i : 8 - groups.count + i;
    halves[at / 4] |= uint64_t{groups.value[i]} << (48 - 16 * (at % 4));
  }
  return IpAddress(halves[0], halves[1]);
}

std::string IpAddress::to_string() const {
  if (is_v4()) return v4().to_string();
  std::array<uint16_t, 8> groups{};
  for (size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<uint16_t>((i < 4 ? high_ : low_) >> (48 - 16 * (i % 4)));
  }
  size_t longest = 1;  // a single zero group is written out
  size_t begin = 8;    // of the run that "::" stands for
  for (size_t i = 0; i < 8; ++i) {
    size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i <= longest) continue;
    longest = end - i;
    begin = i;
  }
  std::string text;
  for (size_t i = 0; i < 8; ++i) {
    if (i == begin) {
      text += "::";
      i += longest - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16).ptr;
    text.append(digits.data(), end);
  }
  return text;
}

}  // namespace tcptwin::wire
