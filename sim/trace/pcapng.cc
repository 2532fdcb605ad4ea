#include "sim/trace/pcapng.h"

#include <algorithm>
#include <optional>

#include "models/json/units.h"
#include "sim/trace/little_endian.h"
#include "sim/trace/pcapng_format.h"
#include "sim/trace/reason_text.h"

namespace tcptwin::trace {

namespace {

using namespace pcapng;

constexpr uint64_t kUnknownLength = UINT64_MAX;
constexpr uint64_t kNsInASecond = 1'000'000'000;

void pad(LittleEndianWriter& out, size_t from) {
  while ((out.size() - from) % 4 != 0) out.u8(0);
}

// One block: type and length stand around what is written between construction and end().
class Block {
 public:
  Block(LittleEndianWriter& out, uint32_t type) : out_(&out), begin_(out.size()) {
    out.u32(type);
    out.u32(0);  // the length, once it is known
  }
  void option(uint16_t code, std::string_view value) {
    value = value.substr(0, std::min<size_t>(value.size(), UINT16_MAX));
    begin_option(code, static_cast<uint16_t>(value.size()));
    out_->text(value);
    pad(*out_, begin_);
  }
  void option_u8(uint16_t code, uint8_t value) {
    begin_option(code, 1);
    out_->u8(value);
    pad(*out_, begin_);
  }
  void option_u32(uint16_t code, uint32_t value) {
    begin_option(code, 4);
    out_->u32(value);
  }
  void option_u64(uint16_t code, uint64_t value) {
    begin_option(code, 8);
    out_->u64(value);
  }
  void end() {
    if (has_options_) begin_option(kEndOfOptions, 0);
    const auto length = static_cast<uint32_t>(out_->size() - begin_ + 4);
    out_->u32(length);
    out_->patch_u32(begin_ + 4, length);
  }

 private:
  void begin_option(uint16_t code, uint16_t size) {
    has_options_ = true;
    out_->u16(code);
    out_->u16(size);
  }

  LittleEndianWriter* out_;
  size_t begin_;
  bool has_options_ = false;
};

// Several comments when one does not hold it: of a UTF-8 character only the first byte is not
// 10xxxxxx.
void write_comments(Block& block, std::string_view text) {
  while (!text.empty()) {
    size_t size = std::min(text.size(), kLongestComment);
    while (size < text.size() && size > 1 && (static_cast<uint8_t>(text[size]) & 0xc0) == 0x80) {
      --size;
    }
    block.option(kComment, text.substr(0, size));
    text.remove_prefix(size);
  }
}

void write_section_header(LittleEndianWriter& out, const PcapngOptions& options) {
  Block block(out, kSectionHeader);
  out.u32(kByteOrderMagic);
  out.u16(1);  // version 1.0
  out.u16(0);
  out.u64(kUnknownLength);
  write_comments(block, options.comment);
  block.option(kSectionHardware, options.hardware);
  block.option(kSectionOperatingSystem, "none: virtual time");
  block.option(kSectionApplication, options.application);
  block.end();
}

// `tick`: of the host's timers; 0: unknown or no host.
void write_interface(LittleEndianWriter& out, uint16_t link_type, std::string_view name,
                     std::string_view description, Duration tick = {}) {
  Block block(out, kInterface);
  out.u16(link_type);
  out.u16(0);
  out.u32(0);  // no limit to the size of a packet
  if (tick > Duration(0)) block.option(kComment, kTickComment + json::format_duration(tick));
  block.option(kInterfaceName, name);
  block.option(kInterfaceDescription, description);
  block.option_u8(kInterfaceTimestampResolution, 9);  // 10^-9 s
  block.end();
}

void write_interfaces(LittleEndianWriter& out, const PcapngOptions& options,
                      const Journal& journal) {
  for (uint16_t host = 0; host < journal.host_count(); ++host) {
    const std::string& name = journal.host_name(host);
    write_interface(out, options.link_type, name, "what host " + name + " sent and received",
                    tick_of(options.ticks, host));
  }
  for (size_t link = 0; link < journal.link_count(); ++link) {
    const std::string& name = journal.link_name(static_cast<uint32_t>(link));
    write_interface(out, options.link_type, journal.link_count() == 1 ? "drops" : "drops " + name,
                    "what link " + name + " lost");
  }
}

void write_names(LittleEndianWriter& out, const PcapngOptions& options) {
  constexpr uint16_t kIpv4Record = 1;
  constexpr uint16_t kIpv6Record = 2;
  if (options.names.empty()) return;
  Block block(out, kNames);
  for (const auto& [address, name] : options.names) {
    const size_t begin = out.size();
    const auto bytes = address.bytes();
    const auto shown = std::span(bytes).subspan(address.is_v4() ? 12 : 0);
    out.u16(address.is_v4() ? kIpv4Record : kIpv6Record);
    out.u16(static_cast<uint16_t>(shown.size() + name.size() + 1));
    out.bytes(shown);
    out.text(name);
    out.u8(0);
    pad(out, begin);
  }
  out.u32(0);  // end of records
  block.end();
}

// Where and which way a packet was seen.
struct Seen {
  uint32_t interface = 0;
  std::optional<uint32_t> direction;  // none: on the way
  std::string comment;
};

Seen seen(const Journal& journal, const Record& sight, const Ticks& ticks) {
  if (const auto* drop = std::get_if<PacketDropped>(&sight.event)) {
    const auto first = static_cast<uint32_t>(journal.host_count());
    return {first + drop->link, std::nullopt,
            "= packet " + record_name(journal, drop->sent) + ", " + drop_text(journal, *drop)};
  }
  if (const auto* received = std::get_if<PacketReceived>(&sight.event)) {
    return {sight.host(), kInbound,
            "= packet " + record_name(journal, received->sent) + changes_text(*received)};
  }
  return {sight.host(), kOutbound, why_text(journal, sight, ticks)};
}

void write_place_and_time(LittleEndianWriter& out, uint32_t interface, Instant at) {
  const uint64_t time = kCaptureEpoch * kNsInASecond + static_cast<uint64_t>(at.ns());
  out.u32(interface);
  out.u32(static_cast<uint32_t>(time >> 32));
  out.u32(static_cast<uint32_t>(time));
}

// What every packet has before its options.
void write_packet_head(LittleEndianWriter& out, uint32_t interface, Instant at,
                       std::span<const uint8_t> bytes) {
  write_place_and_time(out, interface, at);
  out.u32(static_cast<uint32_t>(bytes.size()));  // captured
  out.u32(static_cast<uint32_t>(bytes.size()));  // on the wire
  out.bytes(bytes);
  pad(out, out.size() - bytes.size());
}

void write_packet(LittleEndianWriter& out, const Journal& journal, const Record& sight,
                  const PcapngOptions& options) {
  const Seen where = seen(journal, sight, options.ticks);
  Block block(out, kEnhancedPacket);
  write_packet_head(out, where.interface, sight.at, bytes_of(journal, sight));
  if (options.comments) block.option(kComment, where.comment);
  if (where.direction) block.option_u32(kPacketFlags, *where.direction);
  block.option_u64(kPacketId, static_cast<uint64_t>(departure_of(journal, sight)->id));
  block.end();
}

Sights all_sights(const Journal& journal) {
  Sights sights;
  for (const Record& record : journal.records()) {
    if (departure_of(journal, record) == nullptr) continue;
    const auto* received = std::get_if<PacketReceived>(&record.event);
    if (received != nullptr && received->loopback) continue;
    const auto* drop = std::get_if<PacketDropped>(&record.event);
    if (drop != nullptr && drop->link == kNoLink) continue;  // it is there as received
    sights.push_back(&record);
  }
  sort_by_time(sights);
  return sights;
}

}  // namespace

void write_pcapng(const Journal& journal, const PcapngOptions& options, std::vector<uint8_t>& out) {
  LittleEndianWriter writer(out);
  write_section_header(writer, options);
  write_interfaces(writer, options, journal);
  write_names(writer, options);
  for (const Record* sight : all_sights(journal)) write_packet(writer, journal, *sight, options);
}

PcapngStream::PcapngStream(const PcapngOptions& options,
                           const std::vector<std::pair<std::string, std::string>>& interfaces,
                           std::vector<uint8_t>& out)
    : out_(&out) {
  LittleEndianWriter writer(out);
  write_section_header(writer, options);
  for (const auto& [name, description] : interfaces) {
    write_interface(writer, options.link_type, name, description);
  }
  write_names(writer, options);
}

void PcapngStream::packet(const Packet& packet) {
  LittleEndianWriter writer(*out_);
  Block block(writer, kEnhancedPacket);
  write_packet_head(writer, packet.interface, packet.at, packet.bytes);
  if (!packet.comment.empty()) block.option(kComment, packet.comment);
  block.option_u32(kPacketFlags, packet.inbound ? kInbound : kOutbound);
  block.end();
}

void PcapngStream::note(uint32_t interface, Instant at, std::string_view text) {
  LittleEndianWriter writer(*out_);
  Block block(writer, kStatistics);
  write_place_and_time(writer, interface, at);
  block.option(kComment, text);
  block.end();
}

}  // namespace tcptwin::trace
