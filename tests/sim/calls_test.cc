// The calls that a program in C++ makes beside those of scenario files: asking, waiting for several
// sockets, threads and mutexes.
#include <gtest/gtest.h>

#include "sim/lab/lab.h"

namespace tcptwin::lab {
namespace {

using socket::Events;
using socket::QueueChange;

// A server on b that accepts one connection and does `serve` with it; a client on a that connects,
// waits 10 ms, and does `ask`.
struct Pair {
  explicit Pair(const std::string& profile = "linux-6.18") {
    a = lab.host("a", profile);
    b = lab.host("b", profile);
    lab.link(a, b, 1ms);
  }
  void run(std::function<Task(Api, int)> ask, std::function<Task(Api, int)> serve) {
    lab.program(b, "server", [serve](Api api) -> Task {
      const int listener = (co_await api.socket()).fd();
      co_await api.bind(listener, 80);
      co_await api.listen(listener, 8);
      const int fd = (co_await api.accept(listener)).fd();
      const Task rest = serve(api, fd);
      co_await rest;
    });
    lab.program(
        a, "client",
        [ask](Api api) -> Task {
          const int fd = (co_await api.socket()).fd();
          co_await api.connect(fd, "b", 80);
          co_await api.sleep(10ms);
          const Task rest = ask(api, fd);
          co_await rest;
        },
        1ms);
    EXPECT_TRUE(lab.run()) << lab.problems();
  }
  Lab lab;
  HostName a, b;
};

Task idle(Api, int) { co_return; }
Task says_hello(Api api, int fd) { co_await api.send(fd, "hello"); }

TEST(Calls, IoctlCountsWhatIsUnread) {
  Pair pair;
  int64_t unread = -1;
  pair.run(
      [&](Api api, int fd) -> Task {
        unread = (co_await api.ioctl(fd, socket::QueueLength::kUnread)).value;
      },
      says_hello);
  EXPECT_EQ(unread, 5);
}

TEST(Calls, GetpeernameIsTheAddressThatWasConnectedTo) {
  Pair pair;
  uint16_t port = 0;
  pair.run(
      [&](Api api, int fd) -> Task {
        port = static_cast<uint16_t>((co_await api.getpeername(fd)).address.port);
      },
      idle);
  EXPECT_EQ(port, 80);
}

TEST(Calls, GetsockoptReadsBackTheDoubledSendBufferOfLinux) {
  Pair pair;
  int64_t size = 0;
  pair.run(
      [&](Api api, int fd) -> Task {
        co_await api.setsockopt(fd, "SOL_SOCKET", "SO_SNDBUF", 20000);
        size = (co_await api.getsockopt(fd, "SOL_SOCKET", "SO_SNDBUF")).value;
      },
      idle);
  EXPECT_EQ(size, 40000);  // facts/linux.md C2
}

TEST(Calls, ANonBlockingRecvFailsWithEagain) {
  Pair pair;
  std::optional<Errno> error;
  pair.run(
      [&](Api api, int fd) -> Task {
        co_await api.set_non_blocking(fd);
        error = (co_await api.recv(fd, 10)).error;
      },
      idle);
  EXPECT_EQ(error, Errno::kEAGAIN);
}

TEST(Calls, SelectCountsEveryBitOfItsSets) {
  Pair pair;
  int64_t bits = 0;
  pair.run(
      [&](Api api, int fd) -> Task {
        const std::vector<socket::PollRequest> both(1, {fd, Events{.in = true, .out = true}});
        bits = (co_await api.select(both)).value;
      },
      says_hello);
  EXPECT_EQ(bits, 2);
}

TEST(Calls, SelectOfAClosedDescriptorFailsWithEbadf) {
  Pair pair;
  std::optional<Errno> error;
  pair.run(
      [&](Api api, int fd) -> Task {
        co_await api.close(fd);
        const std::vector<socket::PollRequest> reads(1, {fd, Events{.in = true}});
        error = (co_await api.select(reads)).error;
      },
      idle);
  EXPECT_EQ(error, Errno::kEBADF);
}

// How many answers two epoll_wait in a row give, with nothing read between them.
std::vector<int64_t> answers(bool edge) {
  Pair pair;
  std::vector<int64_t> found;
  pair.run(
      [&](Api api, int fd) -> Task {
        const int queue = (co_await api.epoll_create()).fd();
        const QueueChange change{.fd = fd, .events = Events{.in = true}, .edge = edge};
        co_await api.epoll_ctl(queue, change);
        for (int i = 0; i < 2; ++i) {
          found.push_back((co_await api.epoll_wait(queue, 8, Duration())).value);
        }
      },
      says_hello);
  return found;
}

TEST(Calls, LevelTriggeredEpollRepeatsItself) {
  EXPECT_EQ(answers(false), (std::vector<int64_t>{1, 1}));
}
TEST(Calls, EdgeTriggeredEpollDoesNot) { EXPECT_EQ(answers(true), (std::vector<int64_t>{1, 0})); }

TEST(Calls, AQueueThatTheHostLacksIsEnosys) {
  Pair linux_pair, bsd("freebsd-14");
  std::optional<Errno> kqueue, epoll;
  linux_pair.run([&](Api api, int) -> Task { kqueue = (co_await api.kqueue()).error; }, idle);
  bsd.run([&](Api api, int) -> Task { epoll = (co_await api.epoll_create()).error; }, idle);
  EXPECT_EQ(kqueue, Errno::kENOSYS);
  EXPECT_EQ(epoll, Errno::kENOSYS);
}

TEST(Calls, ADescriptorBeyondTheLimitOfItsProcessIsEmfile) {
  Pair pair;
  std::optional<Errno> within, beyond;
  pair.run(
      [&](Api api, int) -> Task {  // 0 to 2 are the standard streams, 3 the connection
        co_await api.setrlimit(5);
        within = (co_await api.socket()).error;
        beyond = (co_await api.socket()).error;
      },
      idle);
  EXPECT_EQ(within, std::nullopt);
  EXPECT_EQ(beyond, Errno::kEMFILE);
}

TEST(Calls, ThreadsShareDescriptorsAndJoinWaitsForTheirEnd) {
  Pair pair;
  int64_t got = 0;
  Duration waited{};
  pair.run(
      [&](Api api, int fd) -> Task {
        const auto reader = [&got, fd](app::SocketApi own) -> Task {
          got = (co_await own.recv(fd, 10)).value;
          co_await own.sleep(50ms);
        };
        const Instant begin = api.now();
        const int64_t thread = (co_await api.spawn(reader)).value;
        co_await api.join(thread);
        waited = api.now() - begin;
      },
      says_hello);
  EXPECT_EQ(got, 5);
  EXPECT_GE(waited, 50ms);
}

TEST(Calls, AMutexKeepsTheSecondThreadOutUntilItIsUnlocked) {
  Pair pair;
  Duration waited{};
  pair.run(
      [&](Api api, int) -> Task {
        co_await api.lock("m");
        const auto other = [&waited](app::SocketApi own) -> Task {
          const Instant begin = own.now();
          co_await own.lock("m");
          waited = own.now() - begin;
          co_await own.unlock("m");
        };
        const int64_t thread = (co_await api.spawn(other)).value;
        co_await api.sleep(20ms);
        co_await api.unlock("m");
        co_await api.join(thread);
      },
      idle);
  EXPECT_GT(waited, 19ms);
  EXPECT_LT(waited, 22ms);
}

TEST(Calls, UnlockingWhatAnotherThreadHoldsIsEperm) {
  Pair pair;
  std::optional<Errno> error;
  pair.run([&](Api api, int) -> Task { error = (co_await api.unlock("m")).error; }, idle);
  EXPECT_EQ(error, Errno::kEPERM);
}

TEST(Calls, TheEndOfAProcessEndsItsSleepersAndClosesItsSockets) {
  Pair pair;
  bool came_back = false;
  int64_t peer_read = -1;
  pair.run(
      [&](Api api, int fd) -> Task {
        const auto sleeper = [&came_back, fd](app::SocketApi own) -> Task {
          co_await own.recv(fd, 10);
          came_back = true;
        };
        co_await api.spawn(sleeper);
        co_await api.sleep(1ms);
        co_await api.exit_process();
      },
      [&](Api api, int fd) -> Task { peer_read = (co_await api.recv(fd, 10)).value; });
  EXPECT_FALSE(came_back);
  EXPECT_EQ(peer_read, 0);
}

TEST(Calls, OneConnectionWakesOneOfTwoThreadsThatAccept) {
  Lab lab;
  const HostName a = lab.host("a", "linux-6.18");
  int accepted = 0;
  lab.program(a, "server", [&](Api api) -> Task {
    const int listener = (co_await api.socket()).fd();
    co_await api.bind(listener, 80);
    co_await api.listen(listener, 8);
    const auto accepts = [&accepted, listener](app::SocketApi own) -> Task {
      if (!(co_await own.accept(listener)).error) ++accepted;
    };
    co_await api.spawn(accepts);
    co_await api.spawn(accepts);
  });
  lab.program(
      a, "client",
      [](Api api) -> Task {
        const int fd = (co_await api.socket()).fd();
        co_await api.connect(fd, "a", 80);
      },
      1ms);
  EXPECT_TRUE(lab.run()) << lab.problems();
  EXPECT_EQ(accepted, 1);
}

// ---- errors that differ

// What `call` fails with on a fresh socket; `listens`: which listens first.
std::optional<Errno> error_of_connect(const std::string& profile, const socket::Address& to,
                                      bool listens) {
  Pair pair(profile);
  std::optional<Errno> error;
  pair.run(
      [&](Api api, int) -> Task {
        const int fd = (co_await api.socket()).fd();
        if (listens) {
          co_await api.bind(fd, 8080);
          co_await api.listen(fd, 1);
        }
        const auto call = static_cast<app::SocketApi&>(api).connect(fd, to, "nobody");
        error = (co_await call).error;
      },
      idle);
  return error;
}

TEST(Calls, ConnectOnAListenerFailsAsItsSystemSays) {
  const socket::Address somewhere{wire::Ipv4Address(0x0a000002), wire::Port{80}};
  EXPECT_EQ(error_of_connect("linux-6.18", somewhere, true), Errno::kEISCONN);
  EXPECT_EQ(error_of_connect("freebsd-14", somewhere, true), Errno::kEOPNOTSUPP);
  EXPECT_EQ(error_of_connect("macos-14", somewhere, true), Errno::kEOPNOTSUPP);
  EXPECT_EQ(error_of_connect("windows-11", somewhere, true), Errno::kEINVAL);
}

TEST(Calls, ConnectToAMulticastAddressFailsAsItsSystemSays) {
  const socket::Address many{wire::Ipv4Address(0xe0000001), wire::Port{80}};
  EXPECT_EQ(error_of_connect("linux-6.18", many, false), Errno::kENETUNREACH);
  EXPECT_EQ(error_of_connect("freebsd-14", many, false), Errno::kEAFNOSUPPORT);
  EXPECT_EQ(error_of_connect("macos-14", many, false), Errno::kEAFNOSUPPORT);
}

TEST(Calls, ConnectToEverybodyIsUnreachable) {
  const socket::Address all{wire::Ipv4Address(0xffffffff), wire::Port{80}};
  EXPECT_EQ(error_of_connect("linux-6.18", all, false), Errno::kENETUNREACH);
}

}  // namespace
}  // namespace tcptwin::lab
