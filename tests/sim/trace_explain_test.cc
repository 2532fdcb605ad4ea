// Chains of causes and what is said about them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/trace/explain_text.h"
#include "tests/sim/trace_story.h"

namespace tcptwin::trace {
namespace {

using policy::NagleConfig;

constexpr tcp::AckNow kAckByTimer{policy::AckNowReason::kTimer, 0};

tcp::TimerFired fired(tcp::TimerKind which, Duration wish, int64_t armed_us, int64_t due_us) {
  return {.which = which,
          .shared_tick = {},
          .wish = wish,
          .armed_at = at_us(armed_us),
          .due = at_us(due_us)};
}

// One round of write, write, read against read, read, write, in which the server delays its ACK:
// `end` at 44,000 us.
Interval slow_round(Story& story) {
  story.handshake();
  const RecordId server_recv = story.calls(kServer, 150, CallKind::kRecv, 10);
  const RecordId send1 = story.calls(kClient, 1'000, CallKind::kSend, 10);
  const RecordId data1 = story.passes(kClient, 1'004, "P. 1:11(10) ack 1", send1);
  story.returns(kClient, 1'010, send1, send1, 10);
  const RecordId send2 = story.calls(kClient, 1'010, CallKind::kSend, 10);
  story.notes(kClient, 1'010, send2,
              tcp::HeldByNagle{10, StreamPos(11), NagleConfig::Behaviour::kMinshall});
  story.returns(kClient, 1'012, send2, send2, 10);
  const RecordId recv = story.calls(kClient, 1'012, CallKind::kRecv, 20);
  story.notes(kServer, 1'030, data1, tcp::AckHeld{40ms, at_us(44'900), true});
  const RecordId woken1 = story.wakes(kServer, 1'100, server_recv, data1);
  story.returns(kServer, 1'102, server_recv, woken1, 10);
  const RecordId server_recv2 = story.calls(kServer, 1'102, CallKind::kRecv, 10);

  const RecordId timer =
      story.notes(kServer, 44'902, data1, fired(tcp::TimerKind::kDelayedAck, 40ms, 1'030, 44'900));
  const RecordId ack = story.passes(kServer, 44'906, ". 1:1(0) ack 11", timer, kAckByTimer);
  const RecordId data2 =
      story.passes(kClient, 44'936, "P. 11:21(10) ack 1", ack,
                   tcp::DataReleased{tcp::DataReleased::By::kNagle, at_us(1'010)});
  const RecordId woken2 = story.wakes(kServer, 44'960, server_recv2, data2);
  story.returns(kServer, 44'962, server_recv2, woken2, 10);
  const RecordId reply = story.calls(kServer, 44'962, CallKind::kSend, 20);
  const RecordId data3 = story.passes(kServer, 44'966, "P. 1:21(20) ack 21", reply);
  const RecordId woken3 = story.wakes(kClient, 44'990, recv, data3);
  const RecordId last = story.returns(kClient, 45'000, recv, woken3, 20);
  return {at_us(1'000), at_us(45'000), last};
}

// The client's data is lost once, its retransmission timer fires at 200 ms. `end` at 200,100 us.
Interval lost_data(Story& story) {
  story.handshake();
  const RecordId send = story.calls(kClient, 1'000, CallKind::kSend, 10);
  story.drops(kClient, 1'004, story.sends(kClient, 1'004, "P. 1:11(10) ack 1", send));
  const RecordId recv = story.calls(kServer, 500, CallKind::kRecv, 10);
  const RecordId timer = story.notes(kClient, 201'000, send,
                                     fired(tcp::TimerKind::kRetransmission, 200ms, 1'000, 201'000));
  const RecordId again =
      story.passes(kClient, 201'004, "P. 1:11(10) ack 1", timer, tcp::Retransmission{1});
  const RecordId woken = story.wakes(kServer, 201'050, recv, again);
  return {at_us(1'000), at_us(201'100), story.returns(kServer, 201'100, recv, woken, 10)};
}

std::string render(Story& story, const Interval& interval, const ExplainOptions& options = {}) {
  return Explainer(story.journal(), options).render(trace_back(story.journal(), interval));
}

std::string summary(Story& story, const Interval& interval, const ExplainOptions& options = {}) {
  return Explainer(story.journal(), options).summary(trace_back(story.journal(), interval));
}

// ---- the chain

TEST(TraceBack, ASlowRoundLeadsThroughBothHostsBackToItsFirstCall) {
  Story story;
  const Chain chain = trace_back(story.journal(), slow_round(story));
  std::vector<size_t> kinds;
  for (const Step& step : chain.steps) kinds.push_back(step.record->event.index());
  const std::vector<size_t> expected{3, 0, 1, 6, 0, 1, 0, 1, 5, 4, 3, 0, 1, 5, 4};
  EXPECT_EQ(kinds, expected);  // as numbered by the variant Event
  EXPECT_EQ(chain.begin, Chain::Begin::kFirstCall);
}

TEST(TraceBack, StepsStandOldestFirstWithTheTimeBetweenThem) {
  Story story;
  const Chain chain = trace_back(story.journal(), slow_round(story));
  EXPECT_EQ(chain.steps.at(0).elapsed, 0us);
  EXPECT_EQ(chain.steps.at(1).elapsed, 4us);
  EXPECT_EQ(chain.steps.at(3).elapsed, 43'878us);  // arrival of the data to the timer
}

TEST(TraceBack, WhatCameBeforeTheIntervalIsLeftOut) {
  Story story;
  const RecordId first = story.calls(kClient, 10, CallKind::kSend, 1);
  story.returns(kClient, 20, first, first, 1);
  const RecordId second = story.calls(kClient, 20, CallKind::kSend, 1);
  const RecordId last = story.returns(kClient, 30, second, second, 1);
  const Chain chain = trace_back(story.journal(), {at_us(20), at_us(30), last});
  ASSERT_EQ(chain.steps.size(), 2u);  // the return at 20 us ended what came before
  EXPECT_EQ(chain.steps[0].record->id, second);
  EXPECT_EQ(chain.begin, Chain::Begin::kBeforeStart);
}

TEST(TraceBack, ARecordWithoutCauseBreaksTheChain) {
  Story story;
  const RecordId recv = story.calls(kClient, 10, CallKind::kRecv, 1);
  const RecordId woken = story.wakes(kClient, 900, recv, RecordId::kNone);
  const RecordId last = story.returns(kClient, 901, recv, woken, 0);
  const Chain chain = trace_back(story.journal(), {at_us(10), at_us(901), last});
  EXPECT_EQ(chain.begin, Chain::Begin::kNoCause);
  EXPECT_FALSE(chain.complete());
  EXPECT_EQ(chain.steps.size(), 2u);
}

TEST(TraceBack, ACauseThatWasNotKeptIsNamed) {
  Story story;
  const RecordId recv = story.calls(kClient, 10, CallKind::kRecv, 1);
  const RecordId lost_record = story.next_id(kServer);
  const RecordId woken = story.wakes(kClient, 900, recv, lost_record);
  const RecordId last = story.returns(kClient, 901, recv, woken, 0);
  const Chain chain = trace_back(story.journal(), {at_us(10), at_us(901), last});
  EXPECT_EQ(chain.begin, Chain::Begin::kNotKept);
  EXPECT_EQ(chain.missing, lost_record);
}

TEST(TraceBack, CausesInACircleEnd) {
  Story story;
  const RecordId recv = story.calls(kClient, 10, CallKind::kRecv, 1);
  const RecordId own = RecordId{static_cast<uint64_t>(recv) + 1};
  ASSERT_EQ(story.wakes(kClient, 20, recv, own), own);
  EXPECT_EQ(trace_back(story.journal(), {at_us(10), at_us(20), own}).begin, Chain::Begin::kEndless);
}

// ---- the waits

TEST(Waits, AddUpToTheInterval) {
  Story story;
  const Interval interval = slow_round(story);
  Duration sum{};
  for (const Wait& wait : waits_of(story.journal(), trace_back(story.journal(), interval))) {
    sum += wait.length();
  }
  EXPECT_EQ(sum, interval.end - interval.start);
}

TEST(Waits, TheTimersWaitKnowsTheDataItHeldUp) {
  Story story;
  const auto waits = waits_of(story.journal(), trace_back(story.journal(), slow_round(story)));
  EXPECT_EQ(waits.at(3).kind, WaitKind::kTimer);
  ASSERT_NE(waits[3].released, nullptr);
  EXPECT_EQ(waits[3].released->at, at_us(44'936));
}

TEST(Waits, WhatHappenedAfterTheHoldIsNotBlamedOnIt) {
  Story story;
  const auto waits = waits_of(story.journal(), trace_back(story.journal(), slow_round(story)));
  for (size_t i = 7; i < waits.size(); ++i) EXPECT_EQ(waits[i].released, nullptr) << i;
}

TEST(Waits, BehindABreakNothingIsExplained) {
  Story story;
  const RecordId recv = story.calls(kClient, 10, CallKind::kRecv, 1);
  const RecordId woken = story.wakes(kClient, 900, recv, RecordId::kNone);
  const Interval interval{at_us(10), at_us(900), woken};
  const auto waits = waits_of(story.journal(), trace_back(story.journal(), interval));
  EXPECT_EQ(waits.at(0).kind, WaitKind::kUnexplained);
  EXPECT_EQ(waits[0].length(), 890us);
}

// ---- the words

TEST(Explain, NagleAgainstDelayedAckIsOneSentence) {
  Story story;
  const Interval round = slow_round(story);
  EXPECT_EQ(summary(story, round, {.ticks = {4ms, 4ms}}),
            "43.88 ms of 44 ms: client held 10 bytes by Nagle (a small segment was unacknowledged) "
            "while server delayed the ACK of that segment, P. 1:11(10) (40 ms, interactive "
            "connection, rounded up to the 4 ms tick).");
}

TEST(Explain, TheLongestStepIsMarked) {
  Story story;
  const Interval round = slow_round(story);
  const std::string text = render(story, round, {.ticks = {4ms, 4ms}});
  EXPECT_NE(text.find("0.043902     +43.88 ms  server  delayed-ACK timer of 40 ms fired after "
                      "43.87 ms (rounded up to the 4 ms tick)  <== 43.88 ms: server held the ACK "
                      "of P. 1:11(10)\n"),
            std::string::npos)
      << text;
}

TEST(Explain, EveryStepIsALineOfTimeWaitWhoAndWhat) {
  Story story;
  const Interval round = slow_round(story);
  const std::string text = render(story, round);
  EXPECT_EQ(text.find("0.000000         +0 ns  client  calls send(10)\n"
                      "0.000004         +4 us  client  sends > P. 1:11(10) ack 1 win 65408 "
                      "[client#5]: data, sent without waiting\n"
                      "0.000024        +20 us  server  receives P. 1:11(10) [client#5]\n"),
            0u)
      << text;
}

TEST(Explain, OnALoopbackTheProgramsAreNamed) {
  Story story(true);
  const std::string text = summary(story, slow_round(story));
  EXPECT_NE(text.find("client held 10 bytes"), std::string::npos) << text;
  EXPECT_NE(text.find("while server delayed the ACK"), std::string::npos) << text;
}

TEST(Explain, ARetransmissionNamesTheLostPacket) {
  Story story;
  EXPECT_EQ(summary(story, lost_data(story)),
            "200 ms of 200.1 ms: client waited for its retransmission timer (200 ms) because "
            "P. 1:11(10) [client#5] was lost on link wire (listed by the scenario).");
}

TEST(Explain, ATimerWithoutALossSaysSo) {
  Story story;
  const RecordId send = story.calls(kClient, 0, CallKind::kSend, 10);
  story.sends(kClient, 0, "P. 1:11(10) ack 1", send);  // still on its way
  const RecordId timer = story.notes(kClient, 200'000, send,
                                     fired(tcp::TimerKind::kRetransmission, 200ms, 0, 200'000));
  const RecordId again =
      story.sends(kClient, 200'000, "P. 1:11(10) ack 1", timer, tcp::Retransmission{1});
  EXPECT_EQ(summary(story, {at_us(0), at_us(200'000), again}),
            "200 ms of 200 ms: client waited for its retransmission timer (200 ms); no loss of "
            "this connection is recorded that explains it.");
}

TEST(Explain, ATimerThatFiredWhileThePeerHeldItsAckSaysSo) {
  Story story;
  const RecordId send = story.calls(kClient, 0, CallKind::kSend, 10);
  const RecordId data = story.passes(kClient, 0, "P. 1:11(10) ack 1", send);
  story.notes(kServer, 30, data, tcp::AckHeld{500ms, at_us(500'030), false});
  const RecordId timer = story.notes(kClient, 200'000, send,
                                     fired(tcp::TimerKind::kRetransmission, 200ms, 0, 200'000));
  const RecordId again =
      story.sends(kClient, 200'000, "P. 1:11(10) ack 1", timer, tcp::Retransmission{1});
  EXPECT_EQ(summary(story, {at_us(0), at_us(200'000), again}),
            "200 ms of 200 ms: client waited for its retransmission timer (200 ms) although "
            "nothing was lost: server was holding its ACK, delayed by 500 ms.");
}

TEST(Explain, ASharedTickIsNamedAsTheDelay) {
  Story story;
  const RecordId send = story.calls(kClient, 0, CallKind::kSend, 10);
  const RecordId data = story.passes(kClient, 0, "P. 1:11(10) ack 1", send);
  tcp::TimerFired tick = fired(tcp::TimerKind::kDelayedAck, 250ms, 20, 200'000);
  tick.shared_tick = 250ms;
  const RecordId timer = story.notes(kServer, 200'000, data, tick);
  const RecordId ack = story.sends(kServer, 200'000, ". 1:1(0) ack 11", timer, kAckByTimer);
  EXPECT_EQ(summary(story, {at_us(0), at_us(200'000), ack}),
            "200 ms of 200 ms: server delayed the ACK of P. 1:11(10) (until the 250 ms tick of "
            "all connections).");
}

TEST(Explain, AnAckHeldForASharedTickExplainsATimer) {
  Story story;
  const RecordId send = story.calls(kClient, 0, CallKind::kSend, 10);
  const RecordId data = story.passes(kClient, 0, "P. 1:11(10) ack 1", send);
  story.notes(kServer, 30, data, tcp::AckHeld{250ms, at_us(220'000), false, 250ms});
  const RecordId timer = story.notes(kClient, 200'000, send,
                                     fired(tcp::TimerKind::kRetransmission, 200ms, 0, 200'000));
  const RecordId again =
      story.sends(kClient, 200'000, "P. 1:11(10) ack 1", timer, tcp::Retransmission{1});
  EXPECT_EQ(summary(story, {at_us(0), at_us(200'000), again}),
            "200 ms of 200 ms: client waited for its retransmission timer (200 ms) although "
            "nothing was lost: server was holding its ACK, delayed until the 250 ms tick of all "
            "connections.");
}

TEST(Explain, InferredHoldsAndTimersAreMarked) {
  Story story;
  story.infer_reasons(true);
  const Interval round = slow_round(story);
  EXPECT_EQ(summary(story, round, {.ticks = {4ms, 4ms}}),
            "43.88 ms of 44 ms: client held 10 bytes by Nagle (a small segment was unacknowledged) "
            "(inferred) while server delayed the ACK of that segment, P. 1:11(10) (40 ms, "
            "interactive connection, rounded up to the 4 ms tick) (inferred).");
}

TEST(Explain, InferredReasonsAreMarkedInTheirSteps) {
  Story story;
  story.infer_reasons(true);
  const Interval round = slow_round(story);
  const std::string text = render(story, round);
  EXPECT_NE(text.find("[client#5]: data, sent without waiting (inferred)\n"), std::string::npos)
      << text;
}

TEST(Explain, AnInferredTimerIsMarkedBeforeTheLossThatLedToIt) {
  Story story;
  story.infer_reasons(true);
  EXPECT_EQ(summary(story, lost_data(story)),
            "200 ms of 200.1 ms: client waited for its retransmission timer (200 ms) (inferred) "
            "because P. 1:11(10) [client#5] was lost on link wire (listed by the scenario).");
}

TEST(Explain, ADroppedSynExplainsTheHandshakeTimer) {
  Story story;
  const RecordId connect = story.calls(kClient, 0, CallKind::kConnect);
  const RecordId syn = story.passes(kClient, 0, "S 0:0(0) win 64240", connect);
  story.notes(kServer, 20, syn, tcp::SynDropped{tcp::SynDropped::Why::kNoConnections});
  const RecordId timer =
      story.notes(kClient, 1'000'000, connect, fired(tcp::TimerKind::kHandshake, 1s, 0, 1'000'000));
  const RecordId again =
      story.sends(kClient, 1'000'000, "S 0:0(0) win 64240", timer, tcp::HandshakeSegment{1});
  EXPECT_EQ(summary(story, {at_us(0), at_us(1'000'000), again}),
            "1 s of 1 s: client waited for its handshake timer (1 s) because the SYN was dropped "
            "without an answer: the host's pool of connections is empty.");
}

TEST(Explain, AHoldForWantOfMemoryIsNamed) {
  Story story;
  const RecordId nap = story.calls(kServer, 0, CallKind::kSleep, 300'000'000);
  story.notes(kClient, 1'000, nap, tcp::HeldByMemory{10, tcp::HeldByMemory::Pool::kSegments});
  const RecordId awake = story.returns(kServer, 300'000, nap, nap, 0);
  const RecordId data =
      story.sends(kClient, 300'000, "P. 1:11(10) ack 1", awake,
                  tcp::DataReleased{tcp::DataReleased::By::kMemory, at_us(1'000)});
  EXPECT_EQ(summary(story, {at_us(0), at_us(300'000), data}),
            "300 ms of 300 ms: client held 10 bytes for want of memory while server slept in "
            "sleep(300 ms).");
}

TEST(Explain, GivingUpNamesTheLastLoss) {
  Story story;
  const RecordId connect = story.calls(kClient, 0, CallKind::kConnect);
  const RecordId syn = story.sends(kClient, 0, "S 0:0(0) win 64240", connect);
  story.drops(kClient, 0, syn);
  const RecordId timer =
      story.notes(kClient, 1'000'000, connect, fired(tcp::TimerKind::kHandshake, 1s, 0, 1'000'000));
  const RecordId again =
      story.sends(kClient, 1'000'000, "S 0:0(0) win 64240", timer, tcp::HandshakeSegment{1});
  story.drops(kClient, 1'000'000, again);
  const RecordId last = story.notes(kClient, 3'000'000, timer,
                                    fired(tcp::TimerKind::kHandshake, 2s, 1'000'000, 3'000'000));
  EXPECT_EQ(summary(story, {at_us(0), at_us(3'000'000), last}),
            "3 s of 3 s: 2 times, at most for 2 s, client waited for its handshake timer (2 s) "
            "because S 0:0(0) [client#5] was lost on link wire (listed by the scenario).");
}

TEST(Explain, ALostAcknowledgmentIsNamed) {
  Story story;
  const RecordId send = story.calls(kClient, 0, CallKind::kSend, 10);
  const RecordId data = story.passes(kClient, 10, "P. 1:11(10) ack 1", send);
  story.drops(kServer, 40, story.sends(kServer, 40, ". 1:1(0) ack 11", data));
  const RecordId timer = story.notes(kClient, 200'000, send,
                                     fired(tcp::TimerKind::kRetransmission, 200ms, 10, 200'000));
  const RecordId again =
      story.sends(kClient, 200'000, "P. 1:11(10) ack 1", timer, tcp::Retransmission{1});
  const std::string text = summary(story, {at_us(0), at_us(200'000), again});
  EXPECT_NE(text.find("meanwhile . 1:1(0) [server#2] was lost on link wire"), std::string::npos)
      << text;
}

TEST(Explain, AProgramThatSleepsIsNamed) {
  Story story;
  const RecordId nap = story.calls(kServer, 0, CallKind::kSleep, 300'000'000);
  const RecordId last = story.returns(kServer, 300'000, nap, nap, 0);
  EXPECT_EQ(summary(story, {at_us(0), at_us(300'000), last}),
            "300 ms of 300 ms: server slept in sleep(300 ms).");
}

TEST(Explain, AHoldByTheWindowNamesWhatItWaitedFor) {
  Story story;
  const RecordId nap = story.calls(kServer, 0, CallKind::kSleep, 300'000'000);
  const RecordId awake = story.returns(kServer, 300'000, nap, nap, 0);
  const RecordId recv = story.calls(kServer, 300'000, CallKind::kRecv, 10);
  EXPECT_NE(awake, recv);
  const RecordId update =
      story.passes(kServer, 300'004, ". 1:1(0) ack 1", recv, tcp::WindowUpdate{0, 65'535});
  const RecordId data =
      story.sends(kClient, 300'030, "P. 1:11(10) ack 1", update,
                  tcp::DataReleased{tcp::DataReleased::By::kWindow, at_us(1'000)});
  const std::string text = summary(story, {at_us(0), at_us(300'030), data});
  EXPECT_NE(text.find("client held data because the peer's window was full while server slept in "
                      "sleep(300 ms)"),
            std::string::npos)
      << text;
}

TEST(Explain, TripsOnTheWireAreToldTogether) {
  Story story;
  const RecordId send = story.calls(kClient, 0, CallKind::kSend, 10);
  const RecordId there =
      story.passes(kClient, 0, "P. 1:11(10) ack 1", send, tcp::DataSegment{}, 10'000);
  const RecordId back =
      story.passes(kServer, 10'000, "P. 1:11(10) ack 11", there, tcp::DataSegment{}, 10'000);
  EXPECT_EQ(summary(story, {at_us(0), at_us(20'000), back}),
            "20 ms of 20 ms: packets were on the wire (2 trips).");
}

TEST(Explain, ABrokenChainIsReported) {
  Story story;
  const RecordId recv = story.calls(kClient, 0, CallKind::kRecv, 1);
  const RecordId woken = story.wakes(kClient, 900, recv, RecordId::kNone);
  const RecordId last = story.returns(kClient, 900, recv, woken, 0);
  const std::string text = render(story, {at_us(0), at_us(900), last});
  EXPECT_EQ(text.find("the chain breaks here: \"client wakes up in recv(1)\" names no cause\n"), 0u)
      << text;
  EXPECT_NE(text.find("900 us of 900 us: the records do not explain it. Not all of it is "
                      "explained: the chain breaks here"),
            std::string::npos)
      << text;
}

TEST(Explain, ACallThatNeverCameBackIsASleep) {
  Story story;
  const RecordId recv = story.calls(kClient, 10, CallKind::kRecv, 6'000'000);
  EXPECT_EQ(summary(story, {at_us(10), at_us(3'600'000'010), recv}),
            "1 h of 1 h: client slept in recv(6000000).");
}

TEST(Explain, OfALongChainTheMiddleIsLeftOut) {
  Story story;
  RecordId last = RecordId::kNone;
  for (int64_t i = 0; i < 50; ++i) {
    const RecordId call = story.calls(kClient, 10 * i, CallKind::kSend, 1);
    last = story.returns(kClient, 10 * i + 10, call, call, 1);
  }
  const std::string text = render(story, {at_us(0), at_us(500), last}, {.lines_max = 12});
  EXPECT_NE(text.find("...       +460 us  92 steps left out\n"), std::string::npos) << text;
}

TEST(Explain, AnEmptyMeasureTookNoTime) {
  Story story;
  const RecordId call = story.calls(kClient, 0, CallKind::kClose);
  const RecordId last = story.returns(kClient, 5, call, call, 0);
  EXPECT_EQ(summary(story, {at_us(5), at_us(5), last}), "The measure took no time.");
}

}  // namespace
}  // namespace tcptwin::trace
