#include "stack/policy/delayed_ack.h"

namespace tcptwin::policy {

namespace {

using Behaviour = std::variant<EverySecondSegment, QuickackPingpong, AlternateSegment,
                               ForcedCredits, StretchAcks>;

struct Maker {
  const TimerGrain& grain;
  uint32_t mss;
  Behaviour operator()(const EverySecondSegmentConfig& c) const {
    return EverySecondSegment(c, grain);
  }
  Behaviour operator()(const QuickackPingpongConfig& c) const {
    return QuickackPingpong(c, grain, mss);
  }
  Behaviour operator()(const AlternateSegmentConfig& c) const { return AlternateSegment(c, grain); }
  Behaviour operator()(const ForcedCreditsConfig& c) const { return ForcedCredits(c, grain); }
  Behaviour operator()(const StretchAcksConfig& c) const { return StretchAcks(c, grain); }
};

}  // namespace

DelayedAck::DelayedAck(const DelayedAckConfig& config, const TimerGrain& grain, uint32_t mss)
    : behaviour_(std::visit(Maker{grain, mss}, config)) {}

AckDecision DelayedAck::on_data(Instant now, const DataArrival& data, const AckView& view,
                                RecordId cause) {
  return std::visit([&](auto& b) { return b.on_data(now, data, view, cause); }, behaviour_);
}
AckDecision DelayedAck::on_repeated(Instant now, const AckView& view, RecordId cause) {
  return std::visit([&](auto& b) { return b.on_repeated(now, view, cause); }, behaviour_);
}
AckDecision DelayedAck::on_fin(Instant now, const AckView& view, RecordId cause) {
  return std::visit([&](auto& b) { return b.on_fin(now, view, cause); }, behaviour_);
}
AckDecision DelayedAck::on_gap(Instant now, const AckView& view, RecordId cause) {
  return std::visit([&](auto& b) { return b.on_gap(now, view, cause); }, behaviour_);
}
AckDecision DelayedAck::on_handshake(Instant now, bool data_follows, const AckView& view,
                                     RecordId cause) {
  return std::visit([&](auto& b) { return b.on_handshake(now, data_follows, view, cause); },
                    behaviour_);
}
AckDecision DelayedAck::on_read(Instant now, const ReadDone& read, const AckView& view) {
  return std::visit([&](auto& b) { return b.on_read(now, read, view); }, behaviour_);
}
AckDecision DelayedAck::on_timer(Instant now, const AckView& view) {
  return std::visit([&](auto& b) { return b.on_timer(now, view); }, behaviour_);
}
AckDecision DelayedAck::on_pause_over(Instant now, const AckView& view) {
  return std::visit([&](auto& b) { return b.on_pause_over(now, view); }, behaviour_);
}
AckDecision DelayedAck::set_quickack(Instant now, int value, const AckView& view) {
  return std::visit([&](auto& b) { return b.set_quickack(now, value, view); }, behaviour_);
}
void DelayedAck::on_established(uint32_t mss) {
  std::visit([&](auto& b) { b.on_established(mss); }, behaviour_);
}
void DelayedAck::on_out_of_order(const AckView& view) {
  std::visit([&](auto& b) { b.on_out_of_order(view); }, behaviour_);
}
void DelayedAck::on_data_sent(Instant now) {
  std::visit([&](auto& b) { b.on_data_sent(now); }, behaviour_);
}
void DelayedAck::on_ack_sent(bool alone) {
  std::visit([&](auto& b) { b.on_ack_sent(alone); }, behaviour_);
}
void DelayedAck::on_idle_restart() {
  std::visit([](auto& b) { b.on_idle_restart(); }, behaviour_);
}
void DelayedAck::on_congestion_mark(const AckView& view) {
  std::visit([&](auto& b) { b.on_congestion_mark(view); }, behaviour_);
}
void DelayedAck::on_window_grown() {
  std::visit([](auto& b) { b.on_window_grown(); }, behaviour_);
}
void DelayedAck::on_space_low() {
  std::visit([](auto& b) { b.on_space_low(); }, behaviour_);
}
void DelayedAck::on_prequeued(Instant now, RecordId cause) {
  std::visit([&](auto& b) { b.on_prequeued(now, cause); }, behaviour_);
}
bool DelayedAck::interactive() const {
  return std::visit([](const auto& b) { return b.interactive(); }, behaviour_);
}
int32_t DelayedAck::quick_acks_left() const {
  return std::visit([](const auto& b) { return b.quick_acks_left(); }, behaviour_);
}
uint32_t DelayedAck::segment_estimate() const {
  return std::visit([](const auto& b) { return b.segment_estimate(); }, behaviour_);
}
const Timer& DelayedAck::timer() const {
  return std::visit([](const auto& b) -> const Timer& { return b.timer(); }, behaviour_);
}
const Timer* DelayedAck::pause_timer() const {
  return std::visit([](const auto& b) -> const Timer* { return b.pause_timer(); }, behaviour_);
}
Duration DelayedAck::shared_tick() const {
  return std::visit([](const auto& b) { return b.shared_tick(); }, behaviour_);
}

}  // namespace tcptwin::policy
