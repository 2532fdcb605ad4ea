#include "sim/lab/lab.h"

#include <utility>

#include "models/json/context.h"
#include "models/json/nearest.h"
#include "models/json/parse.h"
#include "models/json/patch.h"
#include "models/json/pointer.h"
#include "models/json/units.h"
#include "sim/expect/evaluate.h"
#include "sim/report/report.h"
#include "sim/report/story.h"
#include "sim/trace/pcapng.h"
#include "stack/base/check.h"

namespace tcptwin::lab {

using json::Node;

socket::Address Api::address(std::string_view host, uint16_t port, socket::Family family) const {
  return {topology_->address_of(host_, host, family).value_or(wire::IpAddress()), wire::Port{port}};
}

Api::Calling Api::connect(socket::Descriptor fd, std::string_view host, uint16_t port) {
  return connect(fd, address(host, port), std::string(host));
}

Api::Calling Api::bind(socket::Descriptor fd, uint16_t port) {
  return bind(fd, socket::Address{{}, wire::Port{port}});
}

Api::Calling Api::send(socket::Descriptor fd, int64_t bytes) {
  return send(fd, Payload::synthetic(0, 0, static_cast<size_t>(bytes)));
}

Api::Calling Api::send(socket::Descriptor fd, std::string_view text) {
  return send(fd, Payload::text(std::string(text)));
}

void Api::measured(const std::string& name, Instant begin) {
  (*metrics_)[process_ + "." + name].add(begin, now(), last_return());
}

namespace {

// The program of the lab as the world runs it: it says when it began and that it ended.
Task run_body(const Lab::Program& body, Api api, std::string process, app::Metrics& metrics,
              app::ProcessOutcome& outcome) {
  outcome.started = api.now();
  co_await body(api);
  outcome.ended = api.now();
  outcome.end = app::ProcessOutcome::End::kFinished;
  metrics[process + ".elapsed"].add(outcome.started, outcome.ended, api.last_return());
}

}  // namespace

Lab::Lab(uint64_t seed) : seed_(seed), document_(Node::object()) {
  document_.set("schema", Node::string(std::string(scenario::kSchema)))
      .set("name", Node::string("lab"))
      .set("hosts", Node::object())
      .set("links", Node::array())
      .set("processes", Node::array());
}

Lab::~Lab() = default;

Node Lab::parsed(std::string_view more, const std::string& what) {
  json::Diagnostic error;
  auto node = json::parse(what, more, &error);
  if (node && node->is_object()) return *node;
  problem(node ? what + ": expected an object" : json::to_string(error));
  return Node::object();
}

HostName Lab::host(std::string name, const std::string& profile, std::string_view more) {
  Node node = parsed(more, "host " + name);
  node.set("profile", Node::string(profile));
  document_.find("hosts")->set(name, std::move(node));
  return {std::move(name)};
}

HostName Lab::router(std::string name, std::string_view more) {
  Node node = parsed(more, "router " + name);
  node.set("kind", Node::string("router"));
  document_.find("hosts")->set(name, std::move(node));
  return {std::move(name)};
}

void Lab::link(const HostName& a, const HostName& b, Duration delay, std::string_view more) {
  Node node = parsed(more, "link " + a.text + "-" + b.text);
  node.set("between", Node::array({Node::string(a.text), Node::string(b.text)}));
  if (delay.count() > 0) node.set("delay", Node::string(json::format_duration(delay)));
  document_.find("links")->push(std::move(node));
}

void Lab::program(const HostName& host, std::string name, Program program, Duration start) {
  document_.find("processes")
      ->push(Node::object()
                 .set("name", Node::string(name))
                 .set("host", Node::string(host.text))
                 .set("start", Node::string(json::format_duration(start)))
                 .set("program", Node::array()));
  processes_.push_back({std::move(name), host.text, std::move(program)});
}

void Lab::set(const std::string& pointer, const std::string& value) {
  json::Diagnostic error;
  const std::string label = "set " + pointer + "=" + value;
  if (!json::set_at(document_, pointer, json::from_command_line(value, label), &error))
    problem(json::to_string(error));
}

void Lab::until(Duration limit) {
  document_.set("until", Node::string(json::format_duration(limit)));
}

bool Lab::run() {
  CHECK(topology_ == nullptr);  // once
  json::Context context;
  scenario_ = scenario::decode(document_, context);
  for (const json::Diagnostic& d : context.diagnostics()) problem(json::to_string(d));
  topology_ = std::make_unique<scenario::Topology>(scenario_);
  if (!problems_.empty()) return false;
  for (size_t i = 0; i < processes_.size(); ++i) {
    const Process& process = processes_[i];
    scenario_.processes[i].native = [this, &process](const app::SocketApi& calls,
                                                     app::Metrics& metrics,
                                                     app::ProcessOutcome& outcome) {
      return run_body(process.body, Api(calls, process.name, process.host, *topology_, metrics),
                      process.name, metrics, outcome);
    };
  }
  result_ = scenario::run(scenario_, seed_,
                          keep_records_ ? trace::Detail::kRecords : trace::Detail::kDigest);
  return true;
}

Duration Lab::metric(const std::string& name) {
  const scenario::MetricName wanted = scenario::parse_metric(name, "p50");
  const auto found = result_.metrics.find(wanted.measure);
  if (found != result_.metrics.end()) {
    if (const auto value = expect::statistic(found->second, wanted.statistic))
      return Duration(*value);
  }
  std::vector<std::string> known;
  for (const auto& [measure, values] : result_.metrics) known.push_back(measure);
  problem("there is no metric \"" + name + "\"; measured were " +
          (known.empty() ? "none" : json::quoted_list(known, "and")));
  return Duration(-1);
}

int64_t Lab::count(const std::string& name) const {
  const auto found = result_.metrics.find(name);
  return found == result_.metrics.end() ? 0 : static_cast<int64_t>(found->second.values.size());
}

std::vector<std::string> Lab::segments(const HostName& host) const {
  std::vector<std::string> lines;
  if (result_.journal == nullptr) return lines;
  for (uint16_t h = 0; h < scenario_.hosts.size(); ++h) {
    if (scenario_.hosts[h].first != host.text) continue;
    trace::HostViewOptions options = report::view_options(scenario_, result_, h, false);
    options.letters.clear();  // no calls
    std::string text;
    trace::write_host_view(*result_.journal, options, text);
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      const size_t space = text.find(' ', at);
      lines.push_back(text.substr(space + 1, end - space - 1));
      at = end + 1;
    }
  }
  return lines;
}

std::string Lab::story() const {
  std::string text = problems_;
  if (result_.journal == nullptr) return text;
  for (const scenario::ProcessResult& p : result_.processes) {
    if (!p.sleeps_in.empty())
      text += p.name + " still slept in " + p.sleeps_in + "() when the world ended\n";
  }
  if (!keep_records_) return text + "no story: the lab was told to keep no records\n";
  return text + report::story(scenario_, result_);
}

std::vector<uint8_t> Lab::pcapng() const {
  std::vector<uint8_t> bytes;
  if (result_.journal == nullptr) return bytes;
  trace::PcapngOptions options;
  options.application = std::string("tcptwin ") + report::version();
  options.ticks = report::ticks_of(scenario_);
  for (const auto& [address, name] : result_.names) options.names.push_back({address, name});
  trace::write_pcapng(*result_.journal, options, bytes);
  return bytes;
}

}  // namespace tcptwin::lab
