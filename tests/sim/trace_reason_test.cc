// Reasons in words.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "sim/trace/reason_text.h"
#include "tests/sim/trace_story.h"

namespace tcptwin::trace {
namespace {

tcp::TimerFired delayed_ack(Duration wish, Instant armed_at, Instant due) {
  return {tcp::TimerKind::kDelayedAck, wish, armed_at, due};
}

template <size_t... kIndex>
std::vector<tcp::Reason> all_reasons(std::index_sequence<kIndex...>) {
  return {tcp::Reason(std::in_place_index<kIndex>)...};
}

TEST(ReasonText, EveryAlternativeHasOneLineOfWords) {
  constexpr auto kAll = std::make_index_sequence<std::variant_size_v<tcp::Reason>>();
  for (const tcp::Reason& reason : all_reasons(kAll)) {
    const std::string text = to_text(reason);
    EXPECT_FALSE(text.empty()) << reason.index();
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
}

TEST(ReasonText, DataHeldByNagleNamesBytesRuleAndWhatFreesThem) {
  const tcp::HeldByNagle held{10, StreamPos(31), policy::NagleConfig::Behaviour::kMinshall};
  EXPECT_EQ(to_text(held),
            "10 bytes held: Nagle, as long as another small segment is unacknowledged "
            "(until 31 is acknowledged)");
}

TEST(ReasonText, AClosedWindowIsCalledClosed) {
  EXPECT_EQ(to_text(tcp::HeldByWindow{5000, 0}), "5000 bytes held: the peer's window is closed");
}

TEST(ReasonText, ANarrowWindowTellsItsRoom) {
  EXPECT_EQ(to_text(tcp::HeldByWindow{5000, 1}),
            "5000 bytes held: the peer's window has room for only 1 byte");
}

TEST(ReasonText, AFullCongestionWindowTellsWhatIsInFlight) {
  EXPECT_EQ(to_text(tcp::HeldByCongestion{5000, 10, 10}),
            "5000 bytes held: the congestion window of 10 segments is full (10 in flight)");
}

TEST(ReasonText, AHeldAckTellsWhenItsTimerIsDue) {
  const tcp::AckHeld held{40ms, at_us(44'000), true};
  EXPECT_EQ(to_text(held, {.at = at_us(1'000)}),
            "ACK held: delayed by 40 ms, its timer is due in 43 ms "
            "(the connection was taken for a dialogue)");
}

TEST(ReasonText, ReleasedDataTellsHowLongItWasHeld) {
  const tcp::DataReleased data{tcp::DataReleased::By::kNagle, at_us(1'000)};
  EXPECT_EQ(to_text(data, {.at = at_us(44'900)}), "data that Nagle had held for 43.9 ms");
}

TEST(ReasonText, ATimerTellsWishLengthAndTick) {
  const auto timer = delayed_ack(40ms, at_us(0), at_us(43'900));
  EXPECT_EQ(to_text(timer, {.tick = 4ms}),
            "delayed-ACK timer of 40 ms fired after 43.9 ms (rounded up to the 4 ms tick)");
}

TEST(ReasonText, ATimerThatFiredAtItsWishWasNotRounded) {
  EXPECT_EQ(to_text(delayed_ack(40ms, at_us(10), at_us(40'010)), {.tick = 4ms}),
            "delayed-ACK timer of 40 ms fired after 40 ms");
}

TEST(ReasonText, ATimerInACoarseSlotNamesNoTick) {
  const tcp::TimerFired timer{tcp::TimerKind::kRetransmission, 1s, at_us(0), at_us(1'030'000)};
  EXPECT_EQ(to_text(timer, {.tick = 4ms}),
            "retransmission timer of 1 s fired after 1.03 s "
            "(rounded up by 30 ms to the host's timer grid)");
}

TEST(ReasonText, ADelayedAckNamesTheTimerThatSentIt) {
  const auto timer = delayed_ack(40ms, at_us(0), at_us(43'900));
  const tcp::AckNow ack{policy::AckNowReason::kTimer, 0};
  EXPECT_EQ(to_text(ack, {.tick = 4ms, .timer = &timer, .timer_at = at_us(43'910)}),
            "delayed ACK: timer of 40 ms fired after 43.91 ms (rounded up to the 4 ms tick)");
}

TEST(ReasonText, OnlyRepeatedRetransmissionsAreCounted) {
  EXPECT_EQ(to_text(tcp::Retransmission{1}), "retransmission");
  EXPECT_EQ(to_text(tcp::Retransmission{3}), "retransmission, 3 in a row");
}

TEST(ReasonText, APacketTakesItsTimerFromItsCause) {
  Story story;
  const RecordId timer =
      story.notes(kServer, 43'900, RecordId::kNone, delayed_ack(40ms, at_us(0), at_us(43'900)));
  const RecordId ack = story.sends(kServer, 43'901, ". 1:1(0) ack 11", timer,
                                   tcp::AckNow{policy::AckNowReason::kTimer, 0});
  EXPECT_EQ(why_text(story.journal(), *story.journal().find(ack), {0ms, 4ms}),
            "delayed ACK: timer of 40 ms fired after 43.9 ms (rounded up to the 4 ms tick)");
}

TEST(ReasonText, ACallHasNoReason) {
  Story story;
  const RecordId call = story.calls(kClient, 1, CallKind::kClose);
  EXPECT_EQ(why_text(story.journal(), *story.journal().find(call), {}), "");
}

}  // namespace
}  // namespace tcptwin::trace
