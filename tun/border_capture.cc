#include "tun/border_capture.h"

#include <iostream>
#include <utility>

#include "sim/report/report.h"
#include "sim/report/story.h"
#include "sim/trace/reason_text.h"

namespace tcptwin::tun {

BorderCapture::BorderCapture(const std::string& path, Layer layer,
                             const scenario::Scenario& scenario, const scenario::World& world,
                             const std::vector<std::string>& hosts)
    : world_(&world), file_(path), ticks_(report::ticks_of(scenario)) {
  trace::PcapngOptions format;
  format.application = std::string("tcptwin ") + report::version();
  format.hardware = "real machines and a simulated network";
  if (layer == Layer::kEthernet) format.link_type = trace::kEthernetLinkType;
  format.names = world.topology().names();
  std::vector<std::pair<std::string, std::string>> interfaces;
  for (const std::string& host : hosts) {
    interfaces.emplace_back(host, "what the real machine sent and received");
  }
  stream_ = std::make_unique<trace::PcapngStream>(format, interfaces, bytes_);
}

void BorderCapture::packet(const Passage& p) {
  std::string why;
  if (p.to_machine) {
    const trace::Record* sent = world_->journal().find(p.sent);
    if (sent != nullptr) why = trace::why_text(world_->journal(), *sent, ticks_);
  }
  stream_->packet({static_cast<uint32_t>(p.seat), p.seen, p.bytes, p.to_machine, why});
  if (!file_.write(bytes_) && !std::exchange(complained_, true)) {
    std::cerr << "tcptwin: the capture cannot be written any more: " << file_.path() << "\n";
  }
  bytes_.clear();
}

}  // namespace tcptwin::tun
