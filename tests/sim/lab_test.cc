// Worlds built in C++: mistakes are told, and what comes out is what a scenario file would give.
#include "sim/lab/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace tcptwin::lab {
namespace {

using testing::HasSubstr;

Task nothing(Api) { co_return; }

TEST(Lab, AnUnknownProfileIsAProblemWithASuggestion) {
  Lab lab;
  lab.program(lab.host("a", "linux-6.81"), "p", nothing);
  EXPECT_FALSE(lab.run());
  EXPECT_THAT(lab.problems(), HasSubstr("did you mean \"linux-6.18\"?"));
}
TEST(Lab, AMisspeltKeyOfALinkIsAProblem) {
  Lab lab;
  const HostName a = lab.host("a", "rfc"), b = lab.host("b", "rfc");
  lab.link(a, b, 1ms, R"({"rat": "1Mbit/s"})");
  lab.program(a, "p", nothing);
  EXPECT_FALSE(lab.run());
  EXPECT_THAT(lab.problems(), HasSubstr("did you mean \"rate\"?"));
}
TEST(Lab, AMetricThatWasNotMeasuredIsAProblem) {
  Lab lab;
  lab.program(lab.host("a", "rfc"), "p", nothing);
  EXPECT_TRUE(lab.run());
  EXPECT_EQ(lab.metric("p.elapsde"), Duration(-1));
  EXPECT_THAT(lab.problems(), HasSubstr("measured were \"p.elapsed\""));
}
TEST(Lab, AProgramMayCapture) {
  Lab lab;
  int runs = 0;
  lab.program(lab.host("a", "rfc"), "p", [&runs](Api api) -> Task {
    co_await api.sleep(1ms);
    ++runs;
  });
  EXPECT_TRUE(lab.run());
  EXPECT_EQ(runs, 1);
}
TEST(Lab, ThreadsThatAreOverAreLetGoAndCanStillBeJoined) {
  Lab lab;
  const auto held = std::make_shared<int>();
  long most = 0;
  int64_t joined = -1;
  lab.program(lab.host("a", "rfc"), "p", [&](Api api) -> Task {
    for (int i = 0; i < 1000; ++i) {
      const auto spawning = api.spawn([held](const app::SocketApi&) -> Task { co_return; });
      co_await spawning;
      co_await api.sleep(1ms);
      most = std::max(most, held.use_count());
    }
    joined = (co_await api.join(0)).value;
  });
  EXPECT_TRUE(lab.run());
  EXPECT_LT(most, 200);
  EXPECT_EQ(joined, 0);
}
TEST(Lab, ASetValueReachesTheProfile) {
  for (const char* msl : {"1s", "5s"}) {
    Lab lab;
    const HostName a = lab.host("a", "rfc");
    lab.set("/hosts/a/set/close/msl", msl);
    lab.program(a, "server", [](Api api) -> Task {
      const int listener = (co_await api.socket()).fd();
      co_await api.bind(listener, 7);
      co_await api.listen(listener, 1);
      const int fd = (co_await api.accept(listener)).fd();
      co_await api.recv(fd, 1);
      co_await api.close(fd);
    });
    lab.program(
        a, "client",
        [](Api api) -> Task {
          const int fd = (co_await api.socket()).fd();
          co_await api.connect(fd, "a", 7);
          co_await api.close(fd);
        },
        1ms);
    EXPECT_TRUE(lab.run()) << lab.problems();
    const Duration end = lab.result().ended - Instant();
    EXPECT_EQ(end > 9s, std::string_view(msl) == "5s") << lab.story();
  }
}

}  // namespace
}  // namespace tcptwin::lab
