// tcptwin bridge: real programs in the place of one host of a scenario.
#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "models/lwip/builds.h"
#include "tests/live/machine.h"
#include "tests/support/paths.h"

namespace tcptwin::live {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::SizeIs;

// A simulated host "server" 5 ms away; `processes` run on it.
std::string server(const std::string& profile, const std::string& processes,
                   const std::string& link = R"("delay": "5ms")") {
  return R"({"schema": "tcptwin/scenario/1", "name": "live",
    "hosts": {"outside": {"kind": "real"}, "server": {"profile": ")" +
         profile + R"("}}, "links": [{"between": ["outside", "server"], )" + link +
         R"(}], "processes": [)" + processes + "]}";
}
std::string program(const std::string& operations) {
  return R"({"name": "server", "host": "server", "program": [)" + operations + "]}";
}

class Bridge : public LiveTest {
 protected:
  // `scenario`: its text.
  Ended bridge(const std::string& scenario, const std::string& options,
               const std::string& command) const {
    return shell(tcptwin() + " bridge " + file("scenario.json", scenario) + " --quiet " + options +
                 " -- " + command);
  }
  // Fetches a path of the scenario "http"; its content has the hash that the server says.
  void expect_whole(const std::string& name, const std::string& bytes,
                    const std::string& options = "") const {
    const Ended ended = shell(
        tcptwin() + " bridge " + support::source_path("traces/bridge/http/scenario.json") +
        " --quiet " + options + " -- sh -c 'curl -sS -D " + path("head") + " http://server/" +
        name + " | sha256sum; grep -i -e content-length -e x-content-sha256 " + path("head") + "'");
    EXPECT_EQ(ended.status, 0) << ended.errors;
    ASSERT_THAT(lines(ended.output), SizeIs(3)) << ended.output;
    const std::string hash = ended.output.substr(0, 64);
    EXPECT_THAT(ended.output, HasSubstr(" " + bytes)) << ended.output;
    EXPECT_THAT(ended.output.substr(64), HasSubstr(hash));
  }
};

TEST_F(Bridge, CurlFetchesTenMegabytesOfMacOs) { expect_whole("10mb", "10485760"); }
TEST_F(Bridge, CurlFetchesTenMegabytesOfLwip) {
  if (!lwip::absence().empty()) GTEST_SKIP() << "no lwIP: " << lwip::absence();
  for (const std::string profile : {"lwip-debian", "lwip-large"}) {
    expect_whole("10mb", "10485760", "--set '/hosts/server/profile=\"" + profile + "\"'");
  }
}
TEST_F(Bridge, CurlFetchesHundredMegabytes) { expect_whole("100mb", "104857600"); }

TEST_F(Bridge, PingIsAnsweredAfterTheRoundTrip) {
  for (const char* version : {"-4", "-6"}) {
    const Ended ended =
        bridge(server("macos-14", ""), "", std::string("ping ") + version + " -c 3 -i 0.01 server");
    EXPECT_EQ(ended.status, 0) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("time=10.")) << ended.output;
  }
}

TEST_F(Bridge, ADatagramIsAnswered) {
  for (const std::string family : {"ipv4", "ipv6"}) {
    const std::string echo =
        program(R"({"bind": {"port": 7, "type": "udp", "family": ")" + family +
                R"("}}, {"recvfrom": {"bytes": 100}}, {"sendto": {"text": "heard"}})");
    const Ended ended =
        bridge(server("windows-11", echo), "",
               peer() + " udp-ask " + (family == "ipv4" ? "10.77.0.2" : "fd77::2") + " 7 hello");
    EXPECT_EQ(ended.output, "heard\n") << ended.errors;
  }
}

TEST_F(Bridge, TcpRunsOverBothVersionsOfIp) {
  const std::string both =
      R"({"name": "four", "host": "server", "run": {"program": "http_server", "body": "100kB"}},
         {"name": "six", "host": "server",
          "run": {"program": "http_server", "body": "100kB", "family": "ipv6"}})";
  for (const char* version : {"-4", "-6"}) {
    const Ended ended = bridge(server("freebsd-14", both), "",
                               std::string("curl -s ") + version + " http://server/ | wc -c");
    EXPECT_THAT(ended.output, HasSubstr("100000")) << ended.errors;
  }
}

TEST_F(Bridge, ATapSpeaksArpAndNeighbourDiscovery) {
  const std::string web =
      R"({"name": "server", "host": "server", "run": {"program": "http_server", "body": "100kB"}})";
  const std::string capture = path("run.pcapng");
  const Ended ended = bridge(server("macos-14", web), "--tap --pcap " + capture,
                             "sh -c 'ping -4 -c 1 server && ping -6 -c 1 server && curl -sS -4 "
                             "http://server/ | wc -c'");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(lines(ended.output), Contains("100000"));
  for (const char* filter : {"arp.opcode == 1", "arp.opcode == 2", "icmpv6.type == 135",
                             "icmpv6.type == 136", "tcp.flags.syn == 1"}) {
    EXPECT_NE(shell("tshark -r " + capture + " -Y '" + filter + "'").output, "") << filter;
  }
}

TEST_F(Bridge, AForeignSourceIsRefusedAndCounted) {
  const Ended ended = shell(
      tcptwin() + " bridge " + file("scenario.json", server("linux-6.18", "")) +
      " -- sh -c 'ip address add 192.0.2.1/32 dev tun0; ping -4 -c 2 -i 0.01 -W 1 -I 192.0.2.1 "
      "server'");
  EXPECT_NE(ended.status, 0);
  EXPECT_THAT(ended.errors,
              HasSubstr("refused from outside: 2 packets, from an address that is not its own"));
}

TEST_F(Bridge, AForeignDestinationIsRefusedAndCounted) {
  const Ended ended =
      shell(tcptwin() + " bridge " + file("scenario.json", server("linux-6.18", "")) +
            " -- sh -c 'ip route add 192.0.2.0/24 dev tun0; ping -c 2 -i 0.01 -W 1 192.0.2.7'");
  EXPECT_NE(ended.status, 0);
  EXPECT_THAT(
      ended.errors,
      HasSubstr("refused from outside: 2 packets, to an address that is not in the network"));
}

TEST_F(Bridge, AScenarioWithoutARealHostGetsOneBesideIt) {
  const std::string scenario = R"({"schema": "tcptwin/scenario/1", "name": "live",
    "hosts": {"one": {"profile": "linux-6.18"}, "two": {"profile": "windows-7"}},
    "links": [{"between": ["one", "two"]}], "processes": []})";
  EXPECT_EQ(bridge(scenario, "", "sh -c 'ping -c 1 one && ping -c 1 two'").status, 0);
}

// ---- a real server

TEST_F(Bridge, ARealServerServesASimulatedClient) {
  shell("head -c 1000000 /dev/zero >" + path("file"));
  const std::string scenario = server("windows-11", R"({"name": "client", "host": "server",
    "run": {"program": "http_load", "to": "outside", "port": 8000, "path": "/file", "workers": 3,
            "requests": 9, "retry": "50ms"}, "may_fail": true})");
  const Ended ended = bridge(scenario, "--until-programs --json " + path("result"),
                             "/usr/bin/python3 -m http.server 8000 --directory " + path("."));
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_EQ(std::count(ended.errors.begin(), ended.errors.end(), '\n'), 9) << ended.errors;
  const std::string result = shell("cat " + path("result")).output;
  EXPECT_THAT(result, HasSubstr("client.received"));
}

// ---- write-write-read against a simulated server

const std::string kAnswers = program(R"({"listen": 5001}, {"accept": {}},
               {"loop": [{"read": 10}, {"read": 10}, {"write": 20}]}, {"close": {}})");

class Stall : public Bridge {
 protected:
  // Microseconds of each round; the capture is in "run.pcapng".
  std::vector<int64_t> rounds(const std::string& profile, const std::string& nagle) const {
    const Ended ended =
        bridge(server(profile, kAnswers, R"("delay": "100us")"), "--pcap " + path("run.pcapng"),
               peer() + " write-write-read server 5001 10 " + nagle);
    EXPECT_EQ(ended.status, 0) << ended.errors;
    return numbers(ended.output);
  }
  // Of the client's packets of 10 bytes: microseconds since the one before, its own.
  std::vector<int64_t> gaps() const {
    return numbers(
        shell("tshark -r " + path("run.pcapng") +
              " -Y 'tcp.len == 10' -T fields -e frame.time_delta_displayed | awk '{print "
              "int($1 * 1000000)}'")
            .output);
  }
};

TEST_F(Stall, TheKernelsNagleWaitsForTheDelayedAckOfTheSimulatedServer) {
  for (const char* profile : {"linux-6.18", "windows-11"}) {
    const auto times = rounds(profile, "nagle");
    ASSERT_THAT(times, SizeIs(10));
    EXPECT_THAT(times.back(), AllOf(Ge(35'000), Le(250'000))) << profile;
    EXPECT_THAT(gaps(), Contains(Ge(35'000)).Times(Ge(8))) << profile;
  }
}

TEST_F(Stall, NodelayCuresIt) {
  for (const char* profile : {"linux-6.18", "windows-11"}) {
    EXPECT_THAT(rounds(profile, "nodelay"), AllOf(SizeIs(10), Each(Le(30'000)))) << profile;
    EXPECT_THAT(gaps(), AllOf(SizeIs(20), Each(Le(30'000)))) << profile;
  }
}

// ---- devices of others

class Foreign : public Bridge {
 protected:
  // Runs `script` in a network namespace with a device "mine" that has the addresses of outside.
  Ended with_device(const std::string& script) const {
    return shell(
        "unshare --net sh -c 'ip link set lo up; ip tuntap add mine mode tun; ip address add "
        "10.77.0.1/24 dev mine; ip link set mine up; " +
        script + "'");
  }
};

TEST_F(Foreign, ADeviceIsUsedByItsName) {
  const Ended ended =
      with_device(tcptwin() + " bridge " + file("scenario.json", server("linux-6.18", "")) +
                  " --quiet --tun mine -- ping -c 2 -i 0.01 10.77.0.2");
  EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
}

TEST_F(Foreign, ADeviceIsUsedByItsDescriptor) {
  const Ended ended = with_device(peer() + " with-device mine 9 " + tcptwin() + " bridge " +
                                  file("scenario.json", server("linux-6.18", "")) +
                                  " --quiet --fd 9 -- ping -c 2 -i 0.01 10.77.0.2");
  EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
}

}  // namespace
}  // namespace tcptwin::live
