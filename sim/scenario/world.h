// world.h: the world of one variant while it runs: hosts, links, processes, step by step. Whoever
// owns it moves its time; what comes of it is run.h's.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/app/process.h"
#include "sim/app/socket_api.h"
#include "sim/app/task.h"
#include "sim/engine/engine.h"
#include "sim/host/simulated_host.h"
#include "sim/net/link.h"
#include "sim/net/port.h"
#include "sim/net/router.h"
#include "sim/scenario/run.h"
#include "sim/scenario/topology.h"

namespace tcptwin::scenario {

// Members die in the reverse order: programs first.
class World {
 public:
  // `scenario` outlives it.
  World(const Scenario& scenario, uint64_t seed, trace::Detail detail);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // The port of a host that is a real machine; null for any other name.
  net::Port* port(std::string_view name);
  // Does everything up to and including `limit`. Returns the instant of the last event; 0: there
  // was none.
  Instant run_until(Instant limit) { return engine_.run_until(limit); }
  // When something is to be done next; never: nothing is left to do. May be early.
  Instant next() const { return engine_.next(); }
  // All programs have come to their end; those that serve for ever do not count.
  bool programs_are_over() const;
  // The sockets of every simulated host now.
  void look(Instant at, std::vector<Snapshot>& snapshots);
  const trace::Journal& journal() const { return *journal_; }
  const Topology& topology() const { return topology_; }
  uint64_t packets() const { return journal_->packets(); }
  // What came of it; `ended`: the instant of the last event. The world is over then.
  RunResult finish(Instant ended);

 private:
  struct Process {
    host::Thread thread;
    app::Process shared;
    app::ProcessOutcome outcome;
    std::optional<app::Task> task;  // none: it runs on a real machine
  };

  void add_hosts();
  void add_simulated(const std::string& name, const HostSpec& spec, uint16_t number);
  void add_links();
  void add_processes();
  app::Task task_of(const ProcessSpec& spec, const app::SocketApi& api, uint64_t pattern,
                    app::ProcessOutcome& outcome);
  engine::Node& node(std::string_view name);
  void attach(std::string_view name, uint32_t interface, engine::Node& link, uint32_t end);
  host::SimulatedHost* host(std::string_view name);
  net::Router* router(std::string_view name);

  void take_snapshots(RunResult& result, Instant ended);
  Snapshot snapshot_of(host::SimulatedHost& h, Instant at);
  std::optional<std::pair<std::string, int32_t>> owner_of(const std::string& host,
                                                          socket::ProcessId process) const;
  std::vector<SocketLine> lines(const std::string& host, const std::vector<host::SocketRow>& rows);

  const Scenario* scenario_;
  uint64_t seed_;
  Topology topology_;
  std::unique_ptr<trace::Journal> journal_;
  engine::Engine engine_;
  std::deque<host::SimulatedHost> hosts_;
  std::deque<net::Router> routers_;
  std::deque<net::Port> ports_;
  std::deque<net::Link> links_;
  app::Metrics metrics_;
  std::deque<Process> processes_;
};

}  // namespace tcptwin::scenario
