#include "sim/app/machine.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::app {

namespace {

using Kind = Instruction::Kind;

bool is_compound(Kind kind) {
  switch (kind) {
    case Kind::kListen:
    case Kind::kConnect:
    case Kind::kBind:
    case Kind::kFill:
    case Kind::kServe:
    case Kind::kSpawn:
    case Kind::kJoin:
    case Kind::kExit: return true;
    default: return false;
  }
}

bool is_control(Kind kind) { return kind >= Kind::kRepeat || kind == Kind::kSpawnEnd; }

// The call that an operation is about.
const char* call_of(Kind kind) {
  switch (kind) {
    case Kind::kSocket: return "socket";
    case Kind::kBind: return "bind";
    case Kind::kListen: return "listen";
    case Kind::kConnect: return "connect";
    case Kind::kAccept: return "accept";
    case Kind::kFill:
    case Kind::kWrite:
    case Kind::kSend: return "send";
    case Kind::kRead:
    case Kind::kRecv: return "recv";
    case Kind::kSendTo: return "sendto";
    case Kind::kRecvFrom: return "recvfrom";
    case Kind::kPing: return "ping";
    case Kind::kPoll: return "poll";
    case Kind::kSelect: return "select";
    case Kind::kEpollCreate: return "epoll_create";
    case Kind::kEpollCtl: return "epoll_ctl";
    case Kind::kEpollWait: return "epoll_wait";
    case Kind::kKqueue: return "kqueue";
    case Kind::kKeventChange:
    case Kind::kKeventWait: return "kevent";
    case Kind::kSetsockopt: return "setsockopt";
    case Kind::kGetsockopt:
    case Kind::kTcpInfo: return "getsockopt";
    case Kind::kIoctl: return "ioctl";
    case Kind::kNonBlocking: return "fcntl";
    case Kind::kSetrlimit: return "setrlimit";
    case Kind::kLock: return "lock";
    case Kind::kUnlock: return "unlock";
    case Kind::kShutdown: return "shutdown";
    case Kind::kClose: return "close";
    default: return "sleep";
  }
}

// With what the call is about: "setsockopt(TCP_NODELAY)".
std::string call_text(const Instruction& i, std::string_view call) {
  std::string text(call);
  const bool named = i.kind == Kind::kSetsockopt || i.kind == Kind::kGetsockopt ||
                     i.kind == Kind::kTcpInfo || i.kind == Kind::kIoctl;
  if (named) text += "(" + i.name + ")";
  return text;
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
      end_(static_cast<uint32_t>(program.code.size())),
      slots_(program.sockets) {}

Task Machine::run() {
  while (running()) {
    const Instruction& i = at();
    if (is_control(i.kind)) {
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
  if (!killed_) co_return;
  co_await api_.exit_process();
  conclude_process();
}

// A thread goes on where it stood when the process ended.
void Machine::conclude_process() {
  if (outcome_->end != ProcessOutcome::End::kRunning) return;
  outcome_->ended = api_.now();
  const bool failed = !outcome_->failure.empty();
  outcome_->end = failed ? ProcessOutcome::End::kFailed : ProcessOutcome::End::kFinished;
  if (failed) return;
  (*metrics_)[process_ + ".elapsed"].add(outcome_->started, outcome_->ended, api_.last_return());
}

void Machine::control(const Instruction& i) {
  uint32_t next = pc_ + 1;
  switch (i.kind) {
    case Kind::kRepeat:
      if (i.amount == 0) {
        next = i.partner + 1;
      } else {
        frames_.repeats.push_back({.left = i.amount});
      }
      break;
    case Kind::kRepeatEnd: {
      Rounds& rounds = frames_.repeats.back();
      ++rounds.done;
      if (rounds.left < 0 || --rounds.left > 0) {
        next = i.partner + 1;
      } else {
        frames_.repeats.pop_back();
      }
      break;
    }
    case Kind::kLoop: frames_.loops.push_back({pc_, depth()}); break;
    case Kind::kLoopEnd: next = i.partner + 1; break;
    case Kind::kMeasure: frames_.measures.push_back(api_.now()); break;
    case Kind::kMeasureEnd:
      (*metrics_)[process_ + "." + i.name].add(frames_.measures.back(), api_.now(),
                                               api_.last_return());
      frames_.measures.pop_back();
      break;
    case Kind::kAtEnd: next = i.partner + 1; break;
    case Kind::kBlockEnd:
      if (program_->code[i.partner].kind == Kind::kAtEnd) return end_round();
      break;
    case Kind::kSnapshot:
      outcome_->snapshots.push_back({i.name, api_.now(), api_.sockets()});
      break;
    default: next = control_ready(i);
  }
  pc_ = next;
}

// What follows from the answers of the last wait.
uint32_t Machine::control_ready(const Instruction& i) {
  const auto asked_for = [&](const socket::Ready& answer) {
    const socket::Events& e = answer.events;
    return !i.events.any() || (e & i.events).any() || e.error || e.hang_up;
  };
  if (i.kind == Kind::kIfReady) {
    const socket::Descriptor fd = fd_of(i.socket);
    const bool is_ready = std::any_of(ready_.begin(), ready_.end(), [&](const auto& answer) {
      return answer.fd == fd && asked_for(answer);
    });
    return is_ready ? pc_ + 1 : i.partner + 1;
  }
  if (i.kind == Kind::kEachReady) {
    std::vector<socket::Descriptor> left_out;
    for (const socket::PollRequest& r : requests(i.watched)) left_out.push_back(r.fd);
    const Depth before = depth();
    Answers& answers = frames_.answers.emplace_back(
        Answers{.begin = pc_, .depth = before, .loops = frames_.loops.size()});
    for (const socket::Ready& answer : ready_) {
      const auto has = [&](const std::vector<socket::Descriptor>& list) {
        return std::find(list.begin(), list.end(), answer.fd) != list.end();
      };
      if (asked_for(answer) && !has(left_out) && !has(answers.fds))
        answers.fds.push_back(answer.fd);
    }
  }
  CHECK(i.kind == Kind::kEachReady || i.kind == Kind::kEachReadyEnd);
  const uint32_t begin = i.kind == Kind::kEachReady ? pc_ : i.partner;
  const uint32_t end = i.kind == Kind::kEachReady ? i.partner : pc_;
  Answers& answers = frames_.answers.back();
  if (answers.next == answers.fds.size()) {
    frames_.answers.pop_back();
    return end + 1;
  }
  slot(i.socket) = {answers.fds[answers.next++], false};
  return begin + 1;
}

Machine::Depth Machine::depth() const {
  return {frames_.repeats.size(), frames_.measures.size(), frames_.answers.size()};
}

void Machine::close_down_to(const Depth& depth) {
  frames_.repeats.resize(depth.repeats);
  frames_.measures.resize(depth.measures);
  frames_.answers.resize(depth.answers);
}

void Machine::end_round() {
  stage_ = 0;
  if (!frames_.answers.empty() && frames_.answers.back().loops == frames_.loops.size()) {
    const Answers& answers = frames_.answers.back();
    const uint32_t begin = answers.begin;
    Depth inside = answers.depth;
    ++inside.answers;
    close_down_to(inside);
    pc_ = program_->code[begin].partner;  // which goes on with the next
  } else if (!frames_.loops.empty()) {
    const OpenLoop loop = frames_.loops.back();
    frames_.loops.pop_back();
    close_down_to(loop.depth);
    pc_ = program_->code[loop.begin].partner + 1;
  } else {
    ++pc_;
  }
}

// Its own `at_end` comes first.
void Machine::read_ended() {
  if (!has_at_end()) return end_round();
  pc_ += 2;
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

void Machine::failed(const Instruction& i, std::string_view call, const host::CallResult& result) {
  const Errno error = *result.error;
  const std::string text = call_text(i, call) + ": " + errno_name(error);
  if (result.broken_pipe_signal && program_->broken_pipe_ends) {
    outcome_->failure = text + ", killed by SIGPIPE";
    killed_ = true;
    return;
  }
  if (!tolerates(i, text, error)) {
    outcome_->failure = text;
    if (i.expected) outcome_->failure += std::string(", expected ") + errno_name(*i.expected);
    return;
  }
  (*metrics_)[process_ + "." + errno_name(error)].add_number(1);
}

void Machine::succeeded(const Instruction& i, int64_t value) {
  record(i, value);
  const std::string call = call_text(i, call_of(i.kind));
  if (i.expected) {
    outcome_->failure = call + ": succeeded, expected " + errno_name(*i.expected);
  } else if (i.equals && *i.equals != value) {
    outcome_->failure =
        call + ": " + std::to_string(value) + ", expected " + std::to_string(*i.equals);
  }
}

void Machine::conclude(const Instruction& i, host::CallResult&& result) {
  const bool reads = i.kind == Kind::kRead || i.kind == Kind::kRecv;
  if (result.error) {
    failed(i, call_of(i.kind), result);
    if (!running()) return;
    // `while (recv(...) > 0)` ends at an error, too.
    if (reads && *result.error != Errno::kEAGAIN) return read_ended();
    return done();
  }
  if (reads) return conclude_read(i, result.value);
  int64_t value = result.value;
  const auto fd = static_cast<socket::Descriptor>(value);
  switch (i.kind) {
    case Kind::kSocket: slot(i.socket) = {fd, true}; break;
    case Kind::kEpollCreate:
    case Kind::kKqueue: slot(i.socket) = {fd, false}; break;
    case Kind::kRecvFrom: slot(i.socket).sender = result.address; break;
    case Kind::kAccept: slot(i.into) = {fd, false}; break;
    case Kind::kClose: slot(i.socket).fresh = false; break;
    case Kind::kWrite:
    case Kind::kSendTo:
    case Kind::kSend:
      if (i.text.empty()) sent_ += static_cast<uint64_t>(value);
      break;
    case Kind::kPoll:
    case Kind::kSelect:
    case Kind::kEpollWait:
    case Kind::kKeventWait: ready_ = std::move(result.ready); break;
    case Kind::kGetsockopt:
    case Kind::kTcpInfo: value = fetched_option(i, result); break;
    default: break;
  }
  if (i.kind == Kind::kWrite && value < left_) {  // of a socket that does not sleep
    left_ -= value;
    stage_ = 1;
    return;
  }
  succeeded(i, value);
  if (running()) done();
}

// The end of the stream ends the innermost loop.
void Machine::conclude_read(const Instruction& i, int64_t got) {
  left_ -= got;
  const bool whole = i.kind == Kind::kRead;
  if (got == 0 && i.amount > 0) {
    const bool awaited = has_at_end() || !frames_.loops.empty() || !frames_.answers.empty();
    if (whole && !awaited && !i.may_fail) {
      const std::string text = "recv: end of stream, " + std::to_string(left_) + " bytes missing";
      if (!program_->goes_on) {
        outcome_->failure = text;
        return;
      }
      outcome_->remarks.push_back(text);
    }
    return read_ended();
  }
  if (whole && left_ > 0) {
    stage_ = 1;
    return;
  }
  succeeded(i, whole ? i.amount : got);
  if (running()) done();
}

}  // namespace tcptwin::app
