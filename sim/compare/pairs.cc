#include "sim/compare/pairs.h"

#include <algorithm>
#include <optional>

#include "sim/compare/align.h"

namespace tcptwin::compare {

namespace {

// The kinds within which segments that are not the same can stand for each other.
enum class Kind : uint8_t { kOpening, kEnding, kData, kAck };

Kind kind_of(const Segment& segment) {
  const wire::TcpFlags flags = segment.tcp().flags;
  if (flags.syn) return Kind::kOpening;
  if (segment.length() > 0) return Kind::kData;
  return flags.fin || flags.rst ? Kind::kEnding : Kind::kAck;
}

// The segments of one side of which some are still without a partner.
class Leftovers {
 public:
  explicit Leftovers(const std::vector<Segment>& segments)
      : segments_(&segments), taken_(segments.size()) {}

  const Segment& operator[](uint32_t i) const { return (*segments_)[i]; }
  bool is_taken(uint32_t i) const { return taken_[i]; }
  void take(uint32_t i, uint32_t count = 1) {
    for (uint32_t k = i; k < i + count; ++k) taken_[k] = true;
  }
  // Of [begin, end) those without a partner that have this kind and direction.
  std::vector<uint32_t> of_kind(uint32_t begin, uint32_t end, Kind kind, bool from_client) const {
    std::vector<uint32_t> found;
    for (uint32_t i = begin; i < end; ++i) {
      const Segment& s = (*this)[i];
      if (!taken_[i] && kind_of(s) == kind && s.sight->from_client == from_client) {
        found.push_back(i);
      }
    }
    return found;
  }
  // The segment behind `last` goes on where it ends, as if it had been cut from it.
  bool goes_on(uint32_t last) const {
    const uint32_t next = last + 1;
    if (next >= segments_->size() || taken_[next]) return false;
    const wire::TcpSegment& x = (*this)[last].tcp();
    const wire::TcpSegment& y = (*this)[next].tcp();
    return (*this)[last].sight->from_client == (*this)[next].sight->from_client &&
           kind_of((*this)[next]) == Kind::kData && (*this)[next].begin == (*this)[last].end &&
           !x.flags.fin && !x.flags.urg && !y.flags.urg && x.ack == y.ack && x.window == y.window &&
           x.options == y.options;
  }

 private:
  const std::vector<Segment>* segments_;
  std::vector<bool> taken_;
};

class Pairing {
 public:
  Pairing(const std::vector<Segment>& a, const std::vector<Segment>& b, bool joins_segments)
      : a_(a), b_(b), joins_segments_(joins_segments) {}

  std::vector<Pair> run(const std::vector<Segment>& a, const std::vector<Segment>& b) {
    const Alignment aligned = align(keys(a), keys(b));
    for (uint32_t i = 0; i < a.size(); ++i) {
      if (aligned.a[i]) add({.a = i, .b = *aligned.a[i], .elsewhere = aligned.moved[i]});
    }
    uint32_t begin_a = 0, begin_b = 0;
    for (uint32_t i = 0; i < a.size(); ++i) {
      if (!aligned.a[i] || aligned.moved[i]) continue;
      pair_between(begin_a, i, begin_b, *aligned.a[i]);
      begin_a = i + 1;
      begin_b = *aligned.a[i] + 1;
    }
    pair_between(begin_a, static_cast<uint32_t>(a.size()), begin_b,
                 static_cast<uint32_t>(b.size()));
    std::sort(pairs_.begin(), pairs_.end(), [](const Pair& x, const Pair& y) { return x.a < y.a; });
    return std::move(pairs_);
  }

 private:
  static std::vector<SegmentKey> keys(const std::vector<Segment>& segments) {
    std::vector<SegmentKey> keys;
    for (const Segment& segment : segments) keys.push_back(key_of(segment));
    return keys;
  }

  void add(const Pair& pair) {
    a_.take(pair.a, pair.a_count);
    b_.take(pair.b, pair.b_count);
    pairs_.push_back(pair);
  }

  // What lies between two aligned segments.
  void pair_between(uint32_t begin_a, uint32_t end_a, uint32_t begin_b, uint32_t end_b) {
    if (begin_a == end_a || begin_b == end_b) return;
    for (const bool from_client : {true, false}) {
      for (const Kind kind : {Kind::kOpening, Kind::kEnding, Kind::kAck}) {
        const auto a = a_.of_kind(begin_a, end_a, kind, from_client);
        const auto b = b_.of_kind(begin_b, end_b, kind, from_client);
        for (size_t k = 0; k < std::min(a.size(), b.size()); ++k) add({.a = a[k], .b = b[k]});
      }
      pair_data(a_.of_kind(begin_a, end_a, Kind::kData, from_client),
                b_.of_kind(begin_b, end_b, Kind::kData, from_client));
    }
  }

  // Both in the order of their captures: joined ones first, then those that overlap.
  void pair_data(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
    for (size_t x = 0, y = 0; x < a.size() && y < b.size();) {
      const uint32_t i = a[x], j = b[y];
      const auto joined = joins_segments_ ? join(i, j) : std::nullopt;
      if (joined) {
        add(*joined);
      } else if (a_[i].begin < b_[j].end && b_[j].begin < a_[i].end) {
        add({.a = i, .b = j});
      } else if (a_[i].begin < b_[j].begin) {
        ++x;
        continue;
      } else {
        ++y;
        continue;
      }
      while (x < a.size() && a_.is_taken(a[x])) ++x;
      while (y < b.size() && b_.is_taken(b[y])) ++y;
    }
  }

  // The fewest segments of both from i and j on that have the same bytes.
  std::optional<Pair> join(uint32_t i, uint32_t j) const {
    constexpr uint32_t kMost = 256;  // more than any host joins
    if (a_[i].begin != b_[j].begin) return std::nullopt;
    uint32_t last_a = i, last_b = j;
    while (a_[last_a].end != b_[last_b].end) {
      if (last_a - i + last_b - j >= kMost) return std::nullopt;
      const bool a_is_shorter = a_[last_a].end < b_[last_b].end;
      if (!(a_is_shorter ? a_.goes_on(last_a) : b_.goes_on(last_b))) return std::nullopt;
      ++(a_is_shorter ? last_a : last_b);
    }
    return Pair{.a = i, .b = j, .a_count = last_a - i + 1, .b_count = last_b - j + 1};
  }

  Leftovers a_;
  Leftovers b_;
  bool joins_segments_;
  std::vector<Pair> pairs_;
};

}  // namespace

std::vector<Pair> pair_segments(const std::vector<Segment>& a, const std::vector<Segment>& b,
                                bool joins_segments) {
  return Pairing(a, b, joins_segments).run(a, b);
}

}  // namespace tcptwin::compare
