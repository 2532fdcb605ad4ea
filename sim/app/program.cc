#include "sim/app/program.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::app {

namespace {

using Kind = Instruction::Kind;

// Everything of a running program but its suspension: which call comes next, and what to make of
// its result.
class Machine {
 public:
  Machine(const Program& program, std::string process, uint64_t pattern, Metrics& metrics,
          ProcessOutcome& outcome)
      : program_(&program),
        process_(std::move(process)),
        pattern_(pattern),
        metrics_(&metrics),
        outcome_(&outcome),
        sockets_(program.sockets, -1) {}

  // Runs instructions that call nothing; true when the next one makes a call.
  bool advance(const SocketApi& api);
  SocketApi::Calling next_call(SocketApi& api);
  void conclude(host::CallResult&& result);

 private:
  struct OpenLoop {
    uint32_t begin = 0;
    size_t repeats = 0;  // how many repeats and measures were open when it began
    size_t measures = 0;
  };
  const Instruction& at() const { return program_->code[pc_]; }
  void control(const Instruction& i, const SocketApi& api);
  Payload next_payload(const Instruction& i);
  void conclude_read(const Instruction& i, int64_t got);
  void failed(const Instruction& i, Errno error);
  void done() {
    ++pc_;
    stage_ = 0;
  }

  const Program* program_;
  std::string process_;
  uint64_t pattern_;
  Metrics* metrics_;
  ProcessOutcome* outcome_;
  uint32_t pc_ = 0;
  int stage_ = 0;      // of an instruction that makes several calls
  int64_t left_ = 0;   // bytes that a kRead still wants
  uint64_t sent_ = 0;  // offset into the generated pattern
  std::vector<socket::Descriptor> sockets_;
  std::vector<int64_t> repeats_;   // rounds left of those that are open
  std::vector<Instant> measures_;  // starts of those that are open
  std::vector<OpenLoop> loops_;
};

bool Machine::advance(const SocketApi& api) {
  while (pc_ < program_->code.size() && outcome_->failure.empty()) {
    if (at().kind < Kind::kRepeat) return true;
    control(at(), api);
  }
  return false;
}

void Machine::control(const Instruction& i, const SocketApi& api) {
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
    case Kind::kMeasure: measures_.push_back(api.now()); break;
    case Kind::kMeasureEnd:
      (*metrics_)[process_ + "." + i.name].add(measures_.back(), api.now(), api.last_return());
      measures_.pop_back();
      break;
    case Kind::kListen:
    case Kind::kAccept:
    case Kind::kConnect:
    case Kind::kWrite:
    case Kind::kSend:
    case Kind::kRead:
    case Kind::kRecv:
    case Kind::kSetsockopt:
    case Kind::kShutdown:
    case Kind::kClose:
    case Kind::kSleep: CHECK(false);  // advance() stops at these
  }
  pc_ = next;
}

Payload Machine::next_payload(const Instruction& i) {
  if (!i.text.empty()) return Payload::text(i.text);
  Payload data = Payload::synthetic(pattern_, sent_, static_cast<size_t>(i.amount));
  sent_ += static_cast<uint64_t>(i.amount);
  return data;
}

SocketApi::Calling Machine::next_call(SocketApi& api) {
  const Instruction& i = at();
  const socket::Descriptor fd = sockets_[i.socket];
  switch (i.kind) {
    case Kind::kListen:
      if (stage_ == 0) return api.socket();
      return stage_ == 1 ? api.bind(fd, i.address) : api.listen(fd, i.amount);
    case Kind::kAccept: return api.accept(fd);
    case Kind::kConnect: return stage_ == 0 ? api.socket() : api.connect(fd, i.address, i.name);
    case Kind::kWrite:
    case Kind::kSend: return api.send(fd, next_payload(i), i.flags);
    case Kind::kRead:
      if (stage_ == 0) left_ = i.amount;
      return api.recv(fd, left_, i.flags);
    case Kind::kRecv: return api.recv(fd, i.amount, i.flags);
    case Kind::kSetsockopt:
      return api.setsockopt(fd, i.level, i.name, static_cast<int32_t>(i.amount));
    case Kind::kShutdown: return api.shutdown(fd, i.how);
    case Kind::kClose: return api.close(fd);
    case Kind::kSleep: return api.sleep(i.span);
    case Kind::kRepeat:
    case Kind::kRepeatEnd:
    case Kind::kLoop:
    case Kind::kLoopEnd:
    case Kind::kMeasure:
    case Kind::kMeasureEnd: break;
  }
  CHECK(false);
}

// A failed setsockopt does not stop a program, as few programs look at it; any other failure does.
void Machine::failed(const Instruction& i, Errno error) {
  static constexpr const char* kNames[] = {"listen", "accept", "connect",  "send",  "send", "recv",
                                           "recv",   "",       "shutdown", "close", "sleep"};
  if (i.kind != Kind::kSetsockopt) {
    outcome_->failure = std::string(kNames[static_cast<size_t>(i.kind)]) + ": " + errno_name(error);
    return;
  }
  const std::string text = "setsockopt(" + i.name + "): " + errno_name(error);
  auto& remarks = outcome_->remarks;
  if (std::find(remarks.begin(), remarks.end(), text) == remarks.end()) remarks.push_back(text);
  done();
}

void Machine::conclude(host::CallResult&& result) {
  const Instruction& i = at();
  if (result.error) return failed(i, *result.error);
  const int last_stage = i.kind == Kind::kListen ? 2 : i.kind == Kind::kConnect ? 1 : 0;
  if (last_stage > 0 && stage_ == 0)
    sockets_[i.socket] = static_cast<socket::Descriptor>(result.value);
  if (i.kind == Kind::kAccept) sockets_[i.into] = static_cast<socket::Descriptor>(result.value);
  if (i.kind == Kind::kRead || i.kind == Kind::kRecv) return conclude_read(i, result.value);
  if (stage_ < last_stage) {
    ++stage_;
  } else {
    done();
  }
}

// The end of the stream ends the innermost loop, with all that is open inside it.
void Machine::conclude_read(const Instruction& i, int64_t got) {
  left_ -= got;
  if (got == 0 && i.amount > 0) {
    if (!loops_.empty()) {
      const OpenLoop loop = loops_.back();
      loops_.pop_back();
      repeats_.resize(loop.repeats);
      measures_.resize(loop.measures);
      pc_ = program_->code[loop.begin].partner + 1;
      stage_ = 0;
      return;
    }
    if (i.kind == Kind::kRead) {
      outcome_->failure = "recv: end of stream, " + std::to_string(left_) + " bytes missing";
      return;
    }
  }
  if (i.kind == Kind::kRead && left_ > 0) {
    stage_ = 1;
  } else {
    done();
  }
}

}  // namespace

Task run_program(SocketApi api, const Program& program, std::string process, uint64_t pattern,
                 Metrics& metrics, ProcessOutcome& outcome) {
  Machine machine(program, process, pattern, metrics, outcome);
  outcome.started = api.now();
  while (machine.advance(api)) {
    const SocketApi::Calling call = machine.next_call(api);
    machine.conclude(co_await call);
  }
  outcome.ended = api.now();
  const bool failed = !outcome.failure.empty();
  outcome.end = failed ? ProcessOutcome::End::kFailed : ProcessOutcome::End::kFinished;
  if (failed) co_return;
  metrics[process + ".elapsed"].add(outcome.started, outcome.ended, api.last_return());
}

}  // namespace tcptwin::app
