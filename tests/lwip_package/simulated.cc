#include <gtest/gtest.h>

#include <string>

#include "sim/lab/lab.h"
#include "sim/trace/packets.h"
#include "tests/lwip_package/exchange.h"

namespace tcptwin::lwip_package {

namespace {

// What the package does costs no time; a simulated host always needs some.
std::string host_keys(Duration wake) {
  return R"({"set": {
    "time_model": {"system_call": "1ns", "transmit": "1ns", "transmit_return": "1ns",
                   "receive": "1ns", "timer": "1ns", "sleep_slack": "0ns", "copy_per_kib": "0ns",
                   "wake": ")" +
         std::to_string(wake / 1us) + R"(us"},
    "lwip": {"random_first_port": false}}})";
}

app::Task receive_all(lab::Api api, int fd, int64_t bytes, std::vector<int64_t>* results) {
  int64_t got = 1;
  for (int64_t all = 0; all < bytes && got > 0; all += got) {
    got = (co_await api.recv(fd, bytes - all)).value;
    results->push_back(got);
  }
}

app::Task perform(lab::Api api, int fd, const Steps* steps, std::vector<int64_t>* results) {
  int64_t offset = 0;
  for (const Step& step : *steps) {
    switch (step.kind) {
      case Step::Kind::kSend: {
        Payload data =
            Payload::synthetic(0, static_cast<uint64_t>(offset), static_cast<size_t>(step.bytes));
        results->push_back((co_await api.SocketApi::send(fd, std::move(data))).value);
        offset += step.bytes;
        break;
      }
      case Step::Kind::kReceive: co_await receive_all(api, fd, step.bytes, results); break;
      case Step::Kind::kReceiveEnd: co_await receive_all(api, fd, INT32_MAX, results); break;
      case Step::Kind::kPause: co_await api.sleep(step.time); break;
      case Step::Kind::kNoDelay:
        results->push_back((co_await api.setsockopt(fd, "IPPROTO_TCP", "TCP_NODELAY", 1)).value);
        break;
      case Step::Kind::kKeepAlive:
        results->push_back((co_await api.setsockopt(fd, "SOL_SOCKET", "SO_KEEPALIVE", 1)).value);
        results->push_back(
            (co_await api.setsockopt(fd, "IPPROTO_TCP", "TCP_KEEPIDLE", step.bytes)).value);
        break;
      case Step::Kind::kShutdown:
        results->push_back((co_await api.shutdown(fd, socket::Shutdown::kWrite)).value);
        break;
      case Step::Kind::kClose: results->push_back((co_await api.close(fd)).value); break;
    }
  }
}

app::Task serve(lab::Api api, const Exchange* exchange, std::vector<int64_t>* results) {
  const int listener = (co_await api.socket()).fd();
  results->push_back((co_await api.bind(listener, kServerPort)).value);
  results->push_back((co_await api.listen(listener, 5)).value);
  for (int i = 0; i < exchange->connections; ++i) {
    const int fd = (co_await api.accept(listener)).fd();
    co_await perform(api, fd, &exchange->server, results);
  }
}

app::Task call(lab::Api api, const Exchange* exchange, std::vector<int64_t>* results) {
  for (int i = 0; i < exchange->connections; ++i) {
    const int fd = (co_await api.socket()).fd();
    results->push_back((co_await api.connect(fd, "server", kServerPort)).value);
    co_await perform(api, fd, &exchange->client, results);
  }
}

std::string loss(const char* from, const std::set<int>& numbers) {
  std::string list;
  for (const int number : numbers) list += (list.empty() ? "" : ", ") + std::to_string(number);
  return std::string(R"({"from": ")") + from + R"(", "packets": [)" + list + "]}";
}

std::vector<Sent> sent_by(const trace::Journal& journal, uint16_t host) {
  std::vector<Sent> packets;
  for (const trace::Record* sight : trace::sights_of_host(journal, host)) {
    if (!std::holds_alternative<trace::PacketSent>(sight->event)) continue;
    packets.push_back({sight->at.since_start(), trace::bytes_of(journal, *sight)});
  }
  return packets;
}

}  // namespace

Outcome run_simulated(const Exchange& exchange) {
  Outcome outcome;
  lab::Lab lab;
  const lab::HostName client = lab.host("client", "lwip-debian", host_keys(kClientWakes));
  const lab::HostName server = lab.host("server", "lwip-debian", host_keys(kServerWakes));
  lab.link(client, server, exchange.delay,
           R"({"loss": [)" + loss("client", exchange.lost_of_client) + ", " +
               loss("server", exchange.lost_of_server) + "]}");
  lab.program(server, "serving",
              [&](lab::Api api) { return serve(api, &exchange, &outcome.server.results); });
  lab.program(
      client, "calling",
      [&](lab::Api api) { return call(api, &exchange, &outcome.client.results); }, kClientStarts);
  lab.until(exchange.until);
  EXPECT_TRUE(lab.run()) << lab.problems();
  if (!lab.problems().empty()) return outcome;
  outcome.client.sent = sent_by(*lab.result().journal, 0);
  outcome.server.sent = sent_by(*lab.result().journal, 1);
  return outcome;
}

}  // namespace tcptwin::lwip_package
