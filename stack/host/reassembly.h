// reassembly.h: the pieces of IP packets that have arrived at a host, until a packet is whole or
// its time is over (RFC 791 3.2, RFC 8200 4.5). Sends nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "stack/base/record.h"
#include "stack/policy/fragments.h"
#include "stack/policy/timer_grain.h"
#include "stack/wire/packet.h"

namespace tcptwin::host {

class Reassembly {
 public:
  // Both outlive it.
  Reassembly(const policy::FragmentConfig& rules, const policy::TimerGrain& grain)
      : rules_(&rules), grain_(&grain) {}

  // The packet, if this was the last piece that it lacked. A piece that overlaps another one ends
  // the whole packet (RFC 8200 4.5, RFC 5722), one that is there already is ignored.
  std::optional<wire::Packet> take(Instant now, const wire::Packet& piece, RecordId record);

  // A packet whose time was over, if its first piece had arrived, and the record of that.
  struct Expired {
    std::optional<wire::Packet> first;
    RecordId record = RecordId::kNone;
  };
  Instant next_deadline() const {
    return by_age_.empty() ? Instant::never() : by_age_.begin()->first.first;
  }
  // False: nothing is due.
  bool take_expired(Instant now, Expired& out);

 private:
  struct Key {
    wire::IpAddress source;
    wire::IpAddress destination;
    uint32_t id = 0;
    uint8_t protocol = 0;  // IPv6: 0, its numbers are enough
    auto operator<=>(const Key&) const = default;
  };
  struct Partial {
    std::pair<Instant, uint64_t> age;      // when its time is over, and which one it is
    wire::IpHeader ip;                     // of the first piece
    uint8_t protocol = 0;                  // likewise
    RecordId first = RecordId::kNone;      // its arrival
    bool congested = false;                // a router has marked one of them
    uint32_t bytes = 0;                    // there are
    std::optional<uint32_t> total{};       // there will be
    std::map<uint32_t, Payload> pieces{};  // by offset
  };
  static bool clashes(const Partial& partial, const wire::Fragment& piece);
  static std::optional<wire::Packet> whole(const Partial& partial);
  bool make_room(const Key& key, int64_t wanted);
  void drop(const Key& key);

  const policy::FragmentConfig* rules_;
  const policy::TimerGrain* grain_;
  std::map<Key, Partial> partials_;
  std::map<std::pair<Instant, uint64_t>, Key> by_age_;
  uint64_t last_number_ = 0;
  int64_t memory_ = 0;
};

}  // namespace tcptwin::host
