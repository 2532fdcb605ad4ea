#include "sim/scenario/scenario.h"

#include <algorithm>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/settings.h"
#include "models/json/patch.h"
#include "models/json/units.h"
#include "sim/scenario/program_decoder.h"
#include "sim/scenario/ready_programs.h"
#include "sim/scenario/topology.h"

namespace tcptwin::scenario {

namespace {

using json::Context;
using json::Fields;
using json::Node;

const Fields<HostSpec>& host_fields() {
  static const Fields<HostSpec> fields =
      Fields<HostSpec>("host", "one machine")
          .enumeration("kind", &HostSpec::kind, "what it is",
                       {{"host", HostSpec::Kind::kHost, "runs programs"},
                        {"router", HostSpec::Kind::kRouter, "passes packets on between its links"},
                        {"real", HostSpec::Kind::kReal,
                         "is not simulated: `tcptwin bridge` puts real programs in its place"}})
          .text("profile", &HostSpec::profile,
                "how it behaves: see `tcptwin profile list`; required where programs run",
                {.non_empty = true})
          .duration("forwarding", &HostSpec::forwarding,
                    "what a packet takes through a router, apart from its queues",
                    {.at_most = std::chrono::seconds(1), .non_zero = true})
          .boolean("silent", &HostSpec::silent,
                   "a router that sends no ICMP errors: a black hole for what is too big")
          .duration("uptime", &HostSpec::uptime,
                    "how long it has been running when the world begins",
                    {.at_most = std::chrono::hours(24 * 365 * 10)})
          .raw("sysctl", &HostSpec::sysctl,
               "changes by the system's own names and units: see `tcptwin profile show NAME "
               "--sysctl`")
          .raw("set", &HostSpec::set, "changes to the profile, as a JSON Merge Patch");
  return fields;
}

const Fields<ProcessSpec>& process_fields() {
  static const Fields<ProcessSpec> fields =
      Fields<ProcessSpec>("process", "a program on a host")
          .text("name", &ProcessSpec::name, "names its metrics",
                {.required = true, .non_empty = true})
          .text("host", &ProcessSpec::host, "where it runs", {.required = true, .non_empty = true})
          .duration("start", &ProcessSpec::start, "when it begins")
          .boolean("may_fail", &ProcessSpec::may_fail,
                   "a call that fails ends the program, but does not make the run fail")
          .boolean("goes_on", &ProcessSpec::goes_on,
                   "a call that fails does not end the program, as if nobody looked at its result")
          .enumeration("sigpipe", &ProcessSpec::sigpipe, "what SIGPIPE does",
                       {{"ignored", ProcessSpec::Sigpipe::kIgnored, "the send fails with EPIPE"},
                        {"ends", ProcessSpec::Sigpipe::kEnds,
                         "it ends the process, unless MSG_NOSIGNAL or SO_NOSIGPIPE keeps it away"}})
          .raw("program", &ProcessSpec::program_node, "a list of operations")
          .field("run", &ProcessSpec::ready, "a ready-made program, instead of `program`",
                 ready_codec())
          .check([](const ProcessSpec& spec, const Node& node, Context& context) {
            if (spec.program_node.is_null() == !spec.ready.has_value())
              context.error(node, "a process has either \"program\" or \"run\"");
          });
  return fields;
}

// "39ms", 100, 0.5
json::Codec<Bound> bound_codec() {
  json::Codec<Bound> codec;
  codec.type = json::raw_value(R"({"type": ["string", "number"]})", "duration or number").type;
  codec.decode = [](const Node& node, Bound& out, Context& context) {
    if (node.is_string()) {
      if (const auto d = json::parse_duration(node.as_string())) {
        out = {true, d->count()};
        return;
      }
    } else if (node.is_integer() || node.is_decimal()) {
      if (const auto exact = json::parse_fraction(json::write(node, json::Style::kCompact))) {
        out = {false, *exact};
        return;
      }
    }
    context.expected(node, "a duration such as \"40ms\", or a number");
  };
  codec.encode = [](const Bound& bound) { return Node::integer(bound.billionths); };
  return codec;
}

const Fields<Expectation>& expectation_fields() {
  static const Fields<Expectation> fields =
      Fields<Expectation>("expectation", "what must come out")
          .text("metric", &Expectation::metric,
                "VARIANT/PROCESS.MEASURE.STATISTIC; count, sum, min, p50, p99, max, or #N for the "
                "N-th value",
                {.non_empty = true})
          .list("ratio", &Expectation::ratio, "the first metric divided by the second",
                json::text_of({.non_empty = true}), {.at_least = 2, .at_most = 2})
          .field("at_least", &Expectation::at_least, "lower bound", bound_codec())
          .field("at_most", &Expectation::at_most, "upper bound", bound_codec())
          .list("between", &Expectation::between, "both bounds", bound_codec(),
                {.at_least = 2, .at_most = 2})
          .text("why", &Expectation::why, "what it shows");
  return fields;
}

void check_expectation(const Expectation& e, const Node& node, Context& context) {
  if (e.metric.empty() == e.ratio.empty()) {
    context.error(node, "an expectation has either \"metric\" or \"ratio\"");
  }
  if (!e.at_least && !e.at_most && e.between.empty()) {
    context.error(node, "an expectation needs \"at_least\", \"at_most\" or \"between\"");
  }
}

}  // namespace

MetricName parse_metric(std::string_view text, std::string_view otherwise) {
  MetricName name;
  const size_t slash = text.find('/');
  name.variant = slash == std::string_view::npos ? kBaseline : text.substr(0, slash);
  const std::string_view rest = slash == std::string_view::npos ? text : text.substr(slash + 1);
  const size_t last = rest.rfind('.');
  const bool has_statistic = last != std::string_view::npos && rest.find('.') != last;
  name.measure = has_statistic ? rest.substr(0, last) : rest;
  name.statistic = has_statistic ? rest.substr(last + 1) : otherwise;
  return name;
}

bool names_error(std::string_view measure) {
  return errno_named(measure.substr(measure.find('.') + 1)).has_value();
}

bool is_statistic(std::string_view text) {
  static constexpr std::string_view kNames[] = {"count", "sum", "min", "p50", "p99", "max"};
  if (std::find(std::begin(kNames), std::end(kNames), text) != std::end(kNames)) return true;
  const bool digits = text.size() > 1 && text.size() < 12 && text[0] == '#' && text[1] != '0';
  return digits && text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

std::vector<MetricName> Expectation::metrics() const {
  if (ratio.empty()) return {parse_metric(metric, "p50")};
  return {parse_metric(ratio[0], "sum"), parse_metric(ratio[1], "sum")};
}

bool Scenario::has_real_host() const {
  return std::any_of(hosts.begin(), hosts.end(),
                     [](const auto& host) { return host.second.kind == HostSpec::Kind::kReal; });
}

bool Scenario::make_real(std::string_view host_name) {
  for (auto& [key, spec] : hosts) {
    if (key != host_name) continue;
    spec.kind = HostSpec::Kind::kReal;
    return true;
  }
  return false;
}

const HostSpec* Scenario::host(std::string_view host_name) const {
  for (const auto& [key, spec] : hosts) {
    if (key == host_name) return &spec;
  }
  return nullptr;
}

const ProcessSpec* Scenario::process(std::string_view process_name) const {
  for (const ProcessSpec& spec : processes) {
    if (spec.name == process_name) return &spec;
  }
  return nullptr;
}

const Fields<Scenario>& scenario_fields() {
  static const Fields<Scenario> fields =
      Fields<Scenario>("scenario", "hosts, links, programs and what is expected of them")
          .text("schema", &Scenario::schema, "the format of this file",
                {.required = true,
                 .accepts = [](std::string_view text) { return text == kSchema; },
                 .expected = "\"tcptwin/scenario/1\"",
                 .pattern = "^tcptwin/scenario/1$"})
          .text("name", &Scenario::name, "one word", {.required = true, .non_empty = true})
          .text("title", &Scenario::title, "one line")
          .text("document", &Scenario::document, "the report that it replays")
          .text("explains", &Scenario::explains, "what it shows, one paragraph")
          .duration("until", &Scenario::until, "virtual time at which it is stopped at the latest",
                    {.non_zero = true})
          .map("hosts", &Scenario::hosts, "by name", host_fields, {.required = true, .at_least = 1})
          .list("links", &Scenario::links, "between the hosts", link_fields)
          .list("processes", &Scenario::processes, "the programs, in the order in which they start",
                process_fields, {.required = true})
          .raw("variants", &Scenario::variants,
               "by name: a JSON Patch; a string in it stands for the operations of that variant")
          .list("expect", &Scenario::expect, "what must come out", expectation_fields)
          .list("tables", &Scenario::tables, "what a run prints below its measures", table_fields);
  return fields;
}

namespace {

std::vector<std::string> host_names(const Scenario& s) {
  std::vector<std::string> names;
  for (const auto& [name, spec] : s.hosts) names.push_back(name);
  return names;
}

void check_host_name(const Scenario& s, const Node& at, const std::string& name, Context& context) {
  if (s.host(name) == nullptr) context.unknown(at.origin(), "host", name, host_names(s));
}

void no_such_profile(const Node& at, const std::string& name, Scenario& s, Context& context) {
  const auto scope = context.enter("profile");
  if (const std::string why = catalogue::why_absent(name); !why.empty()) {
    s.absent_profile = name;
    context.error(at, "no profile \"" + name + "\": " + why);
  } else {
    context.unknown(at.origin(), "profile", name, catalogue::profile_names());
  }
}

void resolve_profiles(Scenario& s, const Node& document, Context& context) {
  const auto hosts_scope = context.enter("hosts");
  for (auto& [name, spec] : s.hosts) {
    const auto host_scope = context.enter(name);
    const Node& node = *document.find("hosts")->find(name);
    if (spec.kind == HostSpec::Kind::kRouter) {
      if (!spec.profile.empty() || !spec.set.is_null()) {
        context.error(node, "a router has no profile: it behaves like nobody in particular");
      }
      continue;
    }
    if (spec.kind == HostSpec::Kind::kReal && spec.profile.empty()) continue;
    if (spec.profile.empty()) {
      context.error(node, "a host needs a \"profile\"");
      continue;
    }
    auto profile = catalogue::profile_document(spec.profile);
    if (!profile) {
      no_such_profile(*node.find("profile"), spec.profile, s, context);
      continue;
    }
    {
      const auto scope = context.enter("sysctl");
      catalogue::apply_settings(*profile, spec.sysctl, context);
    }
    const auto scope = context.enter("set");
    if (const Node* set = node.find("set"); set != nullptr && !set->is_object()) {
      context.expected(*set, "an object with the keys of the profile to change");
      continue;
    }
    json::merge(*profile, spec.set.is_null() ? Node::object() : spec.set);
    spec.resolved = catalogue::decode_profile(*profile, context);
  }
}

void check_links(const Scenario& s, const Node& document, Context& context) {
  const Node* links = document.find("links");
  if (links == nullptr) return;
  const auto links_scope = context.enter("links");
  for (size_t i = 0; i < s.links.size(); ++i) {
    const auto scope = context.enter(i);
    const LinkSpec& link = s.links[i];
    const Node& node = links->items()[i];
    for (const std::string& end : link.between)
      check_host_name(s, *node.find("between"), end, context);
    check_link(link, node, context);
  }
}

void decode_processes(Scenario& s, const Node& document, Context& context) {
  const Topology topology(s);
  const auto processes_scope = context.enter("processes");
  std::vector<std::string> seen;
  for (size_t i = 0; i < s.processes.size(); ++i) {
    const auto scope = context.enter(i);
    ProcessSpec& process = s.processes[i];
    const Node& node = document.find("processes")->items()[i];
    check_host_name(s, *node.find("host"), process.host, context);
    const HostSpec* where = s.host(process.host);
    if (where != nullptr && where->kind == HostSpec::Kind::kRouter) {
      context.error(*node.find("host"),
                    "\"" + process.host + "\" is a router and runs no programs");
    }
    if (where != nullptr && where->kind == HostSpec::Kind::kReal && where->profile.empty()) {
      context.error(
          *node.find("host"),
          "\"" + process.host + "\" is a real machine: its programs are no part of a scenario");
    }
    if (std::find(seen.begin(), seen.end(), process.name) != seen.end()) {
      context.error(*node.find("name"), "two processes are called \"" + process.name + "\"");
    }
    seen.push_back(process.name);
    const AddressResolver resolve = [&](const Node& to, socket::Family family,
                                        Context& at) -> std::optional<wire::IpAddress> {
      if (!to.is_string()) return std::nullopt;  // reported by the table
      if (s.host(to.as_string()) == nullptr) {
        at.unknown(to.origin(), "host", to.as_string(), host_names(s));
        return std::nullopt;
      }
      const auto address = topology.address_of(process.host, to.as_string(), family);
      if (!address && s.host(process.host) != nullptr) {
        at.error(to, "no link between \"" + process.host + "\" and \"" + to.as_string() +
                         "\", and no routers that join them");
      }
      return address;
    };
    const HostSpec* host = s.host(process.host);
    if (host == nullptr) continue;
    process.misplaced = misplaced_options(node, host->resolved);
    const auto program_scope = context.enter(process.ready ? "run" : "program");
    const ProgramHost program_host{&host->resolved, resolve};
    if (process.ready) {
      resolve_peers(*node.find("run"), program_host, *process.ready, context);
      continue;
    }
    process.program = decode_program(process.program_node, program_host, context);
    process.program.goes_on = process.goes_on;
    process.program.broken_pipe_ends = process.sigpipe == ProcessSpec::Sigpipe::kEnds;
  }
}

void check_expectations(const Scenario& s, const Node& document, Context& context) {
  const Node* expect = document.find("expect");
  if (expect == nullptr) return;
  std::vector<std::string> known = {std::string(kBaseline)};
  if (s.variants.is_object()) {
    for (const json::Member& variant : s.variants.members()) known.push_back(variant.key);
  }
  const auto expect_scope = context.enter("expect");
  for (size_t i = 0; i < s.expect.size(); ++i) {
    const auto scope = context.enter(i);
    const Node& node = expect->items()[i];
    check_expectation(s.expect[i], node, context);
    for (const MetricName& name : s.expect[i].metrics()) {
      if (std::find(known.begin(), known.end(), name.variant) == known.end()) {
        context.unknown(node.origin(), "variant", name.variant, known);
      }
      if (!is_statistic(name.statistic)) {
        context.unknown(node.origin(), "statistic", name.statistic,
                        std::vector<std::string>{"count", "sum", "min", "p50", "p99", "max", "#1"});
      }
    }
  }
}

}  // namespace

Scenario decode(const Node& document, Context& context) {
  Scenario s;
  json::decode(scenario_fields(), document, s, context);
  if (!context.ok()) return s;  // what follows leans on a complete scenario
  resolve_profiles(s, document, context);
  check_links(s, document, context);
  if (context.ok()) decode_processes(s, document, context);
  check_expectations(s, document, context);
  return s;
}

json::Node profile_of(const HostSpec& host) {
  Context ignored;  // it was decoded without an error
  Node profile = *catalogue::profile_document(host.profile);
  catalogue::apply_settings(profile, host.sysctl, ignored);
  json::merge(profile, host.set.is_null() ? Node::object() : host.set);
  return profile;
}

}  // namespace tcptwin::scenario
