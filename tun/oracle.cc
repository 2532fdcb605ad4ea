#include "tun/oracle.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <utility>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/settings.h"
#include "models/json/units.h"
#include "sim/capture/capture.h"
#include "sim/cli/outputs.h"
#include "sim/compare/align.h"
#include "sim/report/report.h"
#include "sim/scenario/run.h"
#include "sim/trace/calls.h"
#include "sim/trace/packets.h"
#include "sim/trace/pcapng.h"
#include "stack/base/check.h"
#include "tun/failure.h"
#include "tun/net_namespace.h"
#include "tun/oracle_options.h"

namespace tcptwin::tun {

using scenario::HostSpec;
using scenario::Scenario;

namespace {

// ---- captures

capture::Capture read_back(const std::vector<uint8_t>& bytes) {
  std::string problem;
  auto read = capture::read(cli::as_text(bytes), problem);
  if (!read) throw Failure("a capture of our own: " + problem);
  return std::move(*read);
}

std::vector<uint8_t> pcapng_of(const KernelRun& run, const std::vector<std::string>& hosts) {
  trace::PcapngOptions format;
  format.application = std::string("tcptwin ") + report::version();
  format.hardware = "this machine's kernel over simulated links";
  std::vector<std::pair<std::string, std::string>> interfaces;
  for (const std::string& host : hosts)
    interfaces.emplace_back(host, "what host " + host + " sent and received");
  std::vector<uint8_t> bytes;
  trace::PcapngStream stream(format, interfaces, bytes);
  for (const Sight& sight : run.sights)
    stream.packet({sight.host, sight.at, sight.bytes, sight.inbound, ""});
  return bytes;
}

capture::View view_of(const capture::Capture& capture, const std::string& host) {
  std::string problem;
  auto view = capture::view_of(capture, host, problem);
  if (!view) throw Failure(problem);
  return std::move(*view);
}

// ---- the simulation beside a run of the kernel

// When the first packet came by one of the hosts, in the simulation.
std::optional<Instant> first_sight(const trace::Journal& journal,
                                   const std::vector<std::string>& hosts) {
  std::optional<Instant> first;
  for (uint16_t h = 0; h < journal.host_count(); ++h) {
    if (std::find(hosts.begin(), hosts.end(), journal.host_name(h)) == hosts.end()) continue;
    const trace::Sights sights = trace::sights_of_host(journal, h);
    if (!sights.empty() && (!first || sights.front()->at < *first)) first = sights.front()->at;
  }
  return first;
}

// How far into their patterns the processes reach: what they have sent and what they ask for then.
std::map<std::string, size_t> generated_bytes(const trace::Journal& journal) {
  constexpr int64_t kMost = 64 << 20;
  std::map<std::string, int64_t> sent, reach;
  for (const trace::CallSpan& span : trace::calls_of(journal)) {
    const auto& call = std::get<trace::CallStarted>(span.started->event);
    if (call.kind != trace::CallKind::kSend && call.kind != trace::CallKind::kSendTo) continue;
    const std::string& name = journal.process_name(call.process);
    reach[name] = std::max(reach[name], sent[name] + call.amount);
    if (span.returned == nullptr) continue;
    sent[name] += std::max<int64_t>(std::get<trace::CallReturned>(span.returned->event).value, 0);
  }
  std::map<std::string, size_t> bytes;
  for (const auto& [name, end] : reach) bytes[name] = static_cast<size_t>(std::min(end, kMost));
  return bytes;
}

json::Node as_node(const std::string& value) {
  const bool number = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
  return number ? json::Node::integer(std::stoll(value)) : json::Node::string(value);
}

// The profile with what could not be set as the kernel has it, and its tick counter.
policy::Profile as_the_kernel_is(const HostSpec& host, const AppliedSettings& settings,
                                 const KernelTicks& ticks) {
  json::Node document = scenario::profile_of(host);
  json::Node kept = json::Node::object();
  for (const auto& [name, value] : settings.kept) kept.set(name, as_node(value));
  json::Context context;
  catalogue::apply_settings(document, kept, context);
  policy::Profile profile = catalogue::decode_profile(document, context);
  if (ticks.at_boot) profile.timer_grain.ticks_at_boot = *ticks.at_boot;
  return profile;
}

// ---- calls

std::vector<std::string> lines_of(const ProcessRun& process) {
  std::vector<const LoggedCall*> calls;
  for (const LoggedCall& call : process.calls) calls.push_back(&call);
  std::stable_sort(calls.begin(), calls.end(),
                   [](const auto* a, const auto* b) { return a->started < b->started; });
  std::vector<std::string> lines;
  for (const LoggedCall* call : calls) {
    const std::string result =
        call->returned.is_never() ? "?"
                                  : trace::result_text({RecordId::kNone, call->value, call->error});
    lines.push_back(trace::call_text(call->call) + " = " + result);
  }
  return lines;
}

std::map<std::string, std::vector<std::string>> lines_of(const trace::Journal& journal) {
  std::map<std::string, std::vector<std::string>> lines;
  for (const trace::CallSpan& span : trace::calls_of(journal)) {
    const auto& call = std::get<trace::CallStarted>(span.started->event);
    const std::string result =
        span.returned == nullptr
            ? "?"
            : trace::result_text(std::get<trace::CallReturned>(span.returned->event));
    lines[journal.process_name(call.process)].push_back(trace::call_text(call) + " = " + result);
  }
  return lines;
}

CallsCompared compare_calls(const std::string& process, const std::vector<std::string>& kernel,
                            const std::vector<std::string>& simulated) {
  const compare::Alignment aligned = compare::align(kernel, simulated);
  CallsCompared result{.process = process, .kernel = kernel.size(), .simulated = simulated.size()};
  for (size_t i = 0; i < kernel.size(); ++i) {
    if (aligned.a[i] && !aligned.moved[i]) ++result.equal;
  }
  for (size_t i = 0; i < std::max(kernel.size(), simulated.size()); ++i) {
    const std::string a = i < kernel.size() ? kernel[i] : "nothing more";
    const std::string b = i < simulated.size() ? simulated[i] : "nothing more";
    if (a == b) continue;
    result.first = "call " + std::to_string(i + 1) + ": " + a + ", simulated: " + b;
    break;
  }
  return result;
}

// ---- the whole

class Oracle {
 public:
  Oracle(OracleOptions options, const scenario::Variant& variant)
      : options_(std::move(options)), scenario_(variant.scenario) {
    result_.file = options_.file;
    result_.variant = variant.name;
    result_.kernel = kernel_release();
    result_.ticks = kernel_ticks();
  }

  // The exit status, after a message; none: all is well.
  std::optional<int> choose_hosts() {
    for (const auto& [name, host] : scenario_.hosts) {
      const bool wanted = options_.hosts.empty() ? host.kind == HostSpec::Kind::kHost
                                                 : contains(options_.hosts, name);
      if (!wanted) continue;
      if (const auto problem = unfit(name, host, result_.ticks)) {
        std::cerr << options_.file << ": " << *problem << "\n";
        return cli::kInvalidInput;
      }
      result_.hosts.push_back(name);
    }
    for (const std::string& name : options_.hosts) {
      if (scenario_.host(name) == nullptr)
        return cli::wrong_usage("oracle", "--peer " + name + ": there is no such host");
    }
    for (const scenario::ProcessSpec& process : scenario_.processes) {
      if (!contains(result_.hosts, process.host)) continue;
      if (const auto problem = unsuitable(process)) {
        std::cerr << options_.file << ": " << *problem << "\n";
        return cli::kInvalidInput;
      }
    }
    return std::nullopt;
  }

  int run() {
    const auto rehearsal = scenario::run(scenario_, options_.seed, trace::Detail::kRecords);
    measure(rehearsal);
    for (int64_t number = 1; number <= options_.runs; ++number) make_run(number);
    for (size_t h = 0; h < result_.hosts.size(); ++h) result_.verdicts.push_back(judge(h));
    if (!options_.quiet && options_.json != "-") std::cout << text(result_);
    if (!options_.json.empty() &&
        !cli::write_file(options_.json,
                         json::write(json_of(result_), json::Style::kPretty) + "\n")) {
      return cli::kInvalidInput;
    }
    return result_.equal() ? cli::kHeld : cli::kFailed;
  }

 private:
  static bool contains(const std::vector<std::string>& all, const std::string& name) {
    return std::find(all.begin(), all.end(), name) != all.end();
  }

  // How long the run of the kernel may take, and where the simulation begins.
  void measure(const scenario::RunResult& rehearsal) {
    ends_ = true;
    for (const scenario::ProcessResult& process : rehearsal.processes) {
      const scenario::ProcessSpec* spec = scenario_.process(process.name);
      const bool over = process.outcome.end != app::ProcessOutcome::End::kRunning;
      if (over) last_ = std::max(last_, process.outcome.ended - Instant());
      if (!over && !(spec->ready && programs::serves_for_ever(*spec->ready))) ends_ = false;
    }
    for (const trace::Record* sight : trace::all_departures(*rehearsal.journal))
      last_ = std::max(last_, sight->at - Instant());
    sends_ = generated_bytes(*rehearsal.journal);
    first_ = first_sight(*rehearsal.journal, result_.hosts).value_or(Instant());
    if (!options_.quiet && last_ > std::chrono::seconds(5)) {
      std::cerr << "tcptwin: one run of the kernel takes " << json::pretty_duration(last_) << "\n";
    }
  }

  void make_run(int64_t number) {
    const KernelRun kernel = run_on_kernel({.scenario = &scenario_,
                                            .real = result_.hosts,
                                            .seed = options_.seed,
                                            .expected = last_,
                                            .tick = result_.ticks.length,
                                            .sends = sends_,
                                            .ends = ends_});
    result_.settings = kernel.settings;
    const std::vector<uint8_t> kernel_bytes = pcapng_of(kernel, result_.hosts);
    Scenario twin = scenario_;
    align(twin, kernel);
    const auto simulated = scenario::run(twin, options_.seed, trace::Detail::kRecords);
    const std::vector<uint8_t> simulated_bytes = cli::pcapng_of(twin, simulated);
    write_pcap("kernel", number, kernel_bytes);
    write_pcap("simulated", number, simulated_bytes);
    captures_.push_back(read_back(kernel_bytes));
    const capture::Capture own = read_back(simulated_bytes);
    OracleRun& run = result_.runs.emplace_back();
    run.links = kernel.links;
    run.timers = kernel.timers;
    run.took = kernel.took;
    run.cut_off = kernel.cut_off;
    for (const std::string& host : result_.hosts) {
      const capture::View real_view = view_of(captures_.back(), host);
      const capture::View own_view = view_of(own, host);
      HostRun& h = run.hosts.emplace_back();
      h.comparison = compare::compare(real_view, own_view, compare_options(run.lateness()));
      h.comparison.a.name = "kernel";
      h.comparison.b.name = "simulated";
      h.kernel = totals_of(real_view);
      h.simulated = totals_of(own_view);
    }
    add_calls(run, kernel, *simulated.journal);
  }

  // Puts the first packet where the kernel had it on the grid of its timers.
  void align(Scenario& twin, const KernelRun& kernel) const {
    const Instant first = kernel.sights.empty() ? first_ : kernel.sights.front().at;
    for (auto& [name, host] : twin.hosts) {
      const auto real = std::find(result_.hosts.begin(), result_.hosts.end(), name);
      if (real == result_.hosts.end()) {
        host.uptime += first - first_;
        continue;
      }
      host.uptime = Duration(kernel.zero_ns) + (first - first_);
      const auto index = static_cast<size_t>(real - result_.hosts.begin());
      host.resolved = as_the_kernel_is(host, kernel.settings[index], result_.ticks);
    }
    // What would come later, such as further window probes, the kernel was not waited for.
    twin.until = std::min(twin.until, kernel.took - (first - first_));
  }

  compare::Options compare_options(Duration lateness) const {
    return {.tick = result_.ticks.length,
            .lateness = lateness,
            .joins_segments = false,
            .forgives_crossings = true};
  }

  void add_calls(OracleRun& run, const KernelRun& kernel, const trace::Journal& journal) {
    const auto simulated = lines_of(journal);
    for (const ProcessRun& process : kernel.processes) {
      const auto own = simulated.find(process.name);
      run.calls.push_back(
          compare_calls(process.name, lines_of(process),
                        own == simulated.end() ? std::vector<std::string>() : own->second));
      if (process.outcome.end == app::ProcessOutcome::End::kFailed)
        run.failures.push_back(process.name + ": " + process.outcome.failure);
    }
  }

  HostVerdict judge(size_t host) {
    HostVerdict verdict;
    std::vector<Totals> kernel, simulated;
    bool same = true, repeats = true;
    Duration late{};
    for (const OracleRun& run : result_.runs) {
      same = same && run.hosts[host].comparison.same();
      late = std::max(late, run.lateness());
      kernel.push_back(run.hosts[host].kernel);
      simulated.push_back(run.hosts[host].simulated);
    }
    for (size_t r = 1; r < captures_.size(); ++r) {
      const capture::View first = view_of(captures_[0], result_.hosts[host]);
      const capture::View other = view_of(captures_[r], result_.hosts[host]);
      verdict.repeats.push_back(compare::compare(first, other, compare_options(late)));
      repeats = repeats && verdict.repeats.back().same();
    }
    verdict.range = judge_range(kernel, simulated, result_.ticks.length + late);
    verdict.is = same                                        ? HostVerdict::Is::kEqual
                 : !repeats && verdict.range.outside.empty() ? HostVerdict::Is::kInRange
                                                             : HostVerdict::Is::kDifferent;
    return verdict;
  }

  void write_pcap(const std::string& side, int64_t number, const std::vector<uint8_t>& bytes) {
    if (options_.pcap.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(options_.pcap, error);
    const std::string path = options_.pcap + "/" + side + "-" + std::to_string(number) + ".pcapng";
    if (!cli::write_file(path, cli::as_text(bytes))) throw Failure(path + " cannot be written");
  }

  OracleOptions options_;
  Scenario scenario_;
  OracleResult result_;
  std::vector<capture::Capture> captures_;  // of the kernel, by run
  Duration last_{};                         // event of the simulation
  Instant first_;                           // packet that a host of the kernel sees in it
  std::map<std::string, size_t> sends_;     // generated bytes, by process
  bool ends_ = true;
};

}  // namespace

bool OracleResult::equal() const {
  return std::all_of(verdicts.begin(), verdicts.end(), [](const HostVerdict& verdict) {
    return verdict.is != HostVerdict::Is::kDifferent;
  });
}

std::optional<std::string> unfit(const std::string& name, const HostSpec& host,
                                 const KernelTicks& ticks) {
  const std::string remedy = ": --set /hosts/" + name + "/profile=linux-6.18";
  if (host.kind != HostSpec::Kind::kHost) return "host " + name + " is no simulated host";
  const json::Node document = scenario::profile_of(host);
  const json::Node* family = document.find("settings");
  if (family == nullptr || !family->is_string() || family->as_string() != "linux") {
    return "host " + name + " has the profile " + host.profile +
           ", which is no Linux, and this machine's kernel is" + remedy;
  }
  const Duration tick = Duration(std::chrono::seconds(1)) / host.resolved.timer_grain.hz;
  if (tick != ticks.length) {
    return "host " + name + " has a tick of " + json::pretty_duration(tick) +
           ", this machine's kernel one of " + json::pretty_duration(ticks.length);
  }
  return std::nullopt;
}

int oracle_command(const cli::Arguments& arguments) {
  const auto parsed = parse_oracle(arguments);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& options = std::get<OracleOptions>(parsed);
  const auto content = cli::read_file(options.file);
  if (!content) return cli::kInvalidInput;
  const scenario::Loaded loaded = scenario::load(options.file, *content, options.overrides);
  if (!loaded.ok()) return cli::report(loaded.diagnostics);
  const std::string wanted =
      options.variant.empty() ? std::string(scenario::kBaseline) : options.variant;
  if (const auto problem = scenario::unknown_variant(loaded, {wanted}))
    return cli::wrong_usage("oracle", *problem);
  const auto variant = std::find_if(loaded.variants.begin(), loaded.variants.end(),
                                    [&](const scenario::Variant& v) { return v.name == wanted; });
  if (!variant->refused.empty()) return cli::report(variant->refused);
  Oracle oracle(options, *variant);
  if (const auto status = oracle.choose_hosts()) return *status;
  gain_rights();
  return oracle.run();
}

}  // namespace tcptwin::tun
