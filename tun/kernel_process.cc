#include "tun/kernel_process.h"

#include <signal.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/host/call_record.h"
#include "sim/scenario/world.h"
#include "stack/base/check.h"
#include "tun/failure.h"

namespace tcptwin::tun {

using host::Thread;
using trace::CallKind;

namespace {

constexpr auto kKickDistance = std::chrono::milliseconds(1);

// Ends a system call with EINTR. Its handler does nothing.
int kick_signal() { return SIGRTMIN + 3; }

void prepare_signals() {
  struct sigaction nothing {};
  nothing.sa_handler = [](int) {};
  checked(::sigaction(kick_signal(), &nothing, nullptr), "a signal handler");
}

// All other signals are for the thread that started this one.
void take_no_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigdelset(&all, kick_signal());
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

KernelProcess::KernelProcess(const KernelProcessSetup& setup) : setup_(setup) {
  prepare_signals();
  main_.process = setup.number;
  pattern_.number = uint64_t{setup.number} + 1;
  Payload::synthetic(pattern_.number, 0, setup.pattern_bytes).materialize(pattern_.bytes);
  const app::SocketApi api(*this, main_, &shared_);
  task_ = scenario::task_of(*setup.spec, api, pattern_.number, metrics_, outcome_);
  main_.waiting = task_->handle();
}

KernelProcess::~KernelProcess() { stop(); }

bool KernelProcess::runs_for_ever() const {
  return setup_.spec->ready && programs::serves_for_ever(*setup_.spec->ready);
}

// ---- threads

void KernelProcess::launch() {
  const Lock lock(mutex_);
  spawn(main_, Instant() + setup_.spec->start);
}

void KernelProcess::go(const Clock& clock) {
  const Lock lock(mutex_);
  clock_ = &clock;
  changed_.notify_all();
}

// Under the mutex.
void KernelProcess::spawn(Thread& child, Instant start) {
  child.process = setup_.number;
  child.number = static_cast<uint32_t>(running_.size());
  Running& own = running_.emplace_back();
  own.thread = &child;
  own.system = std::thread([this, &own, start] { run_thread(own, start); });
}

void KernelProcess::run_thread(Running& own, Instant start) {
  take_no_signals();
  setup_.where->enter();
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return clock_ != nullptr || stopping_; });
  if (!stopping_) {
    lock.unlock();
    const timespec at = clock_->system_time(start);
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
    lock.lock();
    follow(lock, *own.thread);
  }
  own.thread->over = true;
  own.over = true;
  changed_.notify_all();
}

// The coroutine of a thread, from call to call, until its end or the run's.
void KernelProcess::follow(Lock& lock, Thread& thread) {
  while (thread.waiting && !thread.over && !stopping_) {
    thread.now = clock_->now();
    std::exchange(thread.waiting, nullptr).resume();
    if (thread.waiting) make_call(lock, thread);
  }
  const bool ended = &thread == &main_ && !stopping_ && task_->done();
  if (ended && setup_.over) setup_.over();
}

void KernelProcess::end_thread(Thread& thread) {
  thread.over = true;
  changed_.notify_all();
}

void KernelProcess::stop() {
  Lock lock(mutex_);
  stopping_ = true;
  end_others(lock, nullptr);
  descriptors_.close_all();
  for (Running& own : running_) {
    if (own.system.joinable()) own.system.join();
  }
}

// Returns when no other thread touches anything of the process. One that enters its call just after
// a signal gets the next.
void KernelProcess::end_others(Lock& lock, const Thread* except) {
  for (Running& own : running_) {
    if (own.thread != except) own.thread->over = true;
  }
  const auto ended = [&] {
    return std::all_of(running_.begin(), running_.end(),
                       [&](const Running& r) { return r.over || r.thread == except; });
  };
  changed_.notify_all();
  while (!ended()) {
    for (Running& own : running_) {
      if (!own.over && own.thread != except)
        ::pthread_kill(own.system.native_handle(), kick_signal());
    }
    changed_.wait_for(lock, kKickDistance);
  }
}

// ---- calls

void KernelProcess::make_call(Lock& lock, Thread& thread) {
  const size_t index = calls_.size();
  calls_.push_back({.thread = thread.number, .call = host::call_record(thread)});
  thread.result = host::CallResult();
  if (!is_system_call(thread.call.kind)) {
    calls_[index].started = clock_->now();
    make_own_call(lock, thread);
    calls_[index].returned = clock_->now();
  } else {
    thread_local std::vector<uint8_t> buffer;
    const CallSite site = this->site(&buffer);
    int unknown = 0;
    lock.unlock();
    const std::span<uint8_t> data = prepare(site, thread.call);
    const Instant started = clock_->now();
    host::CallResult result = perform(site, thread.call, data, unknown);
    const Instant returned = clock_->now();
    lock.lock();
    thread.result = std::move(result);
    calls_[index].started = started;
    if (thread.over || stopping_) return;  // it was ended
    calls_[index].returned = returned;
    if (unknown != 0) {
      outcome_.failure = std::string(trace::call_name(thread.call.kind)) + ": " +
                         std::strerror(unknown) + ", an error that the simulation does not have";
    }
  }
  calls_[index].value = thread.result.value;
  calls_[index].error = thread.result.error;
}

CallSite KernelProcess::site(std::vector<uint8_t>* buffer) const {
  return {&descriptors_, setup_.profile, setup_.congestion.c_str(), setup_.ipv6, buffer, &pattern_};
}

// What is no business of the network.
void KernelProcess::make_own_call(Lock& lock, Thread& thread) {
  switch (thread.call.kind) {
    case CallKind::kSleep: return sleep(lock, thread);
    case CallKind::kLock: return lock_mutex(lock, thread);
    case CallKind::kUnlock:
      if (thread.call.mutex->holder != &thread) {
        thread.result.error = Errno::kEPERM;
        thread.result.value = -1;
        return;
      }
      thread.call.mutex->holder = nullptr;
      changed_.notify_all();
      return;
    case CallKind::kSpawn:
      thread.result.value = thread.call.amount;
      return spawn(*thread.call.thread, clock_->now());
    case CallKind::kJoin:
      changed_.wait(lock, [&] { return thread.call.thread->over || thread.over; });
      return;
    case CallKind::kExit:
      end_others(lock, &thread);
      descriptors_.close_all();
      return;
    default: CHECK(false);
  }
}

void KernelProcess::sleep(Lock& lock, const Thread& thread) {
  const timespec until = clock_->system_time(clock_->now() + thread.call.sleep);
  lock.unlock();
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
  lock.lock();
}

void KernelProcess::lock_mutex(Lock& lock, Thread& thread) {
  host::Mutex& mutex = *thread.call.mutex;
  if (mutex.holder == &thread) {
    thread.result.error = Errno::kEDEADLK;
    thread.result.value = -1;
    return;
  }
  changed_.wait(lock, [&] { return mutex.holder == nullptr || thread.over; });
  if (mutex.holder == nullptr) mutex.holder = &thread;
}

}  // namespace tcptwin::tun
