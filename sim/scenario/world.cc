#include "sim/scenario/world.h"

#include <algorithm>
#include <tuple>

#include "stack/base/check.h"

namespace tcptwin::scenario {

namespace {

constexpr int32_t kFirstPid = 1001;

// Null: none of them has that name.
template <class Nodes>
auto* find_named(Nodes& nodes, std::string_view name) {
  const auto found =
      std::find_if(nodes.begin(), nodes.end(), [&](const auto& n) { return n.name() == name; });
  return found == nodes.end() ? nullptr : &*found;
}

}  // namespace

app::Task task_of(const ProcessSpec& spec, const app::SocketApi& api, uint64_t pattern,
                  app::Metrics& metrics, app::ProcessOutcome& outcome) {
  if (spec.native) return spec.native(api, metrics, outcome);
  if (spec.ready)
    return programs::run_ready(api, *spec.ready, spec.name, pattern, metrics, outcome);
  return app::run_program(api, spec.program, spec.name, pattern, metrics, outcome);
}

World::World(const Scenario& scenario, uint64_t seed, trace::Detail detail)
    : scenario_(&scenario),
      seed_(seed),
      topology_(scenario),
      journal_(std::make_unique<trace::Journal>(detail)) {
  add_hosts();
  add_links();
  add_processes();
}

host::SimulatedHost* World::host(std::string_view name) { return find_named(hosts_, name); }
net::Router* World::router(std::string_view name) { return find_named(routers_, name); }
net::Port* World::port(std::string_view name) { return find_named(ports_, name); }

// ---- what it is made of

void World::add_hosts() {
  uint16_t number = 0;
  for (const auto& [name, spec] : scenario_->hosts) {
    journal_->add_host(name);
    switch (spec.kind) {
      case HostSpec::Kind::kHost: add_simulated(name, spec, number); break;
      case HostSpec::Kind::kRouter:
        routers_.emplace_back(
            net::RouterSetup{name, number, spec.forwarding, topology_.interfaces(name),
                             topology_.routes(name), spec.silent},
            *journal_);
        engine_.add(routers_.back());
        break;
      case HostSpec::Kind::kReal:
        ports_.emplace_back(
            net::PortSetup{name, number, topology_.interfaces(name), topology_.routes(name)},
            *journal_);
        engine_.add(ports_.back());
        break;
    }
    ++number;
  }
}

void World::add_simulated(const std::string& name, const HostSpec& spec, uint16_t number) {
  hosts_.emplace_back(host::SimulatedHostSetup{.name = name,
                                               .number = number,
                                               .profile = &spec.resolved,
                                               .uptime = spec.uptime,
                                               .interfaces = topology_.interfaces(name),
                                               .routes = topology_.routes(name),
                                               .seed = seed_},
                      *journal_);
  engine_.add(hosts_.back());
}

engine::Node& World::node(std::string_view name) {
  if (host::SimulatedHost* h = host(name)) return *h;
  if (net::Router* r = router(name)) return *r;
  net::Port* p = port(name);
  CHECK(p != nullptr);
  return *p;
}

void World::attach(std::string_view name, uint32_t interface, engine::Node& link, uint32_t end) {
  if (host::SimulatedHost* h = host(name)) return h->attach(interface, link, end);
  if (net::Router* r = router(name)) return r->attach(interface, link, end);
  port(name)->attach(interface, link, end);
}

void World::add_links() {
  for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
    const LinkSpec& spec = scenario_->links[l];
    journal_->add_link(topology_.link_name(l));
    if (spec.is_loopback()) continue;  // the host's own affair
    std::array<net::Link::End, 2> ends;
    for (uint32_t end = 0; end < 2; ++end) {
      const std::string& name = spec.between[end];
      ends[end] = {&node(name), topology_.interface_on(name, l)};
    }
    const net::LinkConfig config{ways_of(spec), topology_.link_name(l), seed_};
    links_.emplace_back(config, l, ends, *journal_);
    engine_.add(links_.back());
    for (uint32_t end = 0; end < 2; ++end) {
      attach(spec.between[end], ends[end].port, links_.back(), end);
    }
  }
}

void World::add_processes() {
  for (size_t i = 0; i < scenario_->processes.size(); ++i) {
    const ProcessSpec& spec = scenario_->processes[i];
    journal_->add_process(spec.name);
    Process& process = processes_.emplace_back();
    host::SimulatedHost* where = host(spec.host);
    if (where == nullptr) continue;
    process.thread.process = static_cast<uint32_t>(i);
    const app::SocketApi api(*where, process.thread, &process.shared);
    process.task = task_of(spec, api, i + 1, metrics_, process.outcome);
    process.thread.waiting = process.task->handle();
    where->add_thread(process.thread, Instant() + spec.start);
  }
}

// ---- what came of it

bool World::programs_are_over() const {
  for (size_t i = 0; i < processes_.size(); ++i) {
    const ProcessSpec& spec = scenario_->processes[i];
    const Process& process = processes_[i];
    if (!process.task || (spec.ready && programs::serves_for_ever(*spec.ready))) continue;
    if (process.outcome.end == app::ProcessOutcome::End::kRunning) return false;
  }
  return true;
}

void World::look(Instant at, std::vector<Snapshot>& snapshots) {
  for (host::SimulatedHost& h : hosts_) snapshots.push_back(snapshot_of(h, at));
}

RunResult World::finish(Instant ended) {
  RunResult result;
  for (size_t i = 0; i < processes_.size(); ++i) {
    Process& p = processes_[i];
    if (!p.task) continue;
    ProcessResult r{scenario_->processes[i].name, p.outcome, ""};
    if (p.outcome.end == app::ProcessOutcome::End::kRunning) {
      r.sleeps_in = trace::call_name(p.thread.call.kind);
    }
    result.processes.push_back(std::move(r));
  }
  take_snapshots(result, ended);
  result.digest = journal_->digest();
  result.metrics = std::move(metrics_);
  result.names = topology_.names();
  result.ended = ended;
  result.cut_off = !engine_.idle();
  result.events = engine_.events();
  result.packets = journal_->packets();
  result.journal = std::move(journal_);
  return result;
}

// Those that programs took, in the order of time, and what is there at the end.
void World::take_snapshots(RunResult& result, Instant ended) {
  for (size_t i = 0; i < processes_.size(); ++i) {
    const ProcessSpec& spec = scenario_->processes[i];
    for (const app::NamedSockets& s : processes_[i].outcome.snapshots) {
      result.snapshots.push_back(
          {s.name, spec.name, spec.host, s.at, lines(spec.host, s.rows), {}});
    }
  }
  std::stable_sort(result.snapshots.begin(), result.snapshots.end(),
                   [](const Snapshot& a, const Snapshot& b) { return a.at < b.at; });
  look(ended, result.last_sockets);
}

Snapshot World::snapshot_of(host::SimulatedHost& h, Instant at) {
  Snapshot snapshot{"", "", h.name(), at, lines(h.name(), h.stack().snapshot()), {}};
  for (const host::FileRow& row : h.stack().files()) {
    const auto owner = owner_of(h.name(), row.owner);
    if (owner) snapshot.files.push_back({row, owner->first, owner->second});
  }
  return snapshot;
}

// The program and the pid; nothing: no process of the scenario.
std::optional<std::pair<std::string, int32_t>> World::owner_of(const std::string& host,
                                                               socket::ProcessId process) const {
  for (size_t i = 0; i < processes_.size(); ++i) {
    const ProcessSpec& spec = scenario_->processes[i];
    if (spec.host == host && processes_[i].thread.stack_process == process)
      return std::pair(spec.name, kFirstPid + static_cast<int32_t>(i));
  }
  return std::nullopt;
}

std::vector<SocketLine> World::lines(const std::string& host,
                                     const std::vector<host::SocketRow>& rows) {
  std::vector<SocketLine> found;
  for (const host::SocketRow& row : rows) {
    SocketLine& line = found.emplace_back(SocketLine{row, ""});
    if (!row.owner) continue;
    if (const auto owner = owner_of(host, *row.owner)) std::tie(line.program, line.pid) = *owner;
  }
  return found;
}

}  // namespace tcptwin::scenario
