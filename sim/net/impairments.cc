#include "sim/net/impairments.h"

#include <algorithm>

namespace tcptwin::net {

namespace {

constexpr uint64_t kBillion = 1'000'000'000;

bool contains(const std::vector<int64_t>& list, int64_t number) {
  return std::find(list.begin(), list.end(), number) != list.end();
}

// Draws only where something can come of it.
bool happens(Rng& rng, int64_t parts_per_billion) {
  return parts_per_billion > 0 && rng.below(kBillion) < static_cast<uint64_t>(parts_per_billion);
}

uint32_t payload_size(const wire::Packet& packet) {
  if (packet.is_tcp()) return packet.tcp.payload_size();
  const wire::UdpDatagram* udp = packet.udp();
  return udp == nullptr ? 0 : static_cast<uint32_t>(udp->payload.size());
}

}  // namespace

Impairments::Impairments(const ImpairmentConfig& config, uint64_t seed, const std::string& name)
    : config_(config),
      loss_(Rng::stream(seed, name + "/loss")),
      bursts_(Rng::stream(seed, name + "/bursts")),
      corruption_(Rng::stream(seed, name + "/corruption")),
      duplication_(Rng::stream(seed, name + "/duplication")),
      reordering_(Rng::stream(seed, name + "/reordering")),
      jitter_(Rng::stream(seed, name + "/jitter")) {}

bool Impairments::is_listed(const wire::Packet& packet) {
  bool lost = contains(config_.listed.packets, ++seen_);
  if (payload_size(packet) > 0) lost |= contains(config_.listed.data_packets, ++seen_data_);
  if (packet.tcp.flags.syn) lost |= contains(config_.listed.syns, ++seen_syn_);
  if (packet.tcp.flags.fin) lost |= contains(config_.listed.fins, ++seen_fin_);
  return lost;
}

bool Impairments::falls_to_burst() {
  if (!config_.bursts) return false;
  const BurstLoss& b = *config_.bursts;
  if (happens(bursts_, ill_ ? b.end : b.begin)) ill_ = !ill_;
  return happens(bursts_, ill_ ? b.loss_when_ill : b.loss_when_well);
}

Fate Impairments::decide(const wire::Packet& packet) {
  Fate fate;
  const bool by_chance = happens(loss_, config_.loss);
  const bool in_burst = falls_to_burst();
  if (in_burst) fate.lost = trace::DropWhy::kBurst;
  if (by_chance) fate.lost = trace::DropWhy::kChance;
  if (is_listed(packet)) fate.lost = trace::DropWhy::kListed;
  const uint64_t bits = (packet.size() - packet.ip.size()) * uint64_t{8};
  if (happens(corruption_, config_.corruption) && bits > 0) {
    fate.flipped_bit = 1 + static_cast<uint32_t>(corruption_.below(bits));
  }
  fate.doubled = happens(duplication_, config_.duplication);
  fate.late = happens(reordering_, config_.reordering);
  if (config_.jitter.count() > 0) {
    const auto most = static_cast<uint64_t>(config_.jitter.count());
    fate.jitter = Duration(static_cast<int64_t>(jitter_.below(most + 1)));
  }
  return fate;
}

}  // namespace tcptwin::net
