#include "tests/lwip/exchange.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <variant>

#include "sim/lab/lab.h"
#include "stack/wire/text.h"

namespace tcptwin::lwip_test {

namespace {

using lab::Api;
using lab::Lab;
using lab::Task;

// One end of the connection.
struct End {
  std::vector<Step> steps;
  uint8_t first = 0;  // of the bytes that it sends
  int64_t sent = 0;
  std::vector<uint8_t> got;
  std::string failure;
  bool ended = false;
};

// The bytes that an end sends: none is like its neighbours, and both ends' differ.
uint8_t content(uint8_t first, int64_t at) {
  return static_cast<uint8_t>(first + at + (at >> 8) * 7 + (at >> 16) * 11);
}

void note(End& end, const char* call, const host::CallResult& result) {
  if (result.error) end.failure = std::string(call) + ": " + std::string(errno_name(*result.error));
}

Task send_bytes(Api api, socket::Descriptor fd, int64_t count, End* end) {
  while (count > 0 && end->failure.empty()) {
    std::vector<uint8_t> bytes(static_cast<size_t>(std::min<int64_t>(count, 65536)));
    for (size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = content(end->first, end->sent + static_cast<int64_t>(i));
    }
    const host::CallResult sent = co_await api.send(fd, Payload::real(bytes));
    note(*end, "send", sent);
    count -= sent.value;
    end->sent += sent.value;
  }
}

// `count` below 0: to the end of the stream.
Task read_bytes(Api api, socket::Descriptor fd, int64_t count, End* end) {
  while (count != 0) {
    const host::CallResult got = co_await api.recv(fd, count < 0 ? 65536 : count);
    note(*end, "recv", got);
    if (got.value <= 0) {
      if (count > 0) end->failure += " the stream ended early";
      co_return;
    }
    const std::vector<uint8_t> bytes = got.data.bytes();
    end->got.insert(end->got.end(), bytes.begin(), bytes.end());
    if (count > 0) count -= got.value;
  }
}

Task perform(Api api, socket::Descriptor fd, End* end) {
  for (const Step& step : end->steps) {
    if (!end->failure.empty()) co_return;
    switch (step.kind) {
      case Step::Kind::kSend: co_await send_bytes(api, fd, step.bytes, end); break;
      case Step::Kind::kRead: co_await read_bytes(api, fd, step.bytes, end); break;
      case Step::Kind::kReadToEnd: co_await read_bytes(api, fd, -1, end); break;
      case Step::Kind::kFinish:
        note(*end, "shutdown", co_await api.shutdown(fd, socket::Shutdown::kWrite));
        break;
      case Step::Kind::kSleep: co_await api.sleep(step.time); break;
      case Step::Kind::kSleepUntil: co_await api.sleep(Instant() + step.time - api.now()); break;
    }
  }
  note(*end, "close", co_await api.close(fd));
  end->ended = true;
}

Task serve(Api api, socket::Family family, End* end) {
  const socket::Descriptor listener = (co_await api.socket()).fd();
  co_await api.bind(
      listener, {family == socket::Family::kIpv6 ? wire::IpAddress::any_v6() : wire::IpAddress(),
                 wire::Port{80}});
  co_await api.listen(listener, 1);
  const host::CallResult accepted = co_await api.accept(listener);
  note(*end, "accept", accepted);
  if (!accepted.error) co_await perform(api, accepted.fd(), end);
  co_await api.close(listener);
}

Task visit(Api api, socket::Family family, End* end) {
  const socket::Descriptor fd = (co_await api.socket()).fd();
  note(*end, "connect", co_await api.connect(fd, api.address("server", 80, family), "server"));
  if (end->failure.empty()) co_await perform(api, fd, end);
}

void expect_content(const End& from, const End& to, const std::string& who) {
  ASSERT_EQ(static_cast<int64_t>(to.got.size()), from.sent) << who;
  for (size_t i = 0; i < to.got.size(); ++i) {
    ASSERT_EQ(to.got[i], content(from.first, static_cast<int64_t>(i))) << who << " byte " << i;
  }
}

// What makes a packet leave after a silence: a timer that its host says has fired, or a call.
bool explains(const trace::Event& cause) {
  if (const auto* note = std::get_if<tcp::Note>(&cause)) {
    return std::holds_alternative<tcp::TimerFired>(note->reason);
  }
  return std::holds_alternative<trace::CallStarted>(cause);
}

void expect_explained(const trace::Journal& journal, const std::string& who) {
  std::map<RecordId, const trace::Record*> by_id;
  for (const trace::Record& record : journal.records()) by_id[record.id] = &record;
  Instant last = Instant::never();
  for (const trace::Record& record : journal.records()) {
    const auto* sent = std::get_if<trace::PacketSent>(&record.event);
    if (sent == nullptr) {
      if (std::holds_alternative<trace::PacketReceived>(record.event)) last = record.at;
      continue;
    }
    if (!last.is_never() && record.at - last > kShortSilence) {
      const auto cause = by_id.find(record.cause);
      EXPECT_TRUE(cause != by_id.end() && explains(cause->second->event))
          << who << ": nothing explains the silence before " << wire::to_text(sent->packet)
          << " at " << (record.at - Instant()) / 1us << " us";
    }
    last = record.at;
  }
}

}  // namespace

void expect_exchange(const Exchange& exchange, const std::string& client_profile,
                     const std::string& server_profile, uint64_t seed) {
  const std::string who = exchange.name + ", " + client_profile + " to " + server_profile +
                          ", seed " + std::to_string(seed);
  End client{.steps = exchange.client, .first = 17, .got = {}, .failure = {}};
  End server{.steps = exchange.server, .first = 101, .got = {}, .failure = {}};
  Lab lab(seed);
  const lab::HostName a = lab.host("client", client_profile),
                      b = lab.host("server", server_profile);
  lab.link(a, b, 1ms, exchange.link);
  lab.program(b, "server", [&](Api api) { return serve(api, exchange.family, &server); });
  lab.program(
      a, "client", [&](Api api) { return visit(api, exchange.family, &client); }, 1ms);
  ASSERT_TRUE(lab.run()) << lab.problems();
  for (const auto& [end, name] : {std::pair(&client, "client"), std::pair(&server, "server")}) {
    EXPECT_EQ(end->failure, "") << who << ": " << name;
    EXPECT_TRUE(end->ended) << who << ": " << name;
    EXPECT_LE(lab.metric(std::string(name) + ".elapsed"), exchange.at_most) << who << ": " << name;
  }
  expect_content(client, server, who + ": to the server");
  expect_content(server, client, who + ": to the client");
  expect_explained(*lab.result().journal, who);
}

}  // namespace tcptwin::lwip_test
