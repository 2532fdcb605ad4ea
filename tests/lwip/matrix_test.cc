// lwIP against every profile, both ways: opening, data, closed windows, half and simultaneous
// close, losses and reordering. Every byte arrives, every program ends, every silence is explained.
#include <algorithm>

#include "models/catalogue/catalogue.h"
#include "tests/lwip/exchange.h"
#include "tests/lwip/lwip_host.h"

namespace tcptwin::lwip_test {
namespace {

using Kind = Step::Kind;

// With the smallest window four segments are a flight, and the last of them may wait for the
// slowest delayed ACK there is, 500 ms of the profile rfc.
Duration slowest(int64_t bytes) { return 10s + (bytes / 2144 + 1) * 510ms; }
constexpr Duration kSlowest = 60s;  // of 100 kB and a few pauses

const std::vector<Step> kTakesAll = {{Kind::kReadToEnd}};

Exchange bulk(int64_t bytes) {
  return {.name = "bulk",
          .client = {{Kind::kSend, bytes}, {Kind::kFinish}, {Kind::kReadToEnd}},
          .server = kTakesAll,
          .at_most = slowest(bytes)};
}

Exchange request_response() {
  Exchange e{.name = "request, response", .client = {}, .server = {}, .at_most = kSlowest};
  for (int i = 0; i < 10; ++i) {
    e.client.insert(e.client.end(), {{Kind::kSend, 100}, {Kind::kRead, 3000}});
    e.server.insert(e.server.end(), {{Kind::kRead, 100}, {Kind::kSend, 3000}});
  }
  e.server.push_back({Kind::kReadToEnd});
  return e;
}

Exchange zero_window() {
  return {.name = "zero window",
          .client = {{Kind::kSend, 100'000}, {Kind::kFinish}, {Kind::kReadToEnd}},
          .server = {{Kind::kSleep, 0, 5s},
                     {Kind::kRead, 2000},
                     {Kind::kSleep, 0, 2s},
                     {Kind::kReadToEnd}},
          .at_most = kSlowest};
}

Exchange half_close() {
  return {.name = "half close",
          .client = {{Kind::kSend, 5000}, {Kind::kFinish}, {Kind::kReadToEnd}},
          .server = {{Kind::kReadToEnd}, {Kind::kSleep, 0, 1s}, {Kind::kSend, 20'000}},
          .at_most = kSlowest};
}

Exchange simultaneous_close() {
  const std::vector<Step> both = {{Kind::kSend, 10},
                                  {Kind::kRead, 10},
                                  {Kind::kSleepUntil, 0, 2s},
                                  {Kind::kFinish},
                                  {Kind::kReadToEnd}};
  return {.name = "simultaneous close", .client = both, .server = both, .at_most = kSlowest};
}

// Retransmission timeouts begin at 3 s and double: a few in a row explain minutes.
Exchange impaired(int64_t bytes, const std::string& chances) {
  return {.name = "impaired by " + chances,
          .client = {{Kind::kSend, bytes}, {Kind::kFinish}, {Kind::kReadToEnd}},
          .server = {{Kind::kReadToEnd}, {Kind::kSend, bytes / 2}},
          .link = R"({"directions": [{)" + chances + "}]}",
          .at_most = 10min};
}

const char* const kLossAndReordering =
    R"("loss": "2%", "reordering": {"probability": "3%", "distance": 2})";

// All three of lwIP's profiles as clients of `other` and as its servers.
void both_ways(const Exchange& exchange, const std::string& other, uint64_t seed = 0) {
  for (const char* lwip : {"lwip-2.1.3", "lwip-debian", "lwip-large"}) {
    expect_exchange(exchange, lwip, other, seed);
    expect_exchange(exchange, other, lwip, seed);
  }
}

class LwipMatrix : public LwipTest, public testing::WithParamInterface<std::string> {};

TEST_P(LwipMatrix, Bulk) { both_ways(bulk(100'000), GetParam()); }
TEST_P(LwipMatrix, BulkOverIpv6) {
  Exchange e = bulk(30'000);
  e.family = socket::Family::kIpv6;
  both_ways(e, GetParam());
}
TEST_P(LwipMatrix, RequestResponse) { both_ways(request_response(), GetParam()); }
TEST_P(LwipMatrix, ZeroWindow) { both_ways(zero_window(), GetParam()); }
TEST_P(LwipMatrix, HalfClose) { both_ways(half_close(), GetParam()); }
TEST_P(LwipMatrix, SimultaneousClose) { both_ways(simultaneous_close(), GetParam()); }
TEST_P(LwipMatrix, LossAndReordering) {
  both_ways(impaired(30'000, kLossAndReordering), GetParam(), 1);
}

class LwipMatrixOfManySeeds : public LwipMatrix {};

TEST_P(LwipMatrixOfManySeeds, Bulk) { both_ways(bulk(1'000'000), GetParam()); }
TEST_P(LwipMatrixOfManySeeds, LossAndReordering) {
  for (uint64_t seed = 2; seed < 42; ++seed) {
    both_ways(impaired(100'000, kLossAndReordering), GetParam(), seed);
    both_ways(impaired(20'000, R"("loss": "10%", "duplication": "5%", "jitter": "2ms")"),
              GetParam(), seed);
  }
}

std::string name_of(const testing::TestParamInfo<std::string>& tested) {
  std::string name = tested.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Profiles, LwipMatrix, testing::ValuesIn(catalogue::profile_names()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Long, LwipMatrixOfManySeeds, testing::ValuesIn(catalogue::profile_names()),
                         name_of);

}  // namespace
}  // namespace tcptwin::lwip_test
