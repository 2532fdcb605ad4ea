#include "sim/compare/compare.h"

#include <algorithm>
#include <utility>

#include "models/json/units.h"
#include "sim/compare/align.h"
#include "sim/compare/crossings.h"
#include "sim/compare/fields.h"
#include "sim/compare/match.h"
#include "sim/compare/others.h"
#include "sim/compare/pairs.h"
#include "stack/base/check.h"

namespace tcptwin::compare {

namespace {

using Position = uint32_t;  // of a sight in its view

// Of a text the addresses are made up.
std::string name_of(const capture::View& view, const capture::Connection& connection) {
  if (view.capture->format == capture::Format::kText) {
    return "client port " + std::to_string(static_cast<uint16_t>(connection.client.port));
  }
  const auto end = [](const trace::FlowEnd& e) {
    return e.address.to_string() + '.' + std::to_string(static_cast<uint16_t>(e.port));
  };
  return end(connection.client) + " > " + end(connection.server);
}

// What stands for what, or alone: a difference before its lines are written, or equal.
struct Found {
  Difference::Kind kind = Difference::Kind::kDiffers;  // equal: without fields
  std::optional<uint32_t> connection{};
  std::optional<Position> a{};
  std::optional<Position> b{};
  std::vector<FieldDifference> fields{};
  // Of a pair in order, what its time is measured from, positions in A: the segment that it answers
  // and the latest in its connection before it that B has, too.
  std::optional<Position> answered{};
  std::optional<Position> before{};
};

class Comparer {
 public:
  Comparer(capture::View& a, capture::View& b, const Options& options, Comparison& result)
      : a_(&a),
        b_(&b),
        options_(&options),
        result_(&result),
        partners_a_(a.sights.size()),
        partners_b_(b.sights.size()) {}

  void run() {
    for (const MatchedConnections& matched : match_connections(*a_, *b_)) {
      compare_connection(matched);
    }
    compare_others();
    compare_gaps();
    sort_by_place();
    count_and_show();
  }

 private:
  void compare_connection(const MatchedConnections& matched) {
    const auto number = static_cast<uint32_t>(result_->connections.size());
    result_->connections.push_back({matched.a == nullptr ? "" : name_of(*a_, *matched.a),
                                    matched.b == nullptr ? "" : name_of(*b_, *matched.b),
                                    {}});
    const auto segments = [&](const capture::View& view, const capture::Connection* connection) {
      return connection == nullptr ? std::vector<Segment>()
                                   : segments_of(view, *connection, options_->timestamp_tick);
    };
    const std::vector<Segment> a = segments(*a_, matched.a);
    const std::vector<Segment> b = segments(*b_, matched.b);
    std::vector<bool> alone_a(a.size(), true), alone_b(b.size(), true);
    std::optional<Position> before;
    std::vector<Pair> pairs = pair_segments(a, b, options_->joins_segments);
    if (options_->forgives_crossings) {
      result_->connections[number].tally.crossed = forgive_crossings(a, b, tolerance(), pairs);
    }
    for (const Pair& pair : pairs) {
      std::fill_n(alone_a.begin() + pair.a, pair.a_count, false);
      std::fill_n(alone_b.begin() + pair.b, pair.b_count, false);
      result_->connections[number].tally.joined += pair.is_joined() ? 1 : 0;
      add_pair(number, a, b, pair, before);
    }
    for (size_t i = 0; i < a.size(); ++i) {
      if (alone_a[i]) add_alone(Difference::Kind::kOnlyA, number, a[i].position);
    }
    for (size_t j = 0; j < b.size(); ++j) {
      if (alone_b[j]) add_alone(Difference::Kind::kOnlyB, number, b[j].position);
    }
    const uint64_t tail_a = tail(alone_a), tail_b = tail(alone_b);
    ConnectionTally& tally = result_->connections[number];
    if (tail_b == 0 && !b.empty()) tally.behind_end_of_b = tail_a;
    if (tail_a == 0 && !a.empty()) tally.behind_end_of_a = tail_b;
  }

  // How many at the end are alone.
  static uint64_t tail(const std::vector<bool>& alone) {
    const auto last = std::find(alone.rbegin(), alone.rend(), false);
    return static_cast<uint64_t>(last - alone.rbegin());
  }

  // `before`: the latest pair's position in A; becomes this one's.
  void add_pair(uint32_t connection, const std::vector<Segment>& a, const std::vector<Segment>& b,
                const Pair& pair, std::optional<Position>& before) {
    const Segment& x = a[pair.a];
    Found found{.connection = connection, .a = x.position, .b = b[pair.b].position};
    found.fields = compare_fields(a, b, pair, tolerance(), options_->timestamp_tick);
    if (pair.elsewhere) {
      found.kind = Difference::Kind::kElsewhere;
    } else {
      if (x.answers) found.answered = a[*x.answers].position;
      found.before = before;
      for (uint32_t k = 0; k < pair.a_count; ++k) {
        const bool last = k + 1 == pair.a_count;
        set_partners(a[pair.a + k].position, b[last ? pair.b + pair.b_count - 1 : pair.b].position);
      }
      before = a[pair.a + pair.a_count - 1].position;
    }
    found_.push_back(std::move(found));
  }

  void set_partners(Position a, Position b) {
    partners_a_[a] = b;
    partners_b_[b] = a;
  }

  void add_alone(Difference::Kind kind, std::optional<uint32_t> connection, Position position) {
    Found found{.kind = kind, .connection = connection};
    (kind == Difference::Kind::kOnlyA ? found.a : found.b) = position;
    found_.push_back(std::move(found));
  }

  void compare_others() {
    const Alignment aligned = align(other_texts(*a_), other_texts(*b_));
    for (size_t i = 0; i < aligned.a.size(); ++i) {
      const Position position = a_->others[i];
      if (!aligned.a[i]) {
        add_alone(Difference::Kind::kOnlyA, std::nullopt, position);
        continue;
      }
      const Position partner = b_->others[*aligned.a[i]];
      Found found{.a = position, .b = partner};
      if (aligned.moved[i]) {
        found.kind = Difference::Kind::kElsewhere;
      } else {
        set_partners(position, partner);
      }
      found_.push_back(std::move(found));
    }
    for (size_t j = 0; j < aligned.b.size(); ++j) {
      if (!aligned.b[j]) add_alone(Difference::Kind::kOnlyB, std::nullopt, b_->others[j]);
    }
  }

  void compare_gaps() {
    // For what is the first of its connection: the packet before it that has a partner.
    std::vector<std::optional<Position>> before(partners_a_.size());
    std::optional<Position> latest;
    for (Position i = 0; i < partners_a_.size(); ++i) {
      before[i] = latest;
      if (partners_a_[i]) latest = i;
    }
    for (Found& found : found_) {
      if (found.kind != Difference::Kind::kDiffers) continue;
      const bool has_answered = found.answered && partners_a_[*found.answered];
      std::optional<Position> cause = has_answered ? found.answered : found.before;
      if (!cause) cause = before[*found.a];
      if (cause) compare_gap(found, *cause);
    }
  }

  void compare_gap(Found& found, Position cause) const {
    const Position cause_b = *partners_a_[cause];
    const Duration gap_a = at(*a_, *found.a) - at(*a_, cause);
    const Duration gap_b = at(*b_, *found.b) - at(*b_, cause_b);
    const Duration by = gap_a > gap_b ? gap_a - gap_b : gap_b - gap_a;
    if (by <= tolerance()) return;
    const auto words = [](const capture::View& view, Duration gap, Position from) {
      return json::pretty_duration(gap) + " after " + place_text(view, from);
    };
    found.fields.push_back({Field::kGap, words(*a_, gap_a, cause), words(*b_, gap_b, cause_b), by});
  }

  static Instant at(const capture::View& view, Position position) {
    return view.sights[position].packet->at;
  }
  static std::string place_text(const capture::View& view, Position position) {
    const bool is_text = view.capture->format == capture::Format::kText;
    return (is_text ? "line " : "packet ") + std::to_string(view.sights[position].packet->number);
  }

  // The earliest first, by A; what B has alone stands as far behind the latest that A has, too, as
  // in B.
  void sort_by_place() {
    std::vector<Position> places(partners_b_.size());  // of B, in positions of A
    Position latest = 0;
    for (Position j = 0; j < partners_b_.size(); ++j) {
      if (partners_b_[j]) latest = *partners_b_[j];
      places[j] = latest++;
    }
    const auto place = [&](const Found& f) {
      return f.a ? std::pair(*f.a, 0) : std::pair(places[*f.b], 1);
    };
    std::stable_sort(found_.begin(), found_.end(),
                     [&](const Found& x, const Found& y) { return place(x) < place(y); });
  }

  void count_and_show() {
    for (Found& found : found_) {
      Tally& tally =
          found.connection ? result_->connections[*found.connection].tally : result_->others;
      if (found.kind == Difference::Kind::kDiffers && found.fields.empty()) {
        ++tally.equal;
        continue;
      }
      switch (found.kind) {
        case Difference::Kind::kDiffers: ++tally.differing; break;
        case Difference::Kind::kElsewhere: ++tally.elsewhere; break;
        case Difference::Kind::kOnlyA: ++tally.only_a; break;
        case Difference::Kind::kOnlyB: ++tally.only_b; break;
      }
      if (result_->differences.size() < options_->most_shown) show(found);
    }
    result_->all = result_->others;
    for (const ConnectionTally& connection : result_->connections) {
      result_->all += connection.tally;
    }
  }

  void show(Found& found) {
    Difference difference{.kind = found.kind, .connection = found.connection};
    if (found.a) difference.a = side(*a_, *found.a);
    if (found.b) difference.b = side(*b_, *found.b);
    difference.fields = std::move(found.fields);
    result_->differences.push_back(std::move(difference));
  }

  static Side side(const capture::View& view, Position position) {
    const capture::Sight& sight = view.sights[position];
    const bool is_text = view.capture->format == capture::Format::kText;
    const Instant zero = is_text ? Instant() : view.capture->packets.front().at;
    return {.number = sight.packet->number,
            .position = position,
            .at = sight.packet->at - zero,
            .line = capture::line_of(sight),
            .why = capture::why_of(*view.capture, *sight.packet)};
  }

  Duration tolerance() const { return result_->tick + result_->lateness; }

  capture::View* a_;  // the base of their numbers may be moved
  capture::View* b_;
  const Options* options_;
  Comparison* result_;
  std::vector<std::optional<Position>> partners_a_;  // by position, of those in order
  std::vector<std::optional<Position>> partners_b_;
  std::vector<Found> found_;
};

void describe(const capture::View& view, Input& input) {
  input.host = view.host;
  input.picked = view.picked;
  input.is_text = view.capture->format == capture::Format::kText;
  input.packets = view.sights.size();
  input.remarks = view.capture->remarks;
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  equal += other.equal;
  differing += other.differing;
  elsewhere += other.elsewhere;
  only_a += other.only_a;
  only_b += other.only_b;
  joined += other.joined;
  crossed += other.crossed;
  return *this;
}

const char* field_text(Field field) {
  switch (field) {
    case Field::kFlags: return "flags";
    case Field::kSeq: return "seq";
    case Field::kLength: return "length";
    case Field::kAck: return "ack";
    case Field::kWindow: return "window";
    case Field::kOptions: return "options";
    case Field::kTimestamp: return "timestamp";
    case Field::kEcho: return "echo";
    case Field::kGap: return "gap";
  }
  CHECK(false);
}

Duration default_tick(const capture::Capture& a, const capture::Capture& b) {
  constexpr Duration kCallsOfAProgram = std::chrono::microseconds(100);
  return a.simulated && b.simulated ? kCallsOfAProgram : std::max(a.tick, b.tick);
}

Comparison compare(capture::View a, capture::View b, const Options& options) {
  Comparison result;
  result.tick = options.tick.value_or(default_tick(*a.capture, *b.capture));
  result.lateness = options.lateness;
  describe(a, result.a);
  describe(b, result.b);
  Comparer(a, b, options, result).run();
  return result;
}

Comparison compare(const capture::Capture& a, const capture::Capture& b, const Options& options) {
  Comparison result;
  auto view_a = capture::view_of(a, options.host_a, result.problem);
  auto view_b = capture::view_of(b, options.host_b, result.problem);
  if (!view_a || !view_b) return result;
  return compare(std::move(*view_a), std::move(*view_b), options);
}

}  // namespace tcptwin::compare
