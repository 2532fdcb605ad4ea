// threads.cc: the calls of threads that are no business of the stack: sleeping, mutexes, other
// threads, the end of a process.
#include <algorithm>
#include <utility>

#include "sim/host/simulated_host.h"
#include "stack/base/check.h"

namespace tcptwin::host {

using trace::CallKind;

bool SimulatedHost::is_own(CallKind kind) {
  return kind == CallKind::kSleep || kind == CallKind::kLock || kind == CallKind::kUnlock ||
         kind == CallKind::kSpawn || kind == CallKind::kJoin || kind == CallKind::kExit;
}

void SimulatedHost::own_call(Instant now, uint32_t index) {
  Thread& thread = *threads_[index].thread;
  thread.result = CallResult();
  switch (thread.call.kind) {
    case CallKind::kSleep:
      return end_call(now, index, thread.call.sleep + time_.spend(time_.config().sleep_slack));
    case CallKind::kLock: return lock(now, index);
    case CallKind::kUnlock: {
      const bool contended = !thread.call.mutex->waiters.empty();
      thread.result.error = unlock(now, index);
      if (thread.result.error) thread.result.value = -1;
      // Nobody waits: it does not enter the kernel.
      return end_call(now, index, contended ? time_.spend(time_.config().system_call) : Duration());
    }
    case CallKind::kSpawn: return spawn(now, index);
    case CallKind::kJoin:
      if (thread.call.thread != nullptr && !thread.call.thread->over) {
        thread.call.thread->joiners.push_back(index);
        return;
      }
      return end_call(now, index, time_.spend(time_.config().system_call));
    case CallKind::kExit: return exit_process(now, index);
    default: CHECK(false);
  }
}

void SimulatedHost::end_call(Instant now, uint32_t index, Duration cost) {
  threads_[index].step = ThreadStep::kReturn;
  run_at(index, now + cost);
}

// A sleeping thread gets a time to run, and then tries its call again.
void SimulatedHost::wake_thread(Instant now, uint32_t index, RecordId cause) {
  threads_[index].step = ThreadStep::kTryAgain;
  threads_[index].wakeup = cause;
  run_at(index, now + time_.spend(time_.config().wake));
}

// pthread_mutex_lock over a futex: free, it costs no call; held, the thread sleeps and competes
// again when it wakes.
void SimulatedHost::lock(Instant now, uint32_t index) {
  Thread& thread = *threads_[index].thread;
  Mutex& mutex = *thread.call.mutex;
  const bool woken = threads_[index].step == ThreadStep::kTryAgain;
  if (mutex.holder == &thread) {
    thread.result.error = Errno::kEDEADLK;
    thread.result.value = -1;
  } else if (mutex.holder != nullptr) {
    mutex.waiters.push_back(index);
    return;
  } else {
    mutex.holder = &thread;
  }
  end_call(now, index, woken ? time_.spend(time_.config().system_call) : Duration());
}

std::optional<Errno> SimulatedHost::unlock(Instant now, uint32_t index) {
  Mutex& mutex = *threads_[index].thread->call.mutex;
  if (mutex.holder != threads_[index].thread) return Errno::kEPERM;
  mutex.holder = nullptr;
  if (mutex.waiters.empty()) return std::nullopt;
  const uint32_t next = mutex.waiters.front();
  mutex.waiters.pop_front();
  wake_thread(now, next, threads_[index].call);
  return std::nullopt;
}

void SimulatedHost::spawn(Instant now, uint32_t index) {
  const Thread& parent = *threads_[index].thread;
  Thread& child = *parent.call.thread;
  child.process = parent.process;
  child.stack_process = parent.stack_process;
  child.last_return = threads_[index].call;  // what its first call comes from
  enter_thread(child, now + time_.spend(time_.config().wake));
  threads_[index].thread->result.value = parent.call.amount;
  end_call(now, index, time_.spend(time_.config().system_call));
}

// Those that wait for it do not look at it again: it may be gone by then.
void SimulatedHost::end_thread(Thread& thread) {
  thread.over = true;
  for (const uint32_t joiner : std::exchange(thread.joiners, {})) {
    threads_[joiner].thread->call.thread = nullptr;
    wake_thread(thread.now, joiner, thread.last_return);
  }
  reschedule();
}

// A place that is free is taken again, so that who comes and goes for ever takes no more room.
void SimulatedHost::enter_thread(Thread& thread, Instant start) {
  if (free_threads_.empty()) {
    thread.number = static_cast<uint32_t>(threads_.size());
    threads_.emplace_back();
  } else {
    thread.number = free_threads_.back();
    free_threads_.pop_back();
  }
  threads_[thread.number] = {.thread = &thread, .rank = threads_started_++};
  run_at(thread.number, start);
}

// Runs it up to its next call, or to its end.
void SimulatedHost::resume(Instant now, uint32_t index) {
  Thread& thread = *threads_[index].thread;
  thread.now = now;
  std::exchange(thread.waiting, nullptr).resume();
  if (!thread.over) return;
  thread.has_left = true;
  threads_[index] = {};
  free_threads_.push_back(index);
}

// All its threads end where they are; the calling one comes back, to nothing that is open.
void SimulatedHost::exit_process(Instant now, uint32_t index) {
  const Thread& thread = *threads_[index].thread;
  stack_->exit_process(now, {thread.stack_process, threads_[index].call});
  for (uint32_t other = 0; other < threads_.size(); ++other) {
    ThreadState& state = threads_[other];
    if (other == index || state.thread == nullptr ||
        state.thread->stack_process != thread.stack_process)
      continue;
    agenda_.remove(other);
    sleepers_.erase(state.operation);
    state.thread->over = true;
  }
  drain(now);
  end_call(now, index, time_.spend(time_.config().system_call));
}

}  // namespace tcptwin::host
