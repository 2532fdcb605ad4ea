// UDP, pieces of packets, echoes and IPv6 of a host that runs lwIP.
#include "tests/lwip/lwip_host.h"

namespace tcptwin::lwip_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LwipDatagrams : public LwipTest {};

std::string exchange(const std::string& family, int64_t size, bool asks) {
  const std::string f = R"("family": ")" + family + '"';
  const std::string n = std::to_string(size);
  if (asks) {
    return R"({"socket": {"type": "udp", )" + f + R"(}}, {"sendto": {"bytes": )" + n +
           R"(, "to": "b", "port": 53}}, {"recvfrom": {"bytes": 60000, "record": "got"}},
              {"close": {}})";
  }
  return R"({"bind": {"port": 53, "type": "udp", )" + f +
         R"(}}, {"recvfrom": {"bytes": 60000, "record": "got"}}, {"sendto": {"bytes": )" + n +
         R"(}}, {"close": {}})";
}

TEST_F(LwipDatagrams, BothWaysInBothFamiliesAndInPieces) {
  for (const char* family : {"ipv4", "ipv6"}) {
    for (const int64_t size : {0, 10, 1472, 4000}) {
      for (const auto& [a, b] :
           {std::pair(lwip_host(), lwip_host()), std::pair(lwip_host(), host("linux-6.18")),
            std::pair(host("linux-6.18"), host("lwip-large"))}) {
        const auto s = run_programs({.a = a,
                                     .b = b,
                                     .client = exchange(family, size, true),
                                     .server = exchange(family, size, false)});
        EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
        EXPECT_THAT(values(s, "client.got"), ElementsAre(size));
        EXPECT_THAT(values(s, "server.got"), ElementsAre(size));
      }
    }
  }
}

// IP_REASS_MAX_PBUFS is 10, and of this build's buffers a piece of 1500 bytes takes three.
TEST_F(LwipDatagrams, WhatTakesMoreThanTenBuffersIsNeverPutTogether) {
  const std::string server = R"({"bind": {"port": 53, "type": "udp"}},
                    {"poll": {"for": "POLLIN", "timeout": "30s", "record": "ready"}}, {"close": {}})";
  for (const auto& [bytes, ready] : {std::pair(4500, 1), std::pair(5500, 0)}) {
    const auto s = run_programs({.client = R"({"socket": {"type": "udp"}}, {"sendto": {"bytes": )" +
                                           std::to_string(bytes) +
                                           R"(, "to": "b", "port": 53}}, {"close": {}})",
                                 .server = server});
    EXPECT_THAT(values(s, "server.ready"), ElementsAre(ready)) << story(s);
  }
}

constexpr const char* kSendsPieces =
    R"({"socket": {"type": "udp", "family": "FAMILY"}},
       {"sendto": {"bytes": 4000, "to": "b", "port": 53}}, {"sleep": "40s"}, {"close": {}})";

// lwIP counts 15 ticks of a second, and tells the sender in case the first piece came.
TEST_F(LwipDatagrams, AMissingPieceEndsTheReassemblyAfter15Seconds) {
  for (const char* family : {"ipv4", "ipv6"}) {
    std::string client = kSendsPieces;
    client.replace(client.find("FAMILY"), 6, family);
    const auto s = run_programs(
        {.client = client,
         .server = R"({"bind": {"port": 53, "type": "udp", "family": ")" + std::string(family) +
                   R"("}}, {"poll": {"for": "POLLIN", "timeout": "30s", "record": "ready"}},
                     {"close": {}})",
         .link = R"("loss": [{"from": "a", "packets": [2]}])"});
    EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
    EXPECT_THAT(values(s, "server.ready"), ElementsAre(0));
    EXPECT_THAT(story(s), HasSubstr("15.999000 - ICMP 10.77.0.2 > 10.77.0.1 reassembly time "
                                    "exceeded"));
  }
}

TEST_F(LwipDatagrams, MoreIncompletePacketsThanReassembliesPushTheOldestOut) {
  const auto s = run_programs({.b = lwip_host(R"("reassemblies": 1)"),
                               .client = R"({"socket": {"type": "udp"}}, {"repeat": 2, "do": [
                    {"sendto": {"bytes": 2000, "to": "b", "port": 53}}]}, {"close": {}})",
                               .server = R"({"bind": {"port": 53, "type": "udp"}},
                    {"recvfrom": {"bytes": 3000, "record": "got"}}, {"close": {}})",
                               .link = R"("loss": [{"from": "a", "packets": [2]}])"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(values(s, "server.got"), ElementsAre(2000));
}

TEST_F(LwipDatagrams, WhatFindsNoRoomInTheMailboxIsDroppedAndTold) {
  const auto s = run_programs({.b = lwip_host(R"("mailbox": 3)"),
                               .client = R"({"socket": {"type": "udp"}}, {"repeat": 5, "do": [
                    {"sendto": {"bytes": 10, "to": "b", "port": 53}}]}, {"close": {}})",
                               .server = R"({"bind": {"port": 53, "type": "udp"}}, {"sleep": "1s"},
                    {"repeat": 3, "do": [{"recvfrom": 10}]},
                    {"recvfrom": {"bytes": 10, "flags": ["MSG_DONTWAIT"],
                                  "expect_error": "EAGAIN"}}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(story(s), HasSubstr("the datagram was dropped, its socket's buffer was full"));
}

TEST_F(LwipDatagrams, SoRcvbufBoundsWhatWaits) {  // facts/lwip.md H3
  const auto s = run_programs({.b = host("lwip-debian"),
                               .client = R"({"socket": {"type": "udp"}}, {"repeat": 5, "do": [
                    {"sendto": {"bytes": 1000, "to": "b", "port": 53}}]}, {"close": {}})",
                               .server = R"({"bind": {"port": 53, "type": "udp"}},
                    {"setsockopt": {"level": "SOL_SOCKET", "option": "SO_RCVBUF", "value": 2500}},
                    {"sleep": "1s"}, {"repeat": 2, "do": [{"recvfrom": 1000}]},
                    {"recvfrom": {"bytes": 10, "flags": ["MSG_DONTWAIT"],
                                  "expect_error": "EAGAIN"}}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
}

// lwIP answers with port unreachable and tells no program of one.
TEST_F(LwipDatagrams, AClosedPortIsUnreachableAndNoProgramHearsOfIt) {
  const auto s =
      run_programs({.client = R"({"connect": {"to": "b", "port": 53, "type": "udp"}}, {"send": 10},
                    {"sleep": "10ms"}, {"send": 10}, {"close": {}})",
                    .server = R"({"sleep": "1ms"})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(story(s), HasSubstr("port unreachable"));
}

TEST_F(LwipDatagrams, ItPingsAndIsPingedInBothFamiliesAndInPieces) {
  for (const char* other : {"lwip-2.1.3", "linux-6.18", "freebsd-14"}) {
    const std::string pings = R"({"sleep": "1ms"}, {"ping": {"to": "OTHER", "record": "rtt"}},
                                 {"ping": {"to": "OTHER", "bytes": 4000, "record": "rtt"}})";
    const auto to = [&](const char* name) {
      std::string text = pings;
      for (size_t at; (at = text.find("OTHER")) != std::string::npos;) text.replace(at, 5, name);
      return text;
    };
    const auto s = run_programs({.b = host(other), .client = to("b"), .server = to("a")});
    EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
    for (const char* name : {"client.rtt", "server.rtt"}) {
      ASSERT_THAT(values(s, name), SizeIs(2));
      for (const int64_t us : values(s, name)) {
        EXPECT_GE(us, 2000);
        EXPECT_LE(us, 2300);
      }
    }
  }
}

TEST_F(LwipDatagrams, APingThatNobodyAnswersTimesOut) {
  const auto s = run_programs({.client = R"({"ping": {"to": "b", "timeout": "500ms",
                                            "expect_error": "ETIMEDOUT"}})",
                               .server = R"({"sleep": "1ms"})",
                               .link = R"("loss": [{"from": "a", "packets": [1]}])"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
}

TEST_F(LwipDatagrams, TcpOverIpv6) {
  const auto s = run_programs(
      {.client = R"({"connect": {"to": "b", "port": 80, "family": "ipv6"}}, {"write": 20000},
                    {"read": 20000}, {"close": {}})",
       .server = R"({"listen": {"port": 80, "family": "ipv6"}}, {"accept": {}}, {"read": 20000},
                    {"write": 20000}, {"recv": 1}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
}

TEST_F(LwipDatagrams, AHostTalksToItself) {
  const auto s = support::simulate(R"({"schema": "tcptwin/scenario/1", "name": "test",
    "hosts": {"a": )" + lwip_host() +
                                   R"(}, "processes": [
      {"name": "client", "host": "a", "start": "1ms", "program": [
        {"connect": {"to": "a", "port": 80}}, {"write": 3000}, {"read": 3000}, {"close": {}}]},
      {"name": "server", "host": "a", "program": [
        {"listen": 80}, {"accept": {}}, {"read": 3000}, {"write": 3000}, {"recv": 1},
        {"close": {}}]}]})");
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
}

}  // namespace
}  // namespace tcptwin::lwip_test
