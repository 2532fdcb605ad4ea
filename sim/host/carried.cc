// carried.cc: the loopback of a host on which a call carries its packets through their receiver,
// one by one. The socket belongs to the call as long as that lasts: what comes for it waits, and
// what was cut from one burst is then looked at together.
#include <utility>

#include "sim/host/simulated_host.h"

namespace tcptwin::host {

bool SimulatedHost::belongs_to_call(const wire::Packet& packet) const {
  if (carried_.current == RecordId::kNone || !packet.is_tcp()) return false;
  const Flow back{packet.ip.destination, packet.ip.source, packet.tcp.destination,
                  packet.tcp.source};
  return back == carried_.flow;
}

bool SimulatedHost::answers_are_under_way() const {
  for (size_t i = 0; i < loopback_.size(); ++i) {
    if (belongs_to_call(loopback_[i].transit.packet)) return true;
  }
  for (size_t i = 0; i < received_.size(); ++i) {
    if (belongs_to_call(received_[i].packet)) return true;
  }
  return false;
}

void SimulatedHost::carry_next(Instant now) {
  carried_.arrived = false;
  const auto flow_of = [](const wire::Packet& packet) {
    return Flow{packet.ip.source, packet.ip.destination, packet.tcp.source, packet.tcp.destination};
  };
  const bool call_goes_on =
      !carried_.waiting.empty() && flow_of(carried_.waiting[0].packet) == carried_.flow;
  if (carried_.current != RecordId::kNone && !call_goes_on) end_carrying(now);
  if (carried_.waiting.empty()) return;
  OutPacket out;
  carried_.waiting.pop_front(out);
  carried_.current = out.id;
  carried_.flow = flow_of(out.packet);
  transmit(now, std::move(out));
}

void SimulatedHost::end_carrying(Instant now) {
  carried_.current = RecordId::kNone;
  std::vector<Received> answers = std::exchange(carried_.answers, {});
  int64_t held = 0;
  for (const Received& in : answers) held += in.packet.tcp.payload_size();
  for (size_t i = 0; i < answers.size(); ++i) {
    const bool more = i + 1 < answers.size() && answers[i + 1].continues;
    stack_->on_packet(
        now, std::move(answers[i].packet), answers[i].record,
        {.segment_size = answers[i].segment_size, .held = held, .more_follows = more});
    drain(now);
  }
}

}  // namespace tcptwin::host
