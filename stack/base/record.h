// record.h: numbers for everything that happens, so that each thing can name what made it happen.
#pragma once

#include <cstdint>

namespace tcptwin {

// A segment, a call, a timer, a hold: one number each, unique in a world and rising within a host.
enum class RecordId : uint64_t { kNone = 0 };

// Hands out the numbers of one host. The host's index stands in the upper bits, so that adding a
// host shifts no other's numbers.
class RecordIds {
 public:
  static constexpr int kHostShift = 48;

  explicit RecordIds(uint16_t host_index) : last_(uint64_t{host_index} << kHostShift) {}
  RecordId next() { return static_cast<RecordId>(++last_); }
  static uint16_t host_of(RecordId id) {
    return static_cast<uint16_t>(static_cast<uint64_t>(id) >> kHostShift);
  }
  static uint64_t serial_of(RecordId id) {
    return static_cast<uint64_t>(id) & ((uint64_t{1} << kHostShift) - 1);
  }

 private:
  uint64_t last_;
};

}  // namespace tcptwin
