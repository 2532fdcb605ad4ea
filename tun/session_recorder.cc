#include "tun/session_recorder.h"

#include <iostream>
#include <utility>

#include "sim/report/report.h"

namespace tcptwin::tun {

namespace {

using session::Event;

session::Head head_of(const SessionRecorder::Setup& setup) {
  session::Head head;
  head.version = report::version();
  head.file = setup.live->file.empty() ? "a link" : setup.live->file;
  head.scenario = setup.live->text;
  head.variant = setup.live->variant->name;
  head.overrides = setup.live->overrides;
  head.seed = setup.seed;
  head.real = setup.live->real;
  head.device = setup.layer == Layer::kIp ? "tun" : "tap";
  return head;
}

}  // namespace

SessionRecorder::SessionRecorder(const Setup& setup, const scenario::World& world)
    : file_(setup.path), writer_(head_of(setup), world.topology().names(), bytes_) {
  flush();
}

void SessionRecorder::packet(const Passage& p) {
  writer_.crossing({static_cast<uint32_t>(p.seat), p.to_machine, p.at, p.bytes});
  if (bytes_.size() >= kHeldBack) flush();
}

void SessionRecorder::started(uint32_t seat, Instant at, const std::vector<std::string>& command) {
  event({.kind = Event::Kind::kStarted, .seat = seat, .at = at, .command = command});
}

void SessionRecorder::exited(uint32_t seat, Instant at, int status) {
  event({.kind = Event::Kind::kExited, .seat = seat, .at = at, .number = status});
}

void SessionRecorder::signalled(Instant at, int number) {
  event({.kind = Event::Kind::kSignal, .at = at, .number = number});
}

void SessionRecorder::end(const Live& live, const std::string& digest, Duration limit) {
  event({.kind = Event::Kind::kEnd,
         .at = live.last_event(),
         .digest = digest,
         .p50_ns = live.lateness().percentile(50).count(),
         .p99_ns = live.lateness().percentile(99).count(),
         .max_ns = live.lateness().max().count(),
         .limit_ns = limit.count()});
}

void SessionRecorder::event(const Event& event) {
  writer_.event(event);
  flush();
}

void SessionRecorder::flush() {
  if (!file_.write(bytes_) && !std::exchange(complained_, true)) {
    std::cerr << "tcptwin: the session cannot be recorded any more: " << file_.path() << "\n";
  }
  bytes_.clear();
}

}  // namespace tcptwin::tun
