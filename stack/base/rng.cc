#include "stack/base/rng.h"

#include "stack/base/check.h"

namespace tcptwin {

namespace {
uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
}  // namespace

Rng Rng::stream(uint64_t seed, std::string_view name) {
  uint64_t state = mix(seed + 0x9e3779b97f4a7c15u);
  for (const char c : name)
    state = mix(state ^ static_cast<unsigned char>(c)) + 0x9e3779b97f4a7c15u;
  return Rng(state);
}

uint64_t Rng::next() {
  state_ += 0x9e3779b97f4a7c15u;
  return mix(state_);
}

uint64_t Rng::below(uint64_t bound) {
  CHECK(bound > 0);
  const uint64_t first_fair =
      (0 - bound) % bound;  // 2^64 mod bound draws would be over-represented
  for (;;) {
    const uint64_t draw = next();
    if (draw >= first_fair) return draw % bound;
  }
}

}  // namespace tcptwin
