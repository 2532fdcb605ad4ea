// seq.h: sequence numbers. SeqNum lives on the wire and wraps; StreamPos is the 64-bit position
// used inside.
#pragma once

#include <compare>
#include <cstdint>

namespace tcptwin {

// A 32-bit sequence number as it stands in a header. It has no order (RFC 9293 3.4): compare
// StreamPos.
class SeqNum {
 public:
  constexpr SeqNum() = default;
  constexpr explicit SeqNum(uint32_t value) : value_(value) {}
  constexpr uint32_t value() const { return value_; }
  constexpr SeqNum operator+(uint32_t n) const { return SeqNum(value_ + n); }
  constexpr SeqNum operator-(uint32_t n) const { return SeqNum(value_ - n); }
  constexpr bool operator==(const SeqNum&) const = default;

 private:
  uint32_t value_ = 0;
};

// A position in one direction of one connection: the SYN is 0, the first byte of data is 1. It may
// be negative for a moment: a keep-alive or probe of a fresh connection lies before the SYN.
class StreamPos {
 public:
  constexpr StreamPos() = default;
  constexpr explicit StreamPos(int64_t value) : value_(value) {}
  constexpr int64_t value() const { return value_; }
  constexpr StreamPos operator+(int64_t n) const { return StreamPos(value_ + n); }
  constexpr StreamPos operator-(int64_t n) const { return StreamPos(value_ - n); }
  constexpr int64_t operator-(StreamPos other) const { return value_ - other.value_; }
  constexpr StreamPos& operator+=(int64_t n) {
    value_ += n;
    return *this;
  }
  constexpr auto operator<=>(const StreamPos&) const = default;

 private:
  int64_t value_ = 0;
};

// The wire number of `pos` in a direction whose initial sequence number is `isn`.
constexpr SeqNum to_wire(StreamPos pos, SeqNum isn) {
  return isn + static_cast<uint32_t>(static_cast<uint64_t>(pos.value()));
}

// The position nearest to `near` that `seq` can mean; exact while it lies within 2^31 of `near`.
constexpr StreamPos from_wire(SeqNum seq, SeqNum isn, StreamPos near) {
  const uint32_t wire_near = to_wire(near, isn).value();
  const auto distance = static_cast<int32_t>(seq.value() - wire_near);
  return near + distance;
}

}  // namespace tcptwin
