// writer.h: writes a session while the run goes on. Decides when nothing is known any more; opens
// no file.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/session/session.h"
#include "sim/trace/pcapng.h"

namespace tcptwin::session {

// Appends whole blocks to `out`, which outlives it; who has written them away may clear it.
class Writer {
 public:
  // `names`: of addresses, for those who open it as a capture.
  Writer(const Head& head, std::vector<std::pair<wire::IpAddress, std::string>> names,
         std::vector<uint8_t>& out);

  void crossing(const Crossing& crossing);
  // The words of a long command are cut.
  void event(const Event& event);

 private:
  trace::PcapngStream stream_;
};

}  // namespace tcptwin::session
