#include "sim/cli/outputs.h"

#include <vector>

#include "models/json/units.h"
#include "sim/cli/command.h"
#include "sim/report/report.h"
#include "sim/report/story.h"
#include "sim/trace/calls.h"
#include "sim/trace/explain.h"
#include "sim/trace/explain_text.h"
#include "sim/trace/pcap.h"
#include "sim/trace/pcapng.h"
#include "sim/trace/text_view.h"

namespace tcptwin::cli {

namespace {

// "out.pcapng" with "baseline" and "client": "out.baseline.client.pcapng".
std::string with_labels(const std::string& path, std::initializer_list<std::string> labels) {
  const size_t dot = path.rfind('.');
  std::string name = path.substr(0, dot);
  for (const std::string& label : labels) {
    if (!label.empty()) name += "." + label;
  }
  return name + path.substr(dot);
}

}  // namespace

std::string_view as_text(const std::vector<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<uint8_t> pcapng_of(const scenario::Scenario& scenario,
                               const scenario::RunResult& result) {
  trace::PcapngOptions options;
  options.application = std::string("tcptwin ") + report::version();
  options.ticks = report::ticks_of(scenario);
  for (const auto& [address, name] : result.names) options.names.push_back({address, name});
  std::vector<uint8_t> bytes;
  trace::write_pcapng(*result.journal, options, bytes);
  return bytes;
}

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
    return write_file(with_labels(path, {label}), as_text(pcapng_of(scenario, result)));
  }
  for (uint16_t host = 0; host < scenario.hosts.size(); ++host) {
    const std::string name = with_labels(path, {label, scenario.hosts[host].first});
    std::vector<uint8_t> bytes;
    std::string text;
    if (format == CaptureFormat::kPcap) {
      trace::write_pcap(*result.journal, host, bytes);
    } else {
      trace::write_host_view(*result.journal, report::view_options(scenario, result, host, false),
                             text);
    }
    if (!write_file(name, format == CaptureFormat::kPcap ? as_text(bytes) : text)) return false;
  }
  return true;
}

namespace {

// Why the world stopped while a program slept in a call that moves data: what led to the last thing
// that happened.
std::string explain_sleepers(const std::string& variant, const trace::Explainer& explainer,
                             const scenario::RunResult& result) {
  std::string out;
  const trace::Journal& journal = *result.journal;
  for (const trace::CallSpan& span : trace::calls_of(journal)) {
    const auto& call = std::get<trace::CallStarted>(span.started->event);
    const bool moves_data =
        call.kind == trace::CallKind::kSend || call.kind == trace::CallKind::kRecv;
    if (span.returned != nullptr || !moves_data) continue;
    const trace::Interval interval{span.started->at, result.ended, journal.records().back().id};
    out += variant + ": why " + journal.process_name(call.process) + " still slept in " +
           trace::call_text(call) + " after " +
           json::pretty_duration(interval.end - interval.start) + ":\n";
    out += explainer.render(trace::trace_back(journal, interval)) + "\n";
  }
  return out;
}

}  // namespace

std::string explanations(const std::string& variant, const scenario::Scenario& scenario,
                         const scenario::RunResult& result) {
  const trace::Explainer explainer(*result.journal, {.ticks = report::ticks_of(scenario)});
  std::string out;
  for (const auto& [name, measure] : result.metrics) {
    if (name.ends_with(".elapsed") || !measure.is_time()) continue;
    const trace::Interval interval{measure.longest_start, measure.longest_end,
                                   measure.longest_record};
    out += variant + ": why " + name + " #" + std::to_string(measure.longest_index) + " took " +
           json::pretty_duration(interval.end - interval.start) + ", the longest of " +
           std::to_string(measure.values.size()) + ":\n";
    out += explainer.render(trace::trace_back(*result.journal, interval)) + "\n";
  }
  return out + explain_sleepers(variant, explainer, result);
}

}  // namespace tcptwin::cli
