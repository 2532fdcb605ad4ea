#include "sim/scenario/run.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <tuple>

#include "sim/app/socket_api.h"
#include "sim/app/task.h"
#include "sim/engine/engine.h"
#include "sim/host/simulated_host.h"
#include "sim/net/link.h"
#include "sim/net/router.h"
#include "sim/scenario/topology.h"
#include "stack/base/check.h"

namespace tcptwin::scenario {

namespace {

constexpr int32_t kFirstPid = 1001;

// Everything that exists while one variant runs. Members die in the reverse order: programs first.
class World {
 public:
  World(const Scenario& scenario, uint64_t seed, trace::Detail detail)
      : scenario_(&scenario),
        seed_(seed),
        topology_(scenario),
        journal_(std::make_unique<trace::Journal>(detail)) {
    add_hosts();
    add_links();
    add_processes();
  }

  // `looks`: in the order of time.
  RunResult run(const std::vector<Instant>& looks) {
    RunResult result;
    Instant ended;
    const Instant limit = Instant() + scenario_->until;
    for (const Instant at : looks) {
      ended = std::max(ended, engine_.run_until(std::min(at, limit)));
      if (at > limit || (engine_.idle() && at > ended)) break;
      for (host::SimulatedHost& h : hosts_) result.looks.push_back(snapshot_of(h, at));
    }
    ended = std::max(ended, engine_.run_until(limit));
    for (size_t i = 0; i < processes_.size(); ++i) {
      Process& p = processes_[i];
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

 private:
  struct Process {
    host::Thread thread;
    app::Process shared;
    app::ProcessOutcome outcome;
    std::optional<app::Task> task;
  };

  // Those that programs took, in the order of time, and what is there at the end.
  void take_snapshots(RunResult& result, Instant ended) {
    for (size_t i = 0; i < processes_.size(); ++i) {
      const ProcessSpec& spec = scenario_->processes[i];
      for (const app::NamedSockets& s : processes_[i].outcome.snapshots) {
        result.snapshots.push_back(
            {s.name, spec.name, spec.host, s.at, lines(spec.host, s.rows), {}});
      }
    }
    std::stable_sort(result.snapshots.begin(), result.snapshots.end(),
                     [](const Snapshot& a, const Snapshot& b) { return a.at < b.at; });
    for (host::SimulatedHost& h : hosts_) result.last_sockets.push_back(snapshot_of(h, ended));
  }
  Snapshot snapshot_of(host::SimulatedHost& h, Instant at) {
    Snapshot snapshot{"", "", h.name(), at, lines(h.name(), h.stack().snapshot()), {}};
    for (const host::FileRow& row : h.stack().files()) {
      const auto owner = owner_of(h.name(), row.owner);
      if (owner) snapshot.files.push_back({row, owner->first, owner->second});
    }
    return snapshot;
  }
  // The program and the pid; nothing: no process of the scenario.
  std::optional<std::pair<std::string, int32_t>> owner_of(const std::string& host,
                                                          socket::ProcessId process) const {
    for (size_t i = 0; i < processes_.size(); ++i) {
      const ProcessSpec& spec = scenario_->processes[i];
      if (spec.host == host && processes_[i].thread.stack_process == process)
        return std::pair(spec.name, kFirstPid + static_cast<int32_t>(i));
    }
    return std::nullopt;
  }
  std::vector<SocketLine> lines(const std::string& host, const std::vector<host::SocketRow>& rows) {
    std::vector<SocketLine> found;
    for (const host::SocketRow& row : rows) {
      SocketLine& line = found.emplace_back(SocketLine{row, ""});
      if (!row.owner) continue;
      if (const auto owner = owner_of(host, *row.owner)) std::tie(line.program, line.pid) = *owner;
    }
    return found;
  }

  host::SimulatedHost& host(std::string_view name) {
    for (host::SimulatedHost& h : hosts_) {
      if (h.name() == name) return h;
    }
    CHECK(false);
  }

  // Null: it is a host.
  net::Router* router(std::string_view name) {
    for (net::Router& r : routers_) {
      if (r.name() == name) return &r;
    }
    return nullptr;
  }

  void add_hosts() {
    for (const auto& [name, spec] : scenario_->hosts) {
      journal_->add_host(name);
      const uint16_t number = next_host_++;
      if (spec.kind == HostSpec::Kind::kRouter) {
        routers_.emplace_back(
            net::RouterSetup{name, number, spec.forwarding, topology_.interfaces(name),
                             topology_.routes(name), spec.silent},
            *journal_);
        engine_.add(routers_.back());
        continue;
      }
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
  }

  void add_links() {
    for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
      const LinkSpec& spec = scenario_->links[l];
      journal_->add_link(topology_.link_name(l));
      if (spec.is_loopback()) continue;  // the host's own affair
      std::array<net::Link::End, 2> ends;
      for (uint32_t end = 0; end < 2; ++end) {
        const std::string& name = spec.between[end];
        net::Router* r = router(name);
        engine::Node* node = r != nullptr ? static_cast<engine::Node*>(r) : &host(name);
        ends[end] = {node, topology_.interface_on(name, l)};
      }
      const net::LinkConfig config{ways_of(spec), topology_.link_name(l), seed_};
      links_.emplace_back(config, l, ends, *journal_);
      engine_.add(links_.back());
      for (uint32_t end = 0; end < 2; ++end) {
        const std::string& name = spec.between[end];
        if (net::Router* r = router(name)) {
          r->attach(ends[end].port, links_.back(), end);
        } else {
          host(name).attach(ends[end].port, links_.back(), end);
        }
      }
    }
  }

  void add_processes() {
    for (size_t i = 0; i < scenario_->processes.size(); ++i) {
      const ProcessSpec& spec = scenario_->processes[i];
      journal_->add_process(spec.name);
      Process& process = processes_.emplace_back();
      host::SimulatedHost& where = host(spec.host);
      process.thread.process = static_cast<uint32_t>(i);
      const app::SocketApi api(where, process.thread, &process.shared);
      process.task = task_of(spec, api, i + 1, process.outcome);
      process.thread.waiting = process.task->handle();
      where.add_thread(process.thread, Instant() + spec.start);
    }
  }

  app::Task task_of(const ProcessSpec& spec, const app::SocketApi& api, uint64_t pattern,
                    app::ProcessOutcome& outcome) {
    if (spec.native) return spec.native(api, metrics_, outcome);
    if (spec.ready)
      return programs::run_ready(api, *spec.ready, spec.name, pattern, metrics_, outcome);
    return app::run_program(api, spec.program, spec.name, pattern, metrics_, outcome);
  }

  const Scenario* scenario_;
  uint64_t seed_;
  Topology topology_;
  std::unique_ptr<trace::Journal> journal_;
  engine::Engine engine_;
  std::deque<host::SimulatedHost> hosts_;
  std::deque<net::Router> routers_;
  uint16_t next_host_ = 0;
  std::deque<net::Link> links_;
  app::Metrics metrics_;
  std::deque<Process> processes_;
};

}  // namespace

RunResult run(const Scenario& scenario, uint64_t seed, trace::Detail detail,
              std::vector<Instant> looks) {
  std::sort(looks.begin(), looks.end());
  looks.erase(std::unique(looks.begin(), looks.end()), looks.end());
  return World(scenario, seed, detail).run(looks);
}

}  // namespace tcptwin::scenario
