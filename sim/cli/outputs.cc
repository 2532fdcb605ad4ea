#include "sim/cli/outputs.h"

#include <vector>

#include "models/json/units.h"
#include "sim/cli/command.h"
#include "sim/report/report.h"
#include "sim/trace/explain_text.h"
#include "sim/trace/pcap.h"
#include "sim/trace/pcapng.h"
#include "sim/trace/text_view.h"

namespace tcptwin::cli {

namespace {

trace::Ticks ticks_of(const scenario::Scenario& scenario) {
  trace::Ticks ticks;
  for (const auto& [name, host] : scenario.hosts) {
    const policy::TimerGrain grain(host.resolved.timer_grain, host.uptime);
    ticks.push_back(grain.tick());
  }
  return ticks;
}

// C and S, as in the captures, for processes called so; else the first letters of the alphabet.
std::map<uint32_t, char> letters_of(const scenario::Scenario& scenario) {
  std::map<uint32_t, char> letters;
  for (uint32_t i = 0; i < scenario.processes.size() && i < 26; ++i) {
    const std::string& name = scenario.processes[i].name;
    letters[i] = name == "client" ? 'C' : name == "server" ? 'S' : static_cast<char>('a' + i);
  }
  return letters;
}

trace::HostViewOptions view(const scenario::Scenario& scenario, const scenario::RunResult& result,
                            uint16_t host, bool human) {
  std::map<uint32_t, char> letters;
  for (const auto& [process, letter] : letters_of(scenario)) {
    if (scenario.processes[process].host == scenario.hosts[host].first) letters[process] = letter;
  }
  return {.host = host,
          .zero = trace::first_departure(*result.journal),
          .letters = std::move(letters),
          .human = human,
          .ticks = ticks_of(scenario)};
}

// "out.pcapng" with "baseline" and "client": "out.baseline.client.pcapng".
std::string with_labels(const std::string& path, std::initializer_list<std::string> labels) {
  const size_t dot = path.rfind('.');
  std::string name = path.substr(0, dot);
  for (const std::string& label : labels) {
    if (!label.empty()) name += "." + label;
  }
  return name + path.substr(dot);
}

std::string_view as_text(const std::vector<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

CaptureFormat capture_format(const std::string& path) {
  if (path.ends_with(".pcapng")) return CaptureFormat::kPcapng;
  if (path.ends_with(".pcap")) return CaptureFormat::kPcap;
  if (path.ends_with(".txt")) return CaptureFormat::kText;
  return CaptureFormat::kUnknown;
}

bool write_capture(const std::string& path, const std::string& label,
                   const scenario::Scenario& scenario, const scenario::RunResult& result) {
  const CaptureFormat format = capture_format(path);
  if (format == CaptureFormat::kPcapng) {
    trace::PcapngOptions options;
    options.application = std::string("tcptwin ") + report::version();
    options.ticks = ticks_of(scenario);
    for (const auto& [address, name] : result.names) options.names.push_back({address, name});
    std::vector<uint8_t> bytes;
    trace::write_pcapng(*result.journal, options, bytes);
    return write_file(with_labels(path, {label}), as_text(bytes));
  }
  for (uint16_t host = 0; host < scenario.hosts.size(); ++host) {
    const std::string name = with_labels(path, {label, scenario.hosts[host].first});
    std::vector<uint8_t> bytes;
    std::string text;
    if (format == CaptureFormat::kPcap) {
      trace::write_pcap(*result.journal, host, bytes);
    } else {
      trace::write_host_view(*result.journal, view(scenario, result, host, false), text);
    }
    if (!write_file(name, format == CaptureFormat::kPcap ? as_text(bytes) : text)) return false;
  }
  return true;
}

std::string story(const scenario::Scenario& scenario, const scenario::RunResult& result) {
  std::string out;
  for (uint16_t host = 0; host < scenario.hosts.size(); ++host) {
    out += "as " + scenario.hosts[host].first + " saw it:\n";
    trace::write_host_view(*result.journal, view(scenario, result, host, true), out);
    out += "\n";
  }
  return out;
}

std::string explanations(const std::string& variant, const scenario::Scenario& scenario,
                         const scenario::RunResult& result) {
  const trace::Explainer explainer(*result.journal, {.ticks = ticks_of(scenario)});
  std::string out;
  for (const auto& [name, measure] : result.metrics) {
    if (name.ends_with(".elapsed")) continue;
    const trace::Interval interval{measure.longest_start, measure.longest_end,
                                   measure.longest_record};
    out += variant + ": why " + name + " #" + std::to_string(measure.longest_index) + " took " +
           json::pretty_duration(interval.end - interval.start) + ", the longest of " +
           std::to_string(measure.values.size()) + ":\n";
    out += explainer.render(trace::trace_back(*result.journal, interval)) + "\n";
  }
  return out;
}

}  // namespace tcptwin::cli
