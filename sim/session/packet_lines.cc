#include "sim/session/packet_lines.h"

#include "stack/wire/any_packet.h"
#include "stack/wire/text.h"

namespace tcptwin::session {

PacketLines::PacketLines(const Session& session, uint32_t seat, size_t known) {
  for (const bool follows : {false, true}) {
    for (size_t i = 0; i < known; ++i) {
      const Crossing& c = session.crossings[i];
      const auto packet = c.seat == seat ? wire::parse_any(c.bytes) : std::nullopt;
      if (!packet || !packet->is_tcp()) continue;
      if (follows) {
        flows_.follow(packet->ip, packet->tcp);
      } else {
        flows_.expect(packet->ip, packet->tcp);
      }
    }
  }
}

std::string PacketLines::line(std::span<const uint8_t> bytes) const {
  const auto packet = wire::parse_any(bytes);
  if (!packet) return "what is no IP packet";
  if (!packet->is_tcp()) return "- " + wire::to_text(*packet);
  trace::FlowTracker flows = flows_;
  const trace::FlowView view = flows.follow(packet->ip, packet->tcp);
  return (view.from_client ? "> " : "< ") + wire::to_text(packet->tcp, view.numbers);
}

}  // namespace tcptwin::session
