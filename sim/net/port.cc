#include "sim/net/port.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::net {

Port::Port(const PortSetup& setup, trace::Journal& journal)
    : name_(setup.name),
      ids_(setup.number),
      interfaces_(setup.interfaces),
      routes_(setup.routes),
      attachments_(setup.interfaces.size()),
      journal_(&journal) {
  for (const host::Route& route : routes_)
    interface_to_.emplace(route.destination, route.interface);
}

void Port::attach(uint32_t interface, engine::Node& node, uint32_t port) {
  attachments_[interface] = {&node, port};
}

bool Port::is_own(const wire::IpAddress& address) const {
  return std::any_of(interfaces_.begin() + 1, interfaces_.end(), [&](const host::Interface& i) {
    return i.address == address || i.address_v6 == address;
  });
}

Port::Verdict Port::enter(Instant at, wire::Packet&& packet) {
  if (!packet.ip.destination.is_one_host()) return Verdict::kGroup;
  if (!is_own(packet.ip.source)) return Verdict::kForeignSource;
  const auto way = interface_to_.find(packet.ip.destination);
  if (way == interface_to_.end()) return Verdict::kNoRoute;
  if (packet.size() > interfaces_[way->second].mtu) return Verdict::kTooBig;
  if (arrivals_.size() >= kMostWaiting) return Verdict::kNoRoom;
  CHECK(arrivals_.empty() || at >= arrivals_.back().at);
  arrivals_.push_back(Arrival{at, std::move(packet), way->second});
  if (arrivals_.size() == 1) reschedule();
  return Verdict::kEntered;
}

bool Port::poll_packet(Departure& out) {
  if (departures_.empty()) return false;
  departures_.pop_front(out);
  return true;
}

void Port::on_packet(Instant at, engine::Transit&& transit, uint32_t) {
  journal_->received(ids_.next(), at,
                     {transit.sent, false, transit.flipped_bit, transit.doubled, transit.marked});
  if (departures_.size() >= kMostWaiting) {
    ++overrun_;
    return;
  }
  departures_.push_back(
      Departure{at, std::move(transit.packet), transit.sent, transit.flipped_bit});
}

engine::Due Port::next() const {
  return {arrivals_.empty() ? Instant::never() : arrivals_.front().at, engine::Phase::kPacket};
}

void Port::run(Instant now, engine::Phase) {
  Arrival in;
  while (!arrivals_.empty() && arrivals_.front().at <= now) {
    arrivals_.pop_front(in);
    const RecordId id = ids_.next();
    journal_->sent(id, RecordId::kNone, now, in.packet, false, tcp::FromOutside{});
    const Attachment& to = attachments_[in.interface];
    CHECK(to.node != nullptr);
    to.node->on_packet(now, {std::move(in.packet), id, &ids_}, to.port);
  }
}

const char* verdict_text(Port::Verdict verdict) {
  using Verdict = Port::Verdict;
  switch (verdict) {
    case Verdict::kEntered: return "";
    case Verdict::kGroup: return "to a group";
    case Verdict::kForeignSource: return "from an address that is not its own";
    case Verdict::kNoRoute: return "to an address that is not in the network";
    case Verdict::kTooBig: return "larger than the MTU of the link";
    case Verdict::kNoRoom: return "too many at once";
  }
  CHECK(false);
}

}  // namespace tcptwin::net
