// live_outputs.h: what a live run leaves behind: its capture, its session, its result, and what it
// says meanwhile. Its files are opened at once, before the program gives up its rights.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/report.h"
#include "tun/border_capture.h"
#include "tun/live.h"
#include "tun/live_options.h"
#include "tun/live_scenario.h"
#include "tun/output_file.h"
#include "tun/session_recorder.h"

namespace tcptwin::tun {

class LiveOutputs {
 public:
  struct Setup {
    std::string file;  // the scenario's name
    const LiveOptions* options = nullptr;
    const LiveScenario* live = nullptr;
    scenario::World* world = nullptr;
    Layer layer = Layer::kIp;
  };
  // What the world of such a run has to remember: reasons, where a capture wants them.
  static trace::Detail detail(const LiveOptions& options) {
    return options.pcap.empty() ? trace::Detail::kDigest : trace::Detail::kRecent;
  }

  // All that `setup` points to outlives it. The seats of the run are the real hosts, in their
  // order. Throws Failure.
  explicit LiveOutputs(const Setup& setup);

  // For the run.
  LiveSetup live_setup();
  // Before it. `shows_status`: a line on the terminal, where standard error is one.
  void watch(Live& live, bool shows_status);

  // The program of a seat began, came to its end; this program got a signal.
  void started(uint32_t seat, const std::vector<std::string>& command);
  void exited(const Live& live, uint32_t seat, int status);
  void signalled(const Live& live, int number);

  // After the run: ends the world, says and writes what came of it.
  report::ScenarioReport finish(const Live& live);
  // On standard error, unless it is to be quiet.
  void say(const std::string& message) const;

 private:
  Setup setup_;
  std::optional<BorderCapture> capture_;
  std::optional<OutputFile> json_;
  std::optional<SessionRecorder> recorder_;
};

}  // namespace tcptwin::tun
