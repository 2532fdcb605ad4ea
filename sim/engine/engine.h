// engine.h: virtual time and the one order of all events. It knows nodes, not what they do.
#pragma once

#include <cstdint>
#include <vector>

#include "stack/base/deadline_heap.h"
#include "stack/base/record.h"
#include "stack/base/time.h"
#include "stack/wire/packet.h"

namespace tcptwin::engine {

// Of events at the same instant packets come first, then the stacks' deadlines, then applications;
// among those the node with the smaller number; within a node the order in which it got them.
enum class Phase : uint8_t { kPacket, kStack, kApplication };

struct Due {
  Instant at = Instant::never();
  Phase phase = Phase::kPacket;
  bool operator<(const Due& other) const {
    return at != other.at ? at < other.at : phase < other.phase;
  }
};

// A packet between two nodes, the record of its departure, the numbers of the host that sent it
// (for the record of its loss), and what happened to it since.
struct Transit {
  wire::Packet packet;
  RecordId sent = RecordId::kNone;
  RecordIds* sender_ids = nullptr;
  uint32_t flipped_bit = 0;  // counted from 1 behind the IP header; 0: none
  bool doubled = false;      // a second one of the same departure
  bool marked = false;       // its ECN field was set to CE on the way

  Transit copy() const;
  // RFC 3168 5: ECT(0) and ECT(1) become CE.
  void mark_congestion();
};

class Engine;

// A host, a link: whatever takes packets and has something to do at some time. It has one entry in
// the engine's queue.
class Node {
 public:
  virtual ~Node() = default;
  // A packet reaches one of its ports at `at`: now or, when its sender knows already, shortly
  // after; never before an earlier one of that port.
  virtual void on_packet(Instant at, Transit&& transit, uint32_t port) = 0;
  // What it wants to do next. May be early, never late.
  virtual Due next() const = 0;
  // Does what is due at `now` in `phase`; nothing when the entry was early.
  virtual void run(Instant now, Phase phase) = 0;

  // Told once, by the engine that it was added to.
  void enter(Engine& engine, uint32_t number) {
    engine_ = &engine;
    number_ = number;
  }

 protected:
  // To be called whenever next() may have changed outside run().
  void reschedule();

 private:
  Engine* engine_ = nullptr;
  uint32_t number_ = 0;
};

class Engine {
 public:
  // Nodes are numbered in the order of their entry; each outlives the engine.
  void add(Node& node);
  void update(uint32_t node);

  // Runs until nothing is left to do, or nothing up to and including `limit`. Returns the instant
  // of the last event.
  Instant run_until(Instant limit);
  // When something is to be done next; never: nothing is left to do. May be early.
  Instant next() const { return queue_.empty() ? Instant::never() : queue_.top_key().at; }
  // Nothing is left to do, at whatever time.
  bool idle() const { return queue_.empty(); }
  uint64_t events() const { return events_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  void enter_next(uint32_t node);

  std::vector<Node*> nodes_;
  DeadlineHeap<Due> queue_;
  uint32_t running_ = kNone;
  uint64_t events_ = 0;
};

}  // namespace tcptwin::engine
