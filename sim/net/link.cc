#include "sim/net/link.h"

#include <algorithm>
#include <utility>

namespace tcptwin::net {

namespace {

constexpr size_t kMostLate = 1024;  // more are not held back

// Rounded up to the nanosecond; 64 bits hold any packet at any rate.
Duration time_on_line(uint32_t bytes, uint64_t rate) {
  if (rate == 0) return Duration(0);
  const uint64_t bits = uint64_t{bytes} * 8;
  const uint64_t whole = bits / rate;
  const uint64_t rest = bits % rate;
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  return Duration(
      static_cast<int64_t>(whole * kNsPerSecond + (rest * kNsPerSecond + rate - 1) / rate));
}

}  // namespace

Link::Link(const LinkConfig& config, uint32_t number, std::array<End, 2> ends,
           trace::Journal& journal)
    : number_(number), ends_(ends), journal_(&journal) {
  static constexpr std::array<const char*, 2> kDirections = {"/ab", "/ba"};
  for (uint32_t from = 0; from < 2; ++from) {
    Way& way = ways_[from];
    way.config = config.ways[from];
    if (!way.config.impairments.any()) continue;
    way.impaired = std::make_unique<Impaired>(Impaired{
        Impairments(way.config.impairments, config.seed, config.name + kDirections[from]), {}, {}});
  }
}

void Link::lose(Instant at, const engine::Transit& transit, Way& way, trace::DropWhy why) {
  ++way.count.lost[why];
  journal_->dropped(transit.sender_ids->next(), transit.sent, at, number_, why);
}

// When the packet is on the line as a whole; never: the queue had no room and it is lost.
Instant Link::pass_queue(Instant at, engine::Transit& transit, Way& way) {
  const WayConfig& config = way.config;
  const uint32_t size = transit.packet.size();
  while (!way.waiting.empty() && way.waiting.front().leaves <= at) {
    way.waiting_bytes -= way.waiting.pop_front().size;
  }
  const bool full = way.waiting_bytes + size > config.queue ||
                    (config.queue_packets > 0 &&
                     std::cmp_greater_equal(way.waiting.size(), config.queue_packets));
  if (full) {
    lose(at, transit, way, trace::DropWhy::kQueueFull);
    return Instant::never();
  }
  if (config.mark_above > 0 && way.waiting_bytes > config.mark_above) transit.mark_congestion();
  const Instant leaves = std::max(at, way.line_free) + time_on_line(size, config.rate);
  way.line_free = leaves;
  if (leaves > at) {
    way.waiting.push_back({leaves, size});
    way.waiting_bytes += size;
  }
  return leaves;
}

void Link::on_packet(Instant at, engine::Transit&& transit, uint32_t from) {
  Way& way = ways_[from];
  ++way.count.entered;
  if (way.impaired != nullptr) {
    enter_impaired(at, std::move(transit), way);
    return reschedule();
  }
  const Instant leaves = pass_queue(at, transit, way);
  if (leaves.is_never()) return;
  way.packets.push_back({std::move(transit), leaves + way.config.delay});
  reschedule();
}

engine::Due Link::next() const {
  Instant first = Instant::never();
  for (const Way& way : ways_) {
    if (!way.packets.empty()) first = std::min(first, way.packets.front().arrives);
    if (way.impaired != nullptr && !way.impaired->late.empty()) {
      first = std::min(first, way.impaired->late.front().arrives);
    }
  }
  return {first, engine::Phase::kPacket};
}

void Link::run(Instant now, engine::Phase) {
  for (uint32_t from = 0; from < 2; ++from) {
    Way& way = ways_[from];
    const End& to = ends_[1 - from];
    while (!way.packets.empty() && way.packets.front().arrives <= now) {
      to.node->on_packet(now, std::move(way.packets.pop_front().transit), to.port);
      if (way.impaired != nullptr) overtaken(now, from);
    }
    if (way.impaired != nullptr) deliver_late(now, from);
  }
}

// ---- directions with impairments

void Link::enter_impaired(Instant at, engine::Transit&& transit, Way& way) {
  Impaired& impaired = *way.impaired;
  const Fate fate = impaired.impairments.decide(transit.packet);
  if (fate.lost) return lose(at, transit, way, *fate.lost);
  transit.flipped_bit = std::max(transit.flipped_bit, fate.flipped_bit);
  std::optional<engine::Transit> copy;
  if (fate.doubled) copy = transit.copy();
  const auto carry = [&](engine::Transit&& one, bool late) {
    const Instant leaves = pass_queue(at, one, way);
    if (leaves.is_never()) return;
    const Instant arrives = leaves + way.config.delay + fate.jitter;
    if (late) return keep_late(way, std::move(one), arrives);
    impaired.last_arrival = std::max(impaired.last_arrival, arrives);
    way.packets.push_back({std::move(one), impaired.last_arrival});
  };
  carry(std::move(transit), fate.late && impaired.late.size() < kMostLate);
  if (copy) carry(std::move(*copy), false);
}

void Link::keep_late(Way& way, engine::Transit&& transit, Instant arrives) {
  const ImpairmentConfig& config = way.config.impairments;
  std::vector<Late>& late = way.impaired->late;
  const Instant limit = arrives + config.reorder_delay;
  const auto behind = std::upper_bound(late.begin(), late.end(), limit,
                                       [](Instant at, const Late& l) { return at < l.arrives; });
  // Those in front of it are not overtakers.
  const auto ahead = static_cast<int64_t>(way.packets.size());
  const int64_t distance = config.reorder_distance;
  late.insert(behind, {std::move(transit), limit, distance > 0 ? distance + ahead : 0});
}

// A packet in order has arrived: those that it passed last arrive behind it.
void Link::overtaken(Instant now, uint32_t from) {
  std::vector<Late>& late = ways_[from].impaired->late;
  const End& to = ends_[1 - from];
  for (size_t i = 0; i < late.size();) {
    if (late[i].overtakers == 0 || --late[i].overtakers > 0) {
      ++i;
      continue;
    }
    engine::Transit transit = std::move(late[i].transit);
    late.erase(late.begin() + static_cast<std::ptrdiff_t>(i));
    to.node->on_packet(now, std::move(transit), to.port);
  }
}

void Link::deliver_late(Instant now, uint32_t from) {
  std::vector<Late>& late = ways_[from].impaired->late;
  const End& to = ends_[1 - from];
  while (!late.empty() && late.front().arrives <= now) {
    engine::Transit transit = std::move(late.front().transit);
    late.erase(late.begin());
    to.node->on_packet(now, std::move(transit), to.port);
  }
}

}  // namespace tcptwin::net
