#include "sim/net/link.h"

#include <algorithm>
#include <utility>

namespace tcptwin::net {

namespace {

bool contains(const std::vector<int64_t>& list, int64_t number) {
  return std::find(list.begin(), list.end(), number) != list.end();
}

}  // namespace

Link::Link(const LinkConfig& config, uint32_t number, std::array<End, 2> ends,
           trace::Journal& journal)
    : config_(config), number_(number), ends_(ends), journal_(&journal) {}

// Rounded up to the nanosecond; 64 bits hold any packet at any rate.
Duration Link::time_on_line(uint32_t bytes) const {
  if (config_.rate == 0) return Duration(0);
  const uint64_t bits = uint64_t{bytes} * 8;
  const uint64_t whole = bits / config_.rate;
  const uint64_t rest = bits % config_.rate;
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  return Duration(static_cast<int64_t>(whole * kNsPerSecond +
                                       (rest * kNsPerSecond + config_.rate - 1) / config_.rate));
}

bool Link::listed(Direction& direction, const LossList& loss, const wire::Packet& packet) const {
  bool lost = contains(loss.packets, ++direction.seen);
  if (!packet.tcp.payload.empty()) lost |= contains(loss.data_packets, ++direction.seen_data);
  if (packet.tcp.flags.syn) lost |= contains(loss.syns, ++direction.seen_syn);
  if (packet.tcp.flags.fin) lost |= contains(loss.fins, ++direction.seen_fin);
  return lost;
}

void Link::on_packet(Instant at, engine::Transit&& transit, uint32_t from) {
  Direction& direction = directions_[from];
  const auto size = int64_t{transit.packet.size()};
  while (!direction.waiting.empty() && direction.waiting.front().leaves <= at) {
    direction.waiting_bytes -= direction.waiting.pop_front().size;
  }
  if (listed(direction, config_.loss[from], transit.packet)) {
    return journal_->dropped(transit.sender_ids->next(), transit.sent, at, number_,
                             trace::DropWhy::kListed);
  }
  if (direction.waiting_bytes + size > config_.queue) {
    return journal_->dropped(transit.sender_ids->next(), transit.sent, at, number_,
                             trace::DropWhy::kQueueFull);
  }
  const Instant leaves = std::max(at, direction.line_free) + time_on_line(transit.packet.size());
  direction.line_free = leaves;
  if (leaves > at) {
    direction.waiting.push_back({leaves, size});
    direction.waiting_bytes += size;
  }
  direction.packets.push_back({std::move(transit), leaves + config_.delay});
  reschedule();
}

engine::Due Link::next() const {
  Instant first = Instant::never();
  for (const Direction& d : directions_) {
    if (!d.packets.empty()) first = std::min(first, d.packets.front().arrives);
  }
  return {first, engine::Phase::kPacket};
}

void Link::run(Instant now, engine::Phase) {
  for (uint32_t from = 0; from < 2; ++from) {
    Ring<OnTheWay>& packets = directions_[from].packets;
    const End& to = ends_[1 - from];
    while (!packets.empty() && packets.front().arrives <= now) {
      to.node->on_packet(now, std::move(packets.pop_front().transit), to.port);
    }
  }
}

}  // namespace tcptwin::net
