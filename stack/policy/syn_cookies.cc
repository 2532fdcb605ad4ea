#include "stack/policy/syn_cookies.h"

#include <algorithm>

namespace tcptwin::policy {

namespace {

constexpr uint32_t kNumberBits = 24;
constexpr uint32_t kNumberMask = (1u << kNumberBits) - 1;
// kInTimestamp: the low bits of the timestamp.
constexpr uint32_t kStampBits = 6;
constexpr uint32_t kStampMask = (1u << kStampBits) - 1;
constexpr uint32_t kStampNoScale = 0xf;
constexpr uint32_t kStampSack = 1u << 4;

// The last of `table` that is not above `value`; the first when all are.
size_t rounded_down(const std::vector<int32_t>& table, int32_t value) {
  size_t index = 0;
  while (index + 1 < table.size() && table[index + 1] <= value) ++index;
  return index;
}

}  // namespace

// Segments, times scales and one for "none", times SACK.
size_t SynCookies::combinations() const {
  const bool in_number = config_->options == SynCookieConfig::Options::kInNumber;
  return config_->segments.size() * (in_number ? (config_->scales.size() + 1) * 2 : 1);
}

uint32_t SynCookies::mask(const ConnectionKey& key, SeqNum peer_isn) const {
  return static_cast<uint32_t>(keyed_hash(key, secret_)) + peer_isn.value();
}

uint32_t SynCookies::salt(const ConnectionKey& key, SeqNum peer_isn, uint32_t period) const {
  const uint64_t mixed = secret_ ^ (uint64_t{period} << 32 | peer_isn.value());
  return static_cast<uint32_t>(keyed_hash(key, mixed * 0x9e3779b97f4a7c15u));
}

SeqNum SynCookies::bake(Duration uptime, const ConnectionKey& key, SeqNum peer_isn,
                        SynMemory& syn) const {
  size_t index = rounded_down(config_->segments, syn.mss);
  syn.mss = static_cast<uint16_t>(config_->segments[index]);
  if (config_->options == SynCookieConfig::Options::kInNumber) {
    size_t scale = 0;
    if (syn.window_scale && !config_->scales.empty()) {
      const size_t which = rounded_down(config_->scales, *syn.window_scale);
      syn.window_scale = static_cast<uint8_t>(config_->scales[which]);
      scale = which + 1;
    } else {
      syn.window_scale.reset();
    }
    index = (index * (config_->scales.size() + 1) + scale) * 2 + (syn.sack ? 1 : 0);
  } else if (!syn.timestamps) {
    syn.window_scale.reset();
    syn.sack = false;
  }
  const auto period = static_cast<uint32_t>(uptime / config_->period);
  const uint32_t number =
      (salt(key, peer_isn, period) + static_cast<uint32_t>(index)) & kNumberMask;
  return SeqNum((period << kNumberBits | number) + mask(key, peer_isn));
}

std::optional<SynMemory> SynCookies::read(Duration uptime, const ConnectionKey& key,
                                          SeqNum peer_isn, SeqNum cookie) const {
  const uint32_t plain = cookie.value() - mask(key, peer_isn);
  const auto now = static_cast<uint32_t>(uptime / config_->period);
  const uint32_t age = (now - (plain >> kNumberBits)) & 0xff;
  if (age >= static_cast<uint32_t>(config_->periods)) return std::nullopt;
  size_t index = (plain - salt(key, peer_isn, now - age)) & kNumberMask;
  if (index >= combinations()) return std::nullopt;
  SynMemory syn;
  if (config_->options == SynCookieConfig::Options::kInNumber) {
    syn.sack = index % 2 == 1;
    index /= 2;
    const size_t scale = index % (config_->scales.size() + 1);
    if (scale > 0) syn.window_scale = static_cast<uint8_t>(config_->scales[scale - 1]);
    index /= config_->scales.size() + 1;
  }
  syn.mss = static_cast<uint16_t>(config_->segments[index]);
  return syn;
}

uint32_t SynCookies::stamp(uint32_t now, const SynMemory& syn) const {
  const uint32_t options =
      (syn.window_scale ? *syn.window_scale : kStampNoScale) | (syn.sack ? kStampSack : 0);
  const uint32_t stamped = (now & ~kStampMask) | options;
  return stamped > now ? stamped - (kStampMask + 1) : stamped;
}

void SynCookies::read_stamp(uint32_t echo, SynMemory& syn) const {
  const uint32_t scale = echo & kStampNoScale;
  syn.timestamps = true;
  syn.sack = (echo & kStampSack) != 0;
  if (scale != kStampNoScale) syn.window_scale = static_cast<uint8_t>(scale);
}

}  // namespace tcptwin::policy
