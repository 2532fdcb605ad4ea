// session_recorder.h: a live run written down while it runs, so that `tcptwin replay` can play it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/session/writer.h"
#include "tun/live.h"
#include "tun/live_scenario.h"
#include "tun/output_file.h"

namespace tcptwin::tun {

class SessionRecorder {
 public:
  struct Setup {
    std::string path;  // "-": standard output
    const LiveScenario* live = nullptr;
    uint64_t seed = 0;
    Layer layer = Layer::kIp;
  };
  // The seats of the run are the real hosts, in their order. Throws Failure.
  SessionRecorder(const Setup& setup, const scenario::World& world);

  void packet(const Passage& passage);
  // The program of a seat.
  void started(uint32_t seat, Instant at, const std::vector<std::string>& command);
  void exited(uint32_t seat, Instant at, int status);
  void signalled(Instant at, int number);
  // The last of all. `limit`: later events than this make the run a late one.
  void end(const Live& live, const std::string& digest, Duration limit);
  // Writes what is still held back, to be called at this distance. Complains once when that is not
  // possible any more.
  void flush();
  static constexpr Duration kFlush = std::chrono::milliseconds(100);

 private:
  static constexpr size_t kHeldBack = 65536;  // bytes

  void event(const session::Event& event);

  OutputFile file_;
  std::vector<uint8_t> bytes_;
  session::Writer writer_;
  bool complained_ = false;
};

}  // namespace tcptwin::tun
