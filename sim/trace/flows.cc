#include "sim/trace/flows.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "stack/wire/tcp_options.h"

namespace tcptwin::trace {

namespace {

FlowEnd sender(const wire::Packet& packet) { return {packet.ip.source, packet.tcp.source}; }
FlowEnd receiver(const wire::Packet& packet) {
  return {packet.ip.destination, packet.tcp.destination};
}

}  // namespace

// Sender, receiver and sequence number of each. A SYN that nobody answered does not begin a new
// connection: it may have met the old one's TIME-WAIT.
struct Flows::Answered {
  std::set<std::tuple<FlowEnd, FlowEnd, uint32_t>> syns;

  Answered(const Journal& journal, const Sights& sights) {
    for (const Record* sight : sights) {
      const wire::Packet& packet = packet_of(journal, *sight)->packet;
      const wire::TcpSegment& tcp = packet.tcp;
      if (!tcp.flags.syn || !tcp.flags.ack) continue;
      syns.emplace(receiver(packet), sender(packet), (tcp.ack - 1).value());
    }
  }
  bool contains(const wire::Packet& syn) const {
    return syns.contains({sender(syn), receiver(syn), syn.tcp.seq.value()});
  }
};

Flows::Flows(const Journal& journal, const Sights& sights) : journal_(&journal) {
  Sights packets = sights;
  std::erase_if(packets, [&](const Record* s) {
    const PacketSent* sent = packet_of(journal, *s);
    return sent == nullptr || !sent->packet.is_tcp();
  });
  const Answered answered(journal, packets);
  for (const Record* sight : packets) {
    const wire::Packet& packet = packet_of(journal, *sight)->packet;
    Flow& flow = flow_of(packet, answered);
    const size_t direction = sender(packet) == flow.client ? 0 : 1;
    learn(flow, direction, packet.tcp);
    FlowView view{static_cast<uint32_t>(&flow - flows_.data()), direction == 0,
                  numbers(flow, direction)};
    views_.emplace_back(sight->id, view);
  }
  std::sort(views_.begin(), views_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  several_ports_ = std::any_of(flows_.begin(), flows_.end(), [&](const Flow& f) {
    return f.client.port != flows_.front().client.port;
  });
}

Flows::Flow& Flows::flow_of(const wire::Packet& packet, const Answered& answered) {
  const FlowEnd from = sender(packet);
  const FlowEnd to = receiver(packet);
  const auto key = std::minmax(from, to);
  const auto found = latest_.find(key);
  if (found != latest_.end()) {
    Flow& known = flows_[found->second];
    const Direction& own = known.directions[from == known.client ? 0 : 1];
    const bool opens = packet.tcp.flags.syn && !packet.tcp.flags.ack;
    const bool again = opens && own.isn && *own.isn != packet.tcp.seq && answered.contains(packet);
    if (!again) return known;
  }
  latest_[key] = static_cast<uint32_t>(flows_.size());
  flows_.push_back({.client = from, .directions = {}});
  return flows_.back();
}

// A side whose SYN was not seen begins one before its first number, or before what its peer
// acknowledges.
void Flows::learn(Flow& flow, size_t direction, const wire::TcpSegment& segment) {
  Direction& own = flow.directions[direction];
  Direction& peer = flow.directions[1 - direction];
  const wire::TcpFlags flags = segment.flags;
  const wire::ParsedTcpOptions options = wire::parse_options(segment.options);
  const bool first_answer = flags.syn && flags.ack && direction == 1 && !own.shift;
  if (flags.syn && (!own.isn || first_answer)) {
    own.isn = segment.seq;
    own.shift = options.window_scale;
    own.near = StreamPos(0);
  }
  if (!own.isn) own.isn = segment.seq - (flags.syn ? 0 : 1);
  if (flags.ack && !peer.isn && segment.ack != SeqNum(0)) peer.isn = segment.ack - 1;
  if (options.timestamps && !own.first_timestamp) own.first_timestamp = options.timestamps->value;
  const StreamPos begin = from_wire(segment.seq, *own.isn, own.near);
  own.near = std::max(own.near, begin + segment.sequence_length());
}

wire::TextView Flows::numbers(const Flow& flow, size_t direction) const {
  const Direction& own = flow.directions[direction];
  const Direction& peer = flow.directions[1 - direction];
  const bool scaled = own.shift && peer.shift;
  return {.isn = *own.isn,
          .peer_isn = peer.isn.value_or(SeqNum()),
          .window_shift = scaled ? *own.shift : uint8_t{0},
          .ts_base = own.first_timestamp.value_or(0),
          .peer_ts_base = peer.first_timestamp.value_or(0),
          .near = own.near,
          .peer_near = peer.near};
}

const FlowView* Flows::find(RecordId sight) const {
  const auto found =
      std::lower_bound(views_.begin(), views_.end(), sight,
                       [](const auto& entry, RecordId id) { return entry.first < id; });
  return found != views_.end() && found->first == sight ? &found->second : nullptr;
}

std::string Flows::arrow(uint32_t flow, bool from_client) const {
  std::string text = from_client ? ">" : "<";
  if (several_ports_) text += std::to_string(static_cast<uint16_t>(flows_[flow].client.port));
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
