#include "tests/support/simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "sim/trace/text_view.h"
#include "stack/base/check.h"

namespace tcptwin::support {

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
