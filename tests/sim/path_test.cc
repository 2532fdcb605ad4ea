// What connections make of a path whose links take packets of different sizes.
#include <gtest/gtest.h>

#include <string>

#include "sim/lab/lab.h"
#include "sim/trace/packets.h"

namespace tcptwin::lab {
namespace {

// a - r - s - b; the link between the routers is the one described.
struct Path {
  Lab lab;
  HostName a, b, r, s;
  Path(const std::string& profile, const std::string& between, std::string_view router = "{}")
      : a(lab.host("a", profile)),
        b(lab.host("b", profile)),
        r(lab.router("r", router)),
        s(lab.router("s")) {
    lab.link(a, r, 1ms);
    lab.link(r, s, 1ms, between);
    lab.link(s, b, 1ms);
  }

  // a sends so many bytes to b, which reads them all.
  void transfers(int64_t bytes, socket::Family family = socket::Family::kIpv4) {
    lab.program(b, "reader", [bytes, family](Api api) -> Task {
      const int listener = (co_await api.socket()).fd();
      const bool v4 = family == socket::Family::kIpv4;
      const socket::Address own{v4 ? wire::IpAddress() : wire::IpAddress::any_v6(), wire::Port{7}};
      co_await api.bind(listener, own);
      co_await api.listen(listener, 1);
      const int fd = (co_await api.accept(listener)).fd();
      int64_t got = 0;
      const Instant begin = api.now();
      while (got < bytes) {
        const auto result = co_await api.recv(fd, 1 << 20);
        if (result.value <= 0) co_return;
        got += result.value;
      }
      api.measured("all", begin);
    });
    lab.program(
        a, "writer",
        [bytes, family](Api api) -> Task {
          const int fd = (co_await api.socket()).fd();
          co_await api.connect(fd, api.address("b", 7, family), "b");
          co_await api.send(fd, bytes);
        },
        1ms);
  }
  // The largest packet that arrived at b.
  uint32_t largest_at_b() const {
    uint32_t largest = 0;
    const trace::Journal& journal = *lab.result().journal;
    for (const trace::Record& record : journal.records()) {
      const auto* received = std::get_if<trace::PacketReceived>(&record.event);
      if (received == nullptr || journal.host_name(record.host()) != "b") continue;
      largest = std::max(largest, trace::packet_of(journal, record)->packet.size());
    }
    return largest;
  }
};

TEST(PathMtu, ANarrowLinkShrinksTheSegmentsAtOnce) {  // RFC 1191 6.4
  Path path("linux-6.18", R"({"mtu": 1000})");
  path.transfers(100'000);
  path.lab.run();
  EXPECT_EQ(path.lab.count("reader.all"), 1) << path.lab.story();
  EXPECT_LT(path.lab.metric("reader.all"), 100ms) << path.lab.story();  // no timeout was needed
  EXPECT_EQ(path.largest_at_b(), 1000u);
  EXPECT_NE(path.lab.story().find("sent again in smaller pieces"), std::string::npos)
      << path.lab.story();
}

TEST(PathMtu, LikewiseOverIpv6) {  // RFC 8201 4
  Path path("linux-6.18", R"({"mtu": 1280})");
  path.transfers(100'000, socket::Family::kIpv6);
  path.lab.run();
  EXPECT_EQ(path.lab.count("reader.all"), 1) << path.lab.story();
  EXPECT_LT(path.lab.metric("reader.all"), 100ms) << path.lab.story();
  EXPECT_EQ(path.largest_at_b(), 1280u);
}

TEST(PathMtu, TheNextConnectionKnowsIt) {  // RFC 1191 6.3
  Path path("linux-6.18", R"({"mtu": 1000})");
  path.transfers(10'000);
  path.lab.program(
      path.a, "second",
      [](Api api) -> Task {
        const int fd = (co_await api.socket()).fd();
        co_await api.connect(fd, "b", 7);
      },
      1s);
  path.lab.run();
  bool told = false;
  for (const std::string& line : path.lab.segments(path.a)) {
    told |= line.find("mss 960") != std::string::npos;
  }
  EXPECT_TRUE(told) << path.lab.story();
}

TEST(BlackHole, DarwinShrinksItsSegmentsAfterTwoTimeouts) {  // facts/darwin.md 3.4
  Path path("macos-14", R"({"mtu": 1300})", R"({"silent": true})");
  path.transfers(20'000);
  path.lab.until(60s);
  path.lab.run();
  EXPECT_EQ(path.lab.count("reader.all"), 1) << path.lab.story();
  EXPECT_GT(path.lab.metric("reader.all"), 460ms) << path.lab.story();  // 230 and 236
  EXPECT_LT(path.largest_at_b(), 1300u);
}

TEST(BlackHole, LinuxNeverGetsThroughIt) {  // its detection is off: tcp_mtu_probing 0
  Path path("linux-6.18", R"({"mtu": 1300})", R"({"silent": true})");
  path.transfers(20'000);
  path.lab.until(60s);
  path.lab.run();
  EXPECT_EQ(path.lab.count("reader.all"), 0);
}

}  // namespace
}  // namespace tcptwin::lab
