#include "sim/programs/bulk.h"

#include <algorithm>
#include <vector>

namespace tcptwin::programs {

// Not unnamed: coroutines keep it in their frames.
namespace bulk {

using socket::Descriptor;

struct Sender {
  const BulkSendPlan* plan;
  ProgramRun* run;
  uint64_t sent = 0;  // bytes of the pattern
};

// `share` bytes, and the wait for the peer's end.
Task transfer(SocketApi api, Sender* sender, Descriptor fd, int64_t share) {
  std::optional<Errno> failure;
  for (int64_t left = share; left > 0 && !failure;) {
    const int64_t chunk = std::min(sender->plan->chunk, left);
    const SocketApi::Calling sending = api.send(
        fd, Payload::synthetic(sender->run->pattern, sender->sent, static_cast<size_t>(chunk)));
    const host::CallResult sent = co_await sending;
    failure = sent.error;
    left -= sent.error ? 0 : sent.value;
    sender->sent += sent.error ? 0 : static_cast<uint64_t>(sent.value);
  }
  if (!failure) co_await api.shutdown(fd, socket::Shutdown::kWrite);
  while (!failure) {
    const host::CallResult read = co_await api.recv(fd, sender->plan->chunk);
    failure = read.error;
    if (!read.error && read.value == 0) break;
  }
  if (failure) sender->run->count(*failure);
}

Task connection(SocketApi api, Sender* sender, int64_t share) {
  const Instant begin = api.now();
  Descriptor fd = -1;
  const Task opening = open_connection(api, sender->plan->peer, *sender->run, fd);
  co_await opening;
  if (fd < 0) co_return;
  const Task transferring = transfer(api, sender, fd, share);
  co_await transferring;
  sender->run->measured("transfer", begin, api);
  co_await api.close(fd);
}

struct Receiver {
  const BulkReceivePlan* plan;
  ProgramRun* run;
  int64_t open = 0;
  int64_t received = 0;  // bytes of all
  Instant first_accept = Instant::never();
};

Task take(SocketApi api, Receiver* receiver, Descriptor fd) {
  const Instant begin = api.now();
  int64_t received = 0;
  for (;;) {
    host::CallResult read = co_await api.recv(fd, receiver->plan->read);
    if (read.error) receiver->run->count(*read.error);
    if (read.error || read.value == 0) break;
    received += read.value;
    if (!receiver->plan->echo) continue;
    const host::CallResult sent = co_await api.send(fd, std::move(read.data));
    if (!sent.error) continue;
    receiver->run->count(*sent.error);
    break;
  }
  receiver->run->measured("stream", begin, api);
  receiver->run->number("received", received);
  receiver->received += received;
  co_await api.close(fd);
  --receiver->open;
}

}  // namespace bulk

Task bulk_send(SocketApi api, const BulkSendPlan& plan, ProgramRun& run) {
  bulk::Sender sender{&plan, &run};
  bulk::Sender* const shared = &sender;
  const Instant begin = api.now();
  std::vector<int64_t> threads;
  for (int64_t i = 0; i < plan.connections; ++i) {
    const int64_t share =
        plan.bytes / plan.connections + (i < plan.bytes % plan.connections ? 1 : 0);
    const SocketApi::Calling spawning = api.spawn([shared, share](const SocketApi& own) -> Task {
      return bulk::connection(own, shared, share);
    });
    threads.push_back((co_await spawning).value);
  }
  for (const int64_t thread : threads) co_await api.join(thread);
  run.rate("goodput", plan.bytes, api.now() - begin);
}

Task bulk_receive(SocketApi api, const BulkReceivePlan& plan, ProgramRun& run) {
  bulk::Receiver receiver{&plan, &run};
  bulk::Receiver* const shared = &receiver;
  socket::Descriptor listener = -1;
  const Task opening = open_listener(api, plan.port, plan.family, plan.backlog, run, listener);
  co_await opening;
  if (run.failed()) co_return;
  std::vector<int64_t> threads;
  for (int64_t taken = 0; plan.connections == 0 || taken < plan.connections;) {
    const host::CallResult accepted = co_await api.accept(listener);
    if (accepted.error) {
      run.count(*accepted.error);
      co_await api.sleep(std::chrono::milliseconds(100));
      continue;
    }
    if (taken++ == 0) receiver.first_accept = api.now();
    run.number("open", ++receiver.open);
    const socket::Descriptor fd = accepted.fd();
    const SocketApi::Calling spawning = api.spawn(
        [shared, fd](const SocketApi& own) -> Task { return bulk::take(own, shared, fd); });
    const int64_t thread = (co_await spawning).value;
    if (plan.connections > 0) threads.push_back(thread);
  }
  for (const int64_t thread : threads) co_await api.join(thread);
  run.rate("goodput", receiver.received, api.now() - receiver.first_accept);
}

}  // namespace tcptwin::programs
