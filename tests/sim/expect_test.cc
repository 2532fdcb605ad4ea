// Statistics by nearest rank, names of metrics, and what an expectation makes of them.
#include <gtest/gtest.h>

#include "sim/expect/evaluate.h"

namespace tcptwin::expect {
namespace {

app::Measure measure(std::initializer_list<int64_t> values) {
  app::Measure m;
  for (const int64_t v : values) m.add(Instant(), Instant::from_ns(v), RecordId::kNone);
  return m;
}

scenario::Expectation at_least(std::string metric, scenario::Bound bound) {
  scenario::Expectation e;
  e.metric = std::move(metric);
  e.at_least = bound;
  return e;
}

Judged judge_one(const scenario::Expectation& e, const app::Metrics& metrics) {
  const Runs runs = {{"baseline", &metrics}, {"other", &metrics}};
  return judge({e}, runs).front();
}

TEST(Statistics, PercentilesAreTheNearestRank) {
  const Statistics s = statistics(measure({40, 10, 30, 20}));
  EXPECT_EQ(s.p50, 20);
  EXPECT_EQ(s.p99, 40);
  EXPECT_EQ(s.min, 10);
  EXPECT_EQ(s.sum, 100);
}

TEST(Statistics, TheFirstOfEqualValuesIsTheLongest) {
  EXPECT_EQ(measure({5, 9, 9, 1}).longest_index, 2);
}

TEST(Judge, AMetricWithoutAVariantMeansTheBaseline) {
  const app::Metrics metrics = {{"p.m", measure({5})}};
  EXPECT_EQ(judge_one(at_least("p.m.min", {true, 5}), metrics).variant, "baseline");
  EXPECT_EQ(judge_one(at_least("other/p.m.min", {true, 5}), metrics).variant, "other");
}

TEST(Judge, BoundsAreIncluded) {
  const app::Metrics metrics = {{"p.m", measure({5})}};
  EXPECT_TRUE(judge_one(at_least("p.m.min", {true, 5}), metrics).held);
  EXPECT_FALSE(judge_one(at_least("p.m.min", {true, 6}), metrics).held);
}

TEST(Judge, ANumberedValueIsTheOneOfThatRound) {
  const app::Metrics metrics = {{"p.m", measure({5, 7})}};
  EXPECT_TRUE(judge_one(at_least("p.m.#2", {true, 7}), metrics).held);
  EXPECT_EQ(judge_one(at_least("p.m.#3", {true, 7}), metrics).actual, "there are only 2");
}

TEST(Judge, AnUnknownMeasureSuggestsANearOne) {
  const app::Metrics metrics = {{"client.round", measure({5})}};
  const Judged j = judge_one(at_least("client.ruond.p50", {true, 1}), metrics);
  EXPECT_FALSE(j.held);
  EXPECT_NE(j.actual.find("did you mean \"client.round\"?"), std::string::npos);
}

TEST(Judge, AProgramThatNeverEndedHasBeenTimedNoTimes) {
  const app::Metrics metrics = {{"p.m", measure({5})}};
  scenario::Expectation e;
  e.metric = "p.elapsed.count";
  e.between = {{false, 0}, {false, 0}};
  EXPECT_TRUE(judge_one(e, metrics).held);
  e.metric = "p.elapsed.max";
  EXPECT_FALSE(judge_one(e, metrics).held);
}

TEST(Judge, ADurationIsNotComparedWithANumber) {
  const app::Metrics metrics = {{"p.m", measure({5})}};
  EXPECT_FALSE(judge_one(at_least("p.m.min", {false, 1}), metrics).held);
}

TEST(Judge, ARatioComparesSums) {
  const app::Metrics metrics = {{"p.a", measure({300, 300})}, {"p.b", measure({2, 4})}};
  scenario::Expectation e;
  e.ratio = {"baseline/p.a", "other/p.b"};
  e.at_least = scenario::Bound{false, 100'000'000'000};
  const Judged j = judge_one(e, metrics);
  EXPECT_TRUE(j.held);
  EXPECT_EQ(j.actual, "100.0");
  EXPECT_EQ(j.variant, "other");
}

TEST(Judge, LeavesOutWhatConcernsVariantsThatWereNotRun) {
  const app::Metrics metrics = {{"p.m", measure({5})}};
  const Runs runs = {{"baseline", &metrics}};
  EXPECT_TRUE(judge({at_least("other/p.m.min", {true, 5})}, runs).empty());
}

}  // namespace
}  // namespace tcptwin::expect
