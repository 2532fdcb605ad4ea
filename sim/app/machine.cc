#include "sim/app/machine.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::app {

namespace {

using Kind = Instruction::Kind;

bool is_compound(Kind kind) {
  return kind == Kind::kListen || kind == Kind::kConnect || kind == Kind::kBind ||
         kind == Kind::kFill;
}

// The call that an operation is about.
const char* call_of(Kind kind) {
  switch (kind) {
    case Kind::kSocket: return "socket";
    case Kind::kBind: return "bind";
    case Kind::kListen: return "listen";
    case Kind::kConnect: return "connect";
    case Kind::kFill:
    case Kind::kAccept: return "accept";
    case Kind::kWrite:
    case Kind::kSend: return "send";
    case Kind::kRead:
    case Kind::kRecv: return "recv";
    case Kind::kPoll: return "poll";
    case Kind::kSetsockopt: return "setsockopt";
    case Kind::kShutdown: return "shutdown";
    case Kind::kClose: return "close";
    default: return "sleep";
  }
}

}  // namespace

Machine::Machine(SocketApi api, const Program& program, std::string process, uint64_t pattern,
                 Metrics& metrics, ProcessOutcome& outcome)
    : api_(api),
      program_(&program),
      process_(std::move(process)),
      pattern_(pattern),
      metrics_(&metrics),
      outcome_(&outcome),
      slots_(program.sockets) {}

Task Machine::run() {
  while (running()) {
    const Instruction& i = at();
    if (i.kind >= Kind::kRepeat) {
      control(i);
    } else if (is_compound(i.kind)) {
      const Task operation = compound(i);
      co_await operation;
      if (running()) done();
    } else {
      const SocketApi::Calling call = single_call(i);
      conclude(i, co_await call);
    }
  }
}

void Machine::control(const Instruction& i) {
  uint32_t next = pc_ + 1;
  switch (i.kind) {
    case Kind::kRepeat:
      if (i.amount == 0) {
        next = i.partner + 1;
      } else {
        repeats_.push_back(i.amount);
      }
      break;
    case Kind::kRepeatEnd:
      if (--repeats_.back() > 0) {
        next = i.partner + 1;
      } else {
        repeats_.pop_back();
      }
      break;
    case Kind::kLoop: loops_.push_back({pc_, repeats_.size(), measures_.size()}); break;
    case Kind::kLoopEnd: next = i.partner + 1; break;
    case Kind::kMeasure: measures_.push_back(api_.now()); break;
    case Kind::kMeasureEnd:
      (*metrics_)[process_ + "." + i.name].add(measures_.back(), api_.now(), api_.last_return());
      measures_.pop_back();
      break;
    default: CHECK(false);  // it makes calls
  }
  pc_ = next;
}

// With all that is open inside it.
void Machine::leave_loop() {
  const OpenLoop loop = loops_.back();
  loops_.pop_back();
  repeats_.resize(loop.repeats);
  measures_.resize(loop.measures);
  pc_ = program_->code[loop.begin].partner + 1;
  stage_ = 0;
}

Payload Machine::generated(int64_t bytes) const {
  return Payload::synthetic(pattern_, sent_, static_cast<size_t>(bytes));
}

void Machine::record(const Instruction& i, int64_t value) {
  if (!i.record.empty()) (*metrics_)[process_ + "." + i.record].add_number(value);
}

// A failed setsockopt does not stop a program, as few programs look at it; any other failure does,
// unless the scenario says so.
bool Machine::tolerates(const Instruction& i, const std::string& text, Errno error) {
  if (i.expected) return *i.expected == error;
  if (i.may_fail) return true;
  if (!program_->goes_on && i.kind != Kind::kSetsockopt) return false;
  auto& remarks = outcome_->remarks;
  if (std::find(remarks.begin(), remarks.end(), text) == remarks.end()) remarks.push_back(text);
  return true;
}

void Machine::failed(const Instruction& i, std::string_view call, Errno error) {
  std::string text(call);
  if (i.kind == Kind::kSetsockopt) text += "(" + i.name + ")";
  text += std::string(": ") + errno_name(error);
  if (!tolerates(i, text, error)) {
    outcome_->failure = text;
    if (i.expected) outcome_->failure += std::string(", expected ") + errno_name(*i.expected);
    return;
  }
  (*metrics_)[process_ + "." + errno_name(error)].add_number(1);
}

void Machine::succeeded(const Instruction& i, int64_t value) {
  record(i, value);
  if (!i.expected) return;
  outcome_->failure =
      std::string(call_of(i.kind)) + ": succeeded, expected " + errno_name(*i.expected);
}

void Machine::conclude(const Instruction& i, host::CallResult&& result) {
  const bool reads = i.kind == Kind::kRead || i.kind == Kind::kRecv;
  if (result.error) {
    failed(i, call_of(i.kind), *result.error);
    if (!running()) return;
    // `while (recv(...) > 0)` ends at an error, too.
    if (reads && !loops_.empty() && *result.error != Errno::kEAGAIN) return leave_loop();
    return done();
  }
  if (reads) return conclude_read(i, result.value);
  const auto fd = static_cast<socket::Descriptor>(result.value);
  if (i.kind == Kind::kSocket) slots_[i.socket] = {fd, true};
  if (i.kind == Kind::kAccept) slots_[i.into] = {fd, false};
  if (i.kind == Kind::kClose) slots_[i.socket].fresh = false;
  if (call_of(i.kind) == std::string_view("send") && i.text.empty()) {
    sent_ += static_cast<uint64_t>(result.value);
  }
  if (i.kind == Kind::kWrite && result.value < left_) {  // of a socket that does not sleep
    left_ -= result.value;
    stage_ = 1;
    return;
  }
  succeeded(i, result.value);
  if (running()) done();
}

// The end of the stream ends the innermost loop.
void Machine::conclude_read(const Instruction& i, int64_t got) {
  left_ -= got;
  const bool whole = i.kind == Kind::kRead;
  if (got == 0 && i.amount > 0) {
    if (!loops_.empty()) return leave_loop();
    if (whole && !i.may_fail) {
      const std::string text = "recv: end of stream, " + std::to_string(left_) + " bytes missing";
      if (!program_->goes_on) {
        outcome_->failure = text;
        return;
      }
      outcome_->remarks.push_back(text);
    }
    return done();
  }
  if (whole && left_ > 0) {
    stage_ = 1;
    return;
  }
  succeeded(i, whole ? i.amount : got);
  if (running()) done();
}

}  // namespace tcptwin::app
