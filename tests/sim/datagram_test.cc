// UDP between hosts of worlds built in C++: what a program sees of datagrams, errors and echoes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/lab/testing.h"

namespace tcptwin::lab {
namespace {

using socket::MessageFlags;
using testing::ElementsAre;

class Datagrams : public LabTest {};

std::string text_of(const Payload& payload) {
  const auto bytes = payload.bytes();
  return {bytes.begin(), bytes.end()};
}

TEST_F(Datagrams, TwoHostsExchangeADatagram) {
  const HostName a = lab.host("a", "linux-6.18"), b = lab.host("b", "freebsd-14");
  lab.link(a, b, 10ms);
  std::string heard, answer;
  lab.program(b, "server", [&](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, 53);
    const host::CallResult got = co_await api.recvfrom(fd, 100);
    heard = text_of(got.data);
    co_await api.sendto(fd, Payload::text("and you"), got.address);
  });
  lab.program(
      a, "client",
      [&](Api api) -> Task {
        const int fd = (co_await api.udp_socket()).fd();
        co_await api.sendto(fd, Payload::text("hello"), api.address("b", 53));
        const host::CallResult got = co_await api.recvfrom(fd, 100);
        answer = text_of(got.data);
        EXPECT_EQ(got.address.port, wire::Port{53});
      },
      1ms);
  ASSERT_TRUE(lab.run());
  EXPECT_EQ(heard, "hello");
  EXPECT_EQ(answer, "and you");
  EXPECT_LT(lab.metric("client.elapsed"), 21ms);
}

TEST_F(Datagrams, PingTakesTheRoundTrip) {
  const HostName a = lab.host("a", "linux-6.18"), b = lab.host("b", "windows-11");
  lab.link(a, b, 10ms);
  lab.program(a, "ping", [&](Api api) -> Task {
    const host::CallResult got = co_await api.ping(api.address("b", 0).ip, 56, 1s);
    EXPECT_FALSE(got.error);
    EXPECT_GE(got.value, 20'000);
    EXPECT_LT(got.value, 20'200);
  });
  ASSERT_TRUE(lab.run());
}

}  // namespace
}  // namespace tcptwin::lab
