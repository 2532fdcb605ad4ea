// link.h: a cable between two hosts: delay, rate, a queue at each end, and packets that it is told
// to lose.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/engine/engine.h"
#include "sim/trace/journal.h"
#include "stack/base/ring.h"
#include "stack/wire/packet.h"

namespace tcptwin::net {

// Packets of one direction to lose, each by its number from 1: of all packets, of those with
// payload (retransmissions count), of those with SYN, or of those with FIN.
struct LossList {
  std::vector<int64_t> packets;
  std::vector<int64_t> data_packets;
  std::vector<int64_t> syns;
  std::vector<int64_t> fins;
};

struct LinkConfig {
  Duration delay{};                // propagation, each way
  uint64_t rate = 0;               // bits a second; 0: infinitely fast
  int64_t queue = 1 << 20;         // bytes that may wait, the packet on the line included
  std::array<LossList, 2> loss{};  // of what comes from end 0, from end 1
};

// Per direction: a packet starts when the line is free, takes size / rate, arrives `delay` later.
class Link final : public engine::Node {
 public:
  struct End {
    engine::Node* node = nullptr;
    uint32_t port = 0;  // of that node
  };

  Link(const LinkConfig& config, uint32_t number, std::array<End, 2> ends, trace::Journal& journal);

  // Port: the end, 0 or 1, at which the packet enters.
  void on_packet(Instant at, engine::Transit&& transit, uint32_t from) override;
  engine::Due next() const override;
  void run(Instant now, engine::Phase phase) override;

 private:
  struct OnTheWay {
    engine::Transit transit;
    Instant arrives;
  };
  struct Waiting {
    Instant leaves;  // the last bit is on the line
    int64_t size = 0;
  };
  struct Direction {
    Ring<OnTheWay> packets;
    Ring<Waiting> waiting;
    int64_t waiting_bytes = 0;
    Instant line_free;
    int64_t seen = 0, seen_data = 0, seen_syn = 0, seen_fin = 0;
  };
  bool listed(Direction& direction, const LossList& loss, const wire::Packet& packet) const;
  Duration time_on_line(uint32_t bytes) const;

  LinkConfig config_;
  uint32_t number_;
  std::array<End, 2> ends_;
  std::array<Direction, 2> directions_;
  trace::Journal* journal_;
};

}  // namespace tcptwin::net
