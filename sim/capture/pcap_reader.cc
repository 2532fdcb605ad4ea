// The classic format of capture files (draft-ietf-opsawg-pcap).
#include <utility>

#include "sim/capture/reader.h"

namespace tcptwin::capture {

namespace {

constexpr uint32_t kMicroseconds = 0xa1b2c3d4;
constexpr uint32_t kNanoseconds = 0xa1b23c4d;
constexpr uint32_t kLongest = 16 << 20;  // no packet of any link is; the length is damaged
constexpr int64_t kNsPerMicrosecond = 1'000;

struct Magic {
  ByteOrder order;
  int64_t fraction_ns;
};

std::optional<Magic> magic_of(std::span<const uint8_t> bytes) {
  for (const ByteOrder order : {ByteOrder::kLittle, ByteOrder::kBig}) {
    const uint32_t magic = FileReader(bytes, order).u32();
    if (magic == kMicroseconds) return Magic{order, kNsPerMicrosecond};
    if (magic == kNanoseconds) return Magic{order, 1};
  }
  return std::nullopt;
}

bool read_records(FileReader& in, const Magic& magic, uint32_t link_type, Capture& capture,
                  std::string& problem) {
  PacketList packets(capture);
  while (in.remaining() > 0) {
    const std::string place = "byte " + std::to_string(in.at());
    const int64_t seconds = in.u32();
    const int64_t fraction = in.u32();
    const uint32_t captured = in.u32();
    const uint32_t on_wire = in.u32();
    if (in.ok() && captured > kLongest) {
      problem = "at " + place + ": packet " + std::to_string(packets.next_number()) + " would be " +
                std::to_string(captured) + " bytes long: the file is damaged";
      return false;
    }
    const auto bytes = in.take(captured);
    if (!in.ok()) {
      capture.remarks.push_back("cut off within packet " + std::to_string(packets.next_number()) +
                                ", at " + place);
      break;
    }
    const Instant at = Instant::from_ns(seconds * kNsPerSecond + fraction * magic.fraction_ns);
    if (!packets.add({link_type, bytes, on_wire}, Packet{.at = at})) break;
  }
  packets.end();
  return true;
}

}  // namespace

bool is_pcap(std::span<const uint8_t> bytes) { return magic_of(bytes).has_value(); }

std::optional<Capture> read_pcap(std::span<const uint8_t> bytes, std::string& problem) {
  const Magic magic = *magic_of(bytes);
  FileReader in(bytes, magic.order);
  in.u32();
  const uint16_t major = in.u16();
  in.take(14);  // minor version, two reserved words, longest packet
  const uint32_t link_type = in.u32() & UINT16_MAX;  // above it: frame check sequences
  if (!in.ok()) {
    problem = "the file header of a pcap has 24 bytes, here are " + std::to_string(bytes.size());
  } else if (major != 2) {
    problem = "at byte 4: version " + std::to_string(major) + " of pcap is not read, only 2";
  } else if (!is_known_link_type(link_type)) {
    problem = "at byte 20: " + unknown_link_type_text(link_type);
  }
  if (!problem.empty()) return std::nullopt;
  Capture capture{.format = Format::kPcap, .interfaces = {Interface{}}};
  if (!read_records(in, magic, link_type, capture, problem)) return std::nullopt;
  return capture;
}

}  // namespace tcptwin::capture
