#include "sim/app/serve.h"

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace tcptwin::app {

// Not unnamed: coroutines keep it in their frames.
namespace serving {

using Way = ServePlan::Way;
using socket::Descriptor;

struct Client {
  int64_t got = 0;      // of the request
  int64_t to_send = 0;  // of the answer; above 0: it is being sent
  Instant begin;        // of the request
};

// A call that says nothing about the server but that descriptors or connections are gone.
inline bool passes(Errno error) {
  return error == Errno::kEMFILE || error == Errno::kENFILE || error == Errno::kECONNABORTED ||
         error == Errno::kENOBUFS;
}

class Server {
 public:
  Server(SocketApi api, Descriptor listener, const ServePlan& plan, uint64_t pattern,
         ServeOutcome& outcome)
      : api_(api), listener_(listener), plan_(&plan), pattern_(pattern), outcome_(&outcome) {}

  Task run() { return plan_->is_event_loop() ? event_loop() : sleeping_calls(); }

 private:
  // ---- one by one, and a thread for each

  Task sleeping_calls();
  static Task converse(SocketApi api, Server* server, Descriptor fd);
  std::function<Task(SocketApi)> thread_for(Descriptor fd) {
    return [this, fd](const SocketApi& api) -> Task { return converse(api, this, fd); };
  }

  // ---- event loops

  Task event_loop();
  Task prepare();
  SocketApi::Calling wait();
  Task accept_all();
  Task step(Descriptor fd);
  Task watch(Descriptor fd, bool on, bool to_write);
  Task want(Descriptor fd, bool to_write);
  Task drop(Descriptor fd);

  // ---- both

  bool takes_more() const { return plan_->connections == 0 || taken_ < plan_->connections; }
  bool over() const {
    return outcome_->failure || (!takes_more() && closed_ >= plan_->connections);
  }
  // Whether the server goes on.
  bool note(const char* call, host::CallResult&& result, bool of_one_connection) {
    if (*result.error == Errno::kEAGAIN) return true;
    const bool killed = result.broken_pipe_signal && plan_->broken_pipe_ends;
    if ((of_one_connection && !killed) || passes(*result.error)) {
      (*outcome_->metrics)[outcome_->process + "." + errno_name(*result.error)].add_number(1);
      return true;
    }
    outcome_->failed_call = call;
    outcome_->failure = std::move(result);
    return false;
  }
  Payload answer(int64_t bytes) const {
    return Payload::synthetic(pattern_, sent_, static_cast<size_t>(bytes));
  }
  void answered(const SocketApi& api, const Client& client) {
    ++outcome_->requests;
    if (outcome_->measure.empty()) return;
    (*outcome_->metrics)[outcome_->process + "." + outcome_->measure].add(client.begin, api.now(),
                                                                          api.last_return());
  }

  SocketApi api_;  // of the thread that accepts
  Descriptor listener_;
  const ServePlan* plan_;
  uint64_t pattern_;
  ServeOutcome* outcome_;
  Descriptor queue_ = -1;
  std::map<Descriptor, Client> clients_;
  uint64_t sent_ = 0;
  int64_t taken_ = 0;
  int64_t closed_ = 0;
  bool accept_again_ = false;  // connections wait that no edge will tell of
};

Task Server::sleeping_calls() {
  std::vector<int64_t> threads;
  while (takes_more() && !outcome_->failure) {
    host::CallResult accepted = co_await api_.accept(listener_);
    if (accepted.error) {
      if (note("accept", std::move(accepted), false)) co_await api_.sleep(plan_->pause);
      continue;
    }
    ++taken_;
    if (plan_->way == Way::kThreads) {
      const SocketApi::Calling call = api_.spawn(thread_for(accepted.fd()));
      threads.push_back((co_await call).value);
    } else {
      const Task conversation = converse(api_, this, accepted.fd());
      co_await conversation;
    }
  }
  for (const int64_t thread : threads) co_await api_.join(thread);
}

Task Server::converse(SocketApi api, Server* server, Descriptor fd) {
  const ServePlan& plan = *server->plan_;
  bool goes_on = true;
  for (Client client; goes_on; client = Client()) {
    while (goes_on && client.got < plan.request) {
      host::CallResult result = co_await api.recv(fd, plan.request - client.got);
      goes_on = !result.error && result.value > 0;
      if (result.error) server->note("recv", std::move(result), true);
      if (client.got == 0) client.begin = api.now();
      client.got += goes_on ? result.value : 0;
    }
    if (!goes_on) break;
    if (plan.think.count() > 0) co_await api.sleep(plan.think);
    if (plan.answer > 0) {
      const SocketApi::Calling call = api.send(fd, server->answer(plan.answer));
      server->sent_ += static_cast<uint64_t>(plan.answer);
      host::CallResult result = co_await call;
      if (result.error) {
        server->note("send", std::move(result), true);
        break;
      }
    }
    server->answered(api, client);
    goes_on = plan.keeps_open;
  }
  co_await api.close(fd);
  ++server->closed_;
}

// ---- event loops

Task Server::event_loop() {
  const Task preparing = prepare();
  co_await preparing;
  while (!over()) {
    host::CallResult result = co_await wait();
    if (result.error) {
      note("wait", std::move(result), false);
      continue;
    }
    const std::vector<socket::Ready> ready = std::move(result.ready);
    for (const socket::Ready& answer : ready) {
      if (answer.fd != listener_ && !clients_.contains(answer.fd)) continue;  // closed meanwhile
      const Task work = answer.fd == listener_ ? accept_all() : step(answer.fd);
      co_await work;
      if (outcome_->failure) break;
    }
    if (!accept_again_ || outcome_->failure) continue;
    const Task accepting = accept_all();
    co_await accepting;
  }
  if (queue_ >= 0) co_await api_.close(queue_);
}

Task Server::prepare() {
  co_await api_.set_non_blocking(listener_);
  if (plan_->way == Way::kSelect || plan_->way == Way::kPoll) co_return;
  const SocketApi::Calling opening =
      plan_->way == Way::kKqueue ? api_.kqueue() : api_.epoll_create();
  host::CallResult opened = co_await opening;
  if (opened.error) {
    note("wait", std::move(opened), false);
    co_return;
  }
  queue_ = opened.fd();
  const Task watching = watch(listener_, true, false);
  co_await watching;
}

SocketApi::Calling Server::wait() {
  constexpr int64_t kMostAnswers = 64;
  if (plan_->way == Way::kKqueue) return api_.kevent(queue_, kMostAnswers);
  if (queue_ >= 0) return api_.epoll_wait(queue_, kMostAnswers);
  std::vector<socket::PollRequest> requests;
  if (takes_more()) requests.push_back({listener_, {.in = true}});
  for (const auto& [fd, client] : clients_) {
    const bool writes = client.to_send > 0;
    requests.push_back({fd, {.in = !writes, .out = writes}});
  }
  return plan_->way == Way::kPoll ? api_.poll(std::move(requests))
                                  : api_.select(std::move(requests));
}

// Until EAGAIN, as an edge would not come again.
Task Server::accept_all() {
  accept_again_ = false;
  while (takes_more() && !outcome_->failure) {
    host::CallResult accepted = co_await api_.accept(listener_);
    if (accepted.error) {
      const Errno error = *accepted.error;
      const bool goes_on = note("accept", std::move(accepted), false);
      if (goes_on && error == Errno::kECONNABORTED) continue;
      if (!goes_on || error == Errno::kEAGAIN) co_return;
      accept_again_ = plan_->way == Way::kEpollEdge;
      co_await api_.sleep(plan_->pause);
      co_return;
    }
    ++taken_;
    const Descriptor fd = accepted.fd();
    clients_[fd] = Client();
    co_await api_.set_non_blocking(fd);
    const Task watching = watch(fd, true, false);
    co_await watching;
  }
  const Task enough = watch(listener_, false, false);
  co_await enough;
}

// Adds a socket to the queue, or an interest in writing; `on` false: takes it away.
Task Server::watch(Descriptor fd, bool on, bool to_write) {
  using Change = socket::QueueChange;
  if (queue_ < 0) co_return;
  const bool edge = plan_->way == Way::kEpollEdge;
  Change change{.action = on ? Change::Action::kAdd : Change::Action::kRemove,
                .fd = fd,
                .events = {.in = !to_write, .out = to_write},
                .edge = edge};
  if (edge && fd != listener_) change.events = {.in = true, .out = true};
  SocketApi::Calling call = api_.epoll_ctl(queue_, change);
  if (plan_->way == Way::kKqueue) {
    change.filter = to_write ? Change::Filter::kWrite : Change::Filter::kRead;
    call = api_.kevent(queue_, change);
  } else if (on && to_write) {
    change.action = Change::Action::kModify;
    call = api_.epoll_ctl(queue_, change);
  } else if (!on && to_write) {
    change.action = Change::Action::kModify;
    change.events = {.in = true};
    call = api_.epoll_ctl(queue_, change);
  }
  host::CallResult result = co_await call;
  if (result.error) note("wait", std::move(result), false);
}

// Waits for room to write, or for the next request again. An edge-triggered queue watches both.
Task Server::want(Descriptor fd, bool to_write) {
  if (plan_->way == Way::kEpollEdge) co_return;
  if (plan_->way == Way::kKqueue) {
    const Task other = watch(fd, !to_write, false);
    co_await other;
  }
  const Task watching = watch(fd, to_write, true);
  co_await watching;
}

Task Server::drop(Descriptor fd) {
  co_await api_.close(fd);
  clients_.erase(fd);
  ++closed_;
}

// As far as one client can be served without sleeping.
Task Server::step(Descriptor fd) {
  Client& client = clients_.at(fd);
  const bool was_writing = client.to_send > 0;
  bool closes = false, sleeps = false;
  while (!closes && !sleeps) {
    const bool reads = client.to_send == 0;
    const SocketApi::Calling call =
        reads ? api_.recv(fd, plan_->request - client.got) : api_.send(fd, answer(client.to_send));
    host::CallResult result = co_await call;
    if (result.error) {
      sleeps = *result.error == Errno::kEAGAIN;
      closes = !sleeps;
      if (!note(reads ? "recv" : "send", std::move(result), true)) co_return;
    } else if (!reads) {
      client.to_send -= result.value;
      sent_ += static_cast<uint64_t>(result.value);
    } else if (result.value == 0) {
      closes = true;
    } else {
      if (client.got == 0) client.begin = api_.now();
      client.got += result.value;
      if (client.got < plan_->request) continue;
      if (plan_->think.count() > 0) co_await api_.sleep(plan_->think);
      client.to_send = plan_->answer;
    }
    if (closes || sleeps || client.to_send > 0) continue;
    answered(api_, client);
    client = Client();
    closes = !plan_->keeps_open;
  }
  const bool is_writing = client.to_send > 0;
  const Task rest = closes ? drop(fd) : want(fd, is_writing);
  if (closes || is_writing != was_writing) co_await rest;
}

}  // namespace serving

Task serve(SocketApi api, socket::Descriptor listener, const ServePlan& plan, uint64_t pattern,
           ServeOutcome& outcome) {
  serving::Server server(api, listener, plan, pattern, outcome);
  const Task running = server.run();
  co_await running;
}

}  // namespace tcptwin::app
