#include "tests/support/simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "models/json/parse.h"
#include "models/json/patch.h"
#include "models/json/pointer.h"
#include "sim/trace/text_view.h"
#include "stack/base/check.h"
#include "tests/support/paths.h"

namespace tcptwin::support {

namespace {

// A string among the operations of a variant stands for those of another one.
void add_operations(const json::Node& variants, const std::string& name, json::Node& out) {
  const json::Node* variant = variants.find(name);
  ASSERT_NE(variant, nullptr) << name;
  for (const json::Node& item : variant->items()) {
    if (item.is_string()) {
      add_operations(variants, item.as_string(), out);
    } else {
      out.push(item);
    }
  }
}

}  // namespace

std::string Simulation::view(uint16_t host) const {
  std::string text;
  trace::write_host_view(
      *result.journal,
      {.host = host, .zero = first_packet(), .letters = {}, .human = false, .ticks = {}}, text);
  return text;
}

std::vector<std::string> Simulation::packets(uint16_t host) const {
  std::vector<std::string> lines;
  std::istringstream text(view(host));
  for (std::string line; std::getline(text, line);)
    lines.push_back(line.substr(line.find(' ') + 1));
  return lines;
}

Instant Simulation::first_packet() const { return trace::first_departure(*result.journal); }

const app::Measure& Simulation::measure(const std::string& name) const {
  const auto found = result.metrics.find(name);
  CHECK(found != result.metrics.end());
  return found->second;
}

trace::Chain Simulation::chain(const std::string& name) const {
  const app::Measure& m = measure(name);
  return trace::trace_back(*result.journal, {m.longest_start, m.longest_end, m.longest_record});
}

Simulation simulate_document(const std::string& name, const std::string& variant, uint64_t seed,
                             const std::vector<scenario::Override>& overrides) {
  std::ifstream file(source_path("traces/documents/" + name + "/scenario.json"));
  EXPECT_TRUE(file.good()) << name;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  json::Diagnostic error;
  json::Node document = *json::parse(name, text, &error);
  for (const scenario::Override& o : overrides) {
    const json::Node value = json::from_command_line(o.value, o.option);
    EXPECT_TRUE(json::set_at(document, o.pointer, value, &error)) << json::to_string(error);
  }
  const json::Node* variants = document.find("variants");
  json::Node operations = json::Node::array();
  if (variant != scenario::kBaseline) add_operations(*variants, variant, operations);
  EXPECT_TRUE(json::apply_patch(document, operations, variant, &error)) << json::to_string(error);
  document.set("variants", json::Node::object())
      .set("expect", json::Node::array())
      .set("tables", json::Node::array());
  return simulate(json::write(document, json::Style::kCompact), seed);
}

Simulation simulate(const std::string& scenario_text, uint64_t seed, const std::string& variant) {
  Simulation s;
  s.loaded = scenario::load("test", scenario_text, {});
  for (const json::Diagnostic& d : s.loaded.diagnostics) ADD_FAILURE() << json::to_string(d);
  CHECK(s.loaded.ok());
  const auto chosen = std::find_if(s.loaded.variants.begin(), s.loaded.variants.end(),
                                   [&](const scenario::Variant& v) { return v.name == variant; });
  CHECK(chosen != s.loaded.variants.end());
  s.result = scenario::run(chosen->scenario, seed, trace::Detail::kRecords);
  return s;
}

std::string two_hosts(const std::string& host_json, const std::string& client_program,
                      const std::string& server_program, const std::string& link_extra) {
  return R"({"schema": "tcptwin/scenario/1", "name": "test", "hosts": {"a": )" + host_json +
         R"(, "b": )" + host_json + R"(}, "links": [{"between": ["a", "b"], "delay": "1ms")" +
         link_extra +
         R"(}], "processes": [{"name": "client", "host": "a", "start": "1ms", "program": )" +
         client_program + R"(}, {"name": "server", "host": "b", "program": )" + server_program +
         "}]}";
}

}  // namespace tcptwin::support
