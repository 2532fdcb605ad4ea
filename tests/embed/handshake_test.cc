// Two simulated hosts in an ordinary GoogleTest: what README.md shows, and a test that fails.
#include "sim/lab/testing.h"

using namespace std::chrono_literals;
using tcptwin::lab::Api;
using tcptwin::lab::Task;

class Echo : public tcptwin::lab::LabTest {
 protected:
  void SetUp() override {
    const auto a = lab.host("a", "linux-6.18"), b = lab.host("b", "linux-6.18");
    lab.link(a, b, 10ms);
    lab.program(b, "server", [](Api api) -> Task {
      const int listener = (co_await api.socket()).fd();
      co_await api.bind(listener, 80);
      co_await api.listen(listener, 1);
      const int fd = (co_await api.accept(listener)).fd();
      co_await api.recv(fd, 100);
      co_await api.send(fd, "world");
    });
    lab.program(
        a, "client",
        [](Api api) -> Task {
          const int fd = (co_await api.socket()).fd();
          co_await api.connect(fd, "b", 80);
          const auto begin = api.now();
          co_await api.send(fd, "hello");
          co_await api.recv(fd, 100);
          api.measured("reply", begin);
        },
        1ms);
    lab.run();
  }
};

TEST_F(Echo, ReplyTakesOneRoundTrip) {
  EXPECT_LT(lab.metric("client.reply"), 21ms);
  EXPECT_EQ(lab.segments({"a"})[3], "> P. 1:6(5) ack 1 win 64256 <TS 20/0>");
}

// Fails on purpose, to show what a failure looks like: ./handshake_test
// --gtest_also_run_disabled_tests
TEST_F(Echo, DISABLED_ReplyIsThereBeforeTheRequest) { EXPECT_LT(lab.metric("client.reply"), 1ms); }
