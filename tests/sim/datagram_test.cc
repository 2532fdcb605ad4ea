// UDP between hosts of worlds built in C++: what a program sees of datagrams, of errors about them,
// and of echoes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "sim/lab/testing.h"

namespace tcptwin::lab {
namespace {

using socket::MessageFlags;
using testing::Contains;
using testing::HasSubstr;

std::string text_of(const Payload& payload) {
  const auto bytes = payload.bytes();
  return {bytes.begin(), bytes.end()};
}

socket::Address own(uint16_t port) {
  return {wire::IpAddress::loopback_v4(), static_cast<wire::Port>(port)};
}

std::vector<socket::PollRequest> one(int fd, const socket::Events& events) {
  return {{fd, events}};
}

class Datagrams : public LabTest {
 protected:
  // Runs one program on one host.
  void alone(const std::string& profile, Lab::Program program) {
    lab.program(lab.host("a", profile), "p", std::move(program));
    ASSERT_TRUE(lab.run());
  }
  // Two hosts, 10 ms apart.
  void two(const std::string& profile, Lab::Program at_a, Lab::Program at_b,
           std::string_view link = "{}") {
    const HostName a = lab.host("a", profile), b = lab.host("b", "linux-6.18");
    lab.link(a, b, 10ms, link);
    lab.program(b, "b", std::move(at_b));
    lab.program(a, "a", std::move(at_a), 1ms);
    ASSERT_TRUE(lab.run());
  }
};

Task nothing(Api) { co_return; }

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
  EXPECT_THAT(lab.segments(b), Contains(HasSubstr(".53 (5)")));
  EXPECT_THAT(lab.story(), HasSubstr("the program sent it"));
  EXPECT_THAT(lab.story(), HasSubstr("sendto(5,10.77.0.2.53)"));
}

// ---- recv

TEST_F(Datagrams, WhatTheBufferDoesNotHoldOfADatagramIsLost) {
  alone("linux-6.18", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, 53);
    for (const char* text : {"hello", "world"}) {
      co_await api.sendto(fd, Payload::text(text), own(53));
    }
    EXPECT_EQ(text_of((co_await api.recv(fd, 3)).data), "hel");
    EXPECT_EQ(text_of((co_await api.recv(fd, 30)).data), "world");
  });
}
TEST_F(Datagrams, MsgTruncTellsItsWholeLength) {
  alone("linux-6.18", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, 53);
    co_await api.sendto(fd, Payload::text("hello"), own(53));
    const host::CallResult got = co_await api.recvfrom(fd, 3, {.truncate = true});
    EXPECT_EQ(got.value, 5);
    EXPECT_EQ(text_of(got.data), "hel");
  });
}
TEST_F(Datagrams, WindowsFailsARecvThatCutsADatagram) {
  alone("windows-11", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, 53);
    co_await api.sendto(fd, Payload::text("hello"), own(53));
    const host::CallResult got = co_await api.recv(fd, 3);
    EXPECT_EQ(got.error, Errno::kEMSGSIZE);
    EXPECT_EQ(text_of(got.data), "hel");
  });
}
TEST_F(Datagrams, MsgPeekLeavesIt) {
  alone("linux-6.18", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, 53);
    co_await api.sendto(fd, Payload::text("hello"), own(53));
    EXPECT_EQ((co_await api.recv(fd, 9, {.peek = true})).value, 5);
    EXPECT_EQ((co_await api.recv(fd, 9)).value, 5);
    EXPECT_EQ((co_await api.recv(fd, 9, {.dont_wait = true})).error, Errno::kEAGAIN);
  });
}
TEST_F(Datagrams, ARecvWaitsUpToItsTimeout) {
  alone("linux-6.18", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, 53);
    co_await api.setsockopt(fd, "SOL_SOCKET", "SO_RCVTIMEO", {0, 500'000});
    const Instant before = api.now();
    EXPECT_EQ((co_await api.recv(fd, 9)).error, Errno::kEAGAIN);
    EXPECT_GE(api.now() - before, 500ms);
    EXPECT_LT(api.now() - before, 520ms);
  });
}
TEST_F(Datagrams, AnEmptyDatagramIsOne) {
  alone("rfc", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, 53);
    EXPECT_EQ((co_await api.sendto(fd, Payload(), own(53))).value, 0);
    const host::CallResult got = co_await api.recvfrom(fd, 9);
    EXPECT_FALSE(got.error);
    EXPECT_EQ(got.address.port, wire::Port{53});
  });
}
TEST_F(Datagrams, WindowsHasNoRecvBeforeAPort) {
  alone("windows-11", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    EXPECT_EQ((co_await api.recv(fd, 9)).error, Errno::kEINVAL);
  });
}

// So many datagrams of `size` bytes are taken by a buffer for which the program asked.
int64_t taken(const std::string& profile, int64_t buffer, int64_t size) {
  Lab lab;
  int64_t count = 0;
  lab.program(lab.host("a", profile), "p", [&](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, 53);
    co_await api.setsockopt(fd, "SOL_SOCKET", "SO_RCVBUF", buffer);
    for (int i = 0; i < 50; ++i) {
      co_await api.sendto(fd, Payload::synthetic(1, 0, static_cast<size_t>(size)), own(53));
    }
    while (!(co_await api.recv(fd, 9000, {.dont_wait = true})).error) ++count;
  });
  EXPECT_TRUE(lab.run());
  return count;
}

TEST(DatagramBuffers, LinuxTakesOneMoreWhenItsMemoryIsNotExceeded) {
  EXPECT_EQ(taken("linux-6.18", 2000, 1), 5);  // 4000 bytes: 4 * 832 < 4000, the fifth exceeds it
  EXPECT_EQ(taken("linux-6.18", 4608, 1000), 5);  // 9216 of 2048 + 256 each
}
TEST(DatagramBuffers, LinuxOf2009TakesNoneBeyondIt) {
  EXPECT_EQ(taken("linux-2.6.32", 2000, 1), 5);  // 4000 bytes of 512 + 232 each
}
TEST(DatagramBuffers, TheBsdsChargeTheSendersAddress) {
  EXPECT_EQ(taken("freebsd-14", 10'000, 984), 10);
  EXPECT_EQ(taken("freebsd-14", 10'000, 985), 9);
}
TEST(DatagramBuffers, TheBsdsChargeMemoryOfSmallOnes) {
  EXPECT_EQ(taken("freebsd-14", 2000, 10), 7);  // 16000 bytes of 2560 each
}
TEST(DatagramBuffers, WindowsChargesTheirBytes) { EXPECT_EQ(taken("windows-11", 1000, 100), 10); }

// ---- send

std::optional<Errno> largest(const std::string& profile, int64_t size, int64_t buffer = 0) {
  Lab lab;
  std::optional<Errno> error;
  lab.program(lab.host("a", profile), "p", [&](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    if (buffer > 0) co_await api.setsockopt(fd, "SOL_SOCKET", "SO_SNDBUF", buffer);
    error = (co_await api.sendto(fd, Payload::synthetic(1, 0, static_cast<size_t>(size)), own(53)))
                .error;
  });
  EXPECT_TRUE(lab.run());
  return error;
}

TEST(DatagramSizes, ThePacketIsTheLimit) {
  for (const char* profile : {"linux-6.18", "linux-2.6.32", "windows-11", "rfc"}) {
    EXPECT_EQ(largest(profile, 65507), std::nullopt) << profile;
    EXPECT_EQ(largest(profile, 65508), Errno::kEMSGSIZE) << profile;
  }
}
TEST(DatagramSizes, TheSendBufferIsTheLimitOfTheBsds) {
  for (const char* profile : {"freebsd-14", "macos-14"}) {
    EXPECT_EQ(largest(profile, 9216), std::nullopt) << profile;
    EXPECT_EQ(largest(profile, 9217), Errno::kEMSGSIZE) << profile;
    EXPECT_EQ(largest(profile, 20'000, 20'000), std::nullopt) << profile;
  }
}

TEST_F(Datagrams, ASendNeedsAPeer) {
  std::map<std::string, std::optional<Errno>> errors;
  for (const char* profile : {"linux-6.18", "freebsd-14", "windows-11"}) {
    Lab one;
    one.program(one.host("a", profile), "p", [&errors, profile](Api api) -> Task {
      const int fd = (co_await api.udp_socket()).fd();
      errors[profile] = (co_await api.send(fd, Payload::text("x"))).error;
    });
    EXPECT_TRUE(one.run());
  }
  EXPECT_EQ(errors["linux-6.18"], Errno::kEDESTADDRREQ);
  EXPECT_EQ(errors["freebsd-14"], Errno::kEDESTADDRREQ);
  EXPECT_EQ(errors["windows-11"], Errno::kENOTCONN);
}
TEST_F(Datagrams, SendtoOnAConnectedSocketGoesWhereItIsTold) {
  alone("linux-6.18", [](Api api) -> Task {
    const int heard = (co_await api.udp_socket()).fd();
    co_await api.bind(heard, 54);
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.connect(fd, own(53), "self");
    EXPECT_EQ((co_await api.sendto(fd, Payload::text("x"), own(54))).value, 1);
    EXPECT_EQ((co_await api.recv(heard, 9)).value, 1);
  });
}
TEST_F(Datagrams, TheBsdsRefuseItThere) {
  alone("freebsd-14", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.connect(fd, own(53), "self");
    EXPECT_EQ((co_await api.sendto(fd, Payload::text("x"), own(54))).error, Errno::kEISCONN);
  });
}
TEST_F(Datagrams, MsgMoreJoinsWritesToOneDatagram) {
  alone("linux-6.18", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, 53);
    co_await api.connect(fd, own(53), "self");
    co_await api.send(fd, Payload::text("hel"), {.more = true});
    co_await api.send(fd, Payload::text("lo"));
    EXPECT_EQ(text_of((co_await api.recv(fd, 9)).data), "hello");
  });
}

// ---- names

TEST_F(Datagrams, AConnectedSocketHearsOnlyItsPeer) {
  alone("linux-6.18", [](Api api) -> Task {
    const int peer = (co_await api.udp_socket()).fd(), other = (co_await api.udp_socket()).fd();
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(peer, 1000);
    co_await api.bind(other, 1001);
    co_await api.bind(fd, 53);
    co_await api.connect(fd, own(1000), "peer");
    EXPECT_EQ((co_await api.getpeername(fd)).address.port, wire::Port{1000});
    co_await api.sendto(other, Payload::text("no"), own(53));
    co_await api.sendto(peer, Payload::text("yes"), own(53));
    EXPECT_EQ(text_of((co_await api.recv(fd, 9)).data), "yes");
    co_await api.connect(fd, own(1001), "other");  // another peer from now on
    co_await api.sendto(other, Payload::text("now"), own(53));
    EXPECT_EQ(text_of((co_await api.recv(fd, 9)).data), "now");
  });
}
TEST_F(Datagrams, PortsOfUdpAndTcpAreApart) {
  alone("linux-6.18", [](Api api) -> Task {
    const int tcp = (co_await api.socket()).fd();
    co_await api.bind(tcp, 53);
    const int fd = (co_await api.udp_socket()).fd(), second = (co_await api.udp_socket()).fd();
    EXPECT_EQ((co_await api.bind(fd, 53)).value, 0);
    EXPECT_EQ((co_await api.bind(second, 53)).error, Errno::kEADDRINUSE);
    co_await api.close(fd);
    EXPECT_EQ((co_await api.bind(second, 53)).value, 0);
  });
}
TEST_F(Datagrams, EphemeralPortsOfMacosAreRandomForUdp) {
  alone("macos-14", [](Api api) -> Task {
    int following = 0;
    int last = 0;
    for (int i = 0; i < 20; ++i) {
      const int fd = (co_await api.udp_socket()).fd();
      co_await api.bind(fd, 0);
      const int port = static_cast<int>((co_await api.getsockname(fd)).address.port);
      EXPECT_GE(port, 49152);
      following += std::abs(port - last) == 1 ? 1 : 0;
      last = port;
    }
    EXPECT_LT(following, 5);  // of TCP all are
  });
}
TEST_F(Datagrams, TheSnapshotShowsThem) {
  alone("linux-6.18", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, 53);
    co_await api.sendto(fd, Payload::text("hello"), own(53));
    const auto rows = api.sockets();
    EXPECT_EQ(rows.size(), 1u);
    if (rows.size() != 1) co_return;
    EXPECT_TRUE(rows[0].datagram);
    EXPECT_EQ(rows[0].local.port, wire::Port{53});
    EXPECT_EQ(rows[0].receive_queue, 5);
    EXPECT_EQ(rows[0].descriptor, fd);
    EXPECT_EQ(rows[0].dropped, 0);
    co_await api.setsockopt(fd, "SOL_SOCKET", "SO_RCVBUF", 1);  // 2304 at least
    for (int i = 0; i < 5; ++i) co_await api.sendto(fd, Payload::text("x"), own(53));
    EXPECT_EQ(api.sockets().at(0).dropped, 3);  // of 832 bytes each, the first besides
  });
}
TEST_F(Datagrams, OptionsOfTcpAreNotTheirs) {
  alone("linux-6.18", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    EXPECT_EQ((co_await api.setsockopt(fd, "IPPROTO_TCP", "TCP_NODELAY", 1)).error,
              Errno::kENOPROTOOPT);
    EXPECT_EQ((co_await api.getsockopt(fd, "SOL_SOCKET", "SO_TYPE")).value, 2);
    EXPECT_EQ((co_await api.getsockopt(fd, "SOL_SOCKET", "SO_RCVBUF")).value, 212'992);
    EXPECT_EQ((co_await api.listen(fd, 1)).error, Errno::kEOPNOTSUPP);
    EXPECT_EQ((co_await api.accept(fd)).error, Errno::kEOPNOTSUPP);
  });
}
TEST_F(Datagrams, AnIpv6SocketHearsBothVersions) {
  alone("linux-6.18", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket(socket::Family::kIpv6)).fd();
    const int v4 = (co_await api.udp_socket()).fd();
    co_await api.bind(fd, {wire::IpAddress::any_v6(), wire::Port{53}});
    const socket::Address v6_self{wire::IpAddress::loopback_v6(), wire::Port{53}};
    co_await api.sendto(v4, Payload::text("four"), own(53));
    EXPECT_EQ(text_of((co_await api.recv(fd, 9)).data), "four");
    co_await api.sendto(fd, Payload::text("six"), v6_self);
    EXPECT_EQ(text_of((co_await api.recv(fd, 9)).data), "six");
    EXPECT_EQ((co_await api.sendto(v4, Payload::text("x"), v6_self)).error, Errno::kEAFNOSUPPORT);
  });
}

// ---- errors

TEST_F(Datagrams, AConnectedSocketIsToldThatNobodyListens) {
  two(
      "linux-6.18",
      [](Api api) -> Task {
        const int fd = (co_await api.udp_socket()).fd();
        co_await api.connect(fd, "b", 53);
        co_await api.send(fd, Payload::text("x"));
        EXPECT_EQ((co_await api.recv(fd, 9)).error, Errno::kECONNREFUSED);
        co_await api.send(fd, Payload::text("x"));
        co_await api.sleep(50ms);
        EXPECT_EQ((co_await api.send(fd, Payload::text("x"))).error, Errno::kECONNREFUSED);
        co_await api.sleep(50ms);
        EXPECT_EQ((co_await api.send(fd, Payload::text("x"))).value, 1);  // told once
      },
      nothing);
}
TEST_F(Datagrams, AnUnconnectedOneIsNot) {
  two(
      "linux-6.18",
      [](Api api) -> Task {
        const int fd = (co_await api.udp_socket()).fd();
        co_await api.sendto(fd, Payload::text("x"), api.address("b", 53));
        co_await api.sleep(50ms);
        EXPECT_EQ((co_await api.recv(fd, 9, {.dont_wait = true})).error, Errno::kEAGAIN);
      },
      nothing);
}
TEST_F(Datagrams, WindowsTellsAnySocketByARecvThatFails) {
  two(
      "windows-11",
      [](Api api) -> Task {
        const int fd = (co_await api.udp_socket()).fd();
        co_await api.sendto(fd, Payload::text("x"), api.address("b", 53));
        co_await api.sleep(50ms);
        EXPECT_EQ((co_await api.sendto(fd, Payload::text("x"), api.address("b", 53))).value, 1);
        EXPECT_EQ((co_await api.recv(fd, 9)).error, Errno::kECONNRESET);
      },
      nothing);
}
TEST_F(Datagrams, SoErrorTakesTheErrorAway) {
  two(
      "freebsd-14",
      [](Api api) -> Task {
        const int fd = (co_await api.udp_socket()).fd();
        co_await api.connect(fd, "b", 53);
        co_await api.send(fd, Payload::text("x"));
        co_await api.sleep(50ms);
        EXPECT_EQ((co_await api.getsockopt(fd, "SOL_SOCKET", "SO_ERROR")).fetched_error,
                  Errno::kECONNREFUSED);
        EXPECT_EQ((co_await api.recv(fd, 9, {.dont_wait = true})).error, Errno::kEAGAIN);
      },
      nothing);
}

// ---- readiness

TEST_F(Datagrams, PollTellsOfADatagram) {
  two(
      "linux-6.18",
      [](Api api) -> Task {
        const int fd = (co_await api.udp_socket()).fd();
        co_await api.bind(fd, 53);
        EXPECT_EQ((co_await api.poll(one(fd, {.out = true}), 0s)).value, 1);
        EXPECT_EQ((co_await api.poll(one(fd, {.in = true}), 0s)).value, 0);
        const host::CallResult got = co_await api.poll(one(fd, {.in = true}));
        EXPECT_TRUE(got.ready.at(0).events.in);
        EXPECT_EQ((co_await api.ioctl(fd, socket::QueueLength::kUnread)).value, 2);
      },
      [](Api api) -> Task {
        const int fd = (co_await api.udp_socket()).fd();
        co_await api.sleep(20ms);
        co_await api.sendto(fd, Payload::text("hi"), api.address("a", 53));
        co_await api.sendto(fd, Payload::text("there"), api.address("a", 53));
      });
}
TEST_F(Datagrams, EpollTellsOfTheErrorAsSuch) {
  two(
      "linux-6.18",
      [](Api api) -> Task {
        const int fd = (co_await api.udp_socket()).fd();
        const int queue = (co_await api.epoll_create()).fd();
        socket::QueueChange change;
        change.fd = fd;
        change.events.in = true;
        co_await api.epoll_ctl(queue, change);
        co_await api.connect(fd, "b", 53);
        co_await api.send(fd, Payload::text("x"));
        const host::CallResult got = co_await api.epoll_wait(queue, 9);
        EXPECT_TRUE(got.ready.at(0).events.error);
        EXPECT_FALSE(got.ready.at(0).events.in);
      },
      nothing);
}
TEST_F(Datagrams, KqueueCountsAllBytes) {
  two(
      "freebsd-14",
      [](Api api) -> Task {
        const int fd = (co_await api.udp_socket()).fd();
        const int queue = (co_await api.kqueue()).fd();
        co_await api.bind(fd, 53);
        socket::QueueChange change;
        change.fd = fd;
        change.filter = socket::QueueChange::Filter::kRead;
        change.events.in = true;
        co_await api.kevent(queue, change);
        co_await api.sleep(50ms);
        const host::CallResult got = co_await api.kevent(queue, 9, std::nullopt);
        EXPECT_EQ(got.ready.at(0).amount, 7);
      },
      [](Api api) -> Task {
        const int fd = (co_await api.udp_socket()).fd();
        co_await api.sleep(20ms);
        co_await api.sendto(fd, Payload::text("hi"), api.address("a", 53));
        co_await api.sendto(fd, Payload::text("there"), api.address("a", 53));
      });
}
TEST_F(Datagrams, AShutDownSocketReadsTheEndAndWritesNothing) {
  alone("linux-6.18", [](Api api) -> Task {
    const int fd = (co_await api.udp_socket()).fd();
    EXPECT_EQ((co_await api.shutdown(fd, socket::Shutdown::kWrite)).error, Errno::kENOTCONN);
    co_await api.connect(fd, own(53), "self");
    EXPECT_EQ((co_await api.shutdown(fd, socket::Shutdown::kBoth)).value, 0);
    EXPECT_EQ((co_await api.recv(fd, 9)).value, 0);
    EXPECT_EQ((co_await api.send(fd, Payload::text("x"))).error, Errno::kEPIPE);
    EXPECT_TRUE((co_await api.poll(one(fd, {}), 0s)).ready.at(0).events.hang_up);
  });
}

// ---- ping

TEST_F(Datagrams, PingTakesTheRoundTrip) {
  two(
      "linux-6.18",
      [](Api api) -> Task {
        const host::CallResult got = co_await api.ping(api.address("b", 0).ip, 56, 1s);
        EXPECT_FALSE(got.error);
        EXPECT_GE(got.value, 20'000);
        EXPECT_LT(got.value, 20'200);
      },
      nothing);
}
TEST_F(Datagrams, AnEchoThatIsLostTimesOut) {
  two(
      "linux-6.18",
      [](Api api) -> Task {
        const Instant before = api.now();
        EXPECT_EQ((co_await api.ping(api.address("b", 0).ip, 56, 1s)).error, Errno::kETIMEDOUT);
        EXPECT_GE(api.now() - before, 1s);
        EXPECT_GE((co_await api.ping(api.address("b", 0).ip, 56, 1s)).value, 20'000);
      },
      nothing, R"({"loss": [{"from": "a", "packets": [1]}]})");
}

}  // namespace
}  // namespace tcptwin::lab
