#include "sim/programs/http_load.h"

#include <vector>

namespace tcptwin::programs {

// Not unnamed: coroutines keep it in their frames.
namespace http_loading {

using socket::Descriptor;

struct Load {
  const HttpLoadPlan* plan;
  ProgramRun* run;
  std::string request;  // the same each time
  int64_t begun = 0;    // requests of all workers

  bool takes_another() const { return !plan->requests || begun < *plan->requests; }
};

// What one worker holds between its requests.
struct Worker {
  Descriptor fd = -1;
  std::optional<HttpReader> reader;
  bool failed = false;
};

std::string request_of(const HttpLoadPlan& plan) {
  const bool ends = !plan.keep_alive && plan.closes == HttpLoadPlan::Closes::kServer;
  return "GET " + plan.path + " HTTP/1.1\r\nHost: " + plan.peer.to + ":" +
         std::to_string(plan.peer.port) + "\r\nUser-Agent: " + plan.agent + "\r\nAccept: */*\r\n" +
         (ends ? "Connection: close\r\n" : "") + "\r\n";
}

Task open(SocketApi api, Load* load, Worker* worker) {
  const HttpLoadPlan& plan = *load->plan;
  const Instant begin = api.now();
  const Task connecting = open_connection(api, plan.peer, *load->run, worker->fd);
  co_await connecting;
  worker->failed = worker->fd < 0;
  if (worker->failed) co_return;
  load->run->measured("connect", begin, api);
  worker->reader.emplace(api, worker->fd, HttpReader::Role::kAnswers, plan.read, plan.quick_ack);
}

Task close(SocketApi api, Worker* worker) {
  if (worker->fd >= 0) co_await api.close(worker->fd);
  worker->fd = -1;
  worker->reader.reset();
}

// Sends the request and reads the answer.
Task ask(SocketApi api, Load* load, Worker* worker, HttpMessage* answer) {
  const SocketApi::Calling sending = api.send(worker->fd, Payload::text(load->request));
  const host::CallResult sent = co_await sending;
  if (sent.error) {
    load->run->count(*sent.error);
    worker->failed = true;
    co_return;
  }
  const Task reading = worker->reader->next(*answer);
  co_await reading;
  worker->failed = answer->end != HttpMessage::End::kWhole;
  if (answer->end == HttpMessage::End::kError) load->run->count(answer->error);
  if (worker->failed && answer->end != HttpMessage::End::kError) load->run->number("cut_off", 1);
}

Task one_request(SocketApi api, Load* load, Worker* worker) {
  const HttpLoadPlan& plan = *load->plan;
  const Instant begin = api.now();
  worker->failed = false;
  if (worker->fd < 0) {
    const Task opening = open(api, load, worker);
    co_await opening;
  }
  HttpMessage answer;
  if (!worker->failed) {
    const Task asking = ask(api, load, worker, &answer);
    co_await asking;
  }
  if (!worker->failed) {
    load->run->measured("request", begin, api);
    load->run->number("received", answer.body);
  }
  if (!worker->failed && plan.keep_alive && answer.head.keeps_alive) co_return;
  if (!worker->failed && plan.closes == HttpLoadPlan::Closes::kServer && !plan.keep_alive) {
    // The server closes first: its FIN is the end of the stream.
    co_await api.recv(worker->fd, 1);
  }
  const Task closing = close(api, worker);
  co_await closing;
}

Task work(SocketApi api, Load* load) {
  const HttpLoadPlan& plan = *load->plan;
  Worker worker;
  while (load->takes_another()) {
    ++load->begun;
    const Task asking = one_request(api, load, &worker);
    co_await asking;
    if (worker.failed && !plan.retry) break;
    if (worker.failed) co_await api.sleep(*plan.retry);
    if (!worker.failed && plan.gap.count() > 0) co_await api.sleep(plan.gap);
  }
  const Task closing = close(api, &worker);
  co_await closing;
}

}  // namespace http_loading

Task http_load(SocketApi api, const HttpLoadPlan& plan, ProgramRun& run) {
  http_loading::Load load{&plan, &run, http_loading::request_of(plan)};
  http_loading::Load* const shared = &load;
  std::vector<int64_t> threads;
  for (int64_t i = 0; i < plan.workers; ++i) {
    const SocketApi::Calling spawning = api.spawn(
        [shared](const SocketApi& own) -> Task { return http_loading::work(own, shared); });
    threads.push_back((co_await spawning).value);
  }
  if (plan.lasts) {
    co_await api.sleep(*plan.lasts);
    co_await api.exit_process();
    co_return;
  }
  for (const int64_t thread : threads) co_await api.join(thread);
}

}  // namespace tcptwin::programs
