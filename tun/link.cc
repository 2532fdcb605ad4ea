#include "tun/link.h"

#include <poll.h>

#include <csignal>
#include <deque>
#include <optional>

#include "tun/clock.h"
#include "tun/ending_signals.h"
#include "tun/jail.h"
#include "tun/link_options.h"
#include "tun/listeners.h"
#include "tun/live.h"
#include "tun/live_outputs.h"
#include "tun/live_report.h"
#include "tun/live_scenario.h"
#include "tun/rights.h"

namespace tcptwin::tun {

namespace {

constexpr Duration kLook = std::chrono::milliseconds(50);     // at the end of b's command
constexpr Duration kLongestGrace = std::chrono::seconds(10);  // however much still passes
constexpr Duration kTermination = std::chrono::seconds(1);    // from SIGTERM to SIGKILL

// One of the two machines.
struct Side {
  explicit Side(std::string name) : host(std::move(name)) {}

  std::string host;
  NetNamespace network;
  std::optional<Device> device;
  std::optional<Jail> jail;
  std::optional<int> status;
};

class LinkRun {
 public:
  LinkRun(LinkOptions options, LiveScenario live)
      : options_(std::move(options)),
        live_(std::move(live)),
        world_(live_.scenario, options_.seed, LiveOutputs::detail(options_)),
        outputs_({options_.file, &options_, &live_, &world_, Layer::kIp}) {}

  int run() {
    gain_rights();
    for (const std::string& host : live_.real) add_side(host);
    start_commands();
    hurry();
    drop_rights();
    Live live(world_, outputs_.live_setup());
    for (Side& side : sides_) live.add_seat(*world_.port(side.host), *side.device);
    watch(live);
    live.run();
    return finish(live);
  }

 private:
  Side& a() { return sides_[0]; }
  Side& b() { return sides_[1]; }
  uint32_t seat_of(const Side& side) { return &side == &a() ? 0 : 1; }

  void add_side(const std::string& host) {
    Side& side = sides_.emplace_back(host);
    const net::Port& port = *world_.port(host);
    side.device.emplace(
        Device::make(side.network, {Layer::kIp, "tun0", port.interfaces(), port.routes()}));
    outputs_.say(what_stands_where(live_.scenario, host, true));
  }

  void start_commands() {
    if (!options_.commands[1].empty()) {
      const Listeners listeners(b().network);
      start(b(), options_.commands[1], false);
      wait_for(listeners);
    }
    if (!interrupted_) start(a(), options_.commands[0], true);
  }

  void start(Side& side, const std::vector<std::string>& command, bool has_terminal) {
    side.jail.emplace(JailSetup{.network = &side.network,
                                .command = command,
                                .names = names_for(live_.scenario, side.host),
                                .takes_terminal = has_terminal,
                                .has_input = has_terminal,
                                .output_is_taken = options_.takes_output()});
    outputs_.started(seat_of(side), command);
  }

  // Until b listens, its command is over, or a signal has come.
  void wait_for(const Listeners& listeners) {
    constexpr int kLookMs = 5;
    const Clock clock;
    while (!listeners.any() && clock.now() < Instant() + options_.wait) {
      pollfd waited[] = {{signals_.fd(), POLLIN, 0}, {b().jail->fd(), POLLIN, 0}};
      if (::poll(waited, 2, kLookMs) <= 0) continue;
      interrupted_ = signals_.next();
      return;
    }
  }

  void watch(Live& live) {
    if (interrupted_) live.stop();
    outputs_.watch(live, !options_.commands[0].empty());
    live.watch(signals_.fd(), [&] { on_signal(live); });
    for (Side& side : sides_) {
      if (!side.jail) continue;
      live.watch(side.jail->fd(), [&] { on_end(live, side); });
    }
    live.every(kLook, [&] { see_off(live); });
  }

  void on_end(Live& live, Side& side) {
    live.forget(side.jail->fd());
    side.status = side.jail->exit_status();
    outputs_.exited(live, seat_of(side), *side.status);
    if (&side == &a()) {
      a_ended_ = live.clock().now();
      passed_at_ = *a_ended_;
    }
    if (a_ended_ && (!b().jail || b().status)) live.stop();
  }

  // a's command is over; that of b still runs.
  void see_off(Live& live) {
    if (!a_ended_ || options_.until_both) return;
    const Instant now = live.clock().now();
    if (const uint64_t passed = passed_packets(live); passed != passed_) {
      passed_ = passed;
      passed_at_ = now;
    }
    if (terminated_) {
      if (now >= *terminated_ + kTermination) live.stop();
    } else if (now >= passed_at_ + options_.grace || now >= *a_ended_ + kLongestGrace) {
      terminated_ = now;
      b().jail->signal(SIGTERM);
    }
  }

  static uint64_t passed_packets(const Live& live) {
    return live.traffic(0).from_machine + live.traffic(0).to_machine +
           live.traffic(1).from_machine + live.traffic(1).to_machine;
  }

  // Both commands get it; asked again, this program ends.
  void on_signal(Live& live) {
    const auto number = signals_.next();
    if (!number) return;
    outputs_.signalled(live, *number);
    if (interrupted_) return live.stop();
    interrupted_ = number;
    for (Side& side : sides_) {
      if (side.jail && !side.status) side.jail->signal(*number);
    }
  }

  int finish(Live& live) {
    for (Side& side : sides_) side.jail.reset();
    outputs_.finish(live);
    return exit_status();
  }

  int exit_status() {
    if (!a().status) return interrupted_ ? kInterrupted + *interrupted_ : cli::kHeld;
    if (*a().status != 0 || !b().status || terminated_) return *a().status;
    return *b().status;
  }

  LinkOptions options_;
  LiveScenario live_;
  EndingSignals signals_;
  scenario::World world_;
  LiveOutputs outputs_;
  std::deque<Side> sides_;          // a, b
  std::optional<int> interrupted_;  // by that signal
  std::optional<Instant> a_ended_, terminated_;
  uint64_t passed_ = 0;  // packets, last seen to change then
  Instant passed_at_;
};

}  // namespace

int link_command(const cli::Arguments& arguments) {
  auto parsed = parse_link(arguments);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  auto& options = std::get<LinkOptions>(parsed);
  const LiveChoice choice{options.file.empty() ? "link" : options.file, options.variant,
                          options.overrides, options.hosts, Otherwise::kAll};
  auto loaded =
      options.file.empty() ? load_live("link", choice, plain_link()) : load_live("link", choice);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  auto& live = std::get<LiveScenario>(loaded);
  if (live.real.size() != 2) {
    return cli::wrong_usage("link", "a link joins two real machines, and in " + choice.file + " " +
                                        std::to_string(live.real.size()) +
                                        " hosts would be real: name two with --host");
  }
  return LinkRun(std::move(options), std::move(live)).run();
}

}  // namespace tcptwin::tun
