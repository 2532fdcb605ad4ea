// What the documents say is true: the reference manual is the program's own, and the scenarios in
// README.md and docs/scenarios.md load and do what they expect of themselves.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "sim/expect/evaluate.h"
#include "sim/scenario/load.h"
#include "sim/scenario/run.h"
#include "tests/support/paths.h"

namespace tcptwin {
namespace {

std::string document(const std::string& name) {
  std::ifstream file(support::source_path(name), std::ios::binary);
  EXPECT_TRUE(file.good()) << name << " is missing";
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// What the program prints on standard output.
std::string output_of(const std::string& arguments) {
  FILE* pipe = popen((std::string(TCPTWIN_PROGRAM) + " " + arguments).c_str(), "r");
  std::string output;
  char buffer[4096];
  for (size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  EXPECT_EQ(WEXITSTATUS(pclose(pipe)), 0) << "tcptwin " << arguments;
  return output;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// A block between "```json" and "```".
struct Block {
  size_t line = 0;  // of its first line, from 1
  std::string text;
};

std::vector<Block> json_blocks(const std::string& markdown) {
  std::vector<Block> blocks;
  bool inside = false;
  size_t number = 0;
  for (const std::string& line : lines_of(markdown)) {
    ++number;
    if (!inside && line == "```json") {
      inside = true;
      blocks.push_back({number + 1, ""});
    } else if (line.starts_with("```")) {
      inside = false;
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  EXPECT_FALSE(inside) << "a block of JSON does not end";
  return blocks;
}

// Begins with {"schema", whatever the spaces.
bool is_scenario(const std::string& text) {
  std::string start;
  for (const char c : text) {
    if (c != ' ' && c != '\n') start += c;
    if (start.size() == 9) break;
  }
  return start == R"({"schema")";
}

void expect_scenario_holds(const std::string& name, const Block& block) {
  // Empty lines before it make the messages count lines as the document does.
  const std::string text = std::string(block.line - 1, '\n') + block.text;
  const scenario::Loaded loaded = scenario::load(name, text, {});
  for (const json::Diagnostic& d : loaded.diagnostics) ADD_FAILURE() << json::to_string(d);
  if (!loaded.ok()) return;
  for (const json::Diagnostic& d : scenario::demand_expectations(name, loaded)) {
    ADD_FAILURE() << json::to_string(d);
  }
  std::vector<scenario::RunResult> results;
  results.reserve(loaded.variants.size());
  expect::Runs runs;
  for (const scenario::Variant& v : loaded.variants) {
    if (!v.refused.empty()) continue;
    results.push_back(scenario::run(v.scenario, 0, trace::Detail::kDigest));
    runs[v.name] = &results.back().metrics;
  }
  for (const expect::Judged& j : expect::judge(loaded.variants.front().scenario.expect, runs)) {
    EXPECT_TRUE(j.held) << name << ":" << block.line << ": " << j.text << "; it is " << j.actual;
  }
}

void expect_scenarios_hold(const std::string& name) {
  size_t scenarios = 0;
  for (const Block& block : json_blocks(document(name))) {
    if (!is_scenario(block.text)) continue;
    ++scenarios;
    expect_scenario_holds(name, block);
  }
  EXPECT_GT(scenarios, 0u) << name << " shows no scenario";
}

TEST(Docs, TheReferenceIsWhatTheProgramSays) {
  const auto written = lines_of(document("docs/reference.md"));
  const auto said = lines_of(output_of("schema manual"));
  const auto [first, other] =
      std::mismatch(written.begin(), written.end(), said.begin(), said.end());
  if (first == written.end() && other == said.end()) return;
  ADD_FAILURE() << "docs/reference.md:" << first - written.begin() + 1
                << ": differs from what the program says here:\n  "
                << (other == said.end() ? "(nothing)" : *other)
                << "\nTo make it anew, in the folder of the project:\n"
                << "  build/release/bin/tcptwin schema manual > docs/reference.md";
}

TEST(Docs, TheScenarioOfTheReadmeHolds) { expect_scenarios_hold("README.md"); }

TEST(Docs, TheScenariosOfTheGuideHold) { expect_scenarios_hold("docs/scenarios.md"); }

}  // namespace
}  // namespace tcptwin
