#include "sim/scenario/load.h"

#include <algorithm>
#include <optional>

#include "models/json/context.h"
#include "models/json/nearest.h"
#include "models/json/parse.h"
#include "models/json/patch.h"
#include "models/json/pointer.h"

namespace tcptwin::scenario {

namespace {

using json::Context;
using json::Diagnostic;
using json::Node;
using json::Origin;

// Expands the names of other variants inside a variant's patch.
class VariantExpander {
 public:
  VariantExpander(const Node& variants, Context& context)
      : variants_(&variants), context_(&context) {}

  std::optional<Node> expand(const std::string& name) {
    Node operations = Node::array();
    if (!append(name, operations)) return std::nullopt;
    return operations;
  }

 private:
  bool append(const std::string& name, Node& out) {
    const Node& list = *variants_->find(name);
    const auto scope = context_->enter(name);
    if (!list.is_array()) {
      context_->expected(list, "an array of JSON Patch operations");
      return false;
    }
    if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
      context_->error(list, "variant \"" + name + "\" contains itself");
      return false;
    }
    open_.push_back(name);
    bool ok = true;
    for (size_t i = 0; i < list.items().size(); ++i) {
      const Node& item = list.items()[i];
      if (!item.is_string()) {
        out.push(item);
        continue;
      }
      if (variants_->find(item.as_string()) == nullptr) {
        const auto item_scope = context_->enter(i);
        std::vector<std::string> known;
        for (const json::Member& m : variants_->members()) known.push_back(m.key);
        context_->unknown(item.origin(), "variant", item.as_string(), known);
        ok = false;
      } else {
        ok = append(item.as_string(), out) && ok;
      }
    }
    open_.pop_back();
    return ok;
  }

  const Node* variants_;
  Context* context_;
  std::vector<std::string> open_;
};

void take(const Context& context, std::vector<Diagnostic>& out) {
  out.insert(out.end(), context.diagnostics().begin(), context.diagnostics().end());
}

// How messages name an override: "--set POINTER=VALUE".
std::string label(const Override& o) { return o.option + " " + o.pointer + "=" + o.value; }

void load_variants(const Node& document, const std::vector<Override>& overrides, Loaded& loaded) {
  const Node* variants = document.find("variants");
  if (variants == nullptr) return;
  Context context("/variants");
  if (!variants->is_object()) {
    context.expected(*variants, "an object with a JSON Patch for each variant");
    return take(context, loaded.diagnostics);
  }
  VariantExpander expander(*variants, context);
  for (const json::Member& member : variants->members()) {
    if (member.key == kBaseline || member.key.find('/') != std::string::npos) {
      const auto scope = context.enter(member.key);
      context.error(member.key_origin, "a variant may not be called \"" + member.key +
                                           "\": that is how metrics name the scenario as written");
      continue;
    }
    const auto operations = expander.expand(member.key);
    if (!operations) continue;
    Node patched = document;
    Diagnostic error;
    if (!json::apply_patch(patched, *operations, "variant \"" + member.key + "\"", &error)) {
      loaded.diagnostics.push_back(error);
      continue;
    }
    Context variant_context;
    Variant variant{member.key, *operations, decode(patched, variant_context)};
    const bool is_mistake = overrides.empty() && variant.scenario.absent_profile.empty();
    take(variant_context, is_mistake ? loaded.diagnostics : variant.refused);
    loaded.variants.push_back(std::move(variant));
  }
  take(context, loaded.diagnostics);
}

// Every metric that an expectation names is measured in the variant that it names.
void check_measures(const Node& document, Loaded& loaded) {
  const Scenario& baseline = loaded.variants.front().scenario;
  Context context("/expect");
  for (size_t i = 0; i < baseline.expect.size(); ++i) {
    const auto scope = context.enter(i);
    for (const MetricName& name : baseline.expect[i].metrics()) {
      const auto variant = std::find_if(
          loaded.variants.begin(), loaded.variants.end(),
          [&](const Variant& v) { return v.name == name.variant && v.refused.empty(); });
      if (variant == loaded.variants.end()) continue;
      const std::vector<std::string> known = measures_of(variant->scenario);
      if (std::find(known.begin(), known.end(), name.measure) != known.end()) continue;
      const std::string process = name.measure.substr(0, name.measure.find('.'));
      if (variant->scenario.process(process) != nullptr && names_error(name.measure)) continue;
      const Origin& at = document.find("expect")->items()[i].origin();
      context.unknown(at, "measure", name.measure, known);
    }
  }
  take(context, loaded.diagnostics);
}

// The variants that a cell names exist, and measure what it names.
void check_cell(const TableCell& cell, const Origin& at, const Loaded& loaded, Context& context) {
  if (!is_statistic(cell.statistic)) {
    const std::vector<std::string> known = {"count", "sum", "min", "p50", "p99", "max"};
    context.unknown(at, "statistic", cell.statistic, known);
  }
  std::vector<std::string> names = {cell.variant};
  if (!cell.against.empty()) names.push_back(cell.against);
  for (const std::string& name : names) {
    const auto variant = std::find_if(loaded.variants.begin(), loaded.variants.end(),
                                      [&](const Variant& v) { return v.name == name; });
    if (variant == loaded.variants.end()) {
      std::vector<std::string> known;
      for (const Variant& v : loaded.variants) known.push_back(v.name);
      context.unknown(at, "variant", name, known);
      continue;
    }
    const std::vector<std::string> known = measures_of(variant->scenario);
    if (std::find(known.begin(), known.end(), cell.measure) != known.end()) continue;
    if (variant->refused.empty() && !names_error(cell.measure)) {
      context.unknown(at, "measure of " + name, cell.measure, known);
    }
  }
}

void check_tables(const Node& document, Loaded& loaded) {
  std::vector<std::string> variants;
  for (const Variant& v : loaded.variants) variants.push_back(v.name);
  Context context("/tables");
  const std::vector<TableSpec>& tables = loaded.variants.front().scenario.tables;
  for (size_t i = 0; i < tables.size(); ++i) {
    const auto scope = context.enter(i);
    const Origin& at = document.find("tables")->items()[i].origin();
    for (const TableEntry& row : tables[i].all_rows(variants)) {
      for (const TableEntry& column : tables[i].columns) {
        check_cell(cell_of(row, column), at, loaded, context);
      }
    }
  }
  take(context, loaded.diagnostics);
}

}  // namespace

Loaded load(const std::string& file, std::string_view text,
            const std::vector<Override>& overrides) {
  Loaded loaded;
  Diagnostic error;
  auto document = json::parse(file, text, &error);
  if (!document) {
    loaded.diagnostics.push_back(error);
    return loaded;
  }
  for (const Override& o : overrides) {
    if (!json::set_at(*document, o.pointer, json::from_command_line(o.value, label(o)), &error)) {
      loaded.diagnostics.push_back(error);
    }
  }
  if (!loaded.ok()) return loaded;
  Context context;
  loaded.variants.push_back({std::string(kBaseline), Node(), decode(*document, context)});
  take(context, loaded.diagnostics);
  if (loaded.ok()) load_variants(*document, overrides, loaded);
  if (loaded.ok()) check_measures(*document, loaded);
  if (loaded.ok()) check_tables(*document, loaded);
  return loaded;
}

std::vector<Diagnostic> demand_expectations(const std::string& file, const Loaded& loaded) {
  std::vector<Diagnostic> missing;
  const Scenario& baseline = loaded.variants.front().scenario;
  for (const Variant& variant : loaded.variants) {
    const bool named =
        std::any_of(baseline.expect.begin(), baseline.expect.end(), [&](const Expectation& e) {
          const auto names = e.metrics();
          return std::any_of(names.begin(), names.end(),
                             [&](const MetricName& name) { return name.variant == variant.name; });
        });
    if (named) continue;
    const Node* node =
        baseline.variants.is_object() ? baseline.variants.find(variant.name) : nullptr;
    json::Origin origin = node == nullptr ? json::Origin{file, 1, 1, ""} : node->origin();
    missing.push_back(json::diagnostic_at(
        origin, node == nullptr ? "/expect" : "/variants/" + json::escape_token(variant.name),
        "no expectation names the variant \"" + variant.name + "\": what should come out of it?"));
  }
  return missing;
}

std::vector<std::string> measures_of(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const ProcessSpec& process : scenario.processes) {
    names.push_back(process.name + ".elapsed");
    if (process.ready) {
      for (const std::string& measure : programs::measures_of(*process.ready))
        names.push_back(process.name + "." + measure);
    }
    for (const app::Instruction& i : process.program.code) {
      const bool measures =
          i.kind == app::Instruction::Kind::kMeasure || i.kind == app::Instruction::Kind::kServe;
      if (measures && !i.name.empty()) names.push_back(process.name + "." + i.name);
      if (!i.record.empty()) names.push_back(process.name + "." + i.record);
    }
  }
  return names;
}

std::optional<std::string> live_problem(const std::string& file, const Loaded& loaded) {
  for (const auto& [name, host] : loaded.variants.front().scenario.hosts) {
    if (host.kind != HostSpec::Kind::kReal) continue;
    return "host \"" + name + "\" of " + file +
           " is a real machine, which is not simulated: tcptwin bridge " + file +
           " -- COMMAND runs real programs in its place";
  }
  return std::nullopt;
}

std::optional<std::string> unknown_variant(const Loaded& loaded,
                                           const std::vector<std::string>& wanted) {
  std::vector<std::string> names;
  for (const Variant& v : loaded.variants) names.push_back(v.name);
  for (const std::string& name : wanted) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string near = json::nearest(name, names);
    return "there is no variant \"" + name + "\"" +
           (near.empty() ? "" : " (did you mean \"" + near + "\"?)") + "; see tcptwin list FILE";
  }
  return std::nullopt;
}

bool parse_override(std::string_view text, Override* out) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  out->pointer = std::string(text.substr(0, equals));
  out->value = std::string(text.substr(equals + 1));
  const auto pointer = json::Pointer::parse(out->pointer);
  return pointer.has_value() && !pointer->is_root();
}

}  // namespace tcptwin::scenario
