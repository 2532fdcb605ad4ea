#include "sim/session/replay.h"

#include <algorithm>
#include <utility>

#include "sim/session/packet_lines.h"
#include "sim/trace/packets.h"

namespace tcptwin::session {

namespace {

uint64_t arrivals_until(const Session& session, Instant limit) {
  return static_cast<uint64_t>(
      std::count_if(session.crossings.begin(), session.crossings.end(),
                    [&](const Crossing& c) { return !c.to_machine && c.at <= limit; }));
}

std::optional<size_t> first_other_byte(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at == a.end() && other == b.end()) return std::nullopt;
  return static_cast<size_t>(at - a.begin());
}

bool same(const Delivered& a, const Delivered& b) { return a.at == b.at && a.bytes == b.bytes; }

// The recorded departures to each real host, in their order.
class Recorded {
 public:
  explicit Recorded(const Session& session) : session_(&session), next_(session.head.real.size()) {
    for (uint32_t seat = 0; seat < next_.size(); ++seat) advance(seat);
  }
  // Null: that was the last.
  const Crossing* front(uint32_t seat) const {
    const size_t at = next_[seat];
    return at < session_->crossings.size() ? &session_->crossings[at] : nullptr;
  }
  void pop(uint32_t seat) {
    ++next_[seat];
    advance(seat);
  }

 private:
  void advance(uint32_t seat) {
    const std::vector<Crossing>& all = session_->crossings;
    size_t& at = next_[seat];
    while (at < all.size() && (all[at].seat != seat || !all[at].to_machine)) ++at;
  }

  const Session* session_;
  std::vector<size_t> next_;  // by seat: into the session's crossings
};

// Up to which packet of the session both sides agree: what is known when a packet at `at` shows up.
size_t known_before(const Session& session, Instant at) {
  size_t known = 0;
  for (size_t i = 0; i < session.crossings.size(); ++i) {
    if (session.crossings[i].at < at) known = i + 1;
  }
  return known;
}

}  // namespace

// ---- against what was recorded

namespace {

class Replay {
 public:
  Replay(const Session& session, Player& player)
      : session_(&session), player_(&player), recorded_(session) {}

  Outcome run() {
    const Instant limit = session_->ended();
    while (player_->next() <= limit && !stopped()) {
      const Instant at = player_->next();
      player_->step(at);
      compare_delivered();
      if (!player_->refused().empty()) {
        outcome_.problem =
            "the network does not take a packet that it took when it was recorded, at " +
            trace::seconds_text(at.since_start()) + " s: " + player_->refused();
      }
    }
    if (!stopped()) missing();
    outcome_.arrivals =
        arrivals_until(*session_, outcome_.difference ? outcome_.difference->at : limit);
    return std::move(outcome_);
  }

 private:
  bool stopped() const { return outcome_.difference || !outcome_.problem.empty(); }

  void compare_delivered() {
    for (uint32_t seat = 0; seat < session_->head.real.size(); ++seat) {
      std::deque<Delivered>& got = player_->delivered()[seat];
      for (; !got.empty() && !stopped(); got.pop_front()) compare_one(seat, got.front());
    }
  }

  void compare_one(uint32_t seat, const Delivered& got) {
    const Crossing* wanted = recorded_.front(seat);
    if (wanted == nullptr && session_->end() == nullptr) return;  // it breaks off before
    if (wanted != nullptr && wanted->at == got.at &&
        std::equal(wanted->bytes.begin(), wanted->bytes.end(), got.bytes.begin(),
                   got.bytes.end())) {
      recorded_.pop(seat);
      ++outcome_.departures;
      return;
    }
    differ(seat, wanted, &got);
  }

  // What was recorded and did not come.
  void missing() {
    const Crossing* first = nullptr;
    for (uint32_t seat = 0; seat < session_->head.real.size(); ++seat) {
      const Crossing* left = recorded_.front(seat);
      if (left != nullptr && (first == nullptr || left->at < first->at)) first = left;
    }
    if (first != nullptr) differ(first->seat, first, nullptr);
  }

  void differ(uint32_t seat, const Crossing* wanted, const Delivered* got) {
    Difference d{.host = session_->head.real[seat], .at = wanted != nullptr ? wanted->at : got->at};
    if (got != nullptr) d.at = std::min(d.at, got->at);
    const PacketLines lines(*session_, seat, known_before(*session_, d.at));
    if (wanted != nullptr) {
      d.a = Shown{wanted->at, lines.line(wanted->bytes), ""};
      d.a_is_next = wanted->at > d.at;
    }
    if (got != nullptr) {
      d.b = Shown{got->at, lines.line(got->bytes), player_->why(got->sent)};
      d.b_is_next = got->at > d.at;
    }
    if (d.a && d.b && d.a->at == d.b->at) d.byte = first_other_byte(wanted->bytes, got->bytes);
    outcome_.difference = std::move(d);
  }

  const Session* session_;
  Player* player_;
  Recorded recorded_;
  Outcome outcome_;
};

}  // namespace

Outcome replay(const Session& session, Player& player) { return Replay(session, player).run(); }

// ---- side by side

namespace {

class Comparison {
 public:
  Comparison(const Session& session, Player& a, Player& b, Duration patience)
      : session_(&session), a_(&a), b_(&b), patience_(patience) {}

  Outcome run() {
    const Instant limit = session_->ended();
    while (!outcome_.difference) {
      const Instant at = std::min(a_->next(), b_->next());
      if (at > limit) break;
      step(*a_, at);
      step(*b_, at);
      if (const auto seat = differing_seat(at)) differ(*seat);
      if (!outcome_.difference && !b_->refused().empty()) {
        outcome_.problem =
            "at " + trace::seconds_text(at.since_start()) +
            " s the changed network does not take a packet of the real program: " + b_->refused();
        break;
      }
    }
    outcome_.arrivals =
        arrivals_until(*session_, outcome_.difference ? outcome_.difference->at : limit);
    return std::move(outcome_);
  }

 private:
  static void step(Player& side, Instant at) {
    if (side.next() <= at) side.step(at);
  }
  static std::deque<Delivered>& queue(Player& side, uint32_t seat) {
    return side.delivered()[seat];
  }

  // Drops what is the same. A difference counts once its instant has come: until then the other
  // side may still have an earlier one elsewhere.
  std::optional<uint32_t> differing_seat(Instant now) {
    std::optional<uint32_t> first;
    Instant earliest = Instant::never();
    for (uint32_t seat = 0; seat < session_->head.real.size(); ++seat) {
      std::deque<Delivered>& a = queue(*a_, seat);
      std::deque<Delivered>& b = queue(*b_, seat);
      for (; !a.empty() && !b.empty() && same(a.front(), b.front()); ++outcome_.departures) {
        a.pop_front();
        b.pop_front();
      }
      const Instant at = std::min(front_at(a), front_at(b));
      if (at <= now && at < earliest) {
        earliest = at;
        first = seat;
      }
    }
    return first;
  }
  static Instant front_at(const std::deque<Delivered>& queue) {
    return queue.empty() ? Instant::never() : queue.front().at;
  }

  void differ(uint32_t seat) {
    const Instant at = std::min(front_at(queue(*a_, seat)), front_at(queue(*b_, seat)));
    b_->end_arrivals_after(at);
    go_on_alone(*a_, seat, session_->ended());
    go_on_alone(*b_, seat, at + patience_);
    const PacketLines lines(*session_, seat, known_before(*session_, at));
    Difference d{.host = session_->head.real[seat], .at = at};
    d.a = shown(*a_, seat, lines);
    d.b = shown(*b_, seat, lines);
    d.a_is_next = d.a && d.a->at > at;
    d.b_is_next = d.b && d.b->at > at;
    if (d.a && d.b && d.a->at == d.b->at) {
      d.byte = first_other_byte(queue(*a_, seat).front().bytes, queue(*b_, seat).front().bytes);
    }
    outcome_.difference = std::move(d);
  }

  static void go_on_alone(Player& side, uint32_t seat, Instant limit) {
    while (queue(side, seat).empty() && side.next() <= limit) {
      side.step(side.next());
    }
  }

  static std::optional<Shown> shown(Player& side, uint32_t seat, const PacketLines& lines) {
    const std::deque<Delivered>& packets = queue(side, seat);
    if (packets.empty()) return std::nullopt;
    const Delivered& d = packets.front();
    return Shown{d.at, lines.line(d.bytes), side.why(d.sent)};
  }

  const Session* session_;
  Player *a_, *b_;
  Duration patience_;
  Outcome outcome_;
};

}  // namespace

Outcome compare(const Session& session, Player& as_it_ran, Player& changed, Duration patience) {
  return Comparison(session, as_it_ran, changed, patience).run();
}

}  // namespace tcptwin::session
