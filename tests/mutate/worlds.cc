#include "tests/mutate/worlds.h"

#include <string>

#include "sim/scenario/load.h"
#include "sim/scenario/run.h"
#include "stack/base/check.h"

namespace tcptwin::mutate {

namespace {

// Dialogue over a link and over the loopback, a sleep, and a copy of a size that takes time.
constexpr const char* kWorld = R"({"schema": "tcptwin/scenario/1", "name": "costs",
  "hosts": {"a": {"profile": "rfc"}, "b": {"profile": "rfc"}},
  "links": [{"between": ["a", "b"], "delay": "100us", "rate": "1Gbit/s", "loss": [{"from": "a", "packets": [18]}]}],
  "processes": [
    {"name": "client", "host": "a", "start": "1ms", "may_fail": true, "program": [
      {"connect": {"to": "b", "port": 80}},
      {"write": 20000}, {"read": 10}, {"sleep": "10ms"}, {"write": 10}, {"write": 10},
      {"read": 10}, {"close": {}}]},
    {"name": "server", "host": "b", "may_fail": true, "program": [
      {"listen": {"port": 80}}, {"accept": {}}, {"read": 20000}, {"write": 10}, {"read": 20},
      {"write": 10}, {"recv": 1}, {"close": {}}]},
    {"name": "inner", "host": "a", "start": "2s", "may_fail": true, "program": [
      {"connect": {"to": "a", "port": 81}}, {"write": 100}, {"read": 10}, {"close": {}}]},
    {"name": "outer", "host": "a", "start": "1s", "may_fail": true, "program": [
      {"listen": {"port": 81}}, {"accept": {}}, {"read": 100}, {"write": 10}, {"recv": 1},
      {"close": {}}]}]})";

}  // namespace

void costs_of_the_host(const Subject& subject) {
  static const scenario::Loaded loaded = scenario::load("costs", kWorld, {});
  CHECK(loaded.ok());
  scenario::Scenario world = loaded.variants.front().scenario;
  for (auto& [name, spec] : world.hosts) spec.resolved = subject.profile;
  const scenario::RunResult result = scenario::run(world, 0, trace::Detail::kDigest);
  for (const char c : result.digest) subject.trail->mix(static_cast<uint8_t>(c));
  subject.trail->mark();
}

}  // namespace tcptwin::mutate
