// time.h: virtual time. An Instant counts nanoseconds since the world began; it knows no clock.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace tcptwin {

using namespace std::chrono_literals;

using Duration = std::chrono::duration<int64_t, std::nano>;

// A point in virtual time. Range: 0 .. about 292 years; kNever sorts after every other instant.
class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant from_ns(int64_t ns) { return Instant(ns); }
  static constexpr Instant never() { return Instant(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t ns() const { return ns_; }
  constexpr bool is_never() const { return *this == never(); }
  constexpr Duration since_start() const { return Duration(ns_); }

  // Saturates at never(): a deadline too far away is no deadline. never() stays never().
  constexpr Instant operator+(Duration d) const {
    if (is_never()) return never();
    if (d.count() > 0 && ns_ > std::numeric_limits<int64_t>::max() - d.count()) return never();
    return Instant(ns_ + d.count());
  }
  constexpr Instant operator-(Duration d) const {
    if (is_never()) return never();
    if (d.count() < 0 && ns_ > std::numeric_limits<int64_t>::max() + d.count()) return never();
    return Instant(ns_ - d.count());
  }
  constexpr Duration operator-(Instant other) const { return Duration(ns_ - other.ns_); }
  constexpr auto operator<=>(const Instant&) const = default;

 private:
  constexpr explicit Instant(int64_t ns) : ns_(ns) {}
  int64_t ns_ = 0;
};

}  // namespace tcptwin
