// machine.h: runs the instructions of one program, call by call. What an operation means is here,
// what a call does is the host's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/app/program.h"

namespace tcptwin::app {

class Machine {
 public:
  // All references outlive it.
  Machine(SocketApi api, const Program& program, std::string process, uint64_t pattern,
          Metrics& metrics, ProcessOutcome& outcome);

  // Until the program's end, or the call that ends it.
  Task run();

 private:
  using Kind = Instruction::Kind;
  struct Slot {
    socket::Descriptor fd = -1;
    bool fresh = false;  // made by `socket` or `bind`: listen and connect take it
  };
  struct OpenLoop {
    uint32_t begin = 0;
    size_t repeats = 0;  // how many repeats and measures were open when it began
    size_t measures = 0;
  };

  const Instruction& at() const { return program_->code[pc_]; }
  bool running() const { return pc_ < program_->code.size() && outcome_->failure.empty(); }
  void done() {
    ++pc_;
    stage_ = 0;
  }

  // machine.cc: what calls nothing, and what happens after a call
  void control(const Instruction& i);
  void leave_loop();
  // What the program makes of a failed call: it stops, or goes on as if nothing were.
  void failed(const Instruction& i, std::string_view call, Errno error);
  bool tolerates(const Instruction& i, const std::string& text, Errno error);
  void succeeded(const Instruction& i, int64_t value);
  void conclude(const Instruction& i, host::CallResult&& result);
  void conclude_read(const Instruction& i, int64_t got);
  void record(const Instruction& i, int64_t value);
  Payload generated(int64_t bytes) const;

  // machine_calls.cc: operations of one call, and of several
  SocketApi::Calling single_call(const Instruction& i);
  Task compound(const Instruction& i);
  Task prepare(const Instruction& i, bool& ready);
  Task listen(const Instruction& i);
  Task connect(const Instruction& i);
  Task fill(const Instruction& i);

  SocketApi api_;
  const Program* program_;
  std::string process_;
  uint64_t pattern_;
  Metrics* metrics_;
  ProcessOutcome* outcome_;
  uint32_t pc_ = 0;
  int stage_ = 0;      // of an instruction that repeats its call
  int64_t left_ = 0;   // bytes that it still wants
  uint64_t sent_ = 0;  // bytes of the generated pattern that were taken
  std::vector<Slot> slots_;
  std::vector<int64_t> repeats_;   // rounds left of those that are open
  std::vector<Instant> measures_;  // starts of those that are open
  std::vector<OpenLoop> loops_;
};

}  // namespace tcptwin::app
