// tcp_options.h: the option bytes of a TCP header, kept as they stand: order and padding survive.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stack/base/bytes.h"
#include "stack/base/seq.h"

namespace tcptwin::wire {

// RFC 9293 3.2, RFC 7323, RFC 2018, RFC 5482, RFC 7413; numbers of the IANA registry.
enum class TcpOptionKind : uint8_t {
  kEnd = 0,
  kNop = 1,
  kMss = 2,
  kWindowScale = 3,
  kSackPermitted = 4,
  kSack = 5,
  kTimestamps = 8,
  kMd5Signature = 19,
  kUserTimeout = 28,
  kAuthentication = 29,
  kMultipath = 30,
  kFastOpenCookie = 34,
};

struct Timestamps {
  uint32_t value = 0;  // TSval, in ticks of the sender's clock
  uint32_t echo = 0;   // TSecr
  bool operator==(const Timestamps&) const = default;
};

struct SackBlock {
  SeqNum begin{};
  SeqNum end{};  // one past the last byte
  bool operator==(const SackBlock&) const = default;
};

inline constexpr size_t kMaxOptionBytes = 40;  // data offset is 4 bits: 60 bytes less the fixed 20

// The raw bytes, 0 to 40, a multiple of 4. Built by the add_* calls in the order wanted on the
// wire.
class TcpOptions {
 public:
  // Each returns false, and adds nothing, when the 40 bytes are full.
  bool add_nop();
  bool add_end();
  bool add_mss(uint16_t mss);
  bool add_window_scale(uint8_t shift);
  bool add_sack_permitted();
  bool add_timestamps(Timestamps timestamps);
  bool add_sack(std::span<const SackBlock> blocks);  // no blocks: no option
  // Any kind that has a length, so neither kEnd nor kNop.
  bool add_raw(TcpOptionKind kind, std::span<const uint8_t> value);
  // Fills up to a multiple of 4 with end-of-list bytes (RFC 9293 3.1, MUST-69).
  void pad();
  // As found in a packet; more than 40 bytes are cut.
  static TcpOptions from_bytes(std::span<const uint8_t> bytes);

  std::span<const uint8_t> bytes() const { return {raw_.data(), size_}; }
  uint8_t size() const { return size_; }
  bool operator==(const TcpOptions& other) const;

 private:
  bool add(TcpOptionKind kind, std::span<const uint8_t> value);
  std::array<uint8_t, kMaxOptionBytes> raw_{};
  uint8_t size_ = 0;
};

struct TcpOption {
  TcpOptionKind kind = TcpOptionKind::kEnd;
  std::span<const uint8_t> value{};  // without kind and length
};

// Whether a value of this size can be read: a known kind has its size, an unknown one may have any.
bool has_legal_size(const TcpOption& option);

// The options one by one, no-operations and end of list included; `options` must outlive the walk.
class TcpOptionWalk {
 public:
  explicit TcpOptionWalk(const TcpOptions& options) : reader_(options.bytes()) {}
  // Nothing after the last byte, after an end of list and at a length below 2 or past the end
  // (malformed).
  std::optional<TcpOption> next();
  bool malformed() const { return malformed_; }

 private:
  ByteReader reader_;
  bool ended_ = false;
  bool malformed_ = false;
};

// The blocks of a SACK option's value, at most 4; returns how many.
uint8_t read_sack(std::span<const uint8_t> value, std::span<SackBlock, 4> blocks);

// What the bytes say; of an option that stands twice the last counts. Unknown kinds are skipped
// (MUST-6), and so is a known kind whose length is not its own, as the kernels do. A length below 2
// or past the end ends the list: what came before it counts, `malformed` is set (MUST-7).
struct ParsedTcpOptions {
  std::optional<uint16_t> mss;
  std::optional<uint8_t> window_scale;
  bool sack_permitted = false;
  std::optional<Timestamps> timestamps;
  std::array<SackBlock, 4> sack{};
  uint8_t sack_count = 0;
  bool malformed = false;
};

ParsedTcpOptions parse_options(const TcpOptions& options);

}  // namespace tcptwin::wire
