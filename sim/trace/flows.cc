#include "sim/trace/flows.h"

#include <algorithm>

namespace tcptwin::trace {

Flows::Flows(const Journal& journal, const Sights& sights) : journal_(&journal) {
  Sights packets = sights;
  std::erase_if(packets, [&](const Record* s) {
    const PacketSent* sent = packet_of(journal, *s);
    return sent == nullptr || !sent->packet.is_tcp();
  });
  for (const Record* sight : packets) {
    const wire::Packet& packet = packet_of(journal, *sight)->packet;
    tracker_.expect(packet.ip, packet.tcp);
  }
  for (const Record* sight : packets) {
    const wire::Packet& packet = packet_of(journal, *sight)->packet;
    views_.emplace_back(sight->id, tracker_.follow(packet.ip, packet.tcp));
  }
  std::sort(views_.begin(), views_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (uint32_t flow = 1; flow < tracker_.count(); ++flow) {
    several_ports_ |= tracker_.client(flow).port != tracker_.client(0).port;
  }
}

const FlowView* Flows::find(RecordId sight) const {
  const auto found =
      std::lower_bound(views_.begin(), views_.end(), sight,
                       [](const auto& entry, RecordId id) { return entry.first < id; });
  return found != views_.end() && found->first == sight ? &found->second : nullptr;
}

std::string Flows::arrow(uint32_t flow, bool from_client) const {
  std::string text = from_client ? ">" : "<";
  if (several_ports_) text += std::to_string(static_cast<uint16_t>(tracker_.client(flow).port));
  return text;
}

std::string Flows::text(const Record& sight) const {
  const FlowView* view = find(sight.id);
  if (view == nullptr) {
    const PacketSent* sent = packet_of(*journal_, sight);
    return sent == nullptr || sent->packet.is_tcp() ? "" : "- " + wire::to_text(sent->packet);
  }
  const wire::TcpSegment& segment = packet_of(*journal_, sight)->packet.tcp;
  return arrow(view->flow, view->from_client) + ' ' + wire::to_text(segment, view->numbers);
}

std::string Flows::short_text(const Record& sight) const {
  const FlowView* view = find(sight.id);
  if (view == nullptr) return text(sight);
  const std::string whole = wire::to_text(packet_of(*journal_, sight)->packet.tcp, view->numbers);
  return whole.substr(0, whole.find(')') + 1);
}

const CallStarted* call_of(const Journal& journal, const Record& record) {
  const Record* call = &record;
  if (const auto* woken = std::get_if<ThreadWoken>(&record.event)) call = journal.find(woken->call);
  if (const auto* returned = std::get_if<CallReturned>(&record.event)) {
    call = journal.find(returned->call);
  }
  return call == nullptr ? nullptr : std::get_if<CallStarted>(&call->event);
}

Owners::Owners(const Journal& journal, const Flows& flows) {
  for (const Record& record : journal.records()) {
    const Record* cause = journal.find(record.cause);
    if (cause == nullptr) continue;
    const bool woken = std::holds_alternative<ThreadWoken>(record.event);
    if (!woken && !std::holds_alternative<PacketSent>(record.event)) continue;
    // Who sent is the cause's program; who was woken by a packet has the end that the packet went
    // to.
    const CallStarted* call = call_of(journal, woken ? record : *cause);
    const Record* sent = departure_of(journal, woken ? *cause : record);
    const FlowView* view = sent == nullptr ? nullptr : flows.find(sent->id);
    if (call == nullptr || view == nullptr || call->kind == CallKind::kAccept) continue;
    owners_.try_emplace({view->flow, view->from_client != woken}, call->process);
  }
}

std::optional<uint32_t> Owners::process(uint32_t flow, bool client) const {
  const auto found = owners_.find({flow, client});
  return found == owners_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::pair<uint32_t, bool>> Owners::only_end(uint32_t process) const {
  std::optional<std::pair<uint32_t, bool>> end;
  for (const auto& [flow_end, owner] : owners_) {
    if (owner != process) continue;
    if (end) return std::nullopt;
    end = flow_end;
  }
  return end;
}

}  // namespace tcptwin::trace
