// capture.h: capture files read from their bytes: which IP packets were seen, where and when.
// Opens no file, and judges nothing.
//
// There is a reader of our own because libpcap gives neither the comments of pcapng, in which our
// reasons stand, nor its packet ids and interface names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/time.h"
#include "stack/wire/ip.h"
#include "stack/wire/tcp.h"

namespace tcptwin::capture {

enum class Format : uint8_t { kPcap, kPcapng, kText };
enum class Direction : uint8_t { kUnknown, kIn, kOut };  // as the interface saw it

// In our own captures an interface is a host; pcap and text have one.
struct Interface {
  std::string name{};  // may be empty
};

struct Packet {
  Instant at{};         // since 1970, or since the zero of a text
  uint32_t number = 0;  // from 1: its place in the file, as other tools count; of a text the line
  uint32_t interface = 0;  // into Capture::interfaces
  Direction direction = Direction::kUnknown;
  std::optional<uint64_t> id{};  // two sights of one packet have the same
  std::string comment{};         // in our captures why it left
  wire::IpHeader ip{};           // of a text: made up, one pair of addresses for a connection
  wire::TcpSegment tcp{};        // the payload has its size, not its bytes
  std::string other{};           // not empty: no TCP, and this is its text (wire::to_text)

  bool is_tcp() const { return other.empty(); }
};

struct Capture {
  Format format = Format::kPcapng;
  std::vector<Interface> interfaces{};
  std::vector<Packet> packets{};  // in the order of the file
  std::vector<std::string>
      remarks{};           // what is missing: "cut off at byte 812", "3 packets are no IP"
  bool simulated = false;  // its times are virtual and exact
  Duration tick{};         // of the timers of the captured host, where the file says so; else 0
};

// More packets than this are left out, with a remark.
inline constexpr size_t kMostPackets = 8'000'000;

// pcap (microseconds or nanoseconds), pcapng, or the text form of our captures (trace/text_view.h,
// traces/kernel-6.18), told apart by how the bytes begin; link types RAW, IPV4, IPV6, ETHERNET,
// LINUX_SLL, LINUX_SLL2, NULL and LOOP. A file that ends within a packet is read up to there; what
// is no IP or malformed is left out; both leave a remark. Nothing for other bytes or a damaged
// file: `problem` then says what is wrong and where ("at byte 24: ...", "line 7: ..."). The memory
// taken is within a constant factor of the bytes'.
std::optional<Capture> read(std::string_view bytes, std::string& problem);

}  // namespace tcptwin::capture
