#include "tun/bridge.h"

#include <unistd.h>

#include <functional>
#include <iostream>
#include <optional>

#include "sim/report/report.h"
#include "tun/border_capture.h"
#include "tun/bridge_options.h"
#include "tun/ending_signals.h"
#include "tun/failure.h"
#include "tun/jail.h"
#include "tun/live.h"
#include "tun/live_report.h"
#include "tun/live_scenario.h"
#include "tun/output_file.h"
#include "tun/rights.h"
#include "tun/session_recorder.h"

namespace tcptwin::tun {

namespace {

constexpr int kInterrupted = 128;

class Bridge {
 public:
  explicit Bridge(BridgeOptions options, LiveScenario live)
      : options_(std::move(options)),
        live_(std::move(live)),
        host_(live_.real.front()),
        world_(live_.scenario, options_.seed,
               options_.pcap.empty() ? trace::Detail::kDigest : trace::Detail::kRecent) {
    if (!options_.pcap.empty()) {
      capture_.emplace(options_.pcap, options_.layer, live_.scenario, world_, live_.real);
    }
    if (!options_.json.empty()) json_.emplace(options_.json);
    if (!options_.record.empty()) {
      recorder_.emplace(
          SessionRecorder::Setup{options_.record, &live_, options_.seed, options_.layer}, world_);
    }
  }

  int run() {
    net::Port& port = *world_.port(host_);
    open_device(port);
    start_command();
    hurry();
    drop_rights();
    Live live(world_, {.spin = options_.spin, .on_packet = record(), .on_wire = on_wire()});
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
    say(what_stands_where(live_.scenario, host_, owns_device()));
  }

  // Somebody else's device may do without a command.
  void start_command() {
    if (!owns_device() && options_.command.empty()) return;
    jail_.emplace(JailSetup{.network = network_ ? &*network_ : nullptr,
                            .command = options_.command,
                            .names = names_for(live_.scenario, host_),
                            .output_is_taken = options_.takes_output()});
    if (recorder_) recorder_->started(0, Instant(), options_.command);
  }

  std::function<void(const Passage&)> on_wire() {
    if (!capture_) return {};
    return [this](const Passage& passage) { capture_->packet(passage); };
  }

  std::function<void(const Passage&)> record() {
    if (!recorder_) return {};
    return [this](const Passage& p) { recorder_->packet(p); };
  }

  void watch(Live& live) {
    live.watch(signals_.fd(), [&] { on_signal(live); });
    if (jail_) {
      live.watch(jail_->fd(), [&] {
        status_ = jail_->exit_status();
        if (recorder_) recorder_->exited(0, live.processed(), *status_);
        live.stop();
      });
    }
    if (recorder_) live.every(SessionRecorder::kFlush, [&] { recorder_->flush(); });
    if (options_.until_programs) {
      live.every(std::chrono::milliseconds(10), [&] {
        if (world_.programs_are_over()) live.stop();
      });
    }
    if (!options_.quiet && !options_.command.empty() && ::isatty(STDERR_FILENO) == 1) {
      live.every(std::chrono::seconds(1), [&] { std::cerr << status_line(live) << std::flush; });
    }
  }

  // The command gets it; without one, or when asked again, this program ends.
  void on_signal(Live& live) {
    const auto number = signals_.next();
    if (!number) return;
    status_ = kInterrupted + *number;
    if (recorder_) recorder_->signalled(live.processed(), *number);
    if (!jail_ || signalled_) return live.stop();
    signalled_ = true;
    jail_->signal(*number);
  }

  int finish(Live& live) {
    jail_.reset();
    report::ScenarioReport report{.file = options_.file,
                                  .seed = options_.seed,
                                  .overrides = options_.overrides,
                                  .variants = {live_.variant}};
    report.results.push_back(world_.finish(live.last_event()));
    if (recorder_) recorder_->end(live, report.results.front().digest, options_.late);
    report.results.back().cut_off = true;  // nobody knows what the machine would have sent yet
    const LiveResult result = result_of(live, world_, live_.scenario, {host_}, options_.late);
    say(text(result) + programs_text(report));
    if (json_) json_->write(json_text(report, result));
    if (options_.until_programs && !status_) return report.held() ? cli::kHeld : cli::kFailed;
    return status_.value_or(cli::kHeld);
  }

  void say(const std::string& message) const {
    if (!options_.quiet) std::cerr << message << std::flush;
  }

  BridgeOptions options_;
  LiveScenario live_;
  std::string host_;
  EndingSignals signals_;
  scenario::World world_;
  std::optional<BorderCapture> capture_;
  std::optional<OutputFile> json_;
  std::optional<SessionRecorder> recorder_;
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
