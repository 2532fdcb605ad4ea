// scenario.h: a scenario file as typed data: hosts, links, processes, and what is expected of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/json/fields.h"
#include "models/json/node.h"
#include "sim/app/program.h"
#include "sim/programs/ready.h"
#include "sim/scenario/link_spec.h"
#include "sim/scenario/option_lint.h"
#include "sim/scenario/table_spec.h"
#include "stack/base/time.h"
#include "stack/policy/profile.h"

namespace tcptwin::scenario {

inline constexpr std::string_view kSchema = "tcptwin/scenario/1";
inline constexpr std::string_view kBaseline = "baseline";

struct HostSpec {
  enum class Kind : uint8_t { kHost, kRouter, kReal };
  Kind kind = Kind::kHost;
  std::string profile;  // kHost
  Duration uptime = std::chrono::hours(1);
  Duration forwarding = std::chrono::microseconds(10);  // kRouter
  bool silent = false;                                  // kRouter
  json::Node sysctl;         // settings by the system's own names, applied before `set`
  json::Node set;            // JSON Merge Patch of the profile
  policy::Profile resolved;  // the profile with `set` applied
};

struct ProcessSpec {
  enum class Sigpipe : uint8_t { kIgnored, kEnds };
  std::string name;
  std::string host;
  Duration start{};
  bool may_fail = false;  // a call that fails does not make the run fail
  bool goes_on = false;   // nor end the program
  Sigpipe sigpipe = Sigpipe::kIgnored;
  json::Node program_node;
  app::Program program;
  std::optional<programs::Ready> ready;  // instead of `program`: "run"
  std::vector<MisplacedOption> misplaced;
  // Instead of both: a coroutine, for worlds built in C++. It fills in metrics and outcome,
  // which outlive it.
  std::function<app::Task(const app::SocketApi&, app::Metrics&, app::ProcessOutcome&)> native;
};

// A number as people write it: a duration, or a count or ratio, held exactly.
struct Bound {
  bool is_duration = false;
  int64_t billionths = 0;  // of a second, or of one
};

// "variant/process.measure.statistic" taken apart. Without a variant: the baseline; without a
// statistic: `otherwise`.
struct MetricName {
  std::string variant;
  std::string measure;  // "process.measure"
  std::string statistic;
};
MetricName parse_metric(std::string_view text, std::string_view otherwise);
// Whether "process.measure" counts an error: "client.ECONNRESET".
bool names_error(std::string_view measure);
// count, sum, min, p50, p99, max, or # and a number from 1 on.
bool is_statistic(std::string_view text);

struct Expectation {
  std::string metric;              // "variant/process.measure.statistic"
  std::vector<std::string> ratio;  // of two such (the statistic may be missing: sum)
  std::optional<Bound> at_least;
  std::optional<Bound> at_most;
  std::vector<Bound> between;  // two: lower and upper, both included
  std::string why;

  // The metrics that it names, in their order.
  std::vector<MetricName> metrics() const;
};

struct Scenario {
  std::string schema;
  std::string name;
  std::string title;
  std::string document;
  std::string explains;
  Duration until = std::chrono::hours(24);  // the world ends here at the latest
  json::Named<HostSpec> hosts;
  std::vector<LinkSpec> links;
  std::vector<ProcessSpec> processes;
  json::Node variants;
  std::vector<Expectation> expect;
  std::vector<TableSpec> tables;
  std::string absent_profile;  // of a host, which this program was built without; empty: none

  // Whether a host of it is a machine that is not simulated: then virtual time alone cannot run it.
  bool has_real_host() const;
  // Puts a real machine in the place of a host; its programs do not run. False: there is none of
  // that name.
  bool make_real(std::string_view host_name);
  // By name; null when there is none.
  const HostSpec* host(std::string_view host_name) const;
  const ProcessSpec* process(std::string_view process_name) const;
};

// The table that decodes scenario files; schema and reference manual come from it too.
const json::Fields<Scenario>& scenario_fields();

// The profile of a host of a decoded scenario as a document, its settings and changes applied.
json::Node profile_of(const HostSpec& host);

// Decodes one document (a variant's patch already applied) and checks what the fields mean
// together: that hosts exist, that profiles decode, that programs use sockets they have. Errors go
// to the context.
Scenario decode(const json::Node& document, json::Context& context);

}  // namespace tcptwin::scenario
