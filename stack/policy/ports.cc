#include "stack/policy/ports.h"

#include <algorithm>
#include <numeric>

#include "stack/base/check.h"

namespace tcptwin::policy {

namespace {
constexpr uint64_t kRandomSteps = 8;  // successive ports differ by 1 to 8 steps of 2
}

// The first draw places the cursor; the secret comes from it and shifts no later draw.
PortPicker::PortPicker(const PortsConfig& config, Rng& rng)
    : config_(&config),
      rng_(&rng),
      secret_(0),
      cursor_(static_cast<int32_t>(rng.below(static_cast<uint64_t>(count())))) {
  Rng copy = rng;
  secret_ = copy.next() * 0x9e3779b97f4a7c15u;
  for (const int32_t port : config.skipped) skipped_ += in_range(port) ? 1 : 0;
}

bool PortPicker::usable(uint16_t port, bool connected) const {
  if (connected && config_->whole_port && local_uses_.contains(port)) return false;
  return !is_skipped(port);
}

bool PortPicker::is_skipped(uint16_t port) const {
  const std::vector<int32_t>& skipped = config_->skipped;
  return !skipped.empty() && std::find(skipped.begin(), skipped.end(), port) != skipped.end();
}

void PortPicker::on_used(uint16_t port) {
  if (config_->whole_port && ++local_uses_[port] == 1 && counts(port)) ++taken_;
}

void PortPicker::on_released(uint16_t port) {
  if (!config_->whole_port) return;
  const auto found = local_uses_.find(port);
  CHECK(found != local_uses_.end());
  if (--found->second > 0) return;
  local_uses_.erase(found);
  if (counts(port)) --taken_;
}

// Of the addresses and the remote port: RFC 6056 3.3.3.
uint64_t PortPicker::hash(const ConnectionKey& key) const {
  ConnectionKey without_port = key;
  without_port.local_port = 0;
  return keyed_hash(without_port, secret_);
}

// Each counter starts somewhere else; only those that have moved are kept.
uint32_t PortPicker::counter(uint16_t slot) const {
  const auto found = counters_.find(slot);
  if (found != counters_.end()) return found->second;
  ConnectionKey place;
  place.remote_port = slot;
  return static_cast<uint32_t>(keyed_hash(place, ~secret_));
}

PortPicker::Walk PortPicker::sequential() const {
  Walk walk;
  walk.offset = cursor_;
  walk.step = config_->step;
  walk.length = count();
  walk.turn_at = walk.length / std::gcd(walk.length, walk.step);
  return walk;
}

PortPicker::Walk PortPicker::begin(const ConnectionKey& key) {
  Walk walk;
  walk.length = count();
  const auto range = static_cast<uint64_t>(count());
  switch (config_->behaviour) {
    case PortsConfig::Behaviour::kSequential: return sequential();
    case PortsConfig::Behaviour::kRandomStart:
      walk.offset = static_cast<int32_t>(rng_->below(range));
      return walk;
    case PortsConfig::Behaviour::kHashedStart:
      walk.offset = static_cast<int32_t>((hash(key) + hint_) % range);
      return walk;
    case PortsConfig::Behaviour::kDoubleHash: break;
  }
  const uint64_t h = hash(key);
  walk.slot = static_cast<uint16_t>(h);
  if (walk.length > 1) walk.length &= ~1;  // both parities have as many
  const uint64_t start = (h >> 32) + counter(walk.slot);
  walk.offset =
      static_cast<int32_t>(static_cast<uint32_t>(start) % static_cast<uint32_t>(walk.length)) & ~1;
  walk.step = 2;
  walk.turn_at = walk.length / 2;
  walk.turn_by = 1;
  return walk;
}

// facts/linux.md E4: it prefers the parity that connections leave alone.
PortPicker::Walk PortPicker::begin_unconnected() {
  Walk walk;
  walk.length = count();
  if (config_->behaviour == PortsConfig::Behaviour::kSequential) return sequential();
  if (config_->behaviour != PortsConfig::Behaviour::kDoubleHash) {
    walk.offset = static_cast<int32_t>(rng_->below(static_cast<uint64_t>(count())));
    return walk;
  }
  if (walk.length > 1) walk.length &= ~1;
  walk.offset = static_cast<int32_t>(rng_->below(static_cast<uint64_t>(walk.length)));
  if (walk.length > 1) walk.offset |= 1;
  walk.step = 2;
  walk.turn_at = walk.length / 2;
  walk.turn_by = -1;
  return walk;
}

void PortPicker::advance(Walk& walk) const {
  ++walk.tried;
  walk.offset = (walk.offset + walk.step) % walk.length;
  if (walk.turn_at > 0 && walk.tried % walk.turn_at == 0) {
    walk.offset = (walk.offset + walk.turn_by) % walk.length;
  }
}

void PortPicker::settle(Walk& walk, bool connected) {
  switch (config_->behaviour) {
    case PortsConfig::Behaviour::kSequential:
      advance(walk);
      cursor_ = walk.offset;
      return;
    case PortsConfig::Behaviour::kRandomStart: return;
    case PortsConfig::Behaviour::kHashedStart:
      if (connected) hint_ += static_cast<uint32_t>(walk.tried) + 1;
      return;
    case PortsConfig::Behaviour::kDoubleHash: break;
  }
  if (!connected) return;
  const int32_t in_parity = walk.turn_at > 0 ? walk.tried % walk.turn_at : 0;
  const auto scanned = static_cast<uint32_t>(2 * in_parity);
  const auto random = static_cast<uint32_t>(rng_->below(kRandomSteps) * 2);
  counters_[walk.slot] = counter(walk.slot) + std::max(scanned, random) + 2;
}

}  // namespace tcptwin::policy
