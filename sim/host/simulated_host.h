// simulated_host.h: a host in virtual time: a stack, the cost of its work, and the threads that
// call it. What goes over the wire is the stack's decision, when it happens is the time model's.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/engine.h"
#include "sim/host/kernel.h"
#include "sim/host/thread.h"
#include "sim/host/time_model.h"
#include "sim/trace/journal.h"
#include "stack/base/deadline_heap.h"
#include "stack/base/ring.h"
#include "stack/host/host_stack.h"
#include "stack/policy/profile.h"

namespace tcptwin::host {

struct SimulatedHostSetup {
  std::string name;
  uint16_t number = 0;                       // in the world, for record ids
  const policy::Profile* profile = nullptr;  // outlives the host
  Duration uptime{};
  std::vector<Interface> interfaces;  // [0] the loopback
  std::vector<Route> routes;
  uint64_t seed = 0;
};

class SimulatedHost final : public engine::Node, public Kernel {
 public:
  SimulatedHost(const SimulatedHostSetup& setup, trace::Journal& journal);

  const std::string& name() const { return name_; }
  const policy::Profile& profile() const override { return *profile_; }
  HostStack& stack() { return *stack_; }
  // What leaves through `interface` goes to `port` of `node`.
  void attach(uint32_t interface, engine::Node& node, uint32_t port);

  // Enters a thread; it first runs at `start`. The thread outlives the run.
  void add_thread(Thread& thread, Instant start);

  // Kernel
  void begin_call(Thread& thread) override;
  void end_thread(Thread& thread) override;
  std::vector<SocketRow> sockets() const override { return stack_->snapshot(); }

  // Port: the interface.
  void on_packet(Instant now, engine::Transit&& transit, uint32_t interface) override;
  engine::Due next() const override;
  void run(Instant now, engine::Phase phase) override;

 private:
  struct Attachment {
    engine::Node* node = nullptr;
    uint32_t port = 0;
  };
  struct Received {
    wire::Packet packet;
    RecordId record = RecordId::kNone;
    Instant ready;  // when the stack gets it
    RecordId sent = RecordId::kNone;
    bool continues = false;     // as OutPacket says
    uint32_t segment_size = 0;  // the same
  };
  struct LoopbackTransit {
    engine::Transit transit;
    Instant arrives;
    bool continues = false;
    uint32_t segment_size = 0;
  };
  struct Flow {
    wire::IpAddress from, to;
    wire::Port from_port{}, to_port{};
    bool operator==(const Flow&) const = default;
  };
  // Packets of calls on their way over the loopback, where TimeModelConfig::loopback_is_carried.
  struct Carried {
    Ring<OutPacket> waiting;
    RecordId current = RecordId::kNone;  // the one that left last; none: no call is under way
    bool arrived = false;                // it has been handled
    Flow flow;                           // and whose answers wait
    std::vector<Received> answers;
  };
  enum class ThreadStep : uint8_t { kRun, kResumeCall, kTryAgain, kReturn };
  // Of threads that run at the same instant, the one that was started first comes first.
  struct Turn {
    Instant at;
    uint64_t rank = 0;
    bool operator<(const Turn& other) const {
      return at != other.at ? at < other.at : rank < other.rank;
    }
  };
  struct ThreadState {
    Thread* thread = nullptr;  // null: the place is free
    uint64_t rank = 0;         // how many were started before it
    ThreadStep step = ThreadStep::kRun;
    socket::OperationId operation = socket::OperationId::kNone;
    RecordId call = RecordId::kNone;    // record of the call it is in
    RecordId cause = RecordId::kNone;   // of its return: the call, or its waking
    RecordId wakeup = RecordId::kNone;  // what woke it
  };

  // threads.cc: calls that are no business of the stack
  static bool is_own(trace::CallKind kind);
  void own_call(Instant now, uint32_t index);
  void end_call(Instant now, uint32_t index, Duration cost);
  void lock(Instant now, uint32_t index);
  std::optional<Errno> unlock(Instant now, uint32_t index);
  void spawn(Instant now, uint32_t index);
  void exit_process(Instant now, uint32_t index);
  void wake_thread(Instant now, uint32_t index, RecordId cause);
  void enter_thread(Thread& thread, Instant start);
  void run_at(uint32_t index, Instant at) { agenda_.set(index, {at, threads_[index].rank}); }
  void resume(Instant now, uint32_t index);

  void run_packets(Instant now);
  void run_threads(Instant now);
  void step(Instant now, uint32_t index);
  void issue(Instant now, uint32_t index);
  socket::Outcome perform(Instant now, Thread& thread, const socket::Caller& caller);
  socket::Outcome wait_for_events(Instant now, Call& call, const socket::Caller& caller);
  static void as_select(const Call& call, socket::Outcome& outcome);
  void finish(Instant now, uint32_t index, socket::Outcome&& outcome, int packets_sent);
  int drain(Instant now, bool in_call = false);
  void transmit(Instant now, OutPacket&& out);

  // carried.cc
  void carry_next(Instant now);
  bool belongs_to_call(const wire::Packet& packet) const;
  bool answers_are_under_way() const;
  void end_carrying(Instant now);

  std::string name_;
  const policy::Profile* profile_;
  RecordIds ids_;
  TimeModel time_;
  std::unique_ptr<HostStack> stack_;
  trace::Journal* journal_;
  std::vector<Attachment> attachments_;
  std::vector<Instant> last_departure_;  // per interface: packets keep their order under jitter
  Instant last_ready_;                   // the same for received packets
  Ring<LoopbackTransit> loopback_;
  Ring<Received> received_;
  Carried carried_;
  std::deque<ThreadState> threads_;
  std::vector<uint32_t> free_threads_;  // places of those that are over
  uint64_t threads_started_ = 0;
  std::map<socket::OperationId, uint32_t> sleepers_;  // operation -> thread
  DeadlineHeap<Turn> agenda_;                         // by thread
};

}  // namespace tcptwin::host
