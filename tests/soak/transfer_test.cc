// Every system sends to every other through a line that loses, overtakes, doubles and damages
// packets, by IPv4 and IPv6: every byte arrives once and in order, and whenever the line is quiet
// for long, a timer ends the quiet.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "sim/lab/lab.h"

namespace tcptwin::soak {
namespace {

using lab::Api;
using lab::HostName;
using lab::Lab;
using lab::Task;

constexpr std::string_view kLine = R"({"rate": "100Mbit/s", "directions": [{
  "loss": 0.01, "corruption": 0.002, "duplication": 0.01,
  "reordering": {"probability": 0.01, "distance": 4, "delay": "8ms"}}]})";
constexpr uint64_t kPattern = 0;
constexpr int64_t kReadSize = 1 << 16;
constexpr Duration kRoundTrip = 10ms;
// Longer than any delayed ACK, so that only a timeout ends a silence of this length.
constexpr Duration kSilence = 550ms;

struct Transfer {
  std::string from;
  std::string to;
  socket::Family family = socket::Family::kIpv4;
  int64_t bytes = 0;
  uint64_t seed = 0;

  std::string name() const {
    return from + " to " + to + (family == socket::Family::kIpv6 ? ", IPv6" : ", IPv4") + ", " +
           std::to_string(bytes) + " bytes, TCPTWIN_SEED=" + std::to_string(seed);
  }
};

// What the receiver got.
struct Receipt {
  int64_t bytes = 0;
  bool as_sent = true;
  bool ended = false;
};

Task receive_all(Api api, socket::Family family, Receipt& receipt) {
  const int listener = (co_await api.socket()).fd();
  const bool v6 = family == socket::Family::kIpv6;
  co_await api.bind(listener, {v6 ? wire::IpAddress::any_v6() : wire::IpAddress(), wire::Port{80}});
  co_await api.listen(listener, 1);
  const int fd = (co_await api.accept(listener)).fd();
  for (;;) {
    const auto got = co_await api.recv(fd, kReadSize);
    if (got.error) co_return;
    if (got.value == 0) break;
    const auto offset = static_cast<uint64_t>(receipt.bytes);
    const Payload sent = Payload::synthetic(kPattern, offset, static_cast<size_t>(got.value));
    receipt.as_sent = receipt.as_sent && got.data.bytes() == sent.bytes();
    receipt.bytes += got.value;
  }
  receipt.ended = true;
  co_await api.close(fd);
}

Task send_all(Api api, socket::Family family, int64_t bytes) {
  const int fd = (co_await api.socket()).fd();
  co_await api.connect(fd, api.address("b", 80, family), "b");
  co_await api.send(fd, bytes);
  co_await api.shutdown(fd, socket::Shutdown::kWrite);
  co_await api.recv(fd, 1);
  co_await api.close(fd);
}

// Whether a timer of the host set off the record: its retransmission or its window probe.
bool comes_from_a_timer(const trace::Journal& journal, const trace::Record& record) {
  const trace::Record* cause = journal.find(record.cause);
  const auto* note = cause == nullptr ? nullptr : std::get_if<tcp::Note>(&cause->event);
  const auto* fired = note == nullptr ? nullptr : std::get_if<tcp::TimerFired>(&note->reason);
  return fired != nullptr &&
         (fired->which == tcp::TimerKind::kRetransmission ||
          fired->which == tcp::TimerKind::kTailProbe ||
          fired->which == tcp::TimerKind::kHandshake || fired->which == tcp::TimerKind::kPersist);
}

// The departures that ended a long silence although no timer made them.
std::vector<std::string> unexplained_silences(const trace::Journal& journal) {
  std::vector<std::string> found;
  Instant last = Instant::never();
  for (const trace::Record& record : journal.records()) {
    const auto* sent = std::get_if<trace::PacketSent>(&record.event);
    if (sent == nullptr) continue;
    if (!last.is_never() && record.at - last > kSilence && !comes_from_a_timer(journal, record)) {
      found.push_back(std::to_string((record.at - last).count() / 1'000'000) + " ms until " +
                      std::to_string(record.at.ns()) + " ns");
    }
    last = record.at;
  }
  return found;
}

void expect_whole(const Transfer& t) {
  Receipt receipt;
  Lab lab(t.seed);
  const HostName a = lab.host("a", t.from), b = lab.host("b", t.to);
  lab.link(a, b, kRoundTrip / 2, kLine);
  lab.program(b, "receiver", [&](Api api) { return receive_all(api, t.family, receipt); });
  lab.program(
      a, "sender", [&](Api api) { return send_all(api, t.family, t.bytes); }, 1ms);
  ASSERT_TRUE(lab.run()) << t.name() << '\n' << lab.problems();
  EXPECT_EQ(receipt.bytes, t.bytes) << t.name();
  EXPECT_TRUE(receipt.as_sent) << t.name();
  EXPECT_TRUE(receipt.ended) << t.name();
  EXPECT_EQ(unexplained_silences(*lab.result().journal), std::vector<std::string>()) << t.name();
}

struct Pair {
  std::string from;
  std::string to;
};

std::vector<Pair> all_pairs() {
  std::vector<Pair> pairs;
  for (const std::string& from : catalogue::profile_names()) {
    for (const std::string& to : catalogue::profile_names()) pairs.push_back({from, to});
  }
  return pairs;
}

std::string pair_name(const testing::TestParamInfo<Pair>& tested) {
  std::string name = tested.param.from + "_to_" + tested.param.to;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

class Transfers : public testing::TestWithParam<Pair> {
 protected:
  void expect_whole(int64_t bytes, uint64_t seeds) {
    for (uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
      for (const auto family : {socket::Family::kIpv4, socket::Family::kIpv6}) {
        soak::expect_whole({GetParam().from, GetParam().to, family, bytes, seed});
      }
    }
  }
};

TEST_P(Transfers, ArriveWholeAndInOrder) { expect_whole(200'000, 1); }
INSTANTIATE_TEST_SUITE_P(Short, Transfers, testing::ValuesIn(all_pairs()), pair_name);

class LongTransfers : public Transfers {};
TEST_P(LongTransfers, OfAMegabyteArriveWithAHundredSeeds) { expect_whole(1'000'000, 100); }
TEST_P(LongTransfers, OfTenMegabytesArrive) { expect_whole(10'000'000, 1); }
INSTANTIATE_TEST_SUITE_P(Long, LongTransfers, testing::ValuesIn(all_pairs()), pair_name);

}  // namespace
}  // namespace tcptwin::soak
