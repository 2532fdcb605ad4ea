// Sweeps: the grid, the columns, and what a point that does not fit says.
#include "sim/sweep/sweep.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/support/paths.h"
#include "tests/support/simulation.h"

namespace tcptwin::sweep {
namespace {

Axis axis(const std::string& text) {
  Axis a;
  EXPECT_TRUE(parse_axis(text, &a)) << text;
  return a;
}

std::string what_if(const std::string& name) {
  std::ifstream file(support::source_path("traces/what-if/" + name + "/scenario.json"));
  EXPECT_TRUE(file.good());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Sweep sweep_of(const std::string& name, const std::vector<Axis>& axes,
               std::vector<std::string> metrics) {
  return {.file = "test",
          .text = what_if(name),
          .overrides = {},
          .grid = Grid(axes, "--vary"),
          .variants = {},
          .metrics = std::move(metrics)};
}

TEST(SweepAxis, CommasInsideBracketsAndQuotesDoNotPartValues) {
  EXPECT_EQ(axis(R"(/x=[1,2],{"a": 1, "b": 2},"c,d",e)").values,
            (std::vector<std::string>{"[1,2]", R"({"a": 1, "b": 2})", "\"c,d\"", "e"}));
}
TEST(SweepAxis, AnEmptyValueIsNone) {
  Axis a;
  EXPECT_FALSE(parse_axis("/x=1,,2", &a));
  EXPECT_FALSE(parse_axis("/x=", &a));
  EXPECT_FALSE(parse_axis("x=1", &a));
}
TEST(SweepGrid, TheLastAxisVariesFastest) {
  const Grid grid({axis("/a=1,2"), axis("/b=x,y,z")}, "--vary");
  ASSERT_EQ(grid.size(), 6u);
  EXPECT_EQ(grid.at(1)[0].value, "1");
  EXPECT_EQ(grid.at(1)[1].value, "y");
  EXPECT_EQ(grid.at(3)[0].value, "2");
  EXPECT_EQ(grid.at(3)[1].value, "x");
}
TEST(SweepGrid, SamplesHaveEveryValue) {
  const Grid grid({axis("/a=1,2"), axis("/b=x,y,z")}, "--vary");
  EXPECT_EQ(grid.samples(), (std::vector<size_t>{0, 1, 2, 3}));
}
TEST(SweepGrid, ItsSizeIsBounded) {
  std::string values = "/a=0";
  for (int i = 1; i < 1000; ++i) values += "," + std::to_string(i);
  const Grid grid({axis(values), axis(values), axis(values)}, "--vary");
  EXPECT_EQ(grid.size(), Grid::kLargest + 1);
}
TEST(Sweep, FloorOfTheRtoSetsTheTimeOfALostRequest) {
  Sweep sweep =
      sweep_of("rto-floor", {axis("/hosts/client/set/rto/min=200ms,1s")}, {"client.echo.max"});
  ASSERT_TRUE(prepare(sweep).empty());
  EXPECT_EQ(table(sweep, {run_point(sweep, 0), run_point(sweep, 1)}),
            "/hosts/client/set/rto/min  client.echo.max\n"
            "200ms                               220 ms\n"
            "1s                                  1.02 s\n");
}
TEST(Sweep, MslSetsWhenAPortIsFreeAgain) {
  Sweep sweep = sweep_of("time-wait-ports", {axis("/hosts/client/set/close/msl=15s,30s")},
                         {"client.exchange.count"});
  ASSERT_TRUE(prepare(sweep).empty());
  EXPECT_EQ(run_point(sweep, 0).rows[0].values[0], 12);
  EXPECT_EQ(run_point(sweep, 1).rows[0].values[0], 4);
}
TEST(Sweep, AMeasureOfNumbersIsShownAsNumbers) {
  Sweep sweep{
      .file = "test",
      .text = support::two_hosts(
          R"({"profile": "linux-6.18"})",
          R"([{"connect": {"to": "b", "port": 80}}, {"recv": {"bytes": 5000, "record": "got"}}])",
          R"([{"listen": {"port": 80}}, {"accept": {}}, {"write": 700}])"),
      .overrides = {},
      .grid = Grid({axis("/links/0/delay=1ms")}, "--vary"),
      .variants = {},
      .metrics = {"client.got.max"}};
  ASSERT_TRUE(prepare(sweep).empty());
  EXPECT_EQ(table(sweep, {run_point(sweep, 0)}),
            "/links/0/delay  client.got.max\n"
            "1ms                        700\n");
}
TEST(Sweep, SeveralSeedsAreRunsOfOneLineAndTheirUnfinishedOnesAreCounted) {
  Sweep sweep{
      .file = "test",
      .text = support::two_hosts(
          R"({"profile": "linux-6.18"})",
          R"([{"connect": {"to": "b", "port": 80}}, {"measure": "got", "do": [{"recv": 700}]}])",
          R"([{"listen": {"port": 80}}, {"accept": {}}, {"write": 700}, {"recv": 1}])",
          R"(, "directions": [{"from": "b", "jitter": "5ms"}])"),
      .overrides = {},
      .grid = Grid({}, "--vary"),
      .seeds = 20,
      .variants = {},
      .metrics = {"client.unfinished", "server.unfinished", "client.got.count", "client.got.min",
                  "client.got.max"}};
  ASSERT_TRUE(prepare(sweep).empty());
  const Point point = run_point(sweep, 0);
  ASSERT_EQ(point.rows.size(), 1u);
  const auto& values = point.rows[0].values;
  EXPECT_EQ(values[0], 0);
  EXPECT_EQ(values[1], 20);  // it waits for a byte that never comes
  EXPECT_EQ(values[2], 20);
  EXPECT_LT(values[3]->value, values[4]->value);
  EXPECT_NE(table(sweep, {point}).find("20 of 20"), std::string::npos);
}
TEST(Sweep, UnfinishedRunsAreOfAProcess) {
  Sweep sweep = sweep_of("rto-floor", {axis("/links/0/delay=1ms")}, {"cleint.unfinished"});
  ASSERT_EQ(prepare(sweep).size(), 1u);
}
TEST(Sweep, AMetricWithoutAStatisticHasThreeColumns) {
  Sweep sweep = sweep_of("rto-floor", {axis("/links/0/delay=1ms")}, {"client.echo"});
  ASSERT_TRUE(prepare(sweep).empty());
  ASSERT_EQ(sweep.columns.size(), 3u);
  EXPECT_EQ(sweep.columns[1].name(), "client.echo.p99");
}
TEST(Sweep, WithoutMetricsElapsedIsShownOnlyWhenNothingElseIsMeasured) {
  Sweep sweep = sweep_of("rto-floor", {axis("/links/0/delay=1ms")}, {});
  ASSERT_TRUE(prepare(sweep).empty());
  for (const Column& column : sweep.columns) EXPECT_EQ(column.measure, "client.echo");
}
TEST(Sweep, AValueThatDoesNotFitNamesItsOption) {
  Sweep sweep = sweep_of("rto-floor", {axis("/links/0/delay=1ms,2")}, {});
  const auto mistakes = prepare(sweep);
  ASSERT_EQ(mistakes.size(), 1u);
  EXPECT_EQ(json::to_string(mistakes[0]),
            "--vary /links/0/delay=2: /links/0/delay: expected a duration such as \"40ms\", found "
            "the number 2");
}
TEST(Sweep, AnUnknownMetricSuggestsOne) {
  Sweep sweep = sweep_of("rto-floor", {axis("/links/0/delay=1ms")}, {"client.ehco.max"});
  const auto mistakes = prepare(sweep);
  ASSERT_EQ(mistakes.size(), 1u);
  EXPECT_EQ(mistakes[0].message,
            "--metric client.ehco.max: nothing is measured as \"client.ehco\" (did you mean "
            "\"client.echo\"?)");
}

}  // namespace
}  // namespace tcptwin::sweep
