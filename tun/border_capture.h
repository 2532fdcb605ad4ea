// border_capture.h: what passes the borders of a live run as a capture that grows while it runs,
// every packet with the reason for which it left, where the simulation knows one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/scenario/world.h"
#include "sim/trace/pcapng.h"
#include "tun/live.h"
#include "tun/output_file.h"

namespace tcptwin::tun {

class BorderCapture {
 public:
  // `path`: "-" for standard output. `hosts`: names of the seats, in their order. Throws Failure.
  BorderCapture(const std::string& path, Layer layer, const scenario::Scenario& scenario,
                const scenario::World& world, const std::vector<std::string>& hosts);
  // Complains once when it cannot be written any more.
  void packet(const Passage& passage);

 private:
  const scenario::World* world_;
  OutputFile file_;
  trace::Ticks ticks_;
  std::vector<uint8_t> bytes_;
  std::unique_ptr<trace::PcapngStream> stream_;
  bool complained_ = false;
};

}  // namespace tcptwin::tun
