#include "tun/live_outputs.h"

#include <unistd.h>

#include <iostream>

#include "tun/live_report.h"

namespace tcptwin::tun {

LiveOutputs::LiveOutputs(const Setup& setup) : setup_(setup) {
  const LiveOptions& o = *setup.options;
  if (!o.pcap.empty()) {
    capture_.emplace(o.pcap, setup.layer, setup.live->scenario, *setup.world, setup.live->real);
  }
  if (!o.json.empty()) json_.emplace(o.json);
  if (!o.record.empty()) {
    recorder_.emplace(SessionRecorder::Setup{o.record, setup.live, o.seed, setup.layer},
                      *setup.world);
  }
}

LiveSetup LiveOutputs::live_setup() {
  LiveSetup live{.spin = setup_.options->spin};
  if (recorder_) live.on_packet = [this](const Passage& p) { recorder_->packet(p); };
  if (capture_) live.on_wire = [this](const Passage& p) { capture_->packet(p); };
  return live;
}

void LiveOutputs::watch(Live& live, bool shows_status) {
  if (recorder_) live.every(SessionRecorder::kFlush, [this] { recorder_->flush(); });
  if (shows_status && !setup_.options->quiet && ::isatty(STDERR_FILENO) == 1) {
    live.every(std::chrono::seconds(1), [&live] { std::cerr << status_line(live) << std::flush; });
  }
}

void LiveOutputs::started(uint32_t seat, const std::vector<std::string>& command) {
  if (recorder_) recorder_->started(seat, Instant(), command);
}
void LiveOutputs::exited(const Live& live, uint32_t seat, int status) {
  if (recorder_) recorder_->exited(seat, live.processed(), status);
}
void LiveOutputs::signalled(const Live& live, int number) {
  if (recorder_) recorder_->signalled(live.processed(), number);
}

report::ScenarioReport LiveOutputs::finish(const Live& live) {
  const LiveOptions& o = *setup_.options;
  report::ScenarioReport report{.file = setup_.file,
                                .seed = o.seed,
                                .overrides = o.overrides,
                                .variants = {setup_.live->variant}};
  report.results.push_back(setup_.world->finish(live.last_event()));
  scenario::RunResult& run = report.results.front();
  run.cut_off = true;  // nobody knows what the machines would have sent yet
  if (recorder_) recorder_->end(live, run.digest, o.late);
  const LiveResult result =
      result_of(live, *setup_.world, setup_.live->scenario, setup_.live->real, o.late);
  say(text(result) + programs_text(report));
  if (json_) json_->write(json_text(report, result));
  return report;
}

void LiveOutputs::say(const std::string& message) const {
  if (!setup_.options->quiet) std::cerr << message << std::flush;
}

}  // namespace tcptwin::tun
