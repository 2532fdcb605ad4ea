// The tables of a scenario, and the table of a matrix.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "models/json/patch.h"
#include "sim/report/matrix.h"
#include "sim/report/scenario_tables.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::two_hosts;
using testing::HasSubstr;

// The client asks twice over a link of 1 ms; the variant "far" has one of 5 ms.
std::string with_tables(const std::string& tables) {
  std::string text = two_hosts(R"({"profile": "linux-6.18"})",
                               R"([{"connect": {"to": "b", "port": 80}},
      {"repeat": 2, "do": [{"measure": "round", "do": [{"write": 10}, {"read": 10}]}]},
      {"close": {}}])",
                               R"([{"listen": 80}, {"accept": {}},
      {"loop": [{"read": 10}, {"write": 10}]}, {"close": {}}])");
  text.erase(text.rfind('}'));
  return text + R"(, "variants": {"far": [{"op": "replace", "path": "/links/0/delay",
      "value": "5ms"}]}, "tables": )" +
         tables + "}";
}

struct Tables {
  scenario::Loaded loaded;
  std::vector<scenario::RunResult> results;
  expect::Runs runs;

  explicit Tables(const std::string& tables,
                  const std::vector<std::string>& variants = {"baseline", "far"})
      : loaded(scenario::load("test", with_tables(tables), {})) {
    EXPECT_TRUE(loaded.ok()) << json::to_string(loaded.diagnostics.front());
    results.reserve(variants.size());
    for (const scenario::Variant& v : loaded.variants) {
      if (std::find(variants.begin(), variants.end(), v.name) == variants.end()) continue;
      results.push_back(scenario::run(v.scenario, 0, trace::Detail::kDigest));
      runs[v.name] = &results.back().metrics;
    }
  }
  std::string text() const {
    return report::scenario_tables(loaded.variants.front().scenario, runs);
  }
};

std::string problem_of(const std::string& tables) {
  const auto loaded = scenario::load("test", with_tables(tables), {});
  return loaded.ok() ? "" : json::to_string(loaded.diagnostics.front());
}

TEST(Tables, ARowForEachVariantWhereNoneAreNamed) {
  const Tables t(R"([{"title": "Rounds", "head": "link",
      "columns": [{"name": "count", "metric": "client.round.count"}]}])");
  EXPECT_EQ(t.text(), "Rounds\nlink      count\nbaseline      2\nfar           2\n\n");
}
TEST(Tables, AColumnCanBeAVariantAndARowAMetric) {
  const Tables t(R"([{"title": "T", "rows": [{"name": "rounds", "metric": "client.round.count"}],
      "columns": [{"variant": "baseline"}, {"name": "5 ms", "variant": "far"}]}])");
  EXPECT_EQ(t.text(), "T\n        baseline  5 ms\nrounds         2     2\n\n");
}
TEST(Tables, ACellCanBeMeasuredAgainstAnotherVariant) {
  const Tables t(R"([{"title": "T", "columns": [
      {"name": "times", "metric": "client.round.count", "against": "baseline"}]}])");
  EXPECT_THAT(t.text(), HasSubstr("far        1.00\n"));
}
TEST(Tables, ACellCanCountRoundTrips) {
  const Tables t(R"([{"title": "T", "rows": [{"variant": "far"}], "columns": [
      {"name": "round trips", "metric": "client.round.p50", "in_units_of": "10ms"}]}])");
  EXPECT_THAT(t.text(), HasSubstr("far         1.0"));
}
TEST(Tables, ARowWhoseVariantDidNotRunIsLeftOut) {
  const Tables t(R"([{"title": "T", "columns": [{"metric": "client.round.count"}]}])", {"far"});
  EXPECT_EQ(t.text(), "T\n     client.round.count\nfar                   2\n\n");
}
TEST(Tables, AreInTheResultAsJson) {
  const Tables t(R"([{"title": "T", "columns": [{"metric": "client.round.count"}]}])");
  const json::Node node = report::scenario_tables_json(t.loaded.variants.front().scenario, t.runs);
  EXPECT_EQ(node.items()[0].find("rows")->items()[1].find("cells")->items()[0].as_string(), "2");
}
TEST(Tables, AMeasureThatNobodyTakesIsAMistake) {
  EXPECT_THAT(problem_of(R"([{"title": "T", "columns": [{"metric": "client.rond"}]}])"),
              HasSubstr("/tables/0: unknown measure of baseline \"client.rond\""));
}
TEST(Tables, AVariantThatDoesNotExistIsAMistake) {
  EXPECT_THAT(
      problem_of(R"([{"title": "T", "columns": [{"metric": "client.round", "variant": "fra"}]}])"),
      HasSubstr("/tables/0: unknown variant \"fra\""));
}
TEST(Tables, AStatisticThatDoesNotExistIsAMistake) {
  EXPECT_THAT(problem_of(R"([{"title": "T", "columns": [{"metric": "client.round.p42"}]}])"),
              HasSubstr("\"p42\""));
}

// ---- the table of a matrix

struct MatrixOf {
  report::Matrix matrix{.axes = {"/links/0/delay"}, .metrics = {}};

  void add(const std::string& delay) {
    const scenario::Loaded loaded =
        scenario::load("test", with_tables("[]"), {{"/links/0/delay", delay, "--matrix"}});
    ASSERT_TRUE(loaded.ok());
    report::ScenarioReport r;
    r.variants = {&loaded.variants.front()};
    r.results.push_back(scenario::run(r.variants[0]->scenario, 0, trace::Detail::kDigest));
    report::add_runs(matrix, {delay}, std::move(r));
  }
};

TEST(Matrix, HasARowForEachValueAndOneHead) {
  MatrixOf m;
  m.add("1ms");
  m.add("5ms");
  const std::string text = report::text(m.matrix);
  EXPECT_THAT(text,
              testing::StartsWith("/links/0/delay  client.round.p50  client.round.max  held"));
  EXPECT_THAT(text, HasSubstr("\n1ms "));
  EXPECT_THAT(text, HasSubstr("\n5ms "));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}
TEST(Matrix, CountsOnlyWhereTheRowsDiffer) {
  MatrixOf m;
  m.add("1ms");
  m.add("5ms");
  EXPECT_THAT(report::text(m.matrix), testing::Not(HasSubstr("client.round.count")));
  m.matrix.rows[1].metrics["client.round"].values.pop_back();
  EXPECT_THAT(report::text(m.matrix), HasSubstr("client.round.count"));
}
TEST(Matrix, MarksWhatFailed) {
  MatrixOf m;
  m.add("1ms");
  m.matrix.rows[0].trouble = {"FAILED: client in connect: ETIMEDOUT", "server sleeps in recv"};
  EXPECT_THAT(report::text(m.matrix),
              HasSubstr("FAILED: client in connect: ETIMEDOUT; server sleeps in recv\n"));
}
TEST(Matrix, HasTheColumnsThatAreAskedFor) {
  MatrixOf m;
  m.matrix.metrics = {"client.elapsed.sum"};
  m.add("1ms");
  EXPECT_THAT(report::text(m.matrix),
              testing::StartsWith("/links/0/delay  client.elapsed.sum  held"));
}

}  // namespace
}  // namespace tcptwin
