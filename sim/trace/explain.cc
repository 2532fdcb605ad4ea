#include "sim/trace/explain.h"

#include <algorithm>

#include "sim/trace/flows.h"
#include "stack/base/check.h"

namespace tcptwin::trace {

namespace {

// A return that names no cause was at least preceded by its call, an arrival by the departure.
RecordId cause_of(const Record& record) {
  if (record.cause != RecordId::kNone) return record.cause;
  if (const auto* returned = std::get_if<CallReturned>(&record.event)) return returned->call;
  if (const auto* received = std::get_if<PacketReceived>(&record.event)) return received->sent;
  return RecordId::kNone;
}

bool lies_before(const Record& record, const Interval& interval) {
  const bool returned = std::holds_alternative<CallReturned>(record.event);
  return record.at < interval.start || (returned && record.at == interval.start);
}

bool is_first_call(const Journal& journal, const Record& record) {
  const auto* call = std::get_if<CallStarted>(&record.event);
  if (call == nullptr) return false;
  for (const Record& other : journal.records()) {
    if (&other == &record) return true;
    const auto* earlier = std::get_if<CallStarted>(&other.event);
    if (earlier != nullptr && earlier->process == call->process) return false;
  }
  return true;
}

// Newest first, without the times.
void walk(const Journal& journal, Chain& chain) {
  RecordId id = chain.interval.last;
  while (chain.steps.size() <= journal.records().size()) {
    const Record* record = journal.find(id);
    if (record == nullptr) {
      chain.begin = id == RecordId::kNone ? Chain::Begin::kNoCause : Chain::Begin::kNotKept;
      chain.missing = id;
      return;
    }
    if (lies_before(*record, chain.interval)) {
      chain.begin = Chain::Begin::kBeforeStart;
      chain.before = record;
      return;
    }
    chain.steps.push_back({record, record->at, Duration(0)});
    id = cause_of(*record);
    if (id == RecordId::kNone && is_first_call(journal, *record)) {
      chain.begin = Chain::Begin::kFirstCall;
      return;
    }
  }
  chain.begin = Chain::Begin::kEndless;
  chain.steps.clear();
}

WaitKind kind_of(const Journal& journal, const Record& record) {
  struct Visitor {
    const Journal* journal;
    const Record* record;
    WaitKind operator()(const PacketSent& e) const {
      return e.forwarded ? WaitKind::kWire : WaitKind::kStack;
    }
    WaitKind operator()(const PacketReceived& e) const {
      return e.loopback ? WaitKind::kLoopback : WaitKind::kWire;
    }
    WaitKind operator()(const PacketDropped&) const { return WaitKind::kWire; }
    WaitKind operator()(const CallStarted&) const { return WaitKind::kProgram; }
    WaitKind operator()(const CallReturned&) const {
      const CallStarted* call = call_of(*journal, *record);
      return call != nullptr && call->kind == CallKind::kSleep ? WaitKind::kSleep : WaitKind::kCall;
    }
    WaitKind operator()(const ThreadWoken&) const { return WaitKind::kWakeup; }
    WaitKind operator()(const tcp::Note& note) const {
      const bool timer = std::holds_alternative<tcp::TimerFired>(note.reason);
      return timer ? WaitKind::kTimer : WaitKind::kStack;
    }
  };
  return std::visit(Visitor{&journal, &record}, record.event);
}

// Without what caused the first step nobody knows what the time before it was.
WaitKind first_kind(const Journal& journal, const Chain& chain) {
  switch (chain.begin) {
    case Chain::Begin::kBeforeStart: return kind_of(journal, *chain.steps.front().record);
    case Chain::Begin::kFirstCall: return WaitKind::kBeginning;
    case Chain::Begin::kNoCause:
    case Chain::Begin::kNotKept:
    case Chain::Begin::kEndless: return WaitKind::kUnexplained;
  }
  CHECK(false);
}

// Data held during more than half of the wait; `sent`: the next release along the chain, null if
// there is none.
bool covers(const Record* sent, const Wait& wait) {
  if (sent == nullptr) return false;
  const auto& data = std::get<tcp::DataReleased>(std::get<PacketSent>(sent->event).reason);
  return 2 * (wait.to - std::max(wait.from, data.since)) > wait.length();
}

void find_releases(const Chain& chain, std::vector<Wait>& waits) {
  const Record* next = nullptr;
  for (size_t i = chain.steps.size(); i-- > 0;) {
    if (covers(next, waits[i])) waits[i].released = next;
    const Record* record = chain.steps[i].record;
    const auto* sent = std::get_if<PacketSent>(&record->event);
    const bool release = sent != nullptr && std::holds_alternative<tcp::DataReleased>(sent->reason);
    if (release) next = record;
  }
}

}  // namespace

Chain trace_back(const Journal& journal, const Interval& interval) {
  Chain chain;
  chain.interval = interval;
  walk(journal, chain);
  std::reverse(chain.steps.begin(), chain.steps.end());
  Instant previous = interval.start;
  for (Step& step : chain.steps) {
    const auto* sent = std::get_if<PacketSent>(&step.record->event);
    chain.loopback |= sent != nullptr && sent->loopback;
    step.elapsed = step.at - previous;
    previous = step.at;
  }
  return chain;
}

std::vector<Wait> waits_of(const Journal& journal, const Chain& chain) {
  std::vector<Wait> waits;
  Instant from = chain.interval.start;
  for (size_t i = 0; i < chain.steps.size(); ++i) {
    const Step& step = chain.steps[i];
    const WaitKind kind = i == 0 ? first_kind(journal, chain) : kind_of(journal, *step.record);
    waits.push_back({kind, i, from, step.at, nullptr});
    from = step.at;
  }
  // Only after a call has come back is the program known to be at work.
  const bool returned = !chain.steps.empty() &&
                        std::holds_alternative<CallReturned>(chain.steps.back().record->event);
  const WaitKind rest = returned ? WaitKind::kProgram : WaitKind::kUnexplained;
  waits.push_back({rest, chain.steps.size(), from, chain.interval.end, nullptr});
  find_releases(chain, waits);
  return waits;
}

}  // namespace tcptwin::trace
