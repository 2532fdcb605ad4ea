#include "sim/programs/http_server.h"

#include <algorithm>

#include "sim/programs/sha256.h"

namespace tcptwin::programs {

// Not unnamed: coroutines keep it in their frames.
namespace http_serving {

using socket::Descriptor;

struct Server {
  const HttpServerPlan* plan;
  ProgramRun* run;

  // Bytes of the body; nothing: 404.
  std::optional<int64_t> body_of(std::string_view path) const {
    for (const auto& [name, size] : plan->paths) {
      if (name == path) return size;
    }
    if (!plan->paths.empty()) return std::nullopt;
    return plan->body;
  }
  // The line of the head that says what the body is.
  std::string hash_line(std::string_view path) const {
    if (plan->hash_header.empty()) return "";
    const auto hash = run->body_hashes.find(plan->paths.empty() ? std::string_view() : path);
    return hash == run->body_hashes.end() ? "" : plan->hash_header + ": " + hash->second + "\r\n";
  }
};

std::string head_of(const Server& server, std::string_view path, bool stays) {
  const auto body = server.body_of(path);
  return std::string(body ? "HTTP/1.1 200 OK" : "HTTP/1.1 404 Not Found") +
         "\r\nContent-Length: " + std::to_string(body.value_or(0)) + "\r\n" +
         server.hash_line(path) + (stays ? "" : "Connection: close\r\n") + "\r\n";
}

Payload body_part(uint64_t pattern, int64_t from, int64_t bytes) {
  return Payload::synthetic(pattern, static_cast<uint64_t>(from), static_cast<size_t>(bytes));
}

// The body at the rate of the plan: a chunk is sent when it has been made.
Task produce(SocketApi api, Server* server, Descriptor fd, int64_t bytes,
             std::optional<Errno>& failure) {
  constexpr uint64_t kNsPerS = 1'000'000'000;
  const Instant begin = api.now();
  for (int64_t made = 0; made < bytes && !failure;) {
    const int64_t begun = made;
    const int64_t chunk = std::min(server->plan->chunk, bytes - made);
    made += chunk;
    // Divided first: 8 * 10^9 * bytes does not fit above 2 GiB.
    const auto bits = static_cast<uint64_t>(made) * 8;
    const uint64_t rate = *server->plan->rate;
    const Duration since(
        static_cast<int64_t>(bits / rate * kNsPerS + bits % rate * kNsPerS / rate));
    const Instant ready = begin + since;
    if (api.now() < ready) co_await api.sleep(ready - api.now());
    const SocketApi::Calling call = api.send(fd, body_part(server->run->pattern, begun, chunk));
    const host::CallResult result = co_await call;
    failure = result.error;
  }
}

Task answer(SocketApi api, Server* server, Descriptor fd, std::string_view path, bool stays,
            std::optional<Errno>& failure) {
  const HttpServerPlan& plan = *server->plan;
  const int64_t bytes = server->body_of(path).value_or(0);
  std::string head = head_of(*server, path, stays);
  if (plan.rate) {
    const Task sending = send_answer(api, fd, plan.sends, std::move(head), {}, failure);
    co_await sending;
    if (failure) co_return;
    const Task producing = produce(api, server, fd, bytes, failure);
    co_await producing;
    co_return;
  }
  const Task sending = send_answer(api, fd, plan.sends, std::move(head),
                                   body_part(server->run->pattern, 0, bytes), failure);
  co_await sending;
}

Task converse(SocketApi api, Server* server, Descriptor fd) {
  constexpr int64_t kMost = 8192;
  const HttpServerPlan& plan = *server->plan;
  if (plan.no_delay)
    co_await api.setsockopt(fd, "IPPROTO_TCP", "TCP_NODELAY", socket::OptionValue{1});
  HttpReader reader(api, fd, HttpReader::Role::kRequests, kMost);
  HttpMessage request;
  for (bool stays = true; stays;) {
    const Task reading = reader.next(request);
    co_await reading;
    if (request.end == HttpMessage::End::kError) server->run->count(request.error);
    if (request.end != HttpMessage::End::kWhole) break;
    if (plan.think.count() > 0) co_await api.sleep(plan.think);
    stays = plan.keep_alive && request.head.keeps_alive;
    std::optional<Errno> failure;
    const Task answering = answer(api, server, fd, request.head.target(), stays, failure);
    co_await answering;
    if (failure) {
      server->run->count(*failure);
      break;
    }
    server->run->measured("request", request.first_byte, api);
  }
  co_await api.close(fd);
}

}  // namespace http_serving

Task send_answer(SocketApi api, socket::Descriptor fd, HttpSends sends, std::string head,
                 Payload body, std::optional<Errno>& failure) {
  const bool corks = sends == HttpSends::kCorked;
  const char* cork = has_option(api.profile(), "TCP_CORK") ? "TCP_CORK" : "TCP_NOPUSH";
  if (corks) co_await api.setsockopt(fd, "IPPROTO_TCP", cork, socket::OptionValue{1});
  Payload first = Payload::text(head);
  if (sends == HttpSends::kTogether) first.append(std::move(body));
  const SocketApi::Calling one =
      api.send(fd, std::move(first), {.more = sends == HttpSends::kMore});
  const host::CallResult head_sent = co_await one;
  failure = head_sent.error;
  if (!failure && !body.empty()) {
    const SocketApi::Calling two = api.send(fd, std::move(body));
    const host::CallResult body_sent = co_await two;
    failure = body_sent.error;
  }
  if (corks) co_await api.setsockopt(fd, "IPPROTO_TCP", cork, socket::OptionValue{0});
}

std::map<std::string, std::string, std::less<>> hash_bodies(const HttpServerPlan& plan,
                                                            uint64_t pattern) {
  std::map<std::string, std::string, std::less<>> hashes;
  if (plan.hash_header.empty()) return hashes;
  const auto add = [&](const std::string& path, int64_t bytes) {
    hashes[path] = sha256_hex(http_serving::body_part(pattern, 0, bytes));
  };
  for (const auto& [path, bytes] : plan.paths) add(path, bytes);
  if (plan.paths.empty()) add("", plan.body);
  return hashes;
}

Task http_server(SocketApi api, const HttpServerPlan& plan, ProgramRun& run) {
  http_serving::Server server{&plan, &run};
  http_serving::Server* const shared = &server;
  socket::Descriptor listener = -1;
  const Task opening = open_listener(api, plan.port, plan.family, plan.backlog, run, listener);
  co_await opening;
  if (run.failed()) co_return;
  const Conversation converse = [shared](const SocketApi& own, socket::Descriptor fd) -> Task {
    return http_serving::converse(own, shared, fd);
  };
  const Task serving =
      accept_all(api, listener, plan.way == HttpServerPlan::Way::kThreads, run, converse);
  co_await serving;
}

}  // namespace tcptwin::programs
