// reader.h: what the readers of the formats share: numbers in either byte order, and the list of
// packets that grows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/capture/capture.h"

namespace tcptwin::capture {

inline constexpr int64_t kNsPerSecond = 1'000'000'000;

// What a file may say; no host has a longer one.
inline constexpr Duration kLongestTick = std::chrono::seconds(1);

// The ends of connections of a text have made-up addresses in these networks.
inline constexpr uint32_t kTextClients = 10;
inline constexpr uint32_t kTextServers = 11;

enum class ByteOrder : uint8_t { kLittle, kBig };

// Reads numbers of the file's byte order. After a read past the end ok() is false for good and
// every read gives 0 or nothing.
class FileReader {
 public:
  FileReader(std::span<const uint8_t> bytes, ByteOrder order) : bytes_(bytes), order_(order) {}

  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  uint64_t u64() { return number(8); }
  std::span<const uint8_t> take(size_t n);

  size_t remaining() const { return bytes_.size() - at_; }
  size_t at() const { return at_; }
  ByteOrder order() const { return order_; }
  bool ok() const { return ok_; }

 private:
  uint64_t number(size_t size);

  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  ByteOrder order_;
  bool ok_ = true;
};

// One packet as it stands in a file, its link header still before it.
struct Frame {
  uint32_t link_type = 0;
  std::span<const uint8_t> bytes{};
  uint64_t size_on_wire = 0;  // at least bytes.size(), unless the file lies
};

// Collects the packets of a capture and counts those left out.
class PacketList {
 public:
  explicit PacketList(Capture& capture) : capture_(&capture) {}

  // `seen` has all but what the frame says. False once there are too many: the reader then stops.
  bool add(const Frame& frame, Packet seen);
  // The place in the file of the packet that add() is called for next.
  uint32_t next_number() const { return count_ + 1; }
  // The remarks about what was left out.
  void end();

 private:
  Capture* capture_;
  uint32_t count_ = 0;
  uint32_t not_ip_ = 0;
  uint32_t malformed_ = 0;
  std::string first_malformed_;
};

// The IP packet of a frame, and the direction where the link header tells; nothing when it carries
// no IP or its link type is unknown.
std::optional<std::span<const uint8_t>> ip_packet(const Frame& frame, Direction& direction);
bool is_known_link_type(uint32_t link_type);
std::string unknown_link_type_text(uint32_t link_type);

std::optional<Capture> read_pcap(std::span<const uint8_t> bytes, std::string& problem);
std::optional<Capture> read_pcapng(std::span<const uint8_t> bytes, std::string& problem);
std::optional<Capture> read_text(std::string_view text, std::string& problem);
bool is_pcap(std::span<const uint8_t> bytes);

}  // namespace tcptwin::capture
