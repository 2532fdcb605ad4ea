// ports.h: decides which local port a connection or a bind to port 0 gets. Knows no connection: the
// caller says what is free.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "stack/base/errno.h"
#include "stack/base/rng.h"
#include "stack/policy/clocks.h"

namespace tcptwin::policy {

struct PortsConfig {
  enum class Behaviour : uint8_t {
    kSequential,   // one cursor for the host: facts/darwin.md 4.4
    kRandomStart,  // a random port, then the next ones: facts/freebsd.md E6
    kHashedStart,  // an offset per destination plus a counter of the host: facts/linux.md E4, V32
    kDoubleHash,   // an offset and a counter per destination, one parity first: facts/linux.md E4
  };
  Behaviour behaviour = Behaviour::kSequential;
  int32_t first = 49152;  // ephemeral range, both ends included: RFC 6335 6
  int32_t last = 65535;
  int32_t step = 1;  // kSequential
  // connect takes no port that any connection has as its local one, TIME-WAIT included, whatever
  // the addresses; else only the whole 4-tuple counts: facts/darwin.md 4.4.
  bool whole_port = false;
  std::vector<int32_t> skipped{};             // never given out
  Errno exhausted = Errno::kEADDRNOTAVAIL;    // what connect fails with: facts/windows.md E2
  Errno bind_exhausted = Errno::kEADDRINUSE;  // what bind to port 0 fails with
  // What connect fails with from a bound port that has a connection to the same peer.
  Errno conflict = Errno::kEADDRINUSE;
};

// State of the host. Every port of the range is tried once before it gives up; with few taken it
// finds one at once.
class PortPicker {
 public:
  PortPicker(const PortsConfig& config, Rng& rng);

  // A local port for a connection to `key`'s remote end (its local port is not looked at).
  // `is_free`: whether the 4-tuple with that port is unused; bool(uint16_t).
  template <class IsFree>
  std::optional<uint16_t> pick(const ConnectionKey& key, IsFree&& is_free) {
    Walk walk = begin(key);
    if (all_taken()) return std::nullopt;  // a walk would find nothing either
    return search(walk, is_free, true);
  }
  // A port for bind to port 0; `is_free` alone judges it.
  template <class IsFree>
  std::optional<uint16_t> pick_unconnected(IsFree&& is_free) {
    Walk walk = begin_unconnected();
    return search(walk, is_free, false);
  }
  // A connection begins and ends to use a local port; both sides of the host's connections count.
  void on_used(uint16_t port);
  void on_released(uint16_t port);

 private:
  // One pass over the range: which port is next, and how far it has come.
  struct Walk {
    int32_t offset = 0;  // of the port to try, into the range
    int32_t step = 1;    // added to it
    int32_t length = 0;  // ports of the range that are tried
    int32_t tried = 0;
    int32_t turn_at = 0;  // after so many ports the walk is where it began; 0: never
    int32_t turn_by = 1;  // what is added then, to go on with those not tried yet
    uint16_t slot = 0;    // kDoubleHash: of the counter
  };

  template <class IsFree>
  std::optional<uint16_t> search(Walk& walk, IsFree& is_free, bool connected) {
    for (; walk.tried < walk.length; advance(walk)) {
      const auto port = static_cast<uint16_t>(config_->first + walk.offset);
      if (usable(port, connected) && is_free(port)) {
        settle(walk, connected);
        return port;
      }
    }
    return std::nullopt;
  }

  Walk sequential() const;
  Walk begin(const ConnectionKey& key);
  Walk begin_unconnected();
  void advance(Walk& walk) const;
  void settle(Walk& walk, bool connected);
  bool usable(uint16_t port, bool connected) const;
  bool is_skipped(uint16_t port) const;
  bool in_range(int32_t port) const { return port >= config_->first && port <= config_->last; }
  bool counts(uint16_t port) const { return in_range(port) && !is_skipped(port); }
  bool all_taken() const { return config_->whole_port && taken_ >= count() - skipped_; }
  int32_t count() const { return config_->last - config_->first + 1; }
  uint64_t hash(const ConnectionKey& key) const;
  uint32_t counter(uint16_t slot) const;

  const PortsConfig* config_;
  Rng* rng_;
  uint64_t secret_;
  int32_t cursor_;                           // kSequential: offset of the next port
  uint32_t hint_ = 0;                        // kHashedStart
  std::map<uint16_t, uint32_t> counters_;    // kDoubleHash: those that differ from their start
  std::map<uint16_t, uint32_t> local_uses_;  // whole_port only
  int32_t taken_ = 0;                        // of them, those of the range and not skipped
  int32_t skipped_ = 0;                      // ports of the range
};

}  // namespace tcptwin::policy
