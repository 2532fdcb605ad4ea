#include "sim/net/ethernet_port.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/ipv6.h"

namespace tcptwin::net {

using wire::ArpMessage;
using wire::IpAddress;
using wire::MacAddress;

namespace {

// Who sent it, by the IP header alone.
std::optional<IpAddress> source_of(std::span<const uint8_t> packet) {
  wire::ParseError ignored{};
  if (!packet.empty() && packet[0] >> 4 == 6) {
    const auto v6 = wire::parse_ipv6_header(packet, wire::Checksums::kIgnore, ignored);
    return v6 ? std::optional(v6->header.source) : std::nullopt;
  }
  const auto v4 = wire::parse_ipv4(packet, wire::Checksums::kIgnore, ignored);
  return v4 ? std::optional<IpAddress>(v4->header.source) : std::nullopt;
}

uint16_t type_for(const IpAddress& address) {
  return address.is_v4() ? wire::kEtherTypeIpv4 : wire::kEtherTypeIpv6;
}

std::vector<uint8_t> bytes_of(const wire::Packet& packet) {
  std::vector<uint8_t> bytes;
  wire::emit(packet, bytes);
  return bytes;
}

}  // namespace

const char* ignored_text(Ignored kind) {
  switch (kind) {
    case Ignored::kMalformed: return "malformed";
    case Ignored::kEtherType: return "neither IP nor ARP";
    case Ignored::kGroup: return "group address";
    case Ignored::kStranger: return "unknown station";
    case Ignored::kArp: return "ARP about others";
    case Ignored::kDiscovery: return "neighbour discovery about others";
    case Ignored::kNoRoom: return "no room";
    case Ignored::kUnresolved: return "no answer to ARP or neighbour solicitation";
  }
  CHECK(false);
}

EthernetPort::EthernetPort(std::vector<IpAddress> simulated)
    : simulated_(simulated.begin(), simulated.end()) {
  for (const IpAddress& address : simulated_) own_macs_.insert(mac_of(address));
}

MacAddress EthernetPort::mac_of(const IpAddress& simulated) {
  const uint64_t halves =
      simulated.is_v4() ? simulated.v4().value() : simulated.high() ^ simulated.low();
  const auto word = static_cast<uint32_t>(halves ^ halves >> 32);
  return MacAddress({0x02, 0x00, static_cast<uint8_t>(word >> 24), static_cast<uint8_t>(word >> 16),
                     static_cast<uint8_t>(word >> 8), static_cast<uint8_t>(word)});
}

// ---- from the machine

std::optional<std::span<const uint8_t>> EthernetPort::on_frame(Instant,
                                                               std::span<const uint8_t> bytes) {
  const auto nothing = [this](Ignored kind) {
    ignore(kind);
    return std::nullopt;
  };
  const auto frame = wire::parse_ethernet(bytes);
  if (!frame || !frame->header.source.is_one_station()) return nothing(Ignored::kMalformed);
  const MacAddress& to = frame->header.destination;
  if (!to.is_group() && !own_macs_.contains(to)) return nothing(Ignored::kStranger);
  switch (frame->header.type) {
    case wire::kEtherTypeArp: on_arp(frame->bytes); return std::nullopt;
    case wire::kEtherTypeIpv4:
    case wire::kEtherTypeIpv6: break;
    default: return nothing(Ignored::kEtherType);
  }
  const auto source = source_of(frame->bytes);
  if (!source || type_for(*source) != frame->header.type) return nothing(Ignored::kMalformed);
  if (source->is_v6() && on_discovery(frame->bytes)) return std::nullopt;
  if (to.is_group()) return nothing(Ignored::kGroup);
  learn(*source, frame->header.source);
  return frame->bytes;
}

void EthernetPort::on_arp(std::span<const uint8_t> bytes) {
  const auto arp = wire::parse_arp(bytes);
  if (!arp) return ignore(Ignored::kArp);
  learn(arp->sender, arp->sender_mac);
  if (!is_simulated(arp->target)) return ignore(Ignored::kArp);
  if (arp->operation != ArpMessage::Operation::kRequest) return;
  if (!arp->sender_mac.is_one_station()) return ignore(Ignored::kArp);
  leave_arp(arp->sender_mac, {.operation = ArpMessage::Operation::kReply,
                              .sender_mac = mac_of(arp->target),
                              .sender = arp->target,
                              .target_mac = arp->sender_mac,
                              .target = arp->sender});
}

bool EthernetPort::on_discovery(std::span<const uint8_t> bytes) {
  wire::ParseError error{};
  const auto ip = wire::parse_ip(bytes, wire::Checksums::kIgnore, error);
  const bool discovery = ip && ip->protocol == wire::kProtocolIcmpV6 && !ip->bytes.empty() &&
                         !ip->is_fragment() && ip->bytes[0] >= wire::kRouterSolicitation &&
                         ip->bytes[0] <= wire::kRedirect;
  if (!discovery) return false;
  const auto packet = wire::parse(bytes);
  if (!packet) {
    ignore(Ignored::kMalformed);
  } else if (const auto question = wire::read_solicitation(*packet);
             question && is_simulated(question->target)) {
    answer(*packet, *question);
  } else if (const auto news = wire::read_advertisement(*packet); news && news->target_mac) {
    learn(news->target, *news->target_mac);
  } else {
    ignore(Ignored::kDiscovery);
  }
  return true;
}

// RFC 4861 7.2.3 and 7.2.4.
void EthernetPort::answer(const wire::Packet& question, const wire::Solicitation& solicitation) {
  const IpAddress& asker = question.ip.source;
  if (solicitation.source_mac) learn(asker, *solicitation.source_mac);
  const MacAddress own = mac_of(solicitation.target);
  const bool nobody = asker.is_any();
  const IpAddress to = nobody ? IpAddress::v6(uint64_t{0xff02} << 48, 1) : asker;
  const auto reply = bytes_of(wire::make_advertisement(
      solicitation.target, to,
      {.target = solicitation.target, .target_mac = own, .solicited = !nobody, .overrides = true}));
  if (nobody) return leave(MacAddress::of_group(to), own, wire::kEtherTypeIpv6, reply);
  const auto known = neighbours_.find(asker);
  if (known == neighbours_.end() || !known->second.mac) return ignore(Ignored::kDiscovery);
  leave(*known->second.mac, own, wire::kEtherTypeIpv6, reply);
}

// Whatever the machine said last is true. It cannot take a simulated address.
void EthernetPort::learn(const IpAddress& address, const MacAddress& mac) {
  if (!address.is_one_host() || address.is_loopback() || is_simulated(address)) return;
  if (!mac.is_one_station() || own_macs_.contains(mac)) return;
  Neighbour& neighbour = add(address);
  const bool awaited = !neighbour.due.is_never();
  neighbour.mac = mac;
  neighbour.due = Instant::never();
  if (!awaited) return;
  for (Waiting& w : waiting_) {
    if (w.destination == address) leave_packet(mac, w.packet);
  }
  std::erase_if(waiting_, [&](const Waiting& w) { return w.destination == address; });
}

// The entry of `address`; a new one takes the place of the oldest when there are too many.
EthernetPort::Neighbour& EthernetPort::add(const IpAddress& address) {
  const auto known = neighbours_.find(address);
  if (known != neighbours_.end()) return known->second;
  if (neighbours_.size() >= kMostNeighbours) {
    const auto oldest = std::ranges::min_element(
        neighbours_, {}, [](const auto& entry) { return entry.second.age; });
    give_up(oldest->first);
  }
  Neighbour& neighbour = neighbours_[address];
  neighbour.age = ++last_age_;
  return neighbour;
}

// ---- to the machine

void EthernetPort::on_ip(Instant now, const IpAddress& destination,
                         std::span<const uint8_t> packet) {
  if (destination.is_multicast() || destination.is_broadcast()) {
    return leave_packet(MacAddress::of_group(destination), packet);
  }
  const auto known = neighbours_.find(destination);
  if (known != neighbours_.end()) {
    if (known->second.mac) return leave_packet(*known->second.mac, packet);
    return wait(destination, packet);
  }
  const auto asker = asker_for(destination, packet);
  if (!asker) return ignore(Ignored::kUnresolved);
  Neighbour& neighbour = add(destination);
  neighbour.asker = *asker;
  wait(destination, packet);
  ask(now, destination, neighbour);
}

// Who asks for `destination`: the sender of the packet, or any simulated address of its version.
std::optional<IpAddress> EthernetPort::asker_for(const IpAddress& destination,
                                                 std::span<const uint8_t> packet) const {
  const auto sender = source_of(packet);
  if (sender && sender->same_version(destination) && is_simulated(*sender)) return sender;
  const auto found = std::ranges::find_if(
      simulated_, [&](const IpAddress& own) { return own.same_version(destination); });
  return found == simulated_.end() ? std::nullopt : std::optional(*found);
}

void EthernetPort::wait(const IpAddress& destination, std::span<const uint8_t> packet) {
  if (waiting_.size() >= kMostWaiting) {  // RFC 4861 7.2.2: the oldest gives way
    waiting_.pop_front();
    ignore(Ignored::kNoRoom);
  }
  waiting_.push_back({destination, {packet.begin(), packet.end()}});
}

void EthernetPort::ask(Instant now, const IpAddress& address, Neighbour& neighbour) {
  ++neighbour.asked;
  neighbour.due = now + kPatience;
  const MacAddress own = mac_of(neighbour.asker);
  if (address.is_v4()) {
    return leave_arp(MacAddress::broadcast(),
                     {.sender_mac = own, .sender = neighbour.asker.v4(), .target = address.v4()});
  }
  const wire::Packet question = wire::make_solicitation(neighbour.asker, {address, own});
  leave(MacAddress::of_group(question.ip.destination), own, wire::kEtherTypeIpv6,
        bytes_of(question));
}

void EthernetPort::give_up(const IpAddress& address) {
  const IpAddress gone = address;  // it may lie in the entry
  neighbours_.erase(gone);
  ignore(Ignored::kUnresolved,
         std::erase_if(waiting_, [&](const Waiting& w) { return w.destination == gone; }));
}

void EthernetPort::on_deadline(Instant now) {
  for (auto entry = neighbours_.begin(); entry != neighbours_.end();) {
    auto& [address, neighbour] = *entry++;
    if (neighbour.due > now) continue;
    if (neighbour.asked < kQuestions) {
      ask(now, address, neighbour);
    } else {
      give_up(address);
    }
  }
}

Instant EthernetPort::next_deadline() const {
  Instant first = Instant::never();
  for (const auto& [address, neighbour] : neighbours_) first = std::min(first, neighbour.due);
  return first;
}

// ---- frames

bool EthernetPort::poll_frame(std::vector<uint8_t>& out) {
  if (frames_.empty()) return false;
  frames_.pop_front(out);
  return true;
}

void EthernetPort::leave(const MacAddress& destination, const MacAddress& source, uint16_t type,
                         std::span<const uint8_t> bytes) {
  if (frames_.size() >= kMostFrames) return ignore(Ignored::kNoRoom);
  std::vector<uint8_t> frame;
  frame.reserve(wire::kEthernetHeaderSize + bytes.size());
  wire::emit_ethernet({destination, source, type}, frame);
  frame.insert(frame.end(), bytes.begin(), bytes.end());
  frames_.push_back(std::move(frame));
}

void EthernetPort::leave_packet(const MacAddress& destination, std::span<const uint8_t> packet) {
  const auto source = source_of(packet);
  if (!source) return ignore(Ignored::kMalformed);
  leave(destination, mac_of(*source), type_for(*source), packet);
}

void EthernetPort::leave_arp(const MacAddress& destination, const ArpMessage& arp) {
  std::vector<uint8_t> bytes;
  wire::emit_arp(arp, bytes);
  leave(destination, arp.sender_mac, wire::kEtherTypeArp, bytes);
}

}  // namespace tcptwin::net
