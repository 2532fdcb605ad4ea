#include "sim/programs/message_workers.h"

#include <map>
#include <utility>
#include <vector>

namespace tcptwin::programs {

// Not unnamed: coroutines keep it in their frames.
namespace message_sending {

using Connections = MessageWorkersPlan::Connections;
using socket::Descriptor;

constexpr const char* kMutex = "lock";

struct Queue {
  const MessageWorkersPlan* plan;
  ProgramRun* run;
  int64_t taken = 0;
  Descriptor shared = -1;  // Connections::kOne

  bool empty() const { return taken >= plan->messages; }
  Payload next() {
    const auto begin = static_cast<uint64_t>(taken++ * plan->bytes);
    return Payload::synthetic(run->pattern, begin, static_cast<size_t>(plan->bytes));
  }
};

Task open(SocketApi api, Queue* queue, Descriptor& fd) {
  const Instant begin = api.now();
  const Task opening = open_connection(api, queue->plan->peer, *queue->run, fd);
  co_await opening;
  if (fd >= 0) queue->run->measured("connect", begin, api);
}

// Takes one message and sends it; `fd`: of this worker, -1: it has none.
Task one_message(SocketApi api, Queue* queue, Descriptor& fd) {
  const Instant begin = api.now();
  Payload message = queue->next();
  const bool shares = queue->plan->connections == Connections::kOne;
  Descriptor& used = shares ? queue->shared : fd;
  if (used < 0) {
    const Task opening = open(api, queue, used);
    co_await opening;
    if (used < 0) co_return;
  }
  const SocketApi::Calling sending = api.send(used, std::move(message));
  const host::CallResult sent = co_await sending;
  if (sent.error) queue->run->count(*sent.error);
  if (queue->plan->connections == Connections::kEach) {
    co_await api.close(fd);
    fd = -1;
  }
  if (!sent.error) queue->run->measured("message", begin, api);
}

Task work(SocketApi api, Queue* queue) {
  Descriptor fd = -1;
  const bool locks = queue->plan->mutex;
  while (!queue->empty()) {
    if (locks) co_await api.lock(kMutex);
    if (!queue->empty()) {
      const Task sending = one_message(api, queue, fd);
      co_await sending;
    }
    if (locks) co_await api.unlock(kMutex);
  }
  if (fd >= 0) co_await api.close(fd);
}

Task in_threads(SocketApi api, Queue* queue) {
  std::vector<int64_t> threads;
  for (int64_t i = 0; i < queue->plan->workers; ++i) {
    const SocketApi::Calling spawning =
        api.spawn([queue](const SocketApi& own) -> Task { return work(own, queue); });
    threads.push_back((co_await spawning).value);
  }
  for (const int64_t thread : threads) co_await api.join(thread);
  if (queue->shared >= 0) co_await api.close(queue->shared);
}

// ---- one thread and epoll

struct Flight {
  Payload message;
  Instant begin;
};

using Flights = std::map<Descriptor, Flight>;

// Takes messages and opens connections for them until `workers` are under way.
Task launch(SocketApi api, Queue* queue, Descriptor events, Flights* flights) {
  while (!queue->empty() && std::ssize(*flights) < queue->plan->workers) {
    const Instant begin = api.now();
    Payload message = queue->next();
    Descriptor fd = -1;
    const Task opening = open_connection(api, queue->plan->peer, *queue->run, fd, true);
    co_await opening;
    if (fd < 0) continue;
    (*flights)[fd] = {std::move(message), begin};
    const socket::QueueChange change{.fd = fd, .events = {.out = true}};
    const SocketApi::Calling adding = api.epoll_ctl(events, change);
    co_await adding;
  }
}

// The connection is there, or there is room for more of the message.
Task advance(SocketApi api, Queue* queue, Flights* flights, Descriptor fd) {
  Flight& flight = flights->at(fd);
  const auto whole = static_cast<int64_t>(flight.message.size());
  const SocketApi::Calling sending = api.send(fd, flight.message.sub(0, flight.message.size()));
  const host::CallResult sent = co_await sending;
  if (sent.error && *sent.error == Errno::kEAGAIN) co_return;
  if (sent.error) queue->run->count(*sent.error);
  if (!sent.error && sent.value < whole) {
    flight.message.take_front(static_cast<size_t>(sent.value));
    co_return;
  }
  co_await api.close(fd);
  if (!sent.error) queue->run->measured("message", flight.begin, api);
  flights->erase(fd);
}

Task with_epoll(SocketApi api, Queue* queue) {
  const host::CallResult opened = co_await api.epoll_create();
  if (opened.error) {
    queue->run->fail("epoll_create", *opened.error);
    co_return;
  }
  Flights flights;
  for (;;) {
    const Task launching = launch(api, queue, opened.fd(), &flights);
    co_await launching;
    if (flights.empty()) break;
    host::CallResult waited = co_await api.epoll_wait(opened.fd(), queue->plan->workers);
    const std::vector<socket::Ready> ready = std::move(waited.ready);
    for (const socket::Ready& answer : ready) {
      const Task advancing = advance(api, queue, &flights, answer.fd);
      co_await advancing;
    }
  }
  co_await api.close(opened.fd());
}

}  // namespace message_sending

Task message_workers(SocketApi api, const MessageWorkersPlan& plan, ProgramRun& run) {
  message_sending::Queue queue{&plan, &run};
  const bool threads = plan.way == MessageWorkersPlan::Way::kThreads;
  const Task sending =
      threads ? message_sending::in_threads(api, &queue) : message_sending::with_epoll(api, &queue);
  co_await sending;
}

}  // namespace tcptwin::programs
