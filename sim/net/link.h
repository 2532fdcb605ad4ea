// link.h: a cable between two nodes: delay, rate and a bounded queue each way. What chance does to
// its packets is decided in impairments.h.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/engine.h"
#include "sim/net/impairments.h"
#include "sim/trace/journal.h"
#include "stack/base/ring.h"

namespace tcptwin::net {

// One direction.
struct WayConfig {
  Duration delay{};           // propagation
  uint64_t rate = 0;          // bits a second; 0: infinitely fast
  int64_t queue = 1 << 20;    // bytes that may wait, the packet on the line included
  int64_t queue_packets = 0;  // the same in packets; 0: any number
  int64_t mark_above = 0;  // more bytes waiting: ECN-capable packets get CE (RFC 3168 5); 0: never
  ImpairmentConfig impairments{};
};

struct LinkConfig {
  std::array<WayConfig, 2> ways{};  // of what comes from end 0, from end 1
  std::string name;                 // of its random streams
  uint64_t seed = 0;
};

// Per direction: a packet starts when the line is free, takes size / rate, arrives `delay` later.
class Link final : public engine::Node {
 public:
  struct End {
    engine::Node* node = nullptr;
    uint32_t port = 0;  // of that node
  };

  // What has happened to the packets of one direction.
  struct Count {
    uint64_t entered = 0;
    std::map<trace::DropWhy, uint64_t> lost{};
  };

  Link(const LinkConfig& config, uint32_t number, std::array<End, 2> ends, trace::Journal& journal);

  // Port: the end, 0 or 1, at which the packet enters.
  void on_packet(Instant at, engine::Transit&& transit, uint32_t from) override;
  engine::Due next() const override;
  void run(Instant now, engine::Phase phase) override;

  uint32_t number() const { return number_; }
  // Of what comes from that end.
  const Count& count(uint32_t from) const { return ways_[from].count; }

 private:
  struct OnTheWay {
    engine::Transit transit;
    Instant arrives;
  };
  struct Waiting {
    Instant leaves;  // the last bit is on the line
    int64_t size = 0;
  };
  // A packet that others overtake.
  struct Late {
    engine::Transit transit;
    Instant arrives;         // at the latest
    int64_t overtakers = 0;  // that may still pass it; 0: any number
  };
  // What only a direction with impairments has.
  struct Impaired {
    Impairments impairments;
    std::vector<Late> late;  // by `arrives`
    Instant last_arrival;    // of those in order
  };
  struct Way {
    WayConfig config;
    Ring<OnTheWay> packets;  // by `arrives`
    Ring<Waiting> waiting;
    int64_t waiting_bytes = 0;
    Instant line_free;
    Count count;
    std::unique_ptr<Impaired> impaired;  // null: nothing happens to its packets
  };

  void enter_impaired(Instant at, engine::Transit&& transit, Way& way);
  Instant pass_queue(Instant at, engine::Transit& transit, Way& way);
  void keep_late(Way& way, engine::Transit&& transit, Instant arrives);
  void deliver_late(Instant now, uint32_t from);
  void overtaken(Instant now, uint32_t from);
  void lose(Instant at, const engine::Transit& transit, Way& way, trace::DropWhy why);

  uint32_t number_;
  std::array<End, 2> ends_;
  std::array<Way, 2> ways_;
  trace::Journal* journal_;
};

}  // namespace tcptwin::net
