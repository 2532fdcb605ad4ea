#include "sim/net/router.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::net {

using wire::IcmpKind;

Router::Router(const RouterSetup& setup, trace::Journal& journal)
    : name_(setup.name),
      forwarding_(setup.forwarding),
      silent_(setup.silent),
      ids_(setup.number),
      interfaces_(setup.interfaces),
      attachments_(setup.interfaces.size()),
      journal_(&journal) {
  for (const host::Route& route : setup.routes) {
    routes_.emplace(route.destination, route.interface);
  }
}

void Router::attach(uint32_t interface, engine::Node& node, uint32_t port) {
  attachments_[interface] = {&node, port};
}

bool Router::is_own(const wire::IpAddress& address) const {
  return std::any_of(interfaces_.begin() + 1, interfaces_.end(), [&](const host::Interface& i) {
    return i.address == address || i.address_v6 == address;
  });
}

const uint32_t* Router::route_to(const wire::IpAddress& destination) const {
  const auto route = routes_.find(destination);
  return route == routes_.end() ? nullptr : &route->second;
}

void Router::on_packet(Instant at, engine::Transit&& transit, uint32_t) {
  const RecordId record = ids_.next();
  journal_->received(record, at,
                     {transit.sent, false, transit.flipped_bit, transit.doubled, transit.marked});
  last_ready_ = std::max(last_ready_, at + forwarding_);
  received_.push_back({std::move(transit), record, last_ready_});
  reschedule();
}

engine::Due Router::next() const {
  return {received_.empty() ? Instant::never() : received_.front().ready, engine::Phase::kPacket};
}

void Router::run(Instant now, engine::Phase) {
  while (!received_.empty() && received_.front().ready <= now) handle(now, received_.pop_front());
}

// RFC 1812 5.2.1: for the router itself, or on its way.
void Router::handle(Instant now, Received&& in) {
  const wire::IpHeader& ip = in.transit.packet.ip;
  if (is_own(ip.destination)) return deliver(now, in);
  if (ip.ttl <= 1) return refuse(now, in, IcmpKind::kTimeExceeded, trace::DropWhy::kTimeToLive);
  const uint32_t* route = route_to(ip.destination);
  if (route == nullptr) {
    return refuse(now, in, IcmpKind::kNetworkUnreachable, trace::DropWhy::kUnroutable);
  }
  const uint32_t mtu = interfaces_[*route].mtu;
  if (in.transit.packet.size() <= mtu) return forward(now, std::move(in), *route);
  const bool may_be_cut = ip.is_v4() && !ip.dont_fragment;
  if (may_be_cut) return forward_pieces(now, in, *route, mtu);
  refuse(now, in, IcmpKind::kPacketTooBig, trace::DropWhy::kTooBig, mtu);
}

// RFC 1812 4.2.2.7. A damaged bit stays in the piece that it falls into.
void Router::forward_pieces(Instant now, const Received& in, uint32_t interface, uint32_t mtu) {
  const uint32_t damaged = in.transit.flipped_bit;  // counted from 1
  uint32_t bit = 0;                                 // the piece begins behind so many
  for (wire::Packet& piece : wire::cut(in.transit.packet, mtu)) {
    const uint32_t bits = (piece.size() - piece.ip.size()) * 8;
    Received part{.transit = {.packet = std::move(piece)}, .record = in.record, .ready = in.ready};
    if (damaged > bit && damaged <= bit + bits) part.transit.flipped_bit = damaged - bit;
    bit += bits;
    forward(now, std::move(part), interface);
  }
}

void Router::forward(Instant now, Received&& in, uint32_t interface) {
  engine::Transit out = std::move(in.transit);
  --out.packet.ip.ttl;
  out.sent = ids_.next();
  out.sender_ids = &ids_;
  out.doubled = out.marked = false;  // what it is from here on
  journal_->forwarded(out.sent, in.record, now, out.packet, out.flipped_bit);
  const Attachment& to = attachments_[interface];
  CHECK(to.node != nullptr);
  to.node->on_packet(now, std::move(out), to.port);
}

// It answers echo requests and nothing else.
void Router::deliver(Instant now, const Received& in) {
  const wire::Packet& packet = in.transit.packet;
  if (in.transit.flipped_bit > 0) {
    return journal_->dropped(ids_.next(), in.transit.sent, now, trace::kNoLink,
                             trace::DropWhy::kDamaged);
  }
  const wire::IcmpMessage* icmp = packet.icmp();
  if (icmp == nullptr || icmp_kind(packet.ip, *icmp) != IcmpKind::kEchoRequest) return;
  send(now, wire::make_echo_reply(packet.ip, *icmp), in.record,
       tcp::IcmpSent{IcmpKind::kEchoReply});
}

void Router::refuse(Instant now, const Received& in, IcmpKind kind, trace::DropWhy why,
                    uint32_t mtu) {
  journal_->dropped(ids_.next(), in.transit.sent, now, trace::kNoLink, why);
  const wire::Packet& packet = in.transit.packet;
  const uint32_t* back = route_to(packet.ip.source);
  if (back == nullptr || silent_) return;
  if (kind != IcmpKind::kPacketTooBig && !errors_.take(now)) return;
  const wire::IpAddress own = interfaces_[*back].address_for(packet.ip.source);
  auto error = wire::make_icmp_error(packet, kind, own, mtu);
  if (error) send(now, std::move(*error), in.record, tcp::IcmpSent{kind});
}

void Router::send(Instant now, wire::Packet&& packet, RecordId cause, const tcp::Reason& reason) {
  const uint32_t* route = route_to(packet.ip.destination);
  if (route == nullptr) return;
  packet.ip.id = ip_id_++;
  engine::Transit transit;
  transit.sent = ids_.next();
  transit.sender_ids = &ids_;
  journal_->sent(transit.sent, cause, now, packet, false, reason);
  transit.packet = std::move(packet);
  const Attachment& to = attachments_[*route];
  to.node->on_packet(now, std::move(transit), to.port);
}

}  // namespace tcptwin::net
