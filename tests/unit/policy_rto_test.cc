// Rto: the estimators of RFC 6298 and facts/linux.md D1-D3, by hand.
#include <gtest/gtest.h>

#include <vector>

#include "stack/policy/rto.h"
#include "tests/unit/policy_samples.h"

namespace tcptwin::policy {
namespace {

void sample(Rto& rto, Duration rtt) { rto.on_sample(rtt, StreamPos(1), StreamPos(1)); }

// A sample that ends a round trip.
class Rounds {
 public:
  explicit Rounds(Rto& rto) : rto_(&rto) {}
  void sample(Duration rtt) {
    rto_->on_sample(rtt, StreamPos(next_), StreamPos(next_ + 1));
    next_ += 2;
  }

 private:
  Rto* rto_;
  int64_t next_ = 1;
};

RtoConfig without_floor() {
  RtoConfig config = rfc_sample().rto;
  config.min = 1us;
  return config;
}

TEST(RtoRfc6298, IsOneSecondBeforeTheFirstSample) {  // 2.1
  EXPECT_EQ(Rto(rfc_sample().rto).rto(), 1s);
}

TEST(RtoRfc6298, TheFirstSampleGivesThreeTimesItself) {  // 2.2: SRTT = R, RTTVAR = R/2
  const RtoConfig config = without_floor();
  Rto rto(config);
  sample(rto, 100ms);
  EXPECT_EQ(rto.srtt(), 100ms);
  EXPECT_EQ(rto.rto(), 300ms);
}

TEST(RtoRfc6298, LaterSamplesAreSmoothedByAnEighthAndAQuarter) {  // 2.3
  const RtoConfig config = without_floor();
  Rto rto(config);
  sample(rto, 100ms);
  sample(rto, 180ms);  // RTTVAR = 3/4 50 + 1/4 80 = 57.5; SRTT = 7/8 100 + 1/8 180 = 110
  EXPECT_EQ(rto.srtt(), 110ms);
  EXPECT_EQ(rto.rto(), 110ms + 4 * 57500us);
  sample(rto, 110ms);  // RTTVAR = 3/4 57.5 + 0
  EXPECT_EQ(rto.rto(), 110ms + 4 * 43125us);
}

TEST(RtoRfc6298, IsNeverBelowOneSecond) {  // 2.4
  Rto rto(rfc_sample().rto);
  sample(rto, 1ms);
  EXPECT_EQ(rto.rto(), 1s);
}

TEST(RtoRfc6298, IsNeverAboveTheMaximum) {  // 2.5
  Rto rto(rfc_sample().rto);
  sample(rto, 50s);
  EXPECT_EQ(rto.rto(), 60s);
}

TEST(RtoRfc6298, BackoffDoublesUpToTheMaximum) {  // 5.5
  Rto rto(rfc_sample().rto);
  std::vector<Duration> waits;
  for (int i = 0; i < 8; ++i) {
    waits.push_back(rto.rto());
    rto.back_off();
  }
  EXPECT_EQ(waits, (std::vector<Duration>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}));
}

TEST(RtoRfc6298, ResettingTheBackoffGivesTheEstimateAgain) {
  Rto rto(rfc_sample().rto);
  sample(rto, 500ms);
  rto.back_off();
  EXPECT_EQ(rto.rto(), 3s);
  rto.reset_backoff();
  EXPECT_EQ(rto.rto(), 1500ms);
}

TEST(RtoRfc6298, AHandshakeWithoutSampleBeginsAtThreeSeconds) {  // 5.7
  Rto rto(rfc_sample().rto);
  rto.on_handshake_without_sample();
  EXPECT_EQ(rto.rto(), 3s);
  sample(rto, 400ms);
  EXPECT_EQ(rto.rto(), 1200ms);
}

TEST(RtoRfc6298, ASampleOfNothingCountsAsAMicrosecond) {
  const RtoConfig config = without_floor();
  Rto rto(config);
  sample(rto, 0ns);
  EXPECT_EQ(rto.srtt(), 1us);
}

TEST(RtoHandshake, DoublesFromTheStartWithoutLinearTimeouts) {
  const Rto rto(rfc_sample().rto);
  std::vector<Duration> waits;
  for (int i = 0; i < 5; ++i) waits.push_back(rto.handshake_rto(i, true));
  EXPECT_EQ(waits, (std::vector<Duration>{1s, 2s, 4s, 8s, 16s}));
}

// facts/linux.md D3: 1 s x5, then 2, 4, 8, 16, 32.
TEST(RtoHandshake, LinearTimeoutsComeFirst) {
  const Rto rto(linux_sample().rto);
  std::vector<Duration> waits;
  for (int i = 0; i < 10; ++i) waits.push_back(rto.handshake_rto(i, true));
  EXPECT_EQ(waits, (std::vector<Duration>{1s, 1s, 1s, 1s, 1s, 2s, 4s, 8s, 16s, 32s}));
}

TEST(RtoHandshake, AnAnswerDoublesAtOnce) {
  const Rto rto(linux_sample().rto);
  EXPECT_EQ(rto.handshake_rto(1, false), 2s);
  EXPECT_EQ(rto.handshake_rto(4, false), 16s);
}

// facts/linux.md D2: RTO >= SRTT + 200 ms; 204 ms in ticks of 4 ms.
TEST(RtoFlooredDeviation, RoundTripsOfMicrosecondsGiveTwoHundredAndFourMilliseconds) {
  const Profile& profile = linux_sample();
  const TimerGrain grain(profile.timer_grain, {});
  Rto rto(profile.rto);
  sample(rto, 35us);
  EXPECT_EQ(rto.rto(), 200ms + 35us);
  EXPECT_EQ(grain.from_ticks(grain.to_ticks(rto.rto())), 204ms);
}

TEST(RtoFlooredDeviation, TheFloorIsOfTheDeviationNotOfTheSum) {
  Rto rto(linux_sample().rto);
  sample(rto, 50ms);  // mdev 2 x 50 = 100 < 200
  EXPECT_EQ(rto.rto(), 250ms);
}

TEST(RtoFlooredDeviation, AFirstSampleAboveTheFloorGivesThreeTimesItself) {
  Rto rto(linux_sample().rto);
  sample(rto, 300ms);
  EXPECT_EQ(rto.rto(), 900ms);
}

TEST(RtoFlooredDeviation, ARisingRoundTripRaisesTheDeviationAtOnce) {
  Rto rto(linux_sample().rto);
  sample(rto, 200ms);  // srtt 200, mdev x4 = 400
  sample(rto, 600ms);  // error 400: mdev x4 += 400 - 100 = 700; srtt = 250
  EXPECT_EQ(rto.srtt(), 250ms);
  EXPECT_EQ(rto.rto(), 950ms);
}

TEST(RtoFlooredDeviation, AFallingRoundTripRaisesItByAnEighthOnly) {
  Rto rto(linux_sample().rto);
  sample(rto, 600ms);  // srtt 600, mdev x4 = 1200
  sample(rto, 40ms);   // error -560: 560 - 300 = 260, an eighth: 32.5
  EXPECT_EQ(rto.srtt(), 530ms);
  EXPECT_EQ(rto.rto(), 530ms + 1232500us);
}

TEST(RtoFlooredDeviation, TheDeviationDecaysByAQuarterARoundTrip) {
  Rto rto(linux_sample().rto);
  Rounds rounds(rto);
  rounds.sample(400ms);  // deviation 800
  rounds.sample(400ms);  // the first round's largest deviation is 800 itself
  EXPECT_EQ(rto.rto(), 400ms + 800ms);
  rounds.sample(400ms);  // mdev x4: 800, 600, 450; decays toward the largest of this round
  EXPECT_EQ(rto.rto(), 1200ms - 87500us);
}

TEST(RtoFlooredDeviation, DoublesUpToTwoMinutes) {  // facts/linux.md D3
  Rto rto(linux_sample().rto);
  sample(rto, 1us);
  for (int i = 0; i < 15; ++i) rto.back_off();
  EXPECT_EQ(rto.rto(), 120s);
}

// ---- sloppy: the BSD family

RtoConfig sloppy() {
  RtoConfig config;
  config.behaviour = RtoConfig::Behaviour::kSloppy;
  config.min = 30ms;
  config.local_min = 100ms;
  config.max = 64s;
  config.slop = 200ms;
  config.sample_floor = 1ms;
  config.largest_backoff = 64;
  config.forget_after = 3;
  return config;
}

TEST(RtoSloppy, ALanGives230Milliseconds) {  // facts/freebsd.md D1
  const RtoConfig config = sloppy();
  Rto rto(config);
  sample(rto, 100us);
  EXPECT_EQ(rto.rto(), 230ms);
}

TEST(RtoSloppy, OnTheSameLinkTheFloorIsItsOwn) {  // facts/darwin.md 5
  const RtoConfig config = sloppy();
  Rto rto(config);
  rto.set_local();
  sample(rto, 100us);
  EXPECT_EQ(rto.rto(), 300ms);
}

TEST(RtoSloppy, SamplesCountAsAMillisecondAtLeast) {
  const RtoConfig config = sloppy();
  Rto rto(config);
  sample(rto, 5us);
  EXPECT_EQ(rto.srtt(), 1ms);
}

TEST(RtoSloppy, SlopIsAddedAfterTheBackoffAndTheFactorEnds) {  // facts/darwin.md 5
  RtoConfig config = sloppy();
  config.forget_after = 0;
  Rto rto(config);
  sample(rto, 10ms);  // SRTT + 4 RTTVAR = 30 ms
  std::vector<Duration> waits;
  for (int i = 0; i < 9; ++i, rto.back_off()) waits.push_back(rto.rto());
  EXPECT_EQ(waits, (std::vector<Duration>{230ms, 260ms, 320ms, 440ms, 680ms, 1160ms, 2120ms, 2120ms,
                                          2120ms}));
}

TEST(RtoSloppy, TheFloorIsBackedOff) {  // a LAN of 1 ms in facts/darwin.md 5
  const RtoConfig config = sloppy();
  Rto rto(config);
  sample(rto, 1ms);
  std::vector<Duration> waits;
  for (int i = 0; i < 4; ++i, rto.back_off()) waits.push_back(rto.rto());
  EXPECT_EQ(waits, (std::vector<Duration>{230ms, 260ms, 320ms, 440ms}));
}

TEST(RtoSloppy, IsOneSecondWithoutSlopBeforeTheFirstSample) {
  const RtoConfig config = sloppy();
  EXPECT_EQ(Rto(config).rto(), 1s);
}

TEST(RtoSloppy, TheFourthTimeoutFoldsTheRttIntoItsVariance) {  // facts/darwin.md 5
  const RtoConfig config = sloppy();
  Rto rto(config);
  sample(rto, 100ms);
  for (int i = 0; i < 3; ++i) rto.back_off();
  EXPECT_EQ(rto.srtt(), 100ms);
  rto.back_off();
  EXPECT_EQ(rto.srtt(), 0ms);
}

// ---- giving up

TEST(RtoGivesUp, AfterACountOfRetransmissions) {
  RtoConfig config;
  config.data_retries = 12;
  const Rto rto(config);
  EXPECT_FALSE(rto.gives_up(11, 1h, false));
  EXPECT_TRUE(rto.gives_up(12, 1s, false));
}

TEST(RtoGivesUp, AfterTheTimeThatTheRetriesWouldLast) {  // facts/linux.md D3: 924.6 s
  RtoConfig config;
  config.min = 200ms;
  config.max = 120s;
  config.data_retries = 15;
  config.retries_are_time = true;
  const Rto rto(config);
  EXPECT_FALSE(rto.gives_up(20, 924s, false));
  EXPECT_TRUE(rto.gives_up(10, 924600ms, false));
}

TEST(RtoGivesUp, AnOrphanHasFewerRetries) {
  RtoConfig config;
  config.data_retries = 15;
  config.orphan_retries = 8;
  const Rto rto(config);
  EXPECT_TRUE(rto.gives_up(8, 1s, true));
  EXPECT_FALSE(rto.gives_up(8, 1s, false));
}

TEST(RtoGivesUp, AtTheUserTimeoutWhateverTheCount) {  // RFC 5482
  const RtoConfig config;
  const Rto rto(config);
  EXPECT_TRUE(rto.gives_up(1, 10s, false, 10s));
  EXPECT_FALSE(rto.gives_up(100, 9s, false, 10s));
}

}  // namespace
}  // namespace tcptwin::policy
