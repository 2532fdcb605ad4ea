#include "tests/lwip/lwip_host.h"

#include <cstdlib>

#include "models/lwip/builds.h"
#include "sim/report/story.h"

namespace tcptwin::lwip_test {

void LwipTest::SetUp() {
  if (lwip::absence().empty()) return;
  if (std::getenv("TCPTWIN_NO_SKIP") != nullptr) FAIL() << lwip::absence();
  GTEST_SKIP() << lwip::absence();
}

std::string host(const std::string& profile, const std::string& set) {
  return R"({"profile": ")" + profile + R"(", "set": {)" + set + "}}";
}

std::string lwip_host(const std::string& keys) {
  return host("lwip-2.1.3", R"("lwip": {)" + keys + "}");
}

support::Simulation run(const World& world) {
  World whole = world;
  whole.client = R"({"connect": {"to": "b", "port": 80}}, )" + world.client;
  whole.server = R"({"listen": 80}, {"accept": {}}, )" + world.server;
  return run_programs(whole);
}

support::Simulation run_programs(const World& world) {
  const std::string link = world.link.empty() ? "" : ", " + world.link;
  return support::simulate(R"({"schema": "tcptwin/scenario/1", "name": "test", "hosts": {"a": )" +
                           world.a + R"(, "b": )" + world.b +
                           R"(}, "links": [{"between": ["a", "b"], "delay": "1ms")" + link +
                           R"(}], "processes": [
      {"name": "client", "host": "a", "start": "1ms", "program": [)" +
                           world.client + R"(]},
      {"name": "server", "host": "b", "program": [)" +
                           world.server + "]}]}");
}

std::vector<support::Segment> segments(const support::Simulation& run, uint16_t host) {
  return support::segments_of(run.view(host));
}

std::vector<int64_t> times_ms(const std::vector<support::Segment>& all, const std::string& begin) {
  std::vector<int64_t> times;
  for (const support::Segment& s : all) {
    if (s.sequence.rfind(begin, 0) == 0) times.push_back((s.at_us + 500) / 1000);
  }
  return times;
}

std::vector<std::string> texts(const std::vector<support::Segment>& all, const std::string& begin) {
  std::vector<std::string> found;
  for (const support::Segment& s : all) {
    if (s.sequence.rfind(begin, 0) == 0) found.push_back(s.sequence);
  }
  return found;
}

std::vector<int64_t> values(const support::Simulation& run, const std::string& measure) {
  const auto found = run.result.metrics.find(measure);
  return found == run.result.metrics.end() ? std::vector<int64_t>() : found->second.values;
}

int64_t first_value(const support::Simulation& run, const std::string& measure) {
  const std::vector<int64_t> all = values(run, measure);
  return all.empty() ? -1 : all.front();
}

std::string story(const support::Simulation& run) {
  return report::story(run.loaded.variants[0].scenario, run.result);
}

std::string trouble(const support::Simulation& run) {
  std::string text;
  for (const scenario::ProcessResult& process : run.result.processes) {
    if (!process.outcome.failure.empty()) {
      text += process.name + " failed in " + process.outcome.failure + "; ";
    }
    if (!process.sleeps_in.empty()) {
      text += process.name + " sleeps in " + process.sleeps_in + "; ";
    }
  }
  return text;
}

}  // namespace tcptwin::lwip_test
