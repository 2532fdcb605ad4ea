// load.h: from the text of a scenario file to its variants, decoded and checked. Opens no file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/diagnostic.h"
#include "models/json/node.h"
#include "sim/scenario/scenario.h"

namespace tcptwin::scenario {

// One `--set POINTER=VALUE`, or a value that a sweep tries.
struct Override {
  std::string pointer;
  std::string value;             // JSON, or a bare string
  std::string option = "--set";  // what messages call it
};

struct Variant {
  std::string name;       // "baseline" for the scenario as written
  json::Node operations;  // its JSON Patch; null for the baseline
  Scenario scenario;
  // What an override has set and this variant cannot take, such as a key of another behaviour, or
  // a profile that this program was built without. Not empty: the scenario above is not to be run.
  std::vector<json::Diagnostic> refused{};
};

struct Loaded {
  std::vector<Variant> variants;              // the baseline first, then in the order of the file
  std::vector<json::Diagnostic> diagnostics;  // empty: all is well
  bool ok() const { return diagnostics.empty(); }
};

// `file`: name for messages. The overrides change the document before the variants do. What only
// some variants refuse is no error of the whole.
Loaded load(const std::string& file, std::string_view text, const std::vector<Override>& overrides);

// What `tcptwin check` demands beyond that: every variant is named by an expectation.
std::vector<json::Diagnostic> demand_expectations(const std::string& file, const Loaded& loaded);

// Why virtual time alone cannot run a scenario: one of its hosts is a real machine.
std::optional<std::string> live_problem(const std::string& file, const Loaded& loaded);

// "process.measure" of everything that the scenario's programs can measure.
std::vector<std::string> measures_of(const Scenario& scenario);

// A message about the first of the `wanted` that is no variant; nothing when all are.
std::optional<std::string> unknown_variant(const Loaded& loaded,
                                           const std::vector<std::string>& wanted);

// "POINTER=VALUE" cut in two; false when there is no "=" or the pointer is none.
bool parse_override(std::string_view text, Override* out);

}  // namespace tcptwin::scenario
