// The newer format of capture files (draft-ietf-opsawg-pcapng): interfaces, comments, packet ids.
#include <algorithm>
#include <utility>

#include "sim/capture/reader.h"
#include "sim/trace/pcapng_format.h"

namespace tcptwin::capture {

namespace {

using namespace trace::pcapng;

constexpr uint64_t kNsOfSecond = 1'000'000'000;    // of a second
constexpr uint64_t kLatestSecond = 9'000'000'000;  // the year 2255; an Instant holds no more

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
      : in_(bytes, ByteOrder::kLittle),
        bytes_(bytes),
        capture_(&capture),
        packets_(capture),
        problem_(&problem) {}

  bool read() {
    while (in_.remaining() > 0 && problem_->empty() && read_block()) {
    }
    packets_.end();
    return problem_->empty();
  }

 private:
  // False at the end of what can be read.
  bool read_block() {
    begin_ = in_.at();
    constexpr size_t kAround = 12;  // type, length, and the length once more
    if (in_.remaining() < kAround) return cut_off();
    if (FileReader(rest(), ByteOrder::kLittle).u32() == kSectionHeader && !take_byte_order()) {
      return fail("a section header without its byte order mark");
    }
    const uint32_t type = in_.u32();
    const uint32_t length = in_.u32();
    if (length < kAround || length % 4 != 0) {
      return fail("a block of " + std::to_string(length) + " bytes: the file is damaged");
    }
    if (length - 8 > in_.remaining()) return cut_off();
    FileReader body(in_.take(length - kAround), in_.order());
    if (in_.u32() != length) return fail("the two lengths of a block differ");
    return take_block(type, body);
  }

  std::span<const uint8_t> rest() const { return bytes_.subspan(begin_); }

  bool take_byte_order() {
    for (const ByteOrder order : {ByteOrder::kLittle, ByteOrder::kBig}) {
      FileReader mark(rest(), order);
      mark.take(8);
      if (mark.u32() != kByteOrderMagic) continue;
      in_ = FileReader(bytes_, order);
      in_.take(begin_);
      return true;
    }
    return false;
  }

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
    return for_each_option(body, [&](uint16_t code, FileReader& value) {
      if (code == kSectionOperatingSystem) capture_->simulated |= text(value) == kVirtualTime;
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
    const bool ok = for_each_option(body, [&](uint16_t code, FileReader& value) {
      if (code == kInterfaceName) interface.name = text(value);
      if (code == kInterfaceTimestampResolution && value.remaining() > 0) {
        source.clock.resolution = value.take(1)[0];
      }
      if (code == kInterfaceTimestampOffset) {
        source.clock.offset_seconds = static_cast<int64_t>(value.u64());
      }
    });
    sources_.push_back(source);
    capture_->interfaces.push_back(std::move(interface));
    return ok;
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
    const bool ok = for_each_option(body, [&](uint16_t code, FileReader& value) {
      if (code == kComment) seen.comment += (seen.comment.empty() ? "" : "; ") + text(value);
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

  static std::span<const uint8_t> take_padded(FileReader& body, size_t size) {
    const auto bytes = body.take(size);
    body.take(std::min((4 - size % 4) % 4, body.remaining()));
    return bytes;
  }
  static std::string text(FileReader& value) {
    const auto bytes = value.take(value.remaining());
    return std::string(bytes.begin(), bytes.end());
  }

  template <class Take>
  bool for_each_option(FileReader& body, Take take) {
    while (body.remaining() >= 4) {
      const uint16_t code = body.u16();
      const uint16_t size = body.u16();
      if (code == kEndOfOptions) break;
      FileReader value(take_padded(body, size), body.order());
      if (!body.ok()) return fail("an option that is longer than its block");
      take(code, value);
    }
    return true;
  }

  bool cut_off() {
    capture_->remarks.push_back("cut off after packet " +
                                std::to_string(packets_.next_number() - 1) + ", at byte " +
                                std::to_string(begin_));
    return false;
  }
  bool fail(const std::string& what) {
    *problem_ = "at byte " + std::to_string(begin_) + ": " + what;
    return false;
  }

  FileReader in_;
  std::span<const uint8_t> bytes_;
  size_t begin_ = 0;             // of the block that is read
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
