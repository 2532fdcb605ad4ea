#include "tun/bridge.h"

#include <optional>

#include "tun/bridge_options.h"
#include "tun/ending_signals.h"
#include "tun/jail.h"
#include "tun/live.h"
#include "tun/live_outputs.h"
#include "tun/live_report.h"
#include "tun/live_scenario.h"
#include "tun/rights.h"

namespace tcptwin::tun {

namespace {

class Bridge {
 public:
  explicit Bridge(BridgeOptions options, LiveScenario live)
      : options_(std::move(options)),
        live_(std::move(live)),
        host_(live_.real.front()),
        world_(live_.scenario, options_.seed, LiveOutputs::detail(options_)),
        outputs_({options_.file, &options_, &live_, &world_, options_.layer}) {}

  int run() {
    net::Port& port = *world_.port(host_);
    open_device(port);
    start_command();
    hurry();
    drop_rights();
    Live live(world_, outputs_.live_setup());
    live.add_seat(port, *device_);
    watch(live);
    live.run();
    return finish(live);
  }

 private:
  bool owns_device() const { return options_.device.empty() && !options_.fd; }

  void open_device(const net::Port& port) {
    if (options_.fd) {
      device_.emplace(Device::adopt(*options_.fd, options_.layer));
    } else if (!options_.device.empty()) {
      device_.emplace(Device::open(options_.device, options_.layer));
    } else {
      gain_rights();
      network_.emplace();
      device_.emplace(
          Device::make(*network_, {options_.layer, options_.layer == Layer::kIp ? "tun0" : "tap0",
                                   port.interfaces(), port.routes()}));
    }
    outputs_.say(what_stands_where(live_.scenario, host_, owns_device()));
  }

  // Somebody else's device may do without a command.
  void start_command() {
    if (!owns_device() && options_.command.empty()) return;
    jail_.emplace(JailSetup{.network = network_ ? &*network_ : nullptr,
                            .command = options_.command,
                            .names = names_for(live_.scenario, host_),
                            .output_is_taken = options_.takes_output()});
    outputs_.started(0, options_.command);
  }

  void watch(Live& live) {
    live.watch(signals_.fd(), [&] { on_signal(live); });
    if (jail_) {
      live.watch(jail_->fd(), [&] {
        status_ = jail_->exit_status();
        outputs_.exited(live, 0, *status_);
        live.stop();
      });
    }
    outputs_.watch(live, !options_.command.empty());
    if (options_.until_programs) {
      live.every(std::chrono::milliseconds(10), [&] {
        if (world_.programs_are_over()) live.stop();
      });
    }
  }

  // The command gets it; without one, or when asked again, this program ends.
  void on_signal(Live& live) {
    const auto number = signals_.next();
    if (!number) return;
    status_ = kInterrupted + *number;
    outputs_.signalled(live, *number);
    if (!jail_ || signalled_) return live.stop();
    signalled_ = true;
    jail_->signal(*number);
  }

  int finish(Live& live) {
    jail_.reset();
    const report::ScenarioReport report = outputs_.finish(live);
    if (options_.until_programs && !status_) return report.held() ? cli::kHeld : cli::kFailed;
    return status_.value_or(cli::kHeld);
  }

  BridgeOptions options_;
  LiveScenario live_;
  std::string host_;
  EndingSignals signals_;
  scenario::World world_;
  LiveOutputs outputs_;
  std::optional<NetNamespace> network_;
  std::optional<Device> device_;
  std::optional<Jail> jail_;
  std::optional<int> status_;
  bool signalled_ = false;
};

}  // namespace

int bridge_command(const cli::Arguments& arguments) {
  auto parsed = parse_bridge(arguments);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  auto& options = std::get<BridgeOptions>(parsed);
  LiveChoice choice{options.file, options.variant, options.overrides, {}};
  if (!options.host.empty()) choice.hosts = {options.host};
  auto loaded = load_live("bridge", choice);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  auto& live = std::get<LiveScenario>(loaded);
  if (live.real.size() > 1) {
    return cli::wrong_usage("bridge", "several hosts are real, and a bridge has one machine: " +
                                          live.real[0] + ", " + live.real[1]);
  }
  return Bridge(std::move(options), std::move(live)).run();
}

}  // namespace tcptwin::tun
