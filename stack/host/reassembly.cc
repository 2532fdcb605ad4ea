#include "stack/host/reassembly.h"

#include <iterator>

#include "stack/wire/any_packet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/ipv6.h"

namespace tcptwin::host {

namespace {

constexpr int64_t kPerPiece = 256;  // what keeping one takes, so that empty ones are not free

int64_t memory_of(uint32_t bytes, size_t pieces) {
  return int64_t{bytes} + kPerPiece * static_cast<int64_t>(pieces);
}

bool is_marked(const wire::IpHeader& ip) { return (ip.tos & 3) == 3; }

}  // namespace

std::optional<wire::Packet> Reassembly::take(Instant now, const wire::Packet& packet,
                                             RecordId record) {
  const wire::Fragment& piece = *packet.fragment();
  const bool v4 = packet.ip.is_v4();
  const Key key{packet.ip.source, packet.ip.destination, v4 ? packet.ip.id : piece.id,
                v4 ? piece.protocol : uint8_t{0}};
  const auto size = static_cast<uint32_t>(piece.bytes.size());
  auto found = partials_.find(key);
  if (found != partials_.end()) {
    const auto same = found->second.pieces.find(piece.offset);
    const bool there = same != found->second.pieces.end() && same->second.size() == size;
    if (there) return std::nullopt;  // doubled on its way
  }
  if (!make_room(key, memory_of(size, 1))) return std::nullopt;
  found = partials_.find(key);
  if (found == partials_.end()) {
    const Instant due = grain_->fires_after(now, v4 ? rules_->time : rules_->time_v6);
    found = partials_.emplace(key, Partial{.age = {due, ++last_number_}, .ip = packet.ip}).first;
    by_age_.emplace(found->second.age, key);
  }
  Partial& partial = found->second;
  const int32_t most = v4 ? rules_->most_pieces : rules_->most_pieces_v6;
  const bool too_many = most > 0 && std::cmp_greater_equal(partial.pieces.size(), most);
  if (clashes(partial, piece) || too_many) {
    drop(key);
    return std::nullopt;
  }
  memory_ += memory_of(size, 1);
  partial.bytes += size;
  partial.congested |= is_marked(packet.ip);
  if (!piece.more) partial.total = piece.offset + size;
  if (piece.offset == 0) {
    partial.ip = packet.ip;
    partial.protocol = piece.protocol;
    partial.first = record;
  }
  partial.pieces.emplace(piece.offset, piece.bytes.sub(0, size));
  if (partial.total != partial.bytes) return std::nullopt;
  auto packet_again = whole(partial);
  drop(key);
  return packet_again;
}

// Whether the piece overlaps one that is there, or the two do not agree on where the end is.
bool Reassembly::clashes(const Partial& partial, const wire::Fragment& piece) {
  const auto end = piece.offset + static_cast<uint32_t>(piece.bytes.size());
  if (partial.total && (end > *partial.total || (!piece.more && end != *partial.total)))
    return true;
  const auto behind = partial.pieces.lower_bound(piece.offset);
  if (behind != partial.pieces.end()) {
    if (behind->first < end || !piece.more || behind->first == piece.offset) return true;
  }
  if (behind == partial.pieces.begin()) return false;
  const auto ahead = std::prev(behind);
  return ahead->first + ahead->second.size() > piece.offset;
}

std::optional<wire::Packet> Reassembly::whole(const Partial& partial) {
  std::vector<uint8_t> bytes;
  const wire::IpHeader& ip = partial.ip;
  const auto tos = static_cast<uint8_t>(ip.tos | (partial.congested ? 3 : 0));  // RFC 3168 5.3
  if (ip.is_v4()) {
    wire::emit_ipv4({.source = ip.source.v4(),
                     .destination = ip.destination.v4(),
                     .protocol = partial.protocol,
                     .ttl = ip.ttl,
                     .tos = tos,
                     .id = ip.id,
                     .dont_fragment = ip.dont_fragment},
                    partial.bytes, bytes);
  } else {
    wire::IpHeader header = ip;
    header.tos = tos;
    wire::emit_ipv6(header, partial.protocol, partial.bytes, bytes);
  }
  for (const auto& [offset, piece] : partial.pieces) piece.materialize(bytes);
  return wire::parse_any(bytes);
}

// For a piece of `key`. False: it has to be dropped.
bool Reassembly::make_room(const Key& key, int64_t wanted) {
  while (memory_ + wanted > rules_->memory) {
    if (!rules_->evicts_oldest || by_age_.empty()) return false;
    const Key oldest = by_age_.begin()->second;
    if (oldest == key) return false;
    drop(oldest);
  }
  return true;
}

void Reassembly::drop(const Key& key) {
  const auto found = partials_.find(key);
  memory_ -= memory_of(found->second.bytes, found->second.pieces.size());
  by_age_.erase(found->second.age);
  partials_.erase(found);
}

bool Reassembly::take_expired(Instant now, Expired& out) {
  if (next_deadline() > now) return false;
  const Key key = by_age_.begin()->second;
  Partial& partial = partials_.at(key);
  out = {.first = std::nullopt, .record = partial.first};
  const auto first = partial.pieces.find(0);
  if (first != partial.pieces.end()) {
    wire::Fragment piece{.protocol = partial.protocol, .id = key.id, .more = true};
    piece.bytes = std::move(first->second);
    partial.bytes -= static_cast<uint32_t>(piece.bytes.size());
    memory_ -= memory_of(static_cast<uint32_t>(piece.bytes.size()), 1);
    partial.pieces.erase(first);
    out.first = wire::Packet::of(partial.ip, std::move(piece));
  }
  drop(key);
  return true;
}

}  // namespace tcptwin::host
