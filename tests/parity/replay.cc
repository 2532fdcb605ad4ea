#include "tests/parity/replay.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "sim/compare/compare.h"
#include "sim/scenario/load.h"
#include "sim/scenario/run.h"
#include "sim/trace/calls.h"
#include "sim/trace/packets.h"
#include "sim/trace/text_view.h"
#include "tests/parity/programs.h"
#include "tests/support/paths.h"

namespace tcptwin::parity {

using support::Capture;
using support::LoggedCall;

namespace {

// Jiffies of the captured boot: floor(CLOCK_MONOTONIC / 4 ms) + 211, modulo 512
// (traces/kernel-6.18/README.md).
constexpr int64_t kTicksAtBoot = 211;
constexpr int64_t kStartUs = 1000;  // of the client; the server listens by then

std::string option_of(const std::string& link, const std::string& name) {
  const size_t at = link.find("--" + name + "=");
  if (at == std::string::npos) return "";
  const size_t begin = at + name.size() + 3;
  return link.substr(begin, link.find(' ', begin) - begin);
}

// "1-3,7" as a JSON array, each number raised by `offset`.
std::string numbers(const std::string& list, int64_t offset = 0) {
  std::string text;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    const size_t dash = part.find('-');
    const int64_t first = std::stoll(part);
    const int64_t last = dash == std::string::npos ? first : std::stoll(part.substr(dash + 1));
    for (int64_t n = first; n <= last; ++n) {
      text += (text.empty() ? "" : ", ") + std::to_string(n + offset);
    }
  }
  return '[' + text + ']';
}

// --drop-data=ab:20 and the like.
std::string losses(const std::string& link) {
  struct Kind {
    const char* option;
    const char* key;
    int64_t offset;
  };
  // A side that sends no data sends its SYN-ACK first and then nothing but ACKs.
  constexpr Kind kKinds[] = {{"drop-data", "data_packets", 0},
                             {"drop-syn", "syns", 0},
                             {"drop-fin", "fins", 0},
                             {"drop-any", "packets", 0},
                             {"drop-ack", "packets", 1}};
  std::string text;
  for (const Kind& kind : kKinds) {
    const std::string value = option_of(link, kind.option);
    if (value.empty()) continue;
    text += (text.empty() ? "" : ", ") + std::string(R"({"from": ")") +
            (value.starts_with("ab") ? "a" : "b") + R"(", ")" + kind.key +
            "\": " + numbers(value.substr(3), kind.offset) + "}";
  }
  return '[' + text + ']';
}

std::string link_json(const std::string& link) {
  std::string text =
      R"(, "links": [{"between": ["a", "b"], "delay": ")" + option_of(link, "delay-us") + R"(us")";
  if (option_of(link, "rate") == "100e6") text += R"(, "rate": "100Mbit/s", "queue": "1500000B")";
  return text + R"(, "loss": )" + losses(link) + "}]";
}

// What a sysctl of the captures is called in a profile.
std::string patch_of(const std::map<std::string, std::string>& sysctls) {
  std::string text;
  for (const auto& [name, value] : sysctls) {
    if (name == "net.ipv4.tcp_timestamps") text += R"(, "timestamps": {"offered": false})";
    if (name == "net.ipv4.tcp_sack") {
      text += R"(, "syn": {"options": ["mss", "nop", "nop", "timestamps", "nop", "window_scale"]})";
    }
    if (name == "net.ipv4.tcp_window_scaling") text += R"(, "receive_window": {"scaling": false})";
    if (name == "net.ipv4.tcp_rmem") {
      text += R"(, "receive_window": {"max_buffer": )" + value.substr(value.rfind(' ') + 1) + "}";
    }
    if (name == "net.ipv4.tcp_tw_reuse") text += R"(, "time_wait": {"reuse_only_own_host": false})";
  }
  return text;
}

// The loops that fill a buffer wrote down no single call; one of 100 bytes took 0.29 us then
// (median of the FILL lines), not the 2 us of the profile.
std::string pace_of(const Capture& capture) {
  return capture.program == "nbw" ? R"(, "time_model": {"system_call": "290ns"})" : "";
}

// A program that binds a second socket to the port of its first one, which the kernel had chosen:
// there is only that one to choose.
std::string only_port(const Capture& capture) {
  const auto port = second_port(capture);
  if (!port) return "";
  return R"(, "ports": {"first": )" + *port + R"(, "last": )" + *port + "}";
}

// ---- calls of the simulated programs, as the captured programs wrote them down

// A server's bind was not written down.
bool listens(const trace::Journal& journal, const trace::CallStarted& bind) {
  for (const trace::Record& record : journal.records()) {
    const auto* call = std::get_if<trace::CallStarted>(&record.event);
    if (call != nullptr && call->kind == trace::CallKind::kListen &&
        call->process == bind.process && call->descriptor == bind.descriptor) {
      return true;
    }
  }
  return false;
}

std::vector<LoggedCall> logged_calls(const trace::Journal& journal) {
  std::vector<LoggedCall> calls;
  const Instant zero = trace::first_departure(journal);
  std::set<std::pair<uint32_t, int32_t>> listeners;
  for (const trace::CallSpan& span : trace::calls_of(journal)) {
    const auto& call = std::get<trace::CallStarted>(span.started->event);
    if (call.kind == trace::CallKind::kListen) listeners.insert({call.process, call.descriptor});
    if (span.returned == nullptr) continue;
    // The captured programs set this one without a word.
    if (call.kind == trace::CallKind::kSetsockopt && call.name == "SO_REUSEADDR") continue;
    const bool binds = call.kind == trace::CallKind::kBind && !listens(journal, call);
    if (!trace::is_logged(call.kind) && !binds) continue;
    const bool listener = listeners.contains({call.process, call.descriptor});
    if (listener && call.kind == trace::CallKind::kClose) continue;  // not written down
    calls.push_back({(span.started->at - zero).count() / 1000,
                     journal.process_name(call.process) == "server" ? 'S' : 'C',
                     trace::call_text(call),
                     trace::result_text(std::get<trace::CallReturned>(span.returned->event)),
                     (span.returned->at - span.started->at).count() / 1000});
  }
  return calls;
}

struct Run {
  Replayed replayed;
  int64_t first_packet_ns = 0;
};

Run run(const Capture& capture, const Programs& programs, int64_t uptime_ns, uint16_t host,
        int64_t until_us) {
  Run result;
  const auto loaded =
      scenario::load("replay", scenario_for(capture, programs, uptime_ns, until_us), {});
  constexpr size_t kEnough = 3;
  for (const auto& d : loaded.diagnostics) {
    if (result.replayed.errors.size() < kEnough) {
      result.replayed.errors.push_back(json::to_string(d));
    }
  }
  if (!loaded.ok()) return result;
  const auto ran = scenario::run(loaded.variants.front().scenario, 1, trace::Detail::kRecords);
  const Instant zero = trace::first_departure(*ran.journal);
  std::string view;
  trace::write_host_view(
      *ran.journal, {.host = host, .zero = zero, .letters = {}, .human = false, .ticks = {}}, view);
  result.replayed.packets = support::packets_of(view);
  result.replayed.calls = logged_calls(*ran.journal);
  result.first_packet_ns = zero.ns();
  return result;
}

// ---- packets

// What the captured machine itself was late with is no difference.
void forgive(compare::Difference& difference, const std::vector<LateFiring>& late) {
  constexpr Duration kTimestampTicks = std::chrono::milliseconds(2);
  if (difference.kind != compare::Difference::Kind::kDiffers) return;
  for (const LateFiring& l : late) {
    if (l.segment != difference.a->position) continue;
    std::erase_if(difference.fields, [&](const compare::FieldDifference& f) {
      const bool gap = f.field == compare::Field::kGap;
      return f.by > Duration(0) &&
             f.by <= l.jiffies_late * kJiffy + (gap ? Duration() : kTimestampTicks);
    });
  }
}

// ---- calls

// accept gives a descriptor, whose number depends on what else is open.
std::string comparable(const LoggedCall& call) {
  const bool descriptor = call.text.starts_with("accept") && !call.result.starts_with("-");
  return std::string(1, call.side) + ' ' + call.text + " = " + (descriptor ? "ok" : call.result);
}

// A non-blocking writer wrote down a row of sends as one line, and only reads that found something:
// "FILL accepted=46088 calls=12 last_write=1032 total=46088 then EAGAIN", "READ 4096 total=8192".
std::vector<LoggedCall> folded(const std::vector<LoggedCall>& calls) {
  std::vector<LoggedCall> lines;
  int64_t accepted = 0, count = 0, last = 0, total = 0, read = 0;
  for (const LoggedCall& call : calls) {
    const bool failed = call.result.starts_with("-1 ");
    if (call.text.starts_with("recv(")) {
      if (failed || call.result == "0") continue;
      read += std::stoll(call.result);
      lines.push_back(
          {call.at_us, call.side, "READ " + call.result + " total=" + std::to_string(read), "", 0});
    } else if (!call.text.starts_with("send(")) {
      lines.push_back(call);
    } else if (failed) {
      lines.push_back({call.at_us, call.side,
                       "FILL accepted=" + std::to_string(accepted) + " calls=" +
                           std::to_string(count) + " last_write=" + std::to_string(last) +
                           " total=" + std::to_string(total) + " then " + call.result.substr(3),
                       "", 0});
      accepted = count = last = 0;
    } else {
      last = std::stoll(call.result);
      accepted += last;
      total += last;
      ++count;
    }
  }
  return lines;
}

std::vector<LoggedCall> calls_of_side(const std::vector<LoggedCall>& all, char side) {
  std::vector<LoggedCall> chosen;
  for (const LoggedCall& call : all) {
    const bool folds = call.text.starts_with("FILL ") || call.text.starts_with("READ ");
    if (call.side != side || (call.result.empty() && !folds)) continue;
    chosen.push_back(call);
    std::string& text = chosen.back().text;
    if (folds) text.resize(std::min(text.find(" SIOCOUTQ="), text.size()));
  }
  return chosen;
}

}  // namespace

// net.core.rmem_max and wmem_max of the captured machine are 4 MiB.
std::string scenario_for(const Capture& capture, const Programs& programs, int64_t uptime_ns,
                         int64_t until_us) {
  const bool loopback = capture.environment == "lo";
  const std::string host = R"({"profile": "linux-6.18", "uptime": ")" + std::to_string(uptime_ns) +
                           R"(ns", "set": {"timer_grain": {"ticks_at_boot": )" +
                           std::to_string(kTicksAtBoot) +
                           R"(}, "destination_cache": {"enabled": false}, )"
                           R"("sockets": {"send_cap": 4194304, "receive_cap": 4194304})" +
                           only_port(capture) + pace_of(capture) + patch_of(capture.sysctls) + "}}";
  std::string text = R"({"schema": "tcptwin/scenario/1", "name": "replay", "until": ")" +
                     std::to_string(until_us) + R"(us", "hosts": {"a": )" + host;
  text += loopback ? "}" : R"(, "b": )" + host + "}" + link_json(capture.link);
  const std::string server_host = loopback ? "a" : "b";
  text += R"(, "processes": [{"name": "client", "host": "a", "start": "1ms", "goes_on": true, )"
          R"("program": )" +
          programs.client + "}";
  if (!programs.server.empty()) {
    text += R"(, {"name": "server", "goes_on": true, "host": ")" + server_host +
            R"(", "program": )" + programs.server + "}";
  }
  return text + "]}";
}

Replayed replay(const Capture& capture, const Programs& programs, uint16_t host, int64_t until_us) {
  // The first packet leaves at the same virtual time whatever the uptime.
  Run first = run(capture, programs, 0, host, kStartUs * 2);
  if (!first.replayed.errors.empty()) return std::move(first.replayed);
  return run(capture, programs, capture.monotonic_ns - first.first_packet_ns, host, until_us)
      .replayed;
}

std::vector<std::string> compare_packets(const Capture& capture, const Replayed& ours,
                                         const std::vector<LateFiring>& late, bool prefix) {
  if (!ours.errors.empty()) return ours.errors;
  constexpr size_t kAll = 100'000;
  compare::Comparison comparison = compare::compare(
      capture.packets, ours.packets, {.tick = kJiffy, .joins_segments = false, .most_shown = kAll});
  std::vector<std::string> found;
  for (compare::Difference& difference : comparison.differences) {
    const bool behind_end = !difference.a && difference.b->position >= capture.segments.size();
    if (prefix && behind_end) continue;
    forgive(difference, late);
    const bool forgiven =
        difference.kind == compare::Difference::Kind::kDiffers && difference.fields.empty();
    if (!forgiven) found.push_back(compare::text(comparison, difference));
  }
  return found;
}

std::vector<std::string> compare_calls(const Capture& capture, const Replayed& ours) {
  if (!ours.errors.empty()) return ours.errors;
  for (const char side : {'C', 'S'}) {
    auto real = calls_of_side(capture.log, side);
    if (real.empty()) continue;  // the other end's file
    const bool folds = capture.program == "nbw";
    auto own = calls_of_side(folds ? folded(ours.calls) : ours.calls, side);
    // That reader ends with a close it did not write down.
    if (folds && side == 'S' && own.size() > real.size()) own.pop_back();
    // How much goes out before a reset comes is a race; the total that is told afterwards, too.
    const auto raced = [](const LoggedCall& c) {
      return c.text.ends_with("then ECONNRESET") || c.text.ends_with("then EPIPE");
    };
    std::erase_if(real, raced);
    std::erase_if(own, raced);
    for (size_t i = 0; i < std::max(real.size(), own.size()); ++i) {
      const std::string theirs = i < real.size() ? comparable(real[i]) : "nothing more";
      const std::string mine = i < own.size() ? comparable(own[i]) : "nothing more";
      if (theirs == mine) continue;
      return {"call " + std::to_string(i) + " of " + side + ": the capture has " + theirs +
              ", we have " + mine};
    }
  }
  return {};
}

std::vector<std::string> captures_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::string path = support::source_path("traces/kernel-6.18/" + folder);
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace tcptwin::parity
