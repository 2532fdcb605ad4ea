#include "sim/trace/packets.h"

#include <algorithm>

#include "stack/base/check.h"

namespace tcptwin::trace {

namespace {

// Which departure the record speaks of; kNone for what is no packet.
RecordId departure_id(const Record& sight) {
  struct Visitor {
    RecordId own;
    RecordId operator()(const PacketSent&) const { return own; }
    RecordId operator()(const PacketReceived& e) const { return e.sent; }
    RecordId operator()(const PacketDropped& e) const { return e.sent; }
    RecordId operator()(const CallStarted&) const { return RecordId::kNone; }
    RecordId operator()(const CallReturned&) const { return RecordId::kNone; }
    RecordId operator()(const ThreadWoken&) const { return RecordId::kNone; }
    RecordId operator()(const tcp::Note&) const { return RecordId::kNone; }
  };
  return std::visit(Visitor{sight.id}, sight.event);
}

}  // namespace

const Record* departure_of(const Journal& journal, const Record& sight) {
  const RecordId id = departure_id(sight);
  const Record* sent = id == sight.id ? &sight : journal.find(id);
  return sent != nullptr && std::holds_alternative<PacketSent>(sent->event) ? sent : nullptr;
}

const PacketSent* packet_of(const Journal& journal, const Record& sight) {
  const Record* sent = departure_of(journal, sight);
  return sent == nullptr ? nullptr : std::get_if<PacketSent>(&sent->event);
}

std::vector<uint8_t> bytes_of(const Journal& journal, const Record& sight) {
  const PacketSent& sent = *packet_of(journal, sight);
  const auto* received = std::get_if<PacketReceived>(&sight.event);
  std::vector<uint8_t> bytes;
  if (received != nullptr && received->marked) {
    wire::Packet marked = sent.packet.clone();
    marked.ip.tos |= 3;
    wire::emit(marked, bytes);
  } else {
    wire::emit(sent.packet, bytes);
  }
  const uint32_t flipped = received != nullptr ? received->flipped_bit : sent.flipped_bit;
  if (flipped > 0) flip_bit(bytes, sent.packet.ip.size(), flipped);
  return bytes;
}

void flip_bit(std::vector<uint8_t>& packet, size_t header, uint32_t bit) {
  const size_t at = header + (bit - 1) / 8;
  if (at < packet.size()) packet[at] = static_cast<uint8_t>(packet[at] ^ 0x80U >> (bit - 1) % 8);
}

Sights all_departures(const Journal& journal) {
  Sights sights;
  for (const Record& record : journal.records()) {
    if (std::holds_alternative<PacketSent>(record.event)) sights.push_back(&record);
  }
  return sights;
}

Sights sights_of_host(const Journal& journal, uint16_t host) {
  Sights sights;
  for (const Record& record : journal.records()) {
    if (record.host() != host) continue;
    const auto* received = std::get_if<PacketReceived>(&record.event);
    const bool arrived =
        received != nullptr && !received->loopback && departure_of(journal, record) != nullptr;
    if (arrived || std::holds_alternative<PacketSent>(record.event)) sights.push_back(&record);
  }
  sort_by_time(sights);
  return sights;
}

void sort_by_time(Sights& sights) {
  std::stable_sort(sights.begin(), sights.end(),
                   [](const Record* a, const Record* b) { return a->at < b->at; });
}

Instant first_departure(const Journal& journal) {
  Instant first = Instant::never();
  for (const Record& record : journal.records()) {
    if (std::holds_alternative<PacketSent>(record.event)) first = std::min(first, record.at);
  }
  return first.is_never() ? Instant() : first;
}

std::string record_name(const Journal& journal, RecordId id) {
  const uint16_t host = RecordIds::host_of(id);
  const std::string name = host < journal.host_count() ? journal.host_name(host) : "?";
  return name + '#' + std::to_string(RecordIds::serial_of(id));
}

std::string seconds_text(Duration span) {
  constexpr uint64_t kNsPerUs = 1'000;
  constexpr uint64_t kUsPerSecond = 1'000'000;
  const int64_t ns = span.count();
  const uint64_t magnitude = ns < 0 ? 0 - static_cast<uint64_t>(ns) : static_cast<uint64_t>(ns);
  const uint64_t us = (magnitude + kNsPerUs / 2) / kNsPerUs;
  std::string decimals = std::to_string(us % kUsPerSecond);
  decimals.insert(0, 6 - decimals.size(), '0');
  return (ns < 0 && us > 0 ? "-" : "") + std::to_string(us / kUsPerSecond) + '.' + decimals;
}

const char* drop_words(DropWhy why) {
  switch (why) {
    case DropWhy::kListed: return "listed by the scenario";
    case DropWhy::kQueueFull: return "its queue was full";
    case DropWhy::kChance: return "by chance";
    case DropWhy::kBurst: return "in a burst of losses";
    case DropWhy::kDamaged: return "its checksum was wrong";
    case DropWhy::kMalformed: return "its headers cannot be read";
    case DropWhy::kTimeToLive: return "its time to live was over";
    case DropWhy::kTooBig: return "too big for the next link";
    case DropWhy::kUnroutable: return "no way to its destination";
  }
  CHECK(false);
}

std::string changes_text(const PacketReceived& received) {
  std::string text;
  if (received.flipped_bit > 0) text += ", damaged on the way";
  if (received.doubled) text += ", doubled on the way";
  if (received.marked) text += ", marked on the way";
  return text;
}

std::string drop_text(const Journal& journal, const PacketDropped& drop) {
  if (drop.link == kNoLink) return std::string("dropped: ") + drop_words(drop.why);
  return "lost on link " + journal.link_name(drop.link) + ": " + drop_words(drop.why);
}

Duration tick_of(const Ticks& ticks, uint16_t host) {
  return host < ticks.size() ? ticks[host] : Duration(0);
}

}  // namespace tcptwin::trace
