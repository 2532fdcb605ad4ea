#include "sim/session/player.h"

#include <algorithm>
#include <utility>

#include "models/json/diagnostic.h"
#include "sim/report/story.h"
#include "sim/trace/reason_text.h"
#include "stack/base/check.h"
#include "stack/wire/any_packet.h"

namespace tcptwin::session {

Player::Player(const Session& session, const scenario::Scenario& scenario, trace::Detail detail)
    : session_(&session),
      ticks_(report::ticks_of(scenario)),
      world_(scenario, session.head.seed, detail),
      delivered_(session.head.real.size()) {
  for (const std::string& host : session.head.real) {
    ports_.push_back(world_.port(host));
    CHECK(ports_.back() != nullptr);
  }
  skip_departures();
}

void Player::skip_departures() {
  const std::vector<Crossing>& all = session_->crossings;
  while (position_ < all.size() && all[position_].to_machine) ++position_;
}

Instant Player::next_arrival() const {
  if (position_ >= session_->crossings.size()) return Instant::never();
  const Instant at = session_->crossings[position_].at;
  return at <= last_arrival_ ? at : Instant::never();
}

Instant Player::next() const { return std::min(next_arrival(), world_.next()); }

// What is entered at an instant lies behind everything before it, as it did live.
void Player::step(Instant at) {
  while (next_arrival() <= at) {
    enter(session_->crossings[position_++]);
    skip_departures();
  }
  last_event_ = std::max(last_event_, world_.run_until(at));
  for (size_t seat = 0; seat < ports_.size(); ++seat) collect(seat);
}

void Player::enter(const Crossing& arrival) {
  auto packet = wire::parse_any(arrival.bytes);
  CHECK(packet.has_value());  // the session was read
  const auto verdict = ports_[arrival.seat]->enter(arrival.at, std::move(*packet));
  if (verdict == net::Port::Verdict::kEntered || !refused_.empty()) return;
  refused_ = net::verdict_text(verdict);
}

void Player::collect(size_t seat) {
  net::Port::Departure out;
  while (ports_[seat]->poll_packet(out)) {
    Delivered& d = delivered_[seat].emplace_back(Delivered{out.at, {}, out.sent});
    wire::emit(out.packet, d.bytes);
    if (out.flipped_bit > 0) trace::flip_bit(d.bytes, out.packet.ip.size(), out.flipped_bit);
  }
}

std::string Player::why(RecordId sent) const {
  const trace::Journal& journal = world_.journal();
  const trace::Record* record = journal.find(sent);
  if (record == nullptr) return "";
  const std::string text = trace::why_text(journal, *record, ticks_);
  return text.empty() ? "" : journal.host_name(record->host()) + ": " + text;
}

namespace {

std::string lines(const std::vector<json::Diagnostic>& diagnostics) {
  std::string text;
  for (const json::Diagnostic& d : diagnostics) text += json::to_string(d) + "\n";
  return text;
}

}  // namespace

Staged stage(const Session& session, const std::vector<scenario::Override>& changes) {
  const Head& head = session.head;
  std::vector<scenario::Override> overrides = head.overrides;
  overrides.insert(overrides.end(), changes.begin(), changes.end());
  Staged staged;
  staged.loaded = scenario::load(head.file, head.scenario, overrides);
  staged.problem = lines(staged.loaded.diagnostics);
  if (!staged.loaded.ok()) return staged;
  for (const scenario::Variant& v : staged.loaded.variants) {
    if (v.name == head.variant) staged.variant = &v;
  }
  if (staged.variant == nullptr) {
    staged.problem = "the scenario of the session has no variant \"" + head.variant + "\"\n";
    return staged;
  }
  staged.problem = lines(staged.variant->refused);
  staged.scenario = staged.variant->scenario;
  for (const std::string& name : head.real) {
    if (staged.scenario.make_real(name)) continue;
    staged.problem += "host \"" + name + "\", which was a real machine, is not in the scenario\n";
  }
  return staged;
}

}  // namespace tcptwin::session
