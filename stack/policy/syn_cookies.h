// syn_cookies.h: decides initial numbers that carry what a SYN said, so that a listener need not
// remember it, and reads them again. Keeps nothing but its secret.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/rng.h"
#include "stack/base/seq.h"
#include "stack/base/time.h"
#include "stack/policy/clocks.h"

namespace tcptwin::policy {

struct SynCookieConfig {
  enum class When : uint8_t {
    kNever,
    kWhenFull,  // the queue of handshakes is full: facts/linux.md G3
    kAlways,
  };
  // Where the window scale and SACK are kept, for which the number has no room.
  enum class Options : uint8_t {
    kInTimestamp,  // in the timestamp; a SYN without one loses them: facts/linux.md G3
    kInNumber,     // in the number itself, the scale rounded down to one of `scales`
  };
  When when = When::kNever;
  Options options = Options::kInTimestamp;
  std::vector<int32_t> segments{536, 1300, 1440, 1460};  // the MSS is rounded down to one of these
  std::vector<int32_t> scales{};                         // kInNumber
  Duration period = std::chrono::seconds(64);  // the number changes in this time, and is good for
  int32_t periods = 2;                         // so many
};

// What survives of a SYN.
struct SynMemory {
  uint16_t mss = 0;
  std::optional<uint8_t> window_scale{};
  bool sack = false;
  bool timestamps = false;
};

class SynCookies {
 public:
  SynCookies(const SynCookieConfig& config, Rng rng) : config_(&config), secret_(rng.next()) {}

  // `uptime`: of the host. What the cookie cannot hold is taken from `syn`.
  SeqNum bake(Duration uptime, const ConnectionKey& key, SeqNum peer_isn, SynMemory& syn) const;
  // What the cookie says; nothing when it is none of ours or too old.
  std::optional<SynMemory> read(Duration uptime, const ConnectionKey& key, SeqNum peer_isn,
                                SeqNum cookie) const;
  // kInTimestamp: the timestamp that holds the rest, not above `now`; and what such a one says.
  uint32_t stamp(uint32_t now, const SynMemory& syn) const;
  void read_stamp(uint32_t echo, SynMemory& syn) const;

 private:
  uint32_t mask(const ConnectionKey& key, SeqNum peer_isn) const;
  uint32_t salt(const ConnectionKey& key, SeqNum peer_isn, uint32_t period) const;
  size_t combinations() const;

  const SynCookieConfig* config_;
  uint64_t secret_;
};

}  // namespace tcptwin::policy
