// kernel_process.h: a process of a scenario over this machine's own sockets: each of its threads is
// a thread of the machine, in the network namespace of its host, and each call is the kernel's own.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sim/app/metrics.h"
#include "sim/app/process.h"
#include "sim/host/kernel.h"
#include "sim/scenario/scenario.h"
#include "tun/clock.h"
#include "tun/net_namespace.h"
#include "tun/system_calls.h"

namespace tcptwin::tun {

// A call of a program as it was made, in virtual time.
struct LoggedCall {
  uint32_t thread = 0;  // of the process, in the order of their making
  trace::CallStarted call;
  Instant started{};
  Instant returned = Instant::never();  // never: it had not come back when the run ended
  int64_t value = 0;
  std::optional<Errno> error{};
};

struct KernelProcessSetup {
  const scenario::ProcessSpec* spec = nullptr;
  const policy::Profile* profile = nullptr;  // of its host: what the headers say
  const NetNamespace* where = nullptr;
  std::string congestion{};      // of its TCP sockets; empty: the namespace's
  uint32_t number = 0;           // among the processes of the scenario
  size_t pattern_bytes = 0;      // of its generated data that are to be ready beforehand
  bool ipv6 = false;             // the scenario uses both versions of IP
  std::function<void()> over{};  // called once on one of its threads when it has come to its end
};

// What a process asks for that this kernel has not, or that would change this program itself:
// "process server: kqueue, which this kernel has not". Nothing: it can run.
std::optional<std::string> unsuitable(const scenario::ProcessSpec& spec);
// Whether its programs use IPv6.
bool uses_ipv6(const scenario::ProcessSpec& spec);

// Invariants: the coroutines, the thread list, and what the program fills in belong to whoever
// holds mutex_; no system call is made with it. All of setup outlives it.
class KernelProcess final : public host::Kernel {
 public:
  explicit KernelProcess(const KernelProcessSetup& setup);
  ~KernelProcess() override;
  KernelProcess(const KernelProcess&) = delete;
  KernelProcess& operator=(const KernelProcess&) = delete;

  // Its first thread is made, enters the namespace and waits.
  void launch();
  // The program begins at its start in the virtual time of `clock`, which outlives it.
  void go(const Clock& clock);
  // Ends all threads, wherever they sleep, and closes what is open. The rest is for afterwards.
  void stop();

  const std::string& name() const { return setup_.spec->name; }
  bool runs_for_ever() const;
  const app::Metrics& metrics() const { return metrics_; }
  const app::ProcessOutcome& outcome() const { return outcome_; }
  const std::vector<LoggedCall>& calls() const { return calls_; }

  // Kernel: on the threads of the process.
  void begin_call(host::Thread&) override {}  // follow() makes it once the coroutine has let go
  void end_thread(host::Thread& thread) override;
  std::vector<host::SocketRow> sockets() const override;
  const policy::Profile& profile() const override { return *setup_.profile; }

 private:
  struct Running {
    host::Thread* thread = nullptr;
    bool over = false;  // it touches nothing of ours any more
    std::thread system{};
  };
  using Lock = std::unique_lock<std::mutex>;
  CallSite site(std::vector<uint8_t>* buffer) const;

  void run_thread(Running& own, Instant start);
  void follow(Lock& lock, host::Thread& thread);
  void make_call(Lock& lock, host::Thread& thread);
  void make_own_call(Lock& lock, host::Thread& thread);
  void sleep(Lock& lock, const host::Thread& thread);
  void lock_mutex(Lock& lock, host::Thread& thread);
  void spawn(host::Thread& child, Instant start);
  void end_others(Lock& lock, const host::Thread* except);

  KernelProcessSetup setup_;
  const Clock* clock_ = nullptr;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  mutable Descriptors descriptors_;
  mutable ReadyPattern pattern_;
  host::Thread main_;
  app::Process shared_;
  app::Metrics metrics_;
  app::ProcessOutcome outcome_;
  std::vector<LoggedCall> calls_;
  std::deque<Running> running_;
  std::optional<app::Task> task_;  // dies before what it refers to
};

}  // namespace tcptwin::tun
