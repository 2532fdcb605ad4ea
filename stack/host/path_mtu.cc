#include "stack/host/path_mtu.h"

#include <algorithm>
#include <array>

namespace tcptwin::host {

namespace {

constexpr size_t kMostPaths = 4096;  // that are remembered
constexpr uint32_t kLeastV6 = 1280;  // RFC 8200 5

// RFC 1191 7.1: what a router that names no MTU may have meant.
constexpr std::array<uint32_t, 10> kPlateaus = {32000, 17914, 8166, 4352, 2002,
                                                1492,  1006,  508,  296,  68};

uint32_t plateau_below(uint32_t size) {
  const auto next = std::find_if(kPlateaus.begin(), kPlateaus.end(),
                                 [size](uint32_t plateau) { return plateau < size; });
  return next == kPlateaus.end() ? kPlateaus.back() : *next;
}

}  // namespace

uint32_t PathMtuCache::learn(Instant now, const wire::QuotedPacket& quoted, uint32_t mtu) {
  const uint32_t least = quoted.ip.is_v4() ? rules_->least_path_mtu : kLeastV6;
  const uint32_t told = mtu == 0 ? plateau_below(quoted.size) : mtu;
  const uint32_t believed = std::max(told, least);
  const auto known = entries_.find(quoted.ip.destination);
  if (known == entries_.end() && entries_.size() >= kMostPaths) return believed;
  entries_[quoted.ip.destination] = {believed, now};
  return believed;
}

uint32_t PathMtuCache::of(Instant now, const wire::IpAddress& destination,
                          uint32_t link_mtu) const {
  if (entries_.empty()) return link_mtu;
  const auto known = entries_.find(destination);
  if (known == entries_.end()) return link_mtu;
  if (now - known->second.learned >= rules_->path_mtu_lifetime) return link_mtu;
  return std::min(link_mtu, known->second.mtu);
}

}  // namespace tcptwin::host
