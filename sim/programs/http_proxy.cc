#include "sim/programs/http_proxy.h"

#include <optional>

namespace tcptwin::programs {

// Not unnamed: coroutines keep it in their frames.
namespace http_proxying {

using socket::Descriptor;

struct Proxy {
  const HttpProxyPlan* plan;
  ProgramRun* run;
};

// One client's connection and, while it lasts, the one to the origin.
struct Exchange {
  Descriptor client = -1;
  Descriptor origin = -1;
  std::optional<HttpReader> answers{};
  std::optional<Errno> failure{};
};

Task connect_origin(SocketApi api, Proxy* proxy, Exchange* exchange) {
  const Task connecting = open_connection(api, proxy->plan->origin, *proxy->run, exchange->origin);
  co_await connecting;
  if (exchange->origin < 0) co_return;
  exchange->answers.emplace(api, exchange->origin, HttpReader::Role::kAnswers, 65536);
}

Task leave_origin(SocketApi api, Exchange* exchange) {
  if (exchange->origin >= 0) co_await api.close(exchange->origin);
  exchange->origin = -1;
  exchange->answers.reset();
}

// The request goes to the origin in one send, whatever the client did.
Task fetch(SocketApi api, Proxy* proxy, const HttpMessage& request, Exchange* exchange,
           HttpMessage* answer) {
  if (exchange->origin < 0) {
    const Task connecting = connect_origin(api, proxy, exchange);
    co_await connecting;
    answer->end = HttpMessage::End::kEndOfStream;
    if (exchange->origin < 0) co_return;
  }
  const std::string text =
      request.head.first_line + "\r\nHost: " + proxy->plan->origin.to + "\r\n\r\n";
  const SocketApi::Calling asking = api.send(exchange->origin, Payload::text(text));
  const host::CallResult asked = co_await asking;
  exchange->failure = asked.error;
  if (asked.error) co_return;
  const Task reading = exchange->answers->next(*answer);
  co_await reading;
  if (answer->end == HttpMessage::End::kError) exchange->failure = answer->error;
}

Task pass_on(SocketApi api, Proxy* proxy, const HttpMessage& answer, bool stays,
             Exchange* exchange) {
  const std::string head =
      answer.head.first_line + "\r\nContent-Length: " + std::to_string(answer.body) +
      "\r\nVia: 1.1 tcptwin\r\n" + (stays ? "" : "Connection: close\r\n") + "\r\n";
  const Instant begin = api.now();
  const Task sending =
      send_answer(api, exchange->client, proxy->plan->sends, head,
                  Payload::synthetic(proxy->run->pattern, 0, static_cast<size_t>(answer.body)),
                  exchange->failure);
  co_await sending;
  if (!exchange->failure) proxy->run->measured("answer", begin, api);
}

Task converse(SocketApi api, Proxy* proxy, Descriptor client) {
  const HttpProxyPlan& plan = *proxy->plan;
  if (plan.no_delay)
    co_await api.setsockopt(client, "IPPROTO_TCP", "TCP_NODELAY", socket::OptionValue{1});
  Exchange exchange{.client = client};
  HttpReader requests(api, client, HttpReader::Role::kRequests, 8192);
  HttpMessage request, answer;
  for (bool stays = true; stays && !exchange.failure;) {
    const Task reading = requests.next(request);
    co_await reading;
    if (request.end != HttpMessage::End::kWhole) break;
    stays = plan.keep_alive && request.head.keeps_alive;
    const Task fetching = fetch(api, proxy, request, &exchange, &answer);
    co_await fetching;
    if (exchange.failure || answer.end != HttpMessage::End::kWhole) break;
    const Task passing = pass_on(api, proxy, answer, stays, &exchange);
    co_await passing;
    if (plan.keeps_origin && answer.head.keeps_alive) continue;
    const Task leaving = leave_origin(api, &exchange);
    co_await leaving;
  }
  if (exchange.failure) proxy->run->count(*exchange.failure);
  const Task leaving = leave_origin(api, &exchange);
  co_await leaving;
  co_await api.close(client);
}

}  // namespace http_proxying

Task http_proxy(SocketApi api, const HttpProxyPlan& plan, ProgramRun& run) {
  http_proxying::Proxy proxy{&plan, &run};
  http_proxying::Proxy* const shared = &proxy;
  socket::Descriptor listener = -1;
  const Task opening =
      open_listener(api, plan.port, plan.origin.family, plan.backlog, run, listener);
  co_await opening;
  if (run.failed()) co_return;
  const Conversation converse = [shared](const SocketApi& own, socket::Descriptor fd) -> Task {
    return http_proxying::converse(own, shared, fd);
  };
  const Task serving = accept_all(api, listener, true, run, converse);
  co_await serving;
}

}  // namespace tcptwin::programs
