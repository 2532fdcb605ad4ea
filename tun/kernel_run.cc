#include "tun/kernel_run.h"

#include <sched.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <optional>
#include <sstream>

#include "sim/scenario/world.h"
#include "tun/device.h"
#include "tun/kernel_programs.h"
#include "tun/live.h"
#include "tun/loopback_tap.h"
#include "tun/timer_probe.h"

namespace tcptwin::tun {

namespace {

using scenario::HostSpec;

// Those that begin later than the first do so by this much more: threads take their time to come
// up, and who connects must find who listens.
constexpr Duration kComingUp = std::chrono::milliseconds(100);
constexpr Duration kLookDistance = std::chrono::milliseconds(20);
// Nothing has gone over the wire for so long: longer than an ACK may be delayed.
constexpr Duration kQuiet = std::chrono::milliseconds(250);

// The hosts made real, and the starts moved.
scenario::Scenario live_scenario(const KernelRunSetup& setup) {
  scenario::Scenario live = *setup.scenario;
  for (auto& [name, host] : live.hosts) {
    if (std::find(setup.real.begin(), setup.real.end(), name) != setup.real.end())
      host.kind = HostSpec::Kind::kReal;
  }
  Duration first = Duration::max();
  for (const auto& process : live.processes) first = std::min(first, process.start);
  for (auto& process : live.processes) {
    if (process.start > first) process.start += kComingUp;
  }
  return live;
}

// The calling thread and those it makes from now on come before all others of the machine; where
// that is not permitted they do not.
void take_precedence(int priority) {
  const sched_param param{priority};
  ::sched_setscheduler(0, priority > 0 ? SCHED_RR : SCHED_OTHER, &param);
}

// Whether a line of /proc/net/tcp is a connection that will send something by itself.
bool is_busy(const std::string& line) {
  constexpr unsigned kEstablished = 1, kFinWait2 = 5, kTimeWait = 6, kClosed = 7, kCloseWait = 8,
                     kListen = 10;
  std::istringstream words(line);
  std::string place, local, remote, state, queues, timer;
  words >> place >> local >> remote >> state >> queues >> timer;
  if (queues.empty() || !std::isxdigit(static_cast<unsigned char>(state.front()))) return false;
  if (timer.starts_with("04:")) return false;  // window probes: they may go on for ever
  const unsigned long number = std::stoul(state, nullptr, 16);
  if (number == kEstablished || number == kCloseWait)
    return !queues.starts_with("00000000:");  // unacknowledged data
  return number != kFinWait2 && number != kTimeWait && number != kClosed && number != kListen;
}

bool is_busy(const NetNamespace& where) {
  bool busy = false;
  where.run([&] {
    for (const char* path : {"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"}) {
      std::ifstream file(path);
      std::string line;
      std::getline(file, line);  // the names of the columns
      while (std::getline(file, line)) busy = busy || is_busy(line);
    }
  });
  return busy;
}

struct Place {
  NetNamespace network;
  AppliedSettings settings;
  std::optional<Device> device;
  std::optional<LoopbackTap> loopback;
};

class Run {
 public:
  explicit Run(const KernelRunSetup& setup)
      : setup_(setup),
        scenario_(live_scenario(setup)),
        world_(scenario_, setup.seed, trace::Detail::kDigest) {
    for (const std::string& name : setup_.real) set_up(name, places_.emplace_back());
    programs_.emplace(scenario_, hosts_, setup_.sends);
  }

  KernelRun run() {
    take_precedence(2);
    TimerProbe timers(setup_.tick);
    take_precedence(1);
    programs_->launch();
    take_precedence(3);
    live_.emplace(world_, LiveSetup{.on_packet = [this](const Passage& p) { see(p); }});
    for (size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].device) live_->add_seat(*world_.port(setup_.real[i]), *places_[i].device);
    }
    live_->watch(programs_->over_fd(), [this] { programs_->acknowledge_over(); });
    live_->every(kLookDistance, [this] { look(); });
    programs_->go(live_->clock());
    live_->run();
    const Instant over = live_->clock().now();
    take_precedence(0);
    programs_->stop();
    KernelRun run = result(over);
    run.timers = timers.finish();
    return run;
  }

 private:
  void set_up(const std::string& name, Place& place) {
    place.settings =
        apply_settings(place.network, scenario::profile_of(*setup_.scenario->host(name)));
    place.network.set_sysctl("net.ipv4.ping_group_range", "0 2147483647");
    hosts_[name] = {&place.network, place.settings.congestion};
    const net::Port& port = *world_.port(name);
    if (port.interfaces().size() > 1) {
      place.device.emplace(Device::make(place.network, {.layer = Layer::kIp,
                                                        .name = "tun0",
                                                        .interfaces = port.interfaces(),
                                                        .routes = port.routes()}));
      seats_.push_back(static_cast<uint32_t>(places_.size()) - 1);
    }
    place.loopback.emplace(place.network);
  }

  void see(const Passage& p) {
    last_ = p.seen;
    sights_.push_back({seats_[p.seat], p.seen, p.to_machine, {p.bytes.begin(), p.bytes.end()}});
  }

  // Whether that was all.
  void look() {
    const Instant now = live_->clock().now();
    for (const Place& place : places_) {
      const int64_t seen = place.loopback->last_ns() - live_->clock().zero_ns();
      last_ = std::max(last_, Instant::from_ns(std::max<int64_t>(seen, 0)));
    }
    const bool over = programs_->are_over() && world_.programs_are_over();
    const Instant expected = Instant() + kComingUp + setup_.expected;
    const bool hangs = !setup_.ends && now > expected + std::chrono::seconds(1);
    if (now > expected + setup_.expected + std::chrono::seconds(10)) {
      cut_off_ = !over;
      return live_->stop();
    }
    if (!over && !hangs) return;
    if (now - last_ < kQuiet || world_.next() <= now + kQuiet) return;
    const bool busy = std::any_of(places_.begin(), places_.end(),
                                  [](const Place& place) { return is_busy(place.network); });
    if (!busy) live_->stop();
  }

  // `over`: when the programs were stopped. What their sockets said then is no part of the run.
  KernelRun result(Instant over) {
    KernelRun run;
    run.zero_ns = live_->clock().zero_ns();
    run.took = live_->clock().now() - Instant();
    run.links = live_->lateness();
    run.cut_off = cut_off_;
    run.metrics = programs_->metrics();
    for (const KernelProcess& process : programs_->processes())
      run.processes.push_back({process.name(), process.outcome(), process.calls()});
    for (uint32_t i = 0; i < places_.size(); ++i) {
      run.settings.push_back(places_[i].settings);
      for (LoopbackTap::Packet& packet : places_[i].loopback->finish()) {
        const Instant at = Instant::from_ns(packet.monotonic_ns - run.zero_ns);
        if (at <= over) sights_.push_back({i, at, false, std::move(packet.bytes)});
      }
    }
    std::stable_sort(sights_.begin(), sights_.end(),
                     [](const Sight& a, const Sight& b) { return a.at < b.at; });
    run.sights = std::move(sights_);
    return run;
  }

  const KernelRunSetup& setup_;
  scenario::Scenario scenario_;
  scenario::World world_;
  std::deque<Place> places_;
  std::vector<uint32_t> seats_;  // the place of each
  RealHosts hosts_;
  std::optional<Live> live_;
  std::optional<KernelPrograms> programs_;  // its threads go by the clock of live_
  std::vector<Sight> sights_;
  Instant last_;
  bool cut_off_ = false;
};

}  // namespace

KernelRun run_on_kernel(const KernelRunSetup& setup) { return Run(setup).run(); }

}  // namespace tcptwin::tun
