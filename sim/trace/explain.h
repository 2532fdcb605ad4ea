// explain.h: why a measure took as long as it did: the chain of causes that ends with its last
// call, and the waits along it. Everything is read off typed records; what is not recorded is
// reported as missing, never inferred. A record whose reason was inferred when it was made says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/trace/journal.h"

namespace tcptwin::trace {

// What is to be explained: a span of virtual time, and the record that ended it, mostly a
// CallReturned.
struct Interval {
  Instant start;
  Instant end;
  RecordId last = RecordId::kNone;
};

// One record of the chain. It was caused by the step before it.
struct Step {
  const Record* record = nullptr;  // lives as long as the journal
  Instant at;
  Duration elapsed{};  // since the step before, or since the start of the interval
};

struct Chain {
  // How the walk towards the past ended.
  enum class Begin : uint8_t {
    kBeforeStart,  // reached what happened before the interval: nothing is missing
    kFirstCall,    // reached the first call of a program
    kNoCause,      // a record names no cause
    kNotKept,      // a record names a cause that the journal does not hold
    kEndless,      // more steps than records: causes run in a circle
  };
  Interval interval;
  std::vector<Step> steps;  // oldest first; empty when nothing happened in the interval
  Begin begin = Begin::kNoCause;
  const Record* before = nullptr;      // kBeforeStart: the last cause before the interval
  RecordId missing = RecordId::kNone;  // kNotKept
  bool loopback = false;               // a packet of it went from a host to itself

  bool complete() const { return begin == Begin::kBeforeStart || begin == Begin::kFirstCall; }
};

// Walks `cause` from interval.last towards the past until a record that lies before the interval. A
// call that returned at its very start lies before it, too.
Chain trace_back(const Journal& journal, const Interval& interval);

// What the time before a step was spent on.
enum class WaitKind : uint8_t {
  kWire,         // from a packet's departure to its arrival: queue, transmission, delay
  kLoopback,     // the same on the host itself
  kTimer,        // until a timer fired
  kSleep,        // the program had asked to sleep
  kWakeup,       // from the event to the thread running again
  kCall,         // inside a system call that did not sleep, or after its wake-up
  kProgram,      // the program, between calls
  kStack,        // the stack, from input to output
  kBeginning,    // before the first call of the program with which the chain begins
  kUnexplained,  // the chain does not reach that far back
};

struct Wait {
  WaitKind kind{};
  size_t step = 0;  // that ended it; steps.size(): the end of the interval
  Instant from;
  Instant to;
  // Data that was held during most of it and that its end released: a later PacketSent of the chain
  // whose reason is DataReleased. Null when there is none.
  const Record* released = nullptr;

  Duration length() const { return to - from; }
};

// One wait a step and one for the rest of the interval, in their order; their lengths add up to the
// interval.
std::vector<Wait> waits_of(const Journal& journal, const Chain& chain);

}  // namespace tcptwin::trace
