// machine.h: runs the instructions of one program, call by call. What an operation means is here,
// what a call does is the host's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/app/program.h"

namespace tcptwin::app {

// One thread of a program. A thread that it spawns is a copy of it: it starts with the same names,
// and what either names afterwards is its own. The descriptors belong to both.
class Machine {
 public:
  // All references outlive it.
  Machine(SocketApi api, const Program& program, std::string process, uint64_t pattern,
          Metrics& metrics, ProcessOutcome& outcome);

  // Until the program's end, or the call that ends it.
  Task run();
  // The process is over: how it came out.
  void conclude_process();

 private:
  using Kind = Instruction::Kind;
  struct Slot {
    socket::Descriptor fd = -1;
    bool fresh = false;        // made by `socket` or `bind`: listen and connect take it
    socket::Address sender{};  // of the last datagram
  };
  struct Rounds {
    int64_t left = 0;  // below 0: for ever
    int64_t done = 0;
  };
  // How much was open when a block began.
  struct Depth {
    size_t repeats = 0;
    size_t measures = 0;
    size_t answers = 0;
  };
  // An `each_ready` that goes on.
  struct Answers {
    std::vector<socket::Descriptor> fds{};
    size_t next = 0;
    uint32_t begin = 0;
    Depth depth{};
    size_t loops = 0;
  };
  struct OpenLoop {
    uint32_t begin = 0;
    Depth depth{};
  };
  // The blocks that are open.
  struct Frames {
    std::vector<Rounds> repeats{};
    std::vector<Instant> measures{};  // their starts
    std::vector<OpenLoop> loops{};
    std::vector<Answers> answers{};
  };

  const Instruction& at() const { return program_->code[pc_]; }
  bool running() const { return pc_ < end_ && !exited_ && outcome_->failure.empty(); }
  bool has_at_end() const { return pc_ + 1 < end_ && program_->code[pc_ + 1].kind == Kind::kAtEnd; }
  void done() {
    ++pc_;
    stage_ = 0;
  }

  // machine.cc: what calls nothing, and what happens after a call
  void control(const Instruction& i);
  uint32_t control_ready(const Instruction& i);
  Depth depth() const;
  void close_down_to(const Depth& depth);
  // What follows the end of a stream: the next socket of `each_ready`, or what is behind the loop.
  void end_round();
  // The stream that a read was to read from has ended, or failed.
  void read_ended();
  // What the program makes of a failed call: it stops, or goes on as if nothing were.
  void failed(const Instruction& i, std::string_view call, const host::CallResult& result);
  bool tolerates(const Instruction& i, const std::string& text, Errno error);
  void succeeded(const Instruction& i, int64_t value);
  void conclude(const Instruction& i, host::CallResult&& result);
  void conclude_read(const Instruction& i, int64_t got);
  void record(const Instruction& i, int64_t value);
  Payload generated(int64_t bytes) const;

  // machine_calls.cc: operations of one call, and of several
  Slot& slot(const SocketRef& ref);
  socket::Descriptor fd_of(const SocketRef& ref);
  std::vector<socket::PollRequest> requests(const std::vector<Watched>& watched);
  std::vector<socket::PollRequest> sets(const std::vector<Watched>& watched);
  SocketApi::Calling single_call(const Instruction& i);
  SocketApi::Calling event_call(const Instruction& i);
  SocketApi::Calling datagram_call(const Instruction& i);  // machine_datagrams.cc
  SocketApi::Calling new_socket(const Instruction& i);
  SocketApi::Calling option_call(const Instruction& i);
  int64_t fetched_option(const Instruction& i, const host::CallResult& result);
  Task compound(const Instruction& i);
  Task prepare(const Instruction& i, bool& ready);
  Task listen(const Instruction& i);
  Task connect(const Instruction& i);
  Task fill(const Instruction& i);
  Task serve_clients(const Instruction& i);
  Task spawn(const Instruction& i);
  Task join(const Instruction& i);
  Task exit(const Instruction& i);
  std::function<Task(SocketApi)> thread_at(const Instruction& i) const;
  static Task run_thread(SocketApi api, Machine thread);

  SocketApi api_;
  const Program* program_;
  std::string process_;
  uint64_t pattern_;
  Metrics* metrics_;
  ProcessOutcome* outcome_;
  uint32_t pc_ = 0;
  uint32_t end_;         // of what this thread does
  bool exited_ = false;  // the process is over
  bool killed_ = false;  // by a signal
  int stage_ = 0;        // of an instruction that repeats its call
  int64_t left_ = 0;     // bytes that it still wants
  uint64_t sent_ = 0;    // bytes of the generated pattern that were taken
  std::vector<std::vector<Slot>> slots_;
  Frames frames_;
  std::vector<socket::Ready> ready_;                     // what the last wait said
  std::map<std::string, std::vector<int64_t>> threads_;  // by name: those to join
};

}  // namespace tcptwin::app
