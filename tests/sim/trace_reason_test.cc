// Reasons in words.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "sim/trace/reason_text.h"
#include "tests/sim/trace_story.h"

namespace tcptwin::trace {
namespace {

tcp::TimerFired delayed_ack(Duration wish, Instant armed_at, Instant due) {
  return {.which = tcp::TimerKind::kDelayedAck,
          .shared_tick = {},
          .wish = wish,
          .armed_at = armed_at,
          .due = due};
}

template <size_t... kIndex>
std::vector<tcp::Reason> all_reasons(std::index_sequence<kIndex...>) {
  return {tcp::Reason(std::in_place_index<kIndex>)...};
}

// Of a clock of 250 ms, armed at 147 ms.
tcp::TimerFired shared_tick(tcp::TimerKind which, Duration wish, Instant due) {
  return {
      .which = which, .shared_tick = 250ms, .wish = wish, .armed_at = at_us(147'000), .due = due};
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
  const tcp::TimerFired timer{tcp::TimerKind::kRetransmission, {}, 1s, at_us(0), at_us(1'030'000)};
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

// ---- a clock for all connections of a host

TEST(ReasonText, AnAckHeldForASharedTickTellsWhenTheNextOneComes) {
  const tcp::AckHeld held{250ms, at_us(250'000), false, 250ms};
  EXPECT_EQ(to_text(held, {.at = at_us(147'000)}),
            "ACK held: at most until the host's next 250 ms tick, in 103 ms");
}

TEST(ReasonText, AnAckHeldForSeveralSharedTicksTellsItsDelay) {
  const tcp::AckHeld held{200ms, at_us(200'000), false, 100ms};
  EXPECT_EQ(to_text(held, {.at = at_us(30'000)}),
            "ACK held: delayed by 200 ms, its timer is due in 170 ms");
}

TEST(ReasonText, ASharedTickCameSomeTimeLater) {
  const auto tick = shared_tick(tcp::TimerKind::kDelayedAck, 250ms, at_us(250'000));
  EXPECT_EQ(to_text(tick, {.tick = 4ms}),
            "delayed-ACK timer: the 250 ms tick of all connections came 103 ms later");
}

TEST(ReasonText, ADelayedAckNamesTheSharedTickThatSentIt) {
  const auto tick = shared_tick(tcp::TimerKind::kDelayedAck, 250ms, at_us(250'000));
  const tcp::AckNow ack{policy::AckNowReason::kTimer, 0};
  EXPECT_EQ(to_text(ack, {.timer = &tick, .timer_at = at_us(250'000)}),
            "delayed ACK: the 250 ms tick of all connections came 103 ms later");
}

TEST(ReasonText, ATimerOfManySharedTicksTellsItsWishToo) {
  const auto timer = shared_tick(tcp::TimerKind::kRetransmission, 3s, at_us(3'000'000));
  EXPECT_EQ(to_text(timer, {.tick = 4ms}),
            "retransmission timer of 3 s fired after 2.853 s (on the 250 ms tick of all "
            "connections)");
}

// ---- data past Nagle, memory, pools

TEST(ReasonText, DataThatPassedNagleTellsWhatLetItPass) {
  using tcp::PastNagle;
  EXPECT_EQ(to_text(tcp::DataSegment{PastNagle::kSegmentsQueued}),
            "data, sent without waiting: more than one segment was queued");
  EXPECT_EQ(to_text(tcp::DataSegment{PastNagle::kBufferFull}),
            "data, sent without waiting: the send buffer was full");
  EXPECT_EQ(to_text(tcp::DataSegment{PastNagle::kWriteRefused}),
            "data, sent without waiting: a write had found no memory");
}

TEST(ReasonText, ReleasedDataTellsWhatEndedNagle) {
  const tcp::DataReleased data{tcp::DataReleased::By::kNagle, at_us(1'000),
                               tcp::PastNagle::kSegmentsQueued};
  EXPECT_EQ(to_text(data, {.at = at_us(4'000)}),
            "data that Nagle had held for 3 ms: more than one segment was queued");
}

TEST(ReasonText, DataHeldForWantOfMemoryNamesThePool) {
  using Pool = tcp::HeldByMemory::Pool;
  EXPECT_EQ(to_text(tcp::HeldByMemory{100, Pool::kSegments}),
            "100 bytes held: the host has run out of segments");
  EXPECT_EQ(to_text(tcp::HeldByMemory{1, Pool::kBuffers}),
            "1 byte held: the host has run out of buffers");
}

TEST(ReasonText, DataThatWaitedForMemoryTellsHowLong) {
  const tcp::DataReleased data{tcp::DataReleased::By::kMemory, at_us(1'000)};
  EXPECT_EQ(to_text(data, {.at = at_us(4'000)}), "data that had waited for memory for 3 ms");
}

TEST(ReasonText, AConnectionThatMadeRoomForAnotherTellsItsState) {
  EXPECT_EQ(to_text(tcp::PcbReclaimed{tcp::State::kTimeWait}),
            "given up in TIME-WAIT: the host's pool of connections was empty, a new one takes its "
            "place");
}

TEST(ReasonText, TheResetOfAConnectionThatMadeRoomSaysSo) {
  EXPECT_EQ(to_text(tcp::Reset{tcp::Reset::Why::kReclaimed}),
            "reset: the host's pool of connections was empty, a new one takes its place");
}

TEST(ReasonText, ADroppedSynTellsWhatWasFull) {
  using Why = tcp::SynDropped::Why;
  EXPECT_EQ(to_text(tcp::SynDropped{Why::kBacklog}),
            "the SYN was dropped without an answer: the listener's backlog is full");
  EXPECT_EQ(to_text(tcp::SynDropped{Why::kNoConnections}),
            "the SYN was dropped without an answer: the host's pool of connections is empty");
}

TEST(ReasonText, AHostThatNeverLeavesTimeWaitForASynSaysSo) {
  using Verdict = tcp::SynInTimeWait::Verdict;
  const tcp::SynInTimeWait met{.verdict = Verdict::kReset, .never_replaces = true};
  EXPECT_EQ(to_text(met),
            "the SYN met the TIME-WAIT of an earlier connection of these ports and got a reset: "
            "this host never takes a SYN in that state");
}

// ---- inferred reasons

TEST(ReasonText, AnInferredReasonSaysSoBehindItsWords) {
  EXPECT_EQ(to_text(tcp::DataSegment{}, {.inferred = true}),
            "data, sent without waiting (inferred)");
}

TEST(ReasonText, OnlyWordsThatEndWithTheMarkSayThatTheyAreInferred) {
  EXPECT_TRUE(says_inferred("server: data, sent without waiting (inferred)"));
  EXPECT_FALSE(says_inferred("data, sent without waiting"));
  EXPECT_FALSE(says_inferred(""));
}

TEST(ReasonText, AJournalKeepsWhatWasInferred) {
  Story story;
  story.infer_reasons(true);
  const RecordId sent = story.sends(kClient, 1, "P. 1:11(10) ack 1");
  const RecordId held = story.notes(kClient, 2, sent, tcp::HeldByWindow{10, 0});
  const auto why = [&](RecordId id) {
    return why_text(story.journal(), *story.journal().find(id), {});
  };
  EXPECT_EQ(why(sent), "data, sent without waiting (inferred)");
  EXPECT_EQ(why(held), "10 bytes held: the peer's window is closed (inferred)");
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
