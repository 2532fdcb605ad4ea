// rng.h: named streams of random numbers. The same seed and name give the same numbers on every
// machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace tcptwin {

// SplitMix64 (Steele, Lea, Flood 2014): 64 bits of state, one multiply-xor chain a draw.
class Rng {
 public:
  // A stream of its own for each purpose ("client/isn"), so that adding a host shifts no other's
  // draws.
  static Rng stream(uint64_t seed, std::string_view name);

  uint64_t next();
  // Uniform in [0, bound); bound > 0. Rejection keeps it exact, without floating point.
  uint64_t below(uint64_t bound);
  uint32_t next32() { return static_cast<uint32_t>(next() >> 32); }

 private:
  explicit Rng(uint64_t state) : state_(state) {}
  uint64_t state_;
};

}  // namespace tcptwin
