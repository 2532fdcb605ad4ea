// The newer format of capture files (draft-ietf-opsawg-pcapng): interfaces, comments, packet ids.
#include <algorithm>
#include <utility>

#include "models/json/units.h"
#include "sim/capture/pcapng_blocks.h"
#include "sim/capture/reader.h"
#include "sim/trace/pcapng_format.h"

namespace tcptwin::capture {

namespace {

using namespace trace::pcapng;

constexpr uint64_t kNsOfSecond = 1'000'000'000;    // of a second
constexpr uint64_t kLatestSecond = UINT32_MAX;  // as pcap; sums of a few times fit in 64 bits

uint64_t power_of_ten(unsigned exponent) {
  uint64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

// How an interface counts time: if_tsresol is 10^-n or, with its highest bit set, 2^-n seconds.
struct Clock {
  uint8_t resolution = 6;
  int64_t offset_seconds = 0;

  Instant at(uint64_t count) const {
    const auto [seconds, ns] = resolution & 0x80 ? binary(count) : decimal(count);
    const auto whole = static_cast<int64_t>(std::min(seconds, kLatestSecond));
    const auto latest = static_cast<int64_t>(kLatestSecond);
    const int64_t shifted = whole + std::clamp<int64_t>(offset_seconds, -latest, latest);
    return Instant::from_ns(std::clamp<int64_t>(shifted, 0, latest) * kNsPerSecond +
                            static_cast<int64_t>(ns));
  }

 private:
  using Parts = std::pair<uint64_t, uint64_t>;  // seconds and nanoseconds
  Parts decimal(uint64_t count) const {
    constexpr unsigned kMostDigits = 19;  // that 64 bits hold
    if (resolution > kMostDigits) {
      const unsigned below_ns = resolution - 9u;
      return {0, below_ns > kMostDigits ? 0 : count / power_of_ten(below_ns)};
    }
    const uint64_t units = power_of_ten(resolution);
    const uint64_t rest = count % units;
    const uint64_t ns = resolution <= 9 ? rest * power_of_ten(9u - resolution)
                                        : rest / power_of_ten(resolution - 9u);
    return {count / units, ns};
  }
  Parts binary(uint64_t count) const {
    constexpr unsigned kPrecise = 34;  // bits of a fraction that times 10^9 fit into 64
    const unsigned bits = resolution & 0x7fu;
    if (bits >= 64) return {0, 0};
    const uint64_t rest = bits == 0 ? 0 : count & (UINT64_MAX >> (64 - bits));
    const unsigned dropped = bits > kPrecise ? bits - kPrecise : 0;
    return {count >> bits, ((rest >> dropped) * kNsOfSecond) >> (bits - dropped)};
  }
};

struct Source {
  uint32_t link_type = 0;
  uint32_t longest = 0;  // 0: no limit
  Clock clock;
};

class PcapngReader {
 public:
  PcapngReader(std::span<const uint8_t> bytes, Capture& capture, std::string& problem)
      : blocks_(bytes), capture_(&capture), packets_(capture), problem_(&problem) {}

  bool read() {
    while (auto block = blocks_.next()) {
      if (!take_block(block->type, block->body)) break;
    }
    if (blocks_.is_cut_off()) cut_off();
    if (!blocks_.problem().empty()) fail(blocks_.problem());
    packets_.end();
    return problem_->empty();
  }

 private:
  // False: no further block is to be read.
  bool take_block(uint32_t type, FileReader& body) {
    switch (type) {
      case kSectionHeader: return take_section(body);
      case kInterface: return take_interface(body);
      case kEnhancedPacket: return take_packet(body, body.u32());
      case kObsoletePacket: {
        const uint32_t interface = body.u16();
        body.u16();  // packets dropped so far
        return take_packet(body, interface);
      }
      case kSimplePacket: return take_simple_packet(body);
      default: return true;  // names, statistics, what others have added
    }
  }

  bool take_section(FileReader& body) {
    body.u32();
    const uint16_t major = body.u16();
    body.take(10);  // minor version, size of the section
    if (!body.ok() || major != 1) {
      return fail("version " + std::to_string(major) + " of pcapng is not read, only 1");
    }
    sources_.clear();
    return take_options(body, [&](uint16_t code, FileReader& value) {
      if (code == kSectionHardware) capture_->simulated |= take_text(value) == kAllSimulated;
    });
  }

  bool take_interface(FileReader& body) {
    Source source{.link_type = body.u16(), .longest = 0, .clock = {}};
    body.u16();
    source.longest = body.u32();
    if (!body.ok()) return fail("an interface description of fewer than 8 bytes");
    if (!is_known_link_type(source.link_type)) {
      capture_->remarks.push_back("interface " + std::to_string(sources_.size()) + ": " +
                                  unknown_link_type_text(source.link_type));
    }
    Interface interface;
    const bool ok = take_options(body, [&](uint16_t code, FileReader& value) {
      if (code == kInterfaceName) interface.name = take_text(value);
      if (code == kInterfaceTimestampResolution && value.remaining() > 0) {
        source.clock.resolution = value.take(1)[0];
      }
      if (code == kComment) take_tick(take_text(value));
      if (code == kInterfaceTimestampOffset) {
        source.clock.offset_seconds = static_cast<int64_t>(value.u64());
      }
    });
    sources_.push_back(source);
    capture_->interfaces.push_back(std::move(interface));
    return ok;
  }

  void take_tick(std::string_view comment) {
    if (!comment.starts_with(kTickComment)) return;
    comment.remove_prefix(std::string_view(kTickComment).size());
    const auto tick = json::parse_duration(comment);
    if (tick && *tick <= kLongestTick) capture_->tick = std::max(capture_->tick, *tick);
  }

  bool take_packet(FileReader& body, uint32_t interface) {
    const uint64_t high = body.u32();
    const uint64_t count = high << 32 | body.u32();
    const uint32_t captured = body.u32();
    const uint32_t on_wire = body.u32();
    const auto bytes = take_padded(body, captured);
    if (!body.ok()) return fail("a packet that is longer than its block");
    if (interface >= sources_.size()) return fail(no_interface(interface));
    const Source& source = sources_[interface];
    Packet seen{.at = source.clock.at(count)};
    seen.interface = number_of(interface);
    const bool ok = take_options(body, [&](uint16_t code, FileReader& value) {
      if (code == kComment) seen.comment += (seen.comment.empty() ? "" : "; ") + take_text(value);
      if (code == kPacketFlags) take_flags(value.u32(), seen);
      if (code == kPacketId && value.remaining() >= 8) seen.id = value.u64();
    });
    return ok && packets_.add({source.link_type, bytes, on_wire}, std::move(seen));
  }

  // It has neither time nor options; its length is what fits.
  bool take_simple_packet(FileReader& body) {
    const uint32_t on_wire = body.u32();
    if (sources_.empty()) return fail(no_interface(0));
    const Source& source = sources_.front();
    size_t captured = std::min<size_t>(on_wire, body.remaining());
    if (source.longest > 0) captured = std::min<size_t>(captured, source.longest);
    Packet seen{};
    seen.interface = number_of(0);
    return packets_.add({source.link_type, body.take(captured), on_wire}, std::move(seen));
  }

  static void take_flags(uint32_t flags, Packet& seen) {
    if ((flags & 3) == kInbound) seen.direction = Direction::kIn;
    if ((flags & 3) == kOutbound) seen.direction = Direction::kOut;
  }

  // Interfaces are numbered anew in each section.
  uint32_t number_of(uint32_t interface) const {
    return static_cast<uint32_t>(capture_->interfaces.size() - sources_.size()) + interface;
  }
  std::string no_interface(uint32_t interface) const {
    return "a packet of interface " + std::to_string(interface) + ", of " +
           std::to_string(sources_.size()) + " described before it";
  }

  template <class Take>
  bool take_options(FileReader& body, Take take) {
    return for_each_option(body, take) || fail("an option that is longer than its block");
  }

  void cut_off() {
    capture_->remarks.push_back("cut off after packet " +
                                std::to_string(packets_.next_number() - 1) + ", at byte " +
                                std::to_string(blocks_.begin()));
  }
  bool fail(const std::string& what) {
    *problem_ = "at byte " + std::to_string(blocks_.begin()) + ": " + what;
    return false;
  }

  PcapngBlocks blocks_;
  std::vector<Source> sources_;  // the interfaces of this section
  Capture* capture_;
  PacketList packets_;
  std::string* problem_;
};

}  // namespace

std::optional<Capture> read_pcapng(std::span<const uint8_t> bytes, std::string& problem) {
  Capture capture{.format = Format::kPcapng};
  if (!PcapngReader(bytes, capture, problem).read()) return std::nullopt;
  return capture;
}

}  // namespace tcptwin::capture
