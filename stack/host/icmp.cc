// icmp.cc: ICMP of a host: it answers echo requests, says what reaches nobody, and hands the errors
// about its own packets to those whose packets they were.
#include <utility>

#include "stack/host/native_stack.h"
#include "stack/wire/icmp_error.h"

namespace tcptwin::host {

using wire::IcmpKind;

namespace {

// What an error means to a program; nothing: it is no news of the peer.
std::optional<Errno> errno_of(IcmpKind kind, const policy::IcmpConfig& rules) {
  switch (kind) {
    case IcmpKind::kNetworkUnreachable:
      return rules.merges_errors ? Errno::kEHOSTUNREACH : Errno::kENETUNREACH;
    case IcmpKind::kHostUnreachable:
    case IcmpKind::kProhibited:
    case IcmpKind::kTimeExceeded:
    case IcmpKind::kOtherError: return Errno::kEHOSTUNREACH;
    case IcmpKind::kProtocolUnreachable:
      return rules.merges_errors ? Errno::kECONNREFUSED : Errno::kENOPROTOOPT;
    case IcmpKind::kPortUnreachable: return Errno::kECONNREFUSED;
    case IcmpKind::kPacketTooBig:
    case IcmpKind::kReassemblyTimeExceeded:
    case IcmpKind::kParameterProblem:
    case IcmpKind::kSourceQuench:  // RFC 6633
    case IcmpKind::kEchoRequest:
    case IcmpKind::kEchoReply:
    case IcmpKind::kOther: return std::nullopt;
  }
  return std::nullopt;
}

// RFC 1122 4.2.3.9: the peer is there and wants nothing.
bool is_hard(IcmpKind kind) {
  return kind == IcmpKind::kProtocolUnreachable || kind == IcmpKind::kPortUnreachable;
}

}  // namespace

// What is no TCP.
void NativeStack::arrive_other(Instant now, wire::Packet& packet, RecordId record) {
  if (packet.udp() != nullptr) return arrive_datagram(now, packet, record);
  if (packet.fragment() != nullptr) {
    auto whole = reassembly_.take(now, packet, record);
    if (whole) on_packet(now, std::move(*whole), record);
    return;
  }
  if (packet.opaque() != nullptr) return arrive_unread(now, packet, record);
  const wire::IcmpMessage& icmp = *packet.icmp();
  const IcmpKind kind = icmp_kind(packet.ip, icmp);
  if (kind == IcmpKind::kEchoRequest) {
    const auto ttl = static_cast<uint8_t>(profile_->ip.ttl);
    return send_packet(now, wire::make_echo_reply(packet.ip, icmp, ttl), record,
                       tcp::IcmpSent{IcmpKind::kEchoReply});
  }
  if (kind == IcmpKind::kEchoReply) {
    return echo_over(icmp.rest, packet.ip.source, std::nullopt, now, record);
  }
  if (wire::is_icmp_error(kind)) arrive_error(now, packet, kind, record);
}

// RFC 1122 3.2.2.1, RFC 8200 4: nobody here speaks that protocol.
void NativeStack::arrive_unread(Instant now, const wire::Packet& packet, RecordId record) {
  constexpr uint8_t kNoNextHeader = 59;  // RFC 8200 4.7
  const wire::Opaque& unread = *packet.opaque();
  if (unread.why != wire::ParseError::kUnknownProtocol) return;
  if (!packet.ip.is_v4() && unread.protocol == kNoNextHeader) return;
  answer_with_error(now, packet, IcmpKind::kProtocolUnreachable, record);
}

// Whose packet it is about is told.
void NativeStack::arrive_error(Instant now, const wire::Packet& packet, IcmpKind kind,
                               RecordId record) {
  const auto quoted = wire::quoted_packet(packet.ip, *packet.icmp());
  if (!quoted) return;
  const bool udp = quoted->protocol == wire::kProtocolUdp;
  if (kind == IcmpKind::kPacketTooBig && quoted->protocol != wire::kProtocolTcp) {
    path_mtus_.learn(now, *quoted, wire::next_hop_mtu(packet.ip, *packet.icmp()));
  }
  if (quoted->protocol == wire::kProtocolIcmp || quoted->protocol == wire::kProtocolIcmpV6) {
    const bool too_big = kind == IcmpKind::kPacketTooBig;
    const auto error = too_big ? std::optional(Errno::kEMSGSIZE) : errno_of(kind, profile_->icmp);
    if (error) echo_over(quoted->echo, quoted->ip.destination, error, now, record);
    return;
  }
  if (udp) {
    const uint32_t index = find_datagram_socket({quoted->ip.source, quoted->source},
                                                {quoted->ip.destination, quoted->destination});
    if (index == socket::kNoIndex) return;
    return datagram_failed(index, kind, errno_of(kind, profile_->icmp), record);
  }
  if (quoted->protocol != wire::kProtocolTcp) return;
  const auto found = by_ends_.find(
      {quoted->ip.source, quoted->ip.destination, quoted->source, quoted->destination});
  if (found == by_ends_.end()) return;
  const uint32_t index = found->second;
  tcp::Connection& c = *connections_[index].connection;
  if (kind == IcmpKind::kPacketTooBig) {
    if (!c.is_on_its_way(quoted->seq)) return;
    const uint32_t mtu =
        path_mtus_.learn(now, *quoted, wire::next_hop_mtu(packet.ip, *packet.icmp()));
    c.on_path_mtu(quoted->seq, mtu, record);
  } else if (const auto error = errno_of(kind, profile_->icmp)) {
    c.on_unreachable(quoted->seq, *error, is_hard(kind), record);
  }
  settle(now, index);
}

void NativeStack::answer_with_error(Instant now, const wire::Packet& packet, IcmpKind kind,
                                    RecordId record) {
  const auto ttl = static_cast<uint8_t>(profile_->ip.ttl);
  auto error = wire::make_icmp_error(packet, kind, packet.ip.destination, 0, ttl);
  if (!error || !icmp_errors_.take(now)) return;
  send_packet(now, std::move(*error), record, tcp::IcmpSent{kind});
}

// A packet of no connection.
void NativeStack::send_packet(Instant now, wire::Packet&& packet, RecordId cause,
                              const tcp::Reason& reason) {
  const auto route = route_to(packet.ip.destination);
  if (!route) return;
  OutPacket out;
  out.interface = *route;
  out.id = context_.ids->next();
  out.cause = cause;
  out.reason = reason;
  out.packet = std::move(packet);
  if (profile_->ip.id != policy::IpConfig::Id::kZero) out.packet.ip.id = ip_id_++;
  leave_in_pieces(now, std::move(out));
}

// Cut where the path does not take it as it is: RFC 791 2.3, RFC 8200 4.5.
void NativeStack::leave_in_pieces(Instant now, OutPacket&& out) {
  const wire::IpAddress& to = out.packet.ip.destination;
  const uint32_t mtu = path_mtus_.of(now, to, interfaces_[out.interface].mtu);
  if (out.packet.size() <= mtu) return out_.push_back(std::move(out));
  while (to.is_v4() && out.packet.ip.id == 0) out.packet.ip.id = ip_id_++;  // it needs one now
  RecordId id = out.id;
  for (wire::Packet& piece : wire::cut(out.packet, mtu, ++fragment_id_)) {
    out_.push_back({.packet = std::move(piece),
                    .interface = out.interface,
                    .id = id,
                    .cause = out.cause,
                    .reason = out.reason});
    id = context_.ids->next();
  }
}

// RFC 792, RFC 8200 4.5: only when the first piece is there.
void NativeStack::report_expired_pieces(Instant now) {
  Reassembly::Expired expired;
  while (reassembly_.take_expired(now, expired)) {
    if (!expired.first) continue;
    if (expired.first->ip.is_v4() && !profile_->fragments.reports_timeout) continue;
    answer_with_error(now, *expired.first, IcmpKind::kReassemblyTimeExceeded, expired.record);
  }
}

}  // namespace tcptwin::host
