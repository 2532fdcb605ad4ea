// Over a link that loses, damages, doubles and reorders, what one program writes is what the other
// reads, once and in order.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "sim/lab/lab.h"

namespace tcptwin::lab {
namespace {

constexpr int64_t kBytes = 200'000;
constexpr const char* kBadLink =
    R"({"rate": "100Mbit/s", "directions": [{"loss": "1%", "corruption": "1%", "duplication": "1%",
        "reordering": {"probability": "1%", "distance": 3}, "jitter": "1ms"}]})";

using Case = std::tuple<std::string, std::string, socket::Family, uint64_t>;
class ImpairedTransfer : public testing::TestWithParam<Case> {};

TEST_P(ImpairedTransfer, EveryByteArrivesOnceAndInOrder) {
  const auto& [sender, receiver, family, seed] = GetParam();
  Lab lab(seed);
  const auto a = lab.host("a", sender), b = lab.host("b", receiver);
  lab.link(a, b, 5ms, kBadLink);
  int64_t got = 0;
  bool same = true;
  lab.program(b, "reader", [&, of = family](Api api) -> Task {
    const bool v4 = of == socket::Family::kIpv4;
    const int listener = (co_await api.socket()).fd();
    const socket::Address own{v4 ? wire::IpAddress() : wire::IpAddress::any_v6(), wire::Port{7}};
    co_await api.bind(listener, own);
    co_await api.listen(listener, 1);
    const int fd = (co_await api.accept(listener)).fd();
    for (;;) {
      const auto result = co_await api.recv(fd, 1 << 16);
      if (result.value <= 0) break;
      same &= result.data.bytes() ==
              Payload::synthetic(0, static_cast<uint64_t>(got), static_cast<size_t>(result.value))
                  .bytes();
      got += result.value;
    }
    co_await api.close(fd);
  });
  lab.program(
      a, "writer",
      [of = family](Api api) -> Task {
        const int fd = (co_await api.socket()).fd();
        co_await api.connect(fd, api.address("b", 7, of), "b");
        co_await api.send(fd, kBytes);
        co_await api.close(fd);
      },
      1ms);
  lab.run();
  EXPECT_EQ(got, kBytes) << lab.problems();
  EXPECT_TRUE(same);
}

const auto kSystems =
    testing::Values("linux-6.18", "linux-2.6.32", "freebsd-14", "macos-14", "windows-11");
INSTANTIATE_TEST_SUITE_P(Pairs, ImpairedTransfer,
                         testing::Combine(kSystems, kSystems,
                                          testing::Values(socket::Family::kIpv4,
                                                          socket::Family::kIpv6),
                                          testing::Values<uint64_t>(1, 2)));

}  // namespace
}  // namespace tcptwin::lab
