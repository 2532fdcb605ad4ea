#include "sim/programs/file_server.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "sim/programs/http_message.h"
#include "sim/programs/readiness.h"

namespace tcptwin::programs {

// Not unnamed: coroutines keep it in their frames.
namespace file_serving {

using Timer = FileServerPlan::Timer;
using socket::Descriptor;
using Interest = Readiness::Interest;

struct Client {
  std::string request;  // what has come of it
  Instant begin;        // its first byte
  Payload left;         // of the answer
  bool answering = false;
  int64_t taken = 0;  // of the file
  bool counted = false;
  Instant expires = Instant::never();
};

struct Server {
  const FileServerPlan* plan;
  ProgramRun* run;
  Descriptor listener = -1;
  Readiness ready;
  std::map<Descriptor, Client> clients;
  uint64_t made = 0;  // bytes of the pattern

  Payload file() {
    Payload body = Payload::synthetic(run->pattern, made, static_cast<size_t>(plan->file));
    made += static_cast<uint64_t>(plan->file);
    return body;
  }
  std::optional<Duration> patience(Instant now) const {
    Instant next = Instant::never();
    for (const auto& [fd, client] : clients) next = std::min(next, client.expires);
    if (next.is_never()) return std::nullopt;
    return std::max(next - now, Duration());
  }
};

std::string head_of(const FileServerPlan& plan) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(plan.file) + "\r\n" +
         (plan.keep_alive ? "" : "Connection: close\r\n") + "\r\n";
}

Task drop(SocketApi api, Server* server, Descriptor fd) {
  server->clients.erase(fd);
  server->ready.forget(fd);
  co_await api.close(fd);
}

// A write took `bytes` of the file.
void count(const Server& server, Client& client, int64_t bytes) {
  client.taken += bytes;
  if (bytes == 0 || std::exchange(client.counted, true)) return;
  server.run->number("first_write", bytes);
}

Task finish(SocketApi api, Server* server, Descriptor fd) {
  Client& client = server->clients.at(fd);
  server->run->measured("request", client.begin, api);
  server->run->number("taken", client.taken);
  if (!server->plan->keep_alive) {
    const Task dropping = drop(api, server, fd);
    co_await dropping;
    co_return;
  }
  // Its timer runs on: nobody stops it.
  const Instant expires = client.expires;
  client = Client();
  client.expires = expires;
  const Task watching = server->ready.watch(fd, Interest::kRead);
  co_await watching;
}

// As the report's server: head and file, a write each.
Task write_once(SocketApi api, Server* server, Descriptor fd) {
  const SocketApi::Calling head = api.send(fd, Payload::text(head_of(*server->plan)));
  co_await head;
  const SocketApi::Calling call = api.send(fd, server->file());
  const host::CallResult result = co_await call;
  Client& client = server->clients.at(fd);
  count(*server, client, std::max<int64_t>(result.value, 0));
  const Task finishing = finish(api, server, fd);
  co_await finishing;
}

Task write_on(SocketApi api, Server* server, Descriptor fd) {
  const FileServerPlan& plan = *server->plan;
  Client& client = server->clients.at(fd);
  while (!client.left.empty()) {
    size_t size = client.left.size();
    if (plan.chunk > 0) size = std::min(size, static_cast<size_t>(plan.chunk));
    const auto head = std::max<int64_t>(static_cast<int64_t>(client.left.size()) - plan.file, 0);
    const SocketApi::Calling call = api.send(fd, client.left.sub(0, size));
    const host::CallResult result = co_await call;
    if (result.error == Errno::kEAGAIN) {
      const Task watching = server->ready.watch(fd, Interest::kWrite);
      co_await watching;
      co_return;
    }
    if (result.error) {
      server->run->count(*result.error);
      const Task dropping = drop(api, server, fd);
      co_await dropping;
      co_return;
    }
    client.left.take_front(static_cast<size_t>(result.value));
    count(*server, client, std::max<int64_t>(result.value - head, 0));
    if (plan.timer == Timer::kProgress) client.expires = api.now() + plan.patience;
  }
  const Task finishing = finish(api, server, fd);
  co_await finishing;
}

Task answer(SocketApi api, Server* server, Descriptor fd) {
  const FileServerPlan& plan = *server->plan;
  Client& client = server->clients.at(fd);
  client.answering = true;
  if (plan.timer != Timer::kNone) client.expires = api.now() + plan.patience;
  if (plan.writes == FileServerPlan::Writes::kOnce) {
    const Task writing = write_once(api, server, fd);
    co_await writing;
    co_return;
  }
  client.left = Payload::text(head_of(plan));
  client.left.append(server->file());
  const Task writing = write_on(api, server, fd);
  co_await writing;
}

Task read_on(SocketApi api, Server* server, Descriptor fd) {
  constexpr int64_t kMost = 8192;
  const host::CallResult result = co_await api.recv(fd, kMost);
  if (result.error == Errno::kEAGAIN) co_return;
  if (result.error) server->run->count(*result.error);
  Client& client = server->clients.at(fd);
  HttpHead head;
  HeadState state = HeadState::kMalformed;
  if (!result.error && result.value > 0) {
    if (client.request.empty()) client.begin = api.now();
    const std::vector<uint8_t> bytes = result.data.bytes();
    client.request.append(bytes.begin(), bytes.end());
    state = parse_head(client.request, &head);
  }
  if (state == HeadState::kIncomplete) co_return;
  const Task next = state == HeadState::kComplete ? answer(api, server, fd) : drop(api, server, fd);
  co_await next;
}

Task accept_waiting(SocketApi api, Server* server) {
  for (;;) {
    const host::CallResult accepted = co_await api.accept(server->listener);
    if (accepted.error) {
      if (*accepted.error != Errno::kEAGAIN) server->run->count(*accepted.error);
      co_return;
    }
    const Descriptor fd = accepted.fd();
    server->clients[fd] = Client();
    co_await api.set_non_blocking(fd);
    const Task watching = server->ready.watch(fd, Interest::kRead);
    co_await watching;
  }
}

Task expire(SocketApi api, Server* server) {
  std::vector<Descriptor> due;
  for (const auto& [fd, client] : server->clients) {
    if (client.expires <= api.now()) due.push_back(fd);
  }
  for (const Descriptor fd : due) {
    const Client& client = server->clients.at(fd);
    server->run->number("expired", static_cast<int64_t>(client.left.size()));
    if (client.answering) server->run->number("taken", client.taken);
    const Task dropping = drop(api, server, fd);
    co_await dropping;
  }
}

Task step(SocketApi api, Server* server, Descriptor fd) {
  if (fd == server->listener) return accept_waiting(api, server);
  const bool writes = server->clients.at(fd).answering;
  return writes ? write_on(api, server, fd) : read_on(api, server, fd);
}

}  // namespace file_serving

Task file_server(SocketApi api, const FileServerPlan& plan, ProgramRun& run) {
  file_serving::Server server{.plan = &plan, .run = &run, .ready = Readiness(api), .clients = {}};
  file_serving::Server* const shared = &server;
  const Task opening =
      open_listener(api, plan.port, plan.family, plan.backlog, run, server.listener);
  co_await opening;
  if (run.failed()) co_return;
  co_await api.set_non_blocking(server.listener);
  const Task queueing = server.ready.open(run);
  co_await queueing;
  if (run.failed()) co_return;
  const Task watching = server.ready.watch(server.listener, Readiness::Interest::kRead);
  co_await watching;
  std::vector<socket::Descriptor> ready;
  for (;;) {
    const Task waiting = server.ready.wait(server.patience(api.now()), ready);
    co_await waiting;
    const Task expiring = file_serving::expire(api, shared);
    co_await expiring;
    for (const socket::Descriptor fd : ready) {
      if (fd != server.listener && !server.clients.contains(fd)) continue;  // closed meanwhile
      const Task work = file_serving::step(api, shared, fd);
      co_await work;
    }
  }
}

}  // namespace tcptwin::programs
