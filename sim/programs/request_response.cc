#include "sim/programs/request_response.h"

#include <algorithm>
#include <vector>

namespace tcptwin::programs {

// Not unnamed: coroutines keep it in their frames.
namespace asking {

using socket::Descriptor;

struct Asker {
  const RequestResponsePlan* plan;
  ProgramRun* run;
  uint64_t sent = 0;  // bytes of the pattern
};

Task send_request(SocketApi api, Asker* asker, Descriptor fd, std::optional<Errno>& failure) {
  const RequestResponsePlan& plan = *asker->plan;
  for (int64_t i = 0, left = plan.request; i < plan.writes && !failure; ++i) {
    const int64_t piece = left / (plan.writes - i);
    left -= piece;
    const SocketApi::Calling sending = api.send(
        fd, Payload::synthetic(asker->run->pattern, asker->sent, static_cast<size_t>(piece)));
    asker->sent += static_cast<uint64_t>(piece);
    const host::CallResult sent = co_await sending;
    failure = sent.error;
  }
}

Task one_round(SocketApi api, Asker* asker, Descriptor fd, bool& goes_on) {
  const Instant begin = api.now();
  std::optional<Errno> failure;
  const Task sending = send_request(api, asker, fd, failure);
  co_await sending;
  for (int64_t got = 0; got < asker->plan->answer && !failure && goes_on;) {
    const host::CallResult read = co_await api.recv(fd, asker->plan->answer - got);
    failure = read.error;
    goes_on = !read.error && read.value > 0;
    got += goes_on ? read.value : 0;
  }
  if (failure) asker->run->count(*failure);
  goes_on = goes_on && !failure;
  if (goes_on) asker->run->measured("round", begin, api);
}

Task client(SocketApi api, Asker* asker) {
  const RequestResponsePlan& plan = *asker->plan;
  Descriptor fd = -1;
  const Task opening = open_connection(api, plan.peer, *asker->run, fd);
  co_await opening;
  if (fd < 0) co_return;
  if (plan.no_delay)
    co_await api.setsockopt(fd, "IPPROTO_TCP", "TCP_NODELAY", socket::OptionValue{1});
  bool goes_on = true;
  for (int64_t i = 0; i < plan.rounds && goes_on; ++i) {
    if (i > 0 && plan.think.count() > 0) co_await api.sleep(plan.think);
    const Task asking = one_round(api, asker, fd, goes_on);
    co_await asking;
  }
  co_await api.close(fd);
}

}  // namespace asking

Task request_response(SocketApi api, const RequestResponsePlan& plan, ProgramRun& run) {
  asking::Asker asker{&plan, &run};
  asking::Asker* const shared = &asker;
  std::vector<int64_t> threads;
  for (int64_t i = 0; i < plan.clients; ++i) {
    const SocketApi::Calling spawning =
        api.spawn([shared](const SocketApi& own) -> Task { return asking::client(own, shared); });
    threads.push_back((co_await spawning).value);
  }
  for (const int64_t thread : threads) co_await api.join(thread);
}

}  // namespace tcptwin::programs
