// datagrams.cc: UDP of a host: whose a datagram or an error about one is, and how one leaves.
#include <algorithm>
#include <utility>

#include "stack/base/check.h"
#include "stack/host/native_stack.h"

namespace tcptwin::host {

using socket::kNoIndex;
using socket::Socket;
using wire::IcmpKind;

namespace {

// How well a socket fits a datagram; 0: not at all. A peer counts more than an own address, that
// more than none, and the wildcard of the datagram's version more than that of the other.
int fit(const Socket& s, const socket::Address& own, const socket::Address& peer) {
  const wire::IpAddress& bound = s.bound->ip;
  const bool wildcard = bound.is_any() && (bound.is_v6() || own.ip.is_v4());
  if (!wildcard && bound != own.ip) return 0;
  const std::optional<socket::Address>& wanted = s.datagrams->peer;
  if (wanted && (wanted->ip != peer.ip || wanted->port != peer.port)) return 0;
  const int address = !wildcard ? 3 : bound.same_version(own.ip) ? 2 : 1;
  return address + (wanted ? 4 : 0);
}

}  // namespace

// Of several that fit alike those with SO_REUSEPORT share by the peer, else the last one bound has
// it all.
uint32_t NativeStack::find_datagram_socket(const socket::Address& own,
                                           const socket::Address& peer) const {
  const auto holders = datagram_holders_.find(own.port);
  if (holders == datagram_holders_.end()) return kNoIndex;
  int best = 1;
  std::vector<uint32_t> sharing;
  for (const uint32_t index : holders->second) {
    const int rank = fit(*sockets_[index], own, peer);
    if (rank < best) continue;
    const bool joins = rank == best && !sharing.empty() &&
                       sockets_[index]->known_options().reuse_port &&
                       sockets_[sharing.front()]->known_options().reuse_port;
    if (!joins) sharing.clear();
    sharing.push_back(index);
    best = rank;
  }
  if (sharing.empty()) return kNoIndex;
  const uint64_t key =
      (peer.ip.high() ^ peer.ip.low()) * uint64_t{65536} + static_cast<uint16_t>(peer.port);
  return sharing[static_cast<size_t>((key * 0x9e3779b97f4a7c15U >> 32) % sharing.size())];
}

void NativeStack::arrive_datagram(Instant now, wire::Packet& packet, RecordId record) {
  if (!packet.ip.source.is_one_host()) return;  // RFC 1122 4.1.3.6
  wire::UdpDatagram& udp = *packet.udp();
  const uint32_t index = find_datagram_socket({packet.ip.destination, udp.destination},
                                              {packet.ip.source, udp.source});
  if (index == kNoIndex) {
    return answer_with_error(now, packet, IcmpKind::kPortUnreachable, record);
  }
  Socket& s = *sockets_[index];
  if (s.flow) {
    ++s.datagrams->counts.packets_in;
    s.datagrams->counts.bytes_in += packet.size();
  }
  if (s.read_shut) return;
  socket::Datagram datagram{{packet.ip.source, udp.source}, std::move(udp.payload)};
  if (s.datagrams->queue.push(std::move(datagram), datagram_buffer(s), profile_->udp)) {
    return notice(index, record);
  }
  if (context_.notes == nullptr) return;
  context_.notes->push_back({context_.ids->next(), record, now, 0, tcp::DatagramDropped{}});
}

// An error about a datagram of this socket, which a program learns of as its system sees fit: RFC
// 1122 4.1.3.3.
void NativeStack::datagram_failed(uint32_t index, IcmpKind kind, std::optional<Errno> error,
                                  RecordId record) {
  using Errors = policy::UdpConfig::Errors;
  socket::DatagramState& datagrams = *sockets_[index]->datagrams;
  const policy::UdpConfig& rules = profile_->udp;
  const bool nobody = kind == IcmpKind::kPortUnreachable;
  const bool too_big = kind == IcmpKind::kPacketTooBig;
  if (too_big && rules.dont_fragment) error = Errno::kEMSGSIZE;
  if (rules.errors == Errors::kResets) {
    if (!nobody) return;
    error = Errno::kECONNRESET;
  } else if (!datagrams.peer) {
    return;
  } else if (rules.errors == Errors::kHard) {
    const bool hard = nobody || too_big || kind == IcmpKind::kProtocolUnreachable ||
                      kind == IcmpKind::kProhibited;
    if (!hard) return;
  }
  if (!error) return;
  datagrams.error = error;
  notice(index, record);
}

// ---- sending

wire::IpHeader NativeStack::datagram_header(const Socket& s, const socket::Address& to,
                                            uint32_t interface) const {
  const socket::StoredOptions& options = s.known_options();
  const bool v4 = to.ip.is_v4();
  const auto tos = v4 ? options.type_of_service : options.traffic_class;
  const auto ttl = v4 ? options.time_to_live : options.hop_limit;
  const bool to_self = interface == kLoopback;
  wire::IpHeader ip;
  ip.source = to_self ? to.ip : interfaces_[interface].address_for(to.ip);
  if (!s.bound->ip.is_any()) ip.source = s.bound->ip;
  ip.destination = to.ip;
  ip.ttl = static_cast<uint8_t>(ttl.value_or(profile_->ip.ttl));
  ip.tos = static_cast<uint8_t>(tos.value_or(0) & ~int64_t{3});
  return ip;
}

// RFC 6864 4: what may be cut needs a number of its own.
uint16_t NativeStack::datagram_id(socket::DatagramState& datagrams, bool dont_fragment) {
  switch (profile_->ip.id) {
    case policy::IpConfig::Id::kGlobal: return ip_id_++;
    case policy::IpConfig::Id::kPerConnection:
      if (datagrams.peer) return datagrams.ip_id++;
      [[fallthrough]];
    case policy::IpConfig::Id::kZero: return dont_fragment ? uint16_t{0} : ip_id_++;
  }
  CHECK(false);
}

void NativeStack::emit_datagram(Instant now, const Socket& s, const socket::Address& to,
                                uint32_t interface, Payload data, RecordId cause) {
  OutPacket out;
  out.interface = interface;
  out.id = context_.ids->next();
  out.cause = cause;
  out.reason = tcp::DatagramSent{};
  out.packet = wire::Packet::of(
      datagram_header(s, to, interface),
      wire::UdpDatagram{
          .source = s.bound->port, .destination = to.port, .payload = std::move(data)});
  wire::IpHeader& ip = out.packet.ip;
  const uint32_t mtu = path_mtus_.of(now, to.ip, interfaces_[interface].mtu);
  if (to.ip.is_v4()) {
    ip.dont_fragment = profile_->udp.dont_fragment && out.packet.size() <= mtu;
    ip.id = datagram_id(*s.datagrams, ip.dont_fragment);
  }
  if (s.flow) {
    ++s.datagrams->counts.packets_out;
    s.datagrams->counts.bytes_out += out.packet.size();
  }
  leave_in_pieces(now, std::move(out));
}

}  // namespace tcptwin::host
