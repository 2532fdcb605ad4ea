#include "stack/host/native_stack.h"

#include <algorithm>
#include <string>

#include "stack/base/check.h"

namespace tcptwin::host {

using socket::kNoIndex;

namespace {

policy::PortsConfig datagram_port_rules(const policy::Profile& profile) {
  policy::PortsConfig rules = profile.ports;
  if (profile.udp.random_ports) rules.behaviour = policy::PortsConfig::Behaviour::kRandomStart;
  rules.whole_port = false;  // holders are looked at
  return rules;
}

}  // namespace

tcp::Endpoints NativeStack::ends_of(const wire::Packet& packet) {
  return {packet.ip.destination, packet.ip.source, packet.tcp.destination, packet.tcp.source};
}

NativeStack::NativeStack(const NativeStackSetup& setup)
    : profile_(setup.profile),
      grain_(setup.profile->timer_grain, setup.uptime),
      rng_(Rng::stream(setup.seed, std::string(setup.name) + "/ports")),
      clocks_(setup.profile->isn, setup.profile->timestamps,
              Rng::stream(setup.seed, std::string(setup.name) + "/clocks")),
      interfaces_(setup.interfaces),
      paths_(setup.profile->destination_cache),
      cookies_(setup.profile->listen.cookies,
               Rng::stream(setup.seed, std::string(setup.name) + "/cookies")),
      context_{setup.profile, &grain_, &clocks_, setup.ids, setup.keep_notes ? &notes_ : nullptr,
               &paths_},
      ports_(setup.profile->ports, rng_),
      datagram_port_rules_(datagram_port_rules(*setup.profile)),
      datagram_rng_(Rng::stream(setup.seed, std::string(setup.name) + "/datagrams")),
      datagram_ports_(datagram_port_rules_, datagram_rng_),
      path_mtus_(setup.profile->icmp),
      reassembly_(setup.profile->fragments, grain_),
      icmp_errors_(setup.profile->icmp.errors_per_second, setup.profile->icmp.error_burst) {
  CHECK(!interfaces_.empty());
  for (const Route& route : setup.routes) routes_.emplace(route.destination, route);
}

bool NativeStack::is_own(wire::IpAddress address) const {
  if (address.is_loopback()) return true;
  return std::any_of(interfaces_.begin(), interfaces_.end(), [&](const Interface& i) {
    return !address.is_any() && (i.address == address || i.address_v6 == address);
  });
}

std::optional<uint32_t> NativeStack::route_to(wire::IpAddress destination) const {
  if (is_own(destination)) return kLoopback;
  const auto route = routes_.find(destination);
  if (route == routes_.end()) return std::nullopt;
  return route->second.interface;
}

bool NativeStack::is_neighbour(wire::IpAddress address) const {
  const auto route = routes_.find(address);
  return route != routes_.end() && route->second.neighbour;
}

uint32_t NativeStack::add_connection(Instant now, const tcp::Endpoints& ends, uint32_t interface) {
  uint32_t index = static_cast<uint32_t>(connections_.size());
  if (free_connections_.empty()) {
    connections_.emplace_back();
  } else {
    index = free_connections_.back();
    free_connections_.pop_back();
  }
  const uint32_t mtu = path_mtus_.of(now, ends.remote_address, interfaces_[interface].mtu);
  ConnectionSlot& slot = connections_[index];
  slot = ConnectionSlot();
  slot.connection = std::make_unique<tcp::Connection>(context_, ends, mtu, index);
  if (is_neighbour(ends.remote_address)) slot.connection->set_neighbour();
  slot.interface = interface;
  slot.ip_id = static_cast<uint16_t>(rng_.next32());
  slot.ttl = static_cast<uint8_t>(profile_->ip.ttl);
  by_ends_.emplace(ends, index);
  ports_.on_used(static_cast<uint16_t>(ends.local_port));
  ++connections_on_[{ends.local_port, ends.local_address}];
  return index;
}

void NativeStack::remove_connection(uint32_t index) {
  deadlines_.remove(index);
  if (connections_[index].flow != kNoIndex) free_flows_.push_back(connections_[index].flow);
  connections_[index] = ConnectionSlot();
  free_connections_.push_back(index);
}

uint32_t NativeStack::find_listener(const wire::Packet& packet) const {
  // The address itself, then the wildcard of its version; that of IPv6 also serves IPv4 (RFC 3493
  // 3.7, IPV6_V6ONLY off).
  for (const wire::IpAddress& address :
       {packet.ip.destination, wire::IpAddress(), wire::IpAddress::any_v6()}) {
    if (address.is_v4() && packet.ip.destination.is_v6()) continue;
    const auto found = listeners_.find({packet.tcp.destination, address});
    if (found == listeners_.end()) continue;
    const std::vector<uint32_t>& sharing = found->second;  // SO_REUSEPORT: spread by the peer
    const uint64_t peer = (packet.ip.source.high() ^ packet.ip.source.low()) * uint64_t{65536} +
                          static_cast<uint16_t>(packet.tcp.source);
    return sharing[static_cast<size_t>((peer * 0x9e3779b97f4a7c15U >> 32) % sharing.size())];
  }
  return socket::kNoIndex;
}

void NativeStack::on_packet(Instant now, wire::Packet&& packet, RecordId record,
                            const tcp::OwnPacket& own) {
  const auto found = packet.is_tcp() ? by_ends_.find(ends_of(packet)) : by_ends_.end();
  tcp::Connection::Heritage heritage;
  if (found != by_ends_.end()) {
    const uint32_t index = found->second;
    using Verdict = tcp::Connection::SynVerdict;
    const Verdict verdict = judge_syn(now, index, packet, record);
    if (verdict == Verdict::kDrop) return;
    if (verdict == Verdict::kPass) {
      if (overflows(now, index, packet, record)) return;
      tell_who_shares(index, packet);
      count_in(index, packet);
      tell_of_reader(index);
      connections_[index].connection->on_segment(now, std::move(packet.tcp),
                                                 (packet.ip.tos & 3) == 3, record, own);
      hand_over(index, record);
      return settle(now, index);
    }
    heritage = end_time_wait(now, index, record);
  }
  if (!is_own(packet.ip.destination)) return;  // not for us; we forward nothing
  if (!packet.is_tcp()) return arrive_other(now, packet, record);
  if (!packet.ip.source.is_one_host()) return;  // RFC 9293 3.9.2.3
  const uint32_t listener = find_listener(packet);
  if (listener == socket::kNoIndex) return refuse(packet, record);
  arrive_for_listener(now, listener, packet, heritage, record);
}

uint32_t NativeStack::new_flow() {
  if (free_flows_.empty()) {
    flow_counts_.emplace_back();
    return static_cast<uint32_t>(flow_counts_.size() - 1);
  }
  const uint32_t flow = free_flows_.back();
  free_flows_.pop_back();
  flow_counts_[flow] = socket::FlowCounts();
  return flow;
}

void NativeStack::count_in(uint32_t index, const wire::Packet& packet) {
  const uint32_t flow = connections_[index].flow;
  if (flow == kNoIndex) return;
  ++flow_counts_[flow].packets_in;
  flow_counts_[flow].bytes_in += packet.size();
}

// On the host itself a receiver is handed the memory of the sender, who lets go of it with the ACK.
void NativeStack::tell_who_shares(uint32_t index, const wire::Packet& packet) {
  if (!is_own(packet.ip.source) || packet.tcp.payload.empty()) return;
  tcp::Connection& receiver = *connections_[index].connection;
  const auto last = receiver.last_buffer();
  const auto sender = by_ends_.find(
      {packet.ip.source, packet.ip.destination, packet.tcp.source, packet.tcp.destination});
  if (!last || sender == by_ends_.end()) return;
  receiver.on_last_buffer_shared(connections_[sender->second].connection->shares_memory(*last));
}

// Only a SYN that a listener would take can end a TIME-WAIT.
tcp::Connection::SynVerdict NativeStack::judge_syn(Instant now, uint32_t index,
                                                   const wire::Packet& packet, RecordId record) {
  using Verdict = tcp::Connection::SynVerdict;
  tcp::Connection& c = *connections_[index].connection;
  const wire::TcpFlags flags = packet.tcp.flags;
  if (c.state() != tcp::State::kTimeWait || !flags.syn || flags.ack || flags.rst) {
    return Verdict::kPass;
  }
  Verdict verdict = c.judge_syn_in_time_wait(packet.tcp);
  const bool wanted =
      !profile_->time_wait.syn_needs_listener || find_listener(packet) != socket::kNoIndex;
  if (verdict == Verdict::kReplace && !wanted) verdict = Verdict::kPass;
  c.note_syn_in_time_wait(now, packet.tcp, verdict, record);
  return verdict;
}

// What the connection that takes its place inherits.
tcp::Connection::Heritage NativeStack::end_time_wait(Instant now, uint32_t index, RecordId cause) {
  tcp::Connection& c = *connections_[index].connection;
  const tcp::Connection::Heritage heritage = c.heritage();
  c.abort(now, cause);
  settle(now, index);
  return heritage;
}

// RFC 9293 3.10.7.1 and 3.5.2, group 1: a reset for what does not exist.
void NativeStack::refuse(const wire::Packet& packet, RecordId record, tcp::Reset::Why why) {
  const wire::TcpSegment& in = packet.tcp;
  if (in.flags.rst) return;
  const auto route = route_to(packet.ip.source);
  if (!route) return;
  OutPacket out;
  out.interface = *route;
  out.id = context_.ids->next();
  out.cause = record;
  out.reason = tcp::Reset{why};
  out.packet.ip.source = packet.ip.destination;
  out.packet.ip.destination = packet.ip.source;
  out.packet.ip.ttl = static_cast<uint8_t>(profile_->ip.ttl);
  out.packet.ip.dont_fragment = profile_->ip.dont_fragment;
  if (!profile_->ip.zero_id_in_replies && profile_->ip.id == policy::IpConfig::Id::kGlobal) {
    out.packet.ip.id = ip_id_++;
  }
  wire::TcpSegment& reset = out.packet.tcp;
  reset.source = in.destination;
  reset.destination = in.source;
  reset.flags.rst = true;
  if (in.flags.ack) {
    reset.seq = in.ack;
  } else {
    reset.flags.ack = true;
    reset.ack = in.seq + in.sequence_length();
  }
  out_.push_back(std::move(out));
}

void NativeStack::on_deadline(Instant now) {
  while (!deadlines_.empty() && deadlines_.top_key() <= now) {
    const uint32_t index = deadlines_.top_id();
    tcp::Connection& c = *connections_[index].connection;
    c.on_deadline(now);
    settle(now, index);
  }
  wake_due_sleepers(now);
  report_expired_pieces(now);
}

// After every input: what wants to leave leaves, the next deadline is entered, sleepers that can go
// on are woken.
void NativeStack::settle(Instant now, uint32_t index) {
  ConnectionSlot& slot = connections_[index];
  tcp::Connection& c = *slot.connection;
  if (slot.socket != socket::kNoIndex) discard_after_shutdown(now, *sockets_[slot.socket]);
  tcp::Burst burst;
  while (c.poll_burst(now, burst)) emit(slot, std::move(burst));
  const RecordId cause = c.cause();
  count_time_wait(slot);
  if (c.state() == tcp::State::kClosed) leave_names(c, index);
  const Instant next = c.next_deadline();
  if (next.is_never()) {
    deadlines_.remove(index);
  } else {
    deadlines_.set(index, next);
  }

  if (slot.listener != socket::kNoIndex) {
    socket::ListenState& listener = *sockets_[slot.listener]->listening;
    const bool over = c.state() == tcp::State::kClosed;
    if (!slot.in_accept_queue && c.state() != tcp::State::kSynReceived) {
      --listener.handshakes;
      if (over) {
        slot.listener = socket::kNoIndex;
      } else {
        slot.in_accept_queue = true;
        listener.accept_queue.push_back(index);
        notice(slot.listener, cause);
      }
    }
  }
  if (slot.socket != socket::kNoIndex) {
    notice(slot.socket, cause);
  } else if (c.state() == tcp::State::kClosed && slot.listener == socket::kNoIndex) {
    remove_connection(index);
  }
}

// TIME-WAITs beyond the host's limit end at once: facts/linux.md E1.
void NativeStack::count_time_wait(ConnectionSlot& slot) {
  tcp::Connection& c = *slot.connection;
  const bool waits = c.state() == tcp::State::kTimeWait;
  if (waits == slot.in_time_wait) return;
  const int32_t most = profile_->time_wait.most;
  if (waits && most > 0 && time_waits_ >= most) return c.forget(c.cause());
  slot.in_time_wait = waits;
  time_waits_ += waits ? 1 : -1;
}

// A connection that has ended: from here on its packets meet nobody.
void NativeStack::leave_names(const tcp::Connection& c, uint32_t index) {
  const auto entry = by_ends_.find(c.ends());
  if (entry == by_ends_.end() || entry->second != index) return;
  by_ends_.erase(entry);
  ports_.on_released(static_cast<uint16_t>(c.ends().local_port));
  const auto port = connections_on_.find({c.ends().local_port, c.ends().local_address});
  if (--port->second == 0) connections_on_.erase(port);
}

uint16_t NativeStack::next_ip_id(ConnectionSlot& slot, const wire::TcpFlags& flags) {
  const policy::IpConfig& ip = profile_->ip;
  if (ip.zero_id_in_replies && (flags.rst || (flags.syn && flags.ack))) return 0;
  switch (ip.id) {
    case policy::IpConfig::Id::kZero: return 0;
    case policy::IpConfig::Id::kPerConnection: return slot.ip_id++;
    case policy::IpConfig::Id::kGlobal: return ip_id_++;
  }
  CHECK(false);
}

// The egress: a burst becomes segments, each a packet with a number of its own.
void NativeStack::emit(ConnectionSlot& slot, tcp::Burst&& burst) {
  const tcp::Endpoints& ends = slot.connection->ends();
  const wire::TcpFlags last_flags = burst.head.flags;
  Payload rest = std::move(burst.head.payload);
  SeqNum seq = burst.head.seq;
  bool first = true;
  CHECK(rest.empty() || burst.segment_size > 0);
  do {
    const size_t size = std::min<size_t>(rest.size(), burst.segment_size);
    OutPacket out;
    out.interface = slot.interface;
    out.cause = burst.cause;
    out.reason = burst.reason;
    out.id = context_.ids->next();
    out.packet.tcp = wire::TcpSegment{.source = burst.head.source,
                                      .destination = burst.head.destination,
                                      .seq = seq,
                                      .ack = burst.head.ack,
                                      .flags = last_flags,
                                      .window = burst.head.window,
                                      .urgent = burst.head.urgent,
                                      .options = burst.head.options,
                                      .payload = rest.take_front(size)};
    if (!rest.empty()) out.packet.tcp.flags.psh = out.packet.tcp.flags.fin = false;
    out.continues = !std::exchange(first, false);
    out.segment_size = size > burst.mss ? burst.mss : 0;
    if (out.continues) out.packet.tcp.flags.cwr = false;  // RFC 3168 6.1.2
    if (out.packet.tcp.flags.urg) {  // the pointer counts from each segment's own number
      const uint32_t before = seq.value() - burst.head.seq.value();
      out.packet.tcp.flags.urg = burst.head.urgent > before;
      out.packet.tcp.urgent =
          static_cast<uint16_t>(out.packet.tcp.flags.urg ? burst.head.urgent - before : 0);
    }
    out.packet.ip =
        wire::IpHeader{.source = ends.local_address,
                       .destination = ends.remote_address,
                       .ttl = slot.ttl,
                       .tos = static_cast<uint8_t>(slot.tos | (burst.ecn_capable ? 2 : 0)),
                       .id = next_ip_id(slot, last_flags),
                       .dont_fragment = profile_->ip.dont_fragment && !burst.may_be_cut};
    seq = seq + static_cast<uint32_t>(size);
    if (slot.flow != kNoIndex) {
      ++flow_counts_[slot.flow].packets_out;
      flow_counts_[slot.flow].bytes_out += out.packet.size();
    }
    out_.push_back(std::move(out));
  } while (!rest.empty());
}

bool NativeStack::poll_packet(OutPacket& out) {
  if (out_.empty()) return false;
  out_.pop_front(out);
  return true;
}

bool NativeStack::poll_wakeup(socket::Wakeup& out) {
  if (wakeups_.empty()) return false;
  wakeups_.pop_front(out);
  return true;
}

bool NativeStack::poll_note(tcp::Note& out) {
  if (notes_.empty()) return false;
  notes_.pop_front(out);
  return true;
}

Instant NativeStack::next_deadline() const {
  const Instant sleepers = std::min(sleepers_.next_deadline(), reassembly_.next_deadline());
  return deadlines_.empty() ? sleepers : std::min(sleepers, deadlines_.top_key());
}

}  // namespace tcptwin::host
