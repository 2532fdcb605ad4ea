// Closing, TIME-WAIT, ports and resets of lwIP: docs/facts/lwip.md E.
#include <algorithm>
#include <optional>

#include "models/catalogue/catalogue.h"
#include "sim/app/socket_api.h"
#include "sim/app/task.h"
#include "sim/host/simulated_host.h"
#include "sim/trace/text_view.h"
#include "stack/base/check.h"
#include "tests/lwip/lwip_host.h"
#include "tests/support/crafted_peer.h"

namespace tcptwin::lwip_test {
namespace {

using support::CraftedPeer;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LwipEnding : public LwipTest {};

// ---- a peer played by hand

constexpr wire::Ipv4Address kPeerAddress{0x0a4d0009};
constexpr wire::Ipv4Address kHostAddress{0x0a4d0002};

// Accepts one connection, closes it if asked to, and reads the others' ends.
app::Task serves(app::SocketApi api, bool closes) {
  const auto listener = static_cast<socket::Descriptor>((co_await api.socket()).value);
  co_await api.bind(listener, {wire::Ipv4Address(), wire::Port{5001}});
  co_await api.listen(listener, 8);
  for (;;) {
    const host::CallResult accepted = co_await api.accept(listener);
    if (accepted.error) co_return;
    if (closes) co_await api.close(static_cast<socket::Descriptor>(accepted.value));
  }
}

class Wire {
 public:
  explicit Wire(bool closes) {
    json::Context context;
    profile_ = catalogue::decode_profile(*catalogue::profile_document("lwip-2.1.3"), context);
    journal_.add_host("peer");
    journal_.add_host("host");
    journal_.add_process("server");
    host_.emplace(host::SimulatedHostSetup{.name = "host",
                                           .number = 1,
                                           .profile = &profile_,
                                           .interfaces = {{wire::Ipv4Address(0x7f000001), 65535},
                                                          {kHostAddress, 1500}},
                                           .routes = {{kPeerAddress, 1}},
                                           .seed = 1},
                  journal_);
    peer_.emplace(
        support::CraftedPeerSetup{.own_address = kPeerAddress, .host_address = kHostAddress},
        *host_, 1, journal_);
    engine_.add(*peer_);
    engine_.add(*host_);
    host_->attach(1, *peer_, 0);
    task_.emplace(serves(app::SocketApi(*host_, thread_), closes));
    thread_.waiting = task_->handle();
    host_->add_thread(thread_, Instant());
  }

  void sends(Duration at, const std::string& line) { peer_->sends(Instant() + at, line); }
  void opens() {
    sends(1ms, "S 0:0(0) win 8000 <mss 1460>");
    sends(10ms, ". 1:1(0) ack 1 win 8000");
  }
  void opens_and_is_closed() {
    opens();
    sends(20ms, "F. 1:1(0) ack 2 win 8000");
  }
  // The segments that the host has sent since `since`, with numbers relative to the start.
  std::vector<std::string> answers(Duration since, Duration until) {
    engine_.run_until(Instant() + since);
    const size_t before = peer_->received().size();
    engine_.run_until(Instant() + until);
    std::vector<std::string> lines;
    const SeqNum isn = peer_->received().at(0).seq;
    for (size_t i = before; i < peer_->received().size(); ++i) {
      lines.push_back(
          wire::to_text(peer_->received()[i], {.isn = isn, .peer_isn = SeqNum(1'000'000)}));
    }
    return lines;
  }

 private:
  policy::Profile profile_;
  trace::Journal journal_{trace::Detail::kRecords};
  engine::Engine engine_;
  std::optional<host::SimulatedHost> host_;
  std::optional<CraftedPeer> peer_;
  host::Thread thread_;
  std::optional<app::Task> task_;
};

TEST_F(LwipEnding, ASynInTheWindowOfATimeWaitIsAnsweredWithAReset) {  // E2
  Wire wire(true);
  wire.opens_and_is_closed();
  wire.sends(1s, "S 1000:1000(0) win 8000 <mss 1460>");
  EXPECT_THAT(wire.answers(900ms, 2s), ElementsAre(HasSubstr("R")));
}

TEST_F(LwipEnding, ASynOutsideTheWindowOfATimeWaitGetsAnAck) {  // E2
  Wire wire(true);
  wire.opens_and_is_closed();
  wire.sends(1s, "S 100000:100000(0) win 8000 <mss 1460>");
  EXPECT_THAT(wire.answers(900ms, 2s), ElementsAre(". 2:2(0) ack 2 win 2143"));
}

TEST_F(LwipEnding, AResetDoesNotEndTimeWait) {  // E2
  Wire wire(true);
  wire.opens_and_is_closed();
  wire.sends(1s, "R 2:2(0) win 0");
  wire.sends(2s, "S 100000:100000(0) win 8000 <mss 1460>");
  EXPECT_THAT(wire.answers(900ms, 3s), ElementsAre(". 2:2(0) ack 2 win 2143"));
}

// 120 s after the first FIN it would be gone.
TEST_F(LwipEnding, ARepeatedFinStartsTimeWaitAnew) {  // E2
  Wire wire(true);
  wire.opens_and_is_closed();
  wire.sends(100s, "F. 1:1(0) ack 2 win 8000");
  wire.sends(200s, "S 100000:100000(0) win 8000 <mss 1460>");
  wire.sends(225s, "S 100000:100000(0) win 8000 <mss 1460>");
  EXPECT_THAT(wire.answers(199s, 201s), ElementsAre(". 2:2(0) ack 2 win 2143"));
  EXPECT_THAT(wire.answers(224s, 226s), ElementsAre(HasSubstr("S. ")));
}

TEST_F(LwipEnding, OnlyTheExactResetEndsAConnection) {  // E6
  Wire wire(false);
  wire.opens();
  wire.sends(100ms, "R 2:2(0) win 0");
  EXPECT_THAT(wire.answers(90ms, 200ms), ElementsAre(". 1:1(0) ack 1 win 2144"));
  wire.sends(300ms, "R 5000:5000(0) win 0");
  EXPECT_THAT(wire.answers(250ms, 400ms), IsEmpty());
  wire.sends(500ms, "R 1:1(0) win 0");
  wire.sends(510ms, "P. 1:11(10) ack 1 win 8000");
  EXPECT_THAT(wire.answers(450ms, 600ms), ElementsAre(HasSubstr("R. 1:1(0) ack 11")));
}

TEST_F(LwipEnding, ASynInAConnectionIsAnsweredWithAnAckAsOftenAsItComes) {  // E6: no rate limit
  Wire wire(false);
  wire.opens();
  for (int i = 0; i < 5; ++i) {
    wire.sends(100ms + std::chrono::milliseconds(i), "S 1:1(0) win 8000");
  }
  EXPECT_THAT(wire.answers(90ms, 200ms), SizeIs(5));
}

TEST_F(LwipEnding, AHalfOpenConnectionIsGivenUpAfter20Seconds) {  // D5
  for (const auto& [second, answers] : {std::pair(19s, 0U), std::pair(22s, 1U)}) {
    Wire wire(false);
    wire.sends(1ms, "S 0:0(0) win 8000 <mss 1460>");
    wire.sends(second, ". 1:1(0) ack 1 win 8000");
    EXPECT_THAT(wire.answers(second - 10ms, second + 100ms), SizeIs(answers)) << second.count();
  }
}

TEST_F(LwipEnding, AnAckForAClosedPortIsAnsweredWithAResetThatAcknowledges) {  // E6
  Wire wire(false);
  wire.opens();
  wire.sends(100ms, "R 1:1(0) win 0");
  wire.sends(200ms, "P. 1:11(10) ack 1 win 8000");
  EXPECT_THAT(wire.answers(150ms, 300ms), ElementsAre("R. 1:1(0) ack 11 win 24584"));
}

// ---- two hosts

TEST_F(LwipEnding, TimeWaitLastsTwoMslAndATick) {  // E1
  const std::string close = R"({"close": {}}, {"sleep": "119.5s"}, {"snapshot": "still"},
                               {"sleep": "4s"}, {"snapshot": "gone"})";
  const auto s = run({.client = close, .server = kUntilTheEnd});
  ASSERT_THAT(s.result.snapshots, SizeIs(2));
  ASSERT_THAT(s.result.snapshots[0].sockets, SizeIs(1));
  EXPECT_EQ(s.result.snapshots[0].sockets[0].row.state, tcp::State::kTimeWait);
  EXPECT_THAT(s.result.snapshots[1].sockets, IsEmpty());
}

// The local ports of a snapshot, in order.
std::vector<int> ports(const scenario::Snapshot& snapshot) {
  std::vector<int> found;
  for (const scenario::SocketLine& line : snapshot.sockets) {
    found.push_back(static_cast<uint16_t>(line.row.local.port));
  }
  return found;
}

// Four in TIME-WAIT, then five that stay open.
TEST_F(LwipEnding, AFullPoolGivesTheOldestTimeWaitUpAndRefusesWhenAllAreOpen) {  // E3
  const auto s =
      run_programs({.b = host("rfc"),
                    .client = R"({"repeat": 4, "index": "i", "do": [
                      {"connect": {"to": "b", "port": 80, "as": "c[i]"}}, {"close": "c[i]"}]},
                    {"sleep": "1s"},
                    {"repeat": 5, "index": "i", "do": [
                      {"connect": {"to": "b", "port": 80, "as": "d[i]"}}, {"snapshot": "one"}]},
                    {"socket": {"as": "more", "expect_error": "ENOBUFS"}})",
                    .server = R"({"listen": 80}, {"repeat": 4, "do": [{"accept": {"as": "c"}},
                      {"recv": {"bytes": 1, "socket": "c"}}, {"close": "c"}]},
                    {"repeat": 5, "index": "i", "do": [{"accept": {"as": "d[i]"}}]})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  ASSERT_THAT(s.result.snapshots, SizeIs(5));
  EXPECT_THAT(ports(s.result.snapshots[0]), ElementsAre(49153, 49154, 49155, 49156, 49157));
  EXPECT_THAT(ports(s.result.snapshots[1]), ElementsAre(49154, 49155, 49156, 49157, 49158));
  EXPECT_THAT(ports(s.result.snapshots[4]), ElementsAre(49157, 49158, 49159, 49160, 49161));
  EXPECT_THAT(story(s), HasSubstr("given up in TIME-WAIT"));
}

// The end of b's stream is lost for ever: without TIME-WAIT it is LAST-ACK that makes room.
TEST_F(LwipEnding, WithoutTimeWaitAFullPoolGivesLastAckUp) {  // E3
  const auto s = run_programs(
      {.a = host("rfc"),
       .b = lwip_host(R"("connections": 1)"),
       .client = R"({"connect": {"to": "b", "port": 80}}, {"close": {}}, {"sleep": "1s"},
                    {"connect": {"to": "b", "port": 80}}, {"write": 10}, {"close": {}})",
       .server = R"({"listen": 80}, {"accept": {}}, {"recv": 1}, {"close": {}},
                    {"accept": {}}, {"read": 10}, {"recv": 1}, {"close": {}})",
       .link = R"("loss": [{"from": "b", "fins": [1, 2, 3, 4]}])"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(story(s), HasSubstr("given up in LAST-ACK"));
}

TEST_F(LwipEnding, LastAckLastsTwoMsl) {  // D5
  const auto s = run({.a = host("rfc"),
                      .client = R"({"close": {}})",
                      .server = R"({"recv": 1}, {"close": {}}, {"sleep": "119s"},
                                   {"snapshot": "still"}, {"sleep": "4s"}, {"snapshot": "gone"})",
                      .link = R"("loss": [{"from": "b", "fins": [1, 2, 3, 4, 5, 6, 7, 8, 9]}])"});
  ASSERT_THAT(s.result.snapshots, SizeIs(2));
  const auto is_last_ack = [](const scenario::SocketLine& line) {
    return line.row.state == tcp::State::kLastAck;
  };
  for (const auto& [i, count] : {std::pair(0U, 1), std::pair(1U, 0)}) {
    const auto& sockets = s.result.snapshots[i].sockets;
    EXPECT_EQ(std::count_if(sockets.begin(), sockets.end(), is_last_ack), count) << story(s);
  }
}

TEST_F(LwipEnding, PortsCountUpFrom49153) {  // E4
  const auto s = run_programs(
      {.client = R"({"repeat": 3, "do": [{"connect": {"to": "b", "port": 80}}, {"close": {}}]},
                    {"snapshot": "all"})",
       .server = R"({"listen": 80}, {"repeat": 3, "do": [{"accept": {}}, {"recv": 1},
                    {"close": {}}]})"});
  EXPECT_THAT(ports(s.result.snapshots.at(0)), ElementsAre(49153, 49154, 49155));
}

TEST_F(LwipEnding, APortInTimeWaitCannotBeBound) {  // E4
  const auto s = run_programs(
      {.client = R"({"connect": {"to": "b", "port": 80, "from_port": 5000}}, {"close": {}},
                    {"sleep": "1s"}, {"bind": {"port": 5000, "expect_error": "EADDRINUSE"}},
                    {"sleep": "125s"}, {"bind": {"port": 5000, "as": "later"}})",
       .server = R"({"listen": 80}, {"accept": {}}, {"recv": 1}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
}

TEST_F(LwipEnding, CloseWithUnreadDataResets) {  // E5
  const auto s = run({.b = host("rfc"),
                      .client = R"({"sleep": "700ms"}, {"close": {}})",
                      .server = R"({"write": 10}, {"sleep": "1s"},
                                   {"write": {"bytes": 10, "expect_error": "ECONNRESET"}})"});
  EXPECT_THAT(texts(segments(s), "> R"), SizeIs(1)) << story(s);
  EXPECT_THAT(story(s), HasSubstr("reset: the program closed before it had read all data"));
  EXPECT_THAT(trouble(s), IsEmpty());
}

TEST_F(LwipEnding, CloseAfterReadingAllSendsAFin) {  // E5
  const auto s = run({.b = host("rfc"),
                      .client = R"({"read": 10}, {"close": {}})",
                      .server = R"({"write": 10}, {"recv": 1}, {"close": {}})"});
  EXPECT_THAT(texts(segments(s), "> R"), IsEmpty());
  EXPECT_THAT(texts(segments(s), "> F"), SizeIs(1));
}

TEST_F(LwipEnding, CloseWithRefusedDataResets) {  // E5
  const auto s = run({.a = host("rfc", R"("nagle": {"behaviour": "off"})"),
                      .b = lwip_host(R"("mailbox": 1)"),
                      .client = R"({"write": 10}, {"write": 10},
                                   {"recv": {"bytes": 1, "expect_error": "ECONNRESET"}})",
                      .server = R"({"sleep": "100ms"}, {"recv": 10}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(story(s), HasSubstr("reset: the program closed before it had read all data"));
}

// Only what is unsent or unacknowledged makes a linger of no time a reset.
TEST_F(LwipEnding, LingerOfNoTimeResetsOnlyWhatIsStillToBeSent) {  // H3
  const auto resets = [](const std::string& before) {
    const auto s = run({.a = host("lwip-large"),
                        .b = host("rfc"),
                        .client = R"({"setsockopt": {"level": "SOL_SOCKET", "option": "SO_LINGER",
                                     "value": 0}}, {"write": 10}, )" +
                                  before + R"({"close": {}})",
                        .server = R"({"loop": [{"read": 1}]}, {"close": {}})"});
    return texts(segments(s), "> R").size();
  };
  EXPECT_EQ(resets(""), 1U);
  EXPECT_EQ(resets(R"({"sleep": "1s"}, )"), 0U);
}

// tcp_rst swaps the bytes of TCP_WND and so does what makes the header: 2144 is sent as 24584.
TEST_F(LwipEnding, TheWindowOfAResetHasItsBytesSwapped) {  // E5
  const auto s = run_programs({.a = host("rfc"),
                               .client = R"({"connect": {"to": "b", "port": 81,
                                            "expect_error": "ECONNREFUSED"}})",
                               .server = R"({"listen": 80})"});
  EXPECT_THAT(texts(segments(s), "< R"), ElementsAre(HasSubstr("win 24584")));
}

TEST_F(LwipEnding, HalfCloseLetsTheOtherDirectionGoOn) {
  const auto s = run({.client = R"({"write": 100}, {"shutdown": "write"}, {"read": 5000},
                                   {"recv": 1}, {"close": {}})",
                      .server = R"({"loop": [{"read": 1}]}, {"sleep": "2s"}, {"write": 5000},
                                   {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(texts(segments(s), "> R"), IsEmpty());
}

TEST_F(LwipEnding, SimultaneousCloseEndsInTimeWaitOnBothSides) {
  const auto s =
      run({.client = R"({"sleep": "100ms"}, {"close": {}}, {"sleep": "1s"}, {"snapshot": "a"})",
           .server = R"({"sleep": "99ms"}, {"close": {}}, {"sleep": "1s"}, {"snapshot": "b"})"});
  ASSERT_THAT(s.result.snapshots, SizeIs(2));
  for (const auto& snapshot : s.result.snapshots) {
    bool waits = false;
    for (const auto& line : snapshot.sockets)
      waits = waits || line.row.state == tcp::State::kTimeWait;
    EXPECT_TRUE(waits) << story(s);
  }
}

}  // namespace
}  // namespace tcptwin::lwip_test
