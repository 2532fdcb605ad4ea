// Sessions: a run with a real host, recorded, read and played again. The real host is played by
// hand: what it sends is what a simulated one sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "sim/session/replay.h"
#include "sim/session/words.h"
#include "sim/session/writer.h"
#include "sim/trace/packets.h"
#include "stack/wire/any_packet.h"
#include "tests/support/paths.h"
#include "tests/support/simulation.h"

namespace tcptwin::session {
namespace {

using testing::HasSubstr;

// Two small writes, then the answer: the server holds its ACK back.
const std::string kScenario =
    support::two_hosts(R"({"profile": "linux-6.18"})",
                       R"([{"connect": {"to": "b", "port": 80}},
        {"send": {"bytes": 10}}, {"sleep": "5ms"}, {"send": {"bytes": 10}}, {"sleep": "200ms"},
        {"send": {"bytes": 10}}, {"recv": {"bytes": 20}}, {"close": {}}])",
                       R"([{"listen": {"port": 80}}, {"accept": {}}, {"recv": {"bytes": 10}},
        {"sleep": "300ms"}, {"recv": {"bytes": 10}}, {"recv": {"bytes": 10}},
        {"send": {"bytes": 20}}, {"recv": {"bytes": 1}}, {"close": {}}])");

std::string as_text(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

Head head_of(const std::string& scenario, std::vector<std::string> real) {
  return {.version = "1.2.3",
          .file = "test.json",
          .scenario = scenario,
          .real = std::move(real),
          .device = "tun"};
}

// What host "a" sent in a run without real hosts.
std::vector<std::pair<Instant, std::vector<uint8_t>>> packets_of_a(const std::string& scenario) {
  const support::Simulation s = support::simulate(scenario);
  std::vector<std::pair<Instant, std::vector<uint8_t>>> packets;
  for (const trace::Record* r : trace::all_departures(*s.result.journal)) {
    if (r->host() == 0) packets.emplace_back(r->at, trace::bytes_of(*s.result.journal, *r));
  }
  return packets;
}

// The world runs, host "a" is real and all is recorded: the bytes of the session.
class HandMade {
 public:
  explicit HandMade(const std::string& text)
      : loaded_(scenario::load("test.json", text, {})),
        scenario_(loaded_.variants.front().scenario),
        writer_(head_of(text, {"a"}), {}, bytes_) {
    EXPECT_TRUE(scenario_.make_real("a"));
    scenario::World world(scenario_, 0, trace::Detail::kDigest);
    net::Port& port = *world.port("a");
    Instant last;
    const auto run = [&](Instant limit) {
      last = std::max(last, world.run_until(limit));
      net::Port::Departure out;
      while (port.poll_packet(out)) {
        std::vector<uint8_t> bytes;
        wire::emit(out.packet, bytes);
        writer_.crossing({0, true, out.at, bytes});
      }
    };
    writer_.event({.kind = Event::Kind::kStarted, .command = {"curl", "http://b/"}});
    for (const auto& [at, bytes] : packets_of_a(text)) {
      run(at - Duration(1));
      writer_.crossing({0, false, at, bytes});
      EXPECT_EQ(port.enter(at, *wire::parse_any(bytes)), net::Port::Verdict::kEntered);
    }
    run(Instant() + 10s);
    before_end_ = bytes_.size();
    digest_ = world.finish(last).digest;
    writer_.event({.kind = Event::Kind::kEnd, .at = last, .digest = digest_});
  }

  std::string bytes() const { return as_text(bytes_); }
  std::string without_end() const { return bytes().substr(0, before_end_); }
  const std::string& digest() const { return digest_; }

 private:
  scenario::Loaded loaded_;
  scenario::Scenario scenario_;
  std::vector<uint8_t> bytes_;
  Writer writer_;
  size_t before_end_ = 0;
  std::string digest_;
};

const HandMade& made() {
  static const HandMade made(kScenario);
  return made;
}

// A session that is read without a problem.
Session session_of(const std::string& bytes) {
  std::string problem;
  auto session = read(bytes, problem);
  EXPECT_TRUE(session.has_value()) << problem;
  return session ? std::move(*session) : Session();
}

std::string problem_of(const std::string& bytes) {
  std::string problem;
  EXPECT_FALSE(read(bytes, problem).has_value());
  return problem;
}

struct Played {
  Outcome outcome;
  std::string digest;
};
Played play(const Session& session) {
  const Staged staged = stage(session, {});
  EXPECT_EQ(staged.problem, "");
  Player player(session, staged.scenario, trace::Detail::kRecent);
  Outcome outcome = replay(session, player);
  return {std::move(outcome), player.finish().digest};
}

Outcome play_changed(const Session& session, const std::vector<scenario::Override>& changes) {
  const Staged as_it_was = stage(session, {});
  const Staged changed = stage(session, changes);
  EXPECT_EQ(changed.problem, "");
  Player a(session, as_it_was.scenario, trace::Detail::kRecent);
  Player b(session, changed.scenario, trace::Detail::kRecent);
  return compare(session, a, b);
}

TEST(Session, KeepsWhatWasRun) {
  const std::string bytes = made().bytes();
  const Session s = session_of(bytes);
  EXPECT_EQ(s.head.version, "1.2.3");
  EXPECT_EQ(s.head.scenario, kScenario);
  EXPECT_EQ(s.head.real, std::vector<std::string>{"a"});
  ASSERT_EQ(s.events.size(), 2U);
  EXPECT_EQ(s.events[0].command, (std::vector<std::string>{"curl", "http://b/"}));
  EXPECT_EQ(s.end()->digest, made().digest());
  EXPECT_EQ(s.cut_off, "");
}

TEST(Session, IsPlayedToTheSameDigestTenTimes) {
  const std::string bytes = made().bytes();
  const Session s = session_of(bytes);
  for (int i = 0; i < 10; ++i) {
    const Played played = play(s);
    EXPECT_EQ(played.digest, made().digest());
    EXPECT_FALSE(played.outcome.difference.has_value());
  }
}

TEST(Session, EveryPacketIsPlayed) {
  const std::string bytes = made().bytes();
  const Session s = session_of(bytes);
  const Outcome outcome = play(s).outcome;
  EXPECT_GT(outcome.arrivals, 5U);
  EXPECT_GT(outcome.departures, 5U);
  EXPECT_EQ(outcome.arrivals + outcome.departures, s.crossings.size());
}

TEST(Session, AScenarioLongerThanACommentIsKept) {
  std::string text = kScenario;
  text.insert(text.find('{') + 1, "\"explains\": \"" + std::string(200'000, 'x') + "\u00e4\", ");
  std::vector<uint8_t> bytes;
  Writer writer(head_of(text, {"a"}), {}, bytes);
  const std::string file = as_text(bytes);
  EXPECT_EQ(session_of(file).head.scenario, text);
}

// Recorded with a real client: traces/bridge/write-write-read/README.md.
TEST(Session, WithARealClientIsPlayedAsItWas) {
  std::ifstream file(support::source_path("traces/bridge/write-write-read/session.pcapng"),
                     std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const Session s = session_of(bytes);
  ASSERT_NE(s.end(), nullptr);
  const Played played = play(s);
  EXPECT_EQ(played.digest, s.end()->digest);
  EXPECT_FALSE(played.outcome.difference.has_value());
  const Outcome changed = play_changed(s, {{"/hosts/server/set/delayed_ack/min", "10ms"}});
  ASSERT_TRUE(changed.difference && changed.difference->b);
  EXPECT_TRUE(changed.difference->a_is_next);
  EXPECT_THAT(changed.difference->b->why, HasSubstr("server: delayed ACK: timer of 12 ms"));
}

// ---- differences

TEST(Session, APacketThatDiffersIsShownWithItsByte) {
  std::string bytes = made().bytes();
  const Session intact = session_of(bytes);
  const auto reply = std::find_if(intact.crossings.begin(), intact.crossings.end(),
                                  [](const Crossing& c) { return c.to_machine; });
  const size_t at =
      static_cast<size_t>(reply->bytes.data() - reinterpret_cast<const uint8_t*>(bytes.data())) + 5;
  bytes[at] = static_cast<char>(bytes[at] ^ 1);  // of its IP identification
  const Session s = session_of(bytes);
  const Outcome outcome = play(s).outcome;
  ASSERT_TRUE(outcome.difference.has_value());
  EXPECT_EQ(outcome.difference->at, reply->at);
  EXPECT_EQ(outcome.difference->byte, 5U);
  EXPECT_THAT(text(*outcome.difference, {}), HasSubstr("byte 5"));
}

TEST(Session, APacketThatDoesNotComeIsShown) {
  std::vector<uint8_t> more;
  std::string bytes = made().without_end();
  const Session s = session_of(bytes);
  Writer writer(s.head, {}, more);
  for (const Crossing& c : s.crossings) writer.crossing(c);
  Crossing another = s.crossings.back();
  another.to_machine = true;
  another.at = another.at + 1s;
  writer.crossing(another);
  writer.event({.kind = Event::Kind::kEnd, .at = another.at, .digest = made().digest()});
  const std::string file = as_text(more);
  const Session longer = session_of(file);
  const Outcome outcome = play(longer).outcome;
  ASSERT_TRUE(outcome.difference.has_value());
  EXPECT_EQ(outcome.difference->at, another.at);
  EXPECT_FALSE(outcome.difference->b.has_value());
}

TEST(Session, ADelayedAckIsTheFirstDifference) {
  const std::string bytes = made().bytes();
  const Session s = session_of(bytes);
  const Outcome outcome = play_changed(s, {{"/hosts/b/set/delayed_ack/quick_acks", "0"}});
  ASSERT_TRUE(outcome.difference.has_value());
  const Difference& d = *outcome.difference;
  EXPECT_EQ(d.host, "a");
  EXPECT_EQ(outcome.departures, 2U);
  ASSERT_TRUE(d.a && d.b);
  EXPECT_EQ(d.a->at, d.at);
  EXPECT_TRUE(d.b_is_next);
  EXPECT_THAT(d.a->line, HasSubstr("< . 1:1(0) ack 21"));
  EXPECT_THAT(d.b->why, HasSubstr("b: delayed ACK: timer of 40 ms"));
}

TEST(Session, JsonSaysBesideAReasonThatItWasInferred) {
  Difference d;
  d.a = Shown{.at = {}, .line = "> . 1:1(0)", .why = "b: delayed ACK"};
  d.b = Shown{.at = {}, .line = "> . 1:1(0)", .why = "b: delayed ACK (inferred)"};
  const json::Node node = json(d);
  EXPECT_EQ(node.find("a")->find("inferred"), nullptr);
  ASSERT_NE(node.find("b")->find("inferred"), nullptr);
  EXPECT_TRUE(node.find("b")->find("inferred")->as_boolean());
}

TEST(Session, AChangeThatTheMachineCannotSeeIsNoDifference) {
  const std::string bytes = made().bytes();
  const Session s = session_of(bytes);
  const Outcome outcome = play_changed(s, {{"/title", "another"}});
  EXPECT_FALSE(outcome.difference.has_value());
  EXPECT_EQ(outcome.problem, "");
  EXPECT_GT(outcome.departures, 5U);
}

TEST(Session, AChangedDelayIsADifferenceOfTheFirstAnswer) {
  const std::string bytes = made().bytes();
  const Session s = session_of(bytes);
  const Outcome outcome = play_changed(s, {{"/links/0/delay", "3ms"}});
  ASSERT_TRUE(outcome.difference.has_value());
  EXPECT_EQ(outcome.departures, 0U);
  EXPECT_FALSE(outcome.difference->a_is_next);
  EXPECT_TRUE(outcome.difference->b_is_next);
  EXPECT_THAT(text(*outcome.difference, {"as it ran", "changed"}), HasSubstr("nothing; then"));
}

TEST(Session, ANetworkThatRefusesARecordedPacketSaysSo) {
  wire::IpHeader ip;
  ip.source = *wire::IpAddress::parse("10.77.0.1");
  ip.destination = *wire::IpAddress::parse("10.77.0.2");
  wire::UdpDatagram udp;
  udp.payload = Payload::synthetic(1, 0, 1400);
  std::vector<uint8_t> packet, bytes;
  wire::emit(wire::Packet::of(ip, std::move(udp)), packet);
  Writer writer(head_of(kScenario, {"a"}), {}, bytes);
  writer.crossing({0, false, Instant() + 1ms, packet});
  const std::string file = as_text(bytes);
  const Session s = session_of(file);
  EXPECT_EQ(play_changed(s, {}).problem, "");
  EXPECT_THAT(play_changed(s, {{"/links/0/mtu", "1000B"}}).problem,
              HasSubstr("larger than the MTU of the link"));
}

// ---- broken files

TEST(Session, ThatBreaksOffIsPlayedUpToThere) {
  const std::string all = made().bytes();
  size_t played = 0;
  for (size_t size = 0; size < all.size(); size += 97) {
    const std::string bytes = all.substr(0, size);
    std::string problem;
    const auto s = read(bytes, problem);
    if (!s) continue;
    EXPECT_NE(s->cut_off, "") << size;
    EXPECT_EQ(s->end(), nullptr);
    const Outcome outcome = play(*s).outcome;
    EXPECT_FALSE(outcome.difference.has_value()) << size;
    EXPECT_EQ(outcome.problem, "");
    ++played;
  }
  EXPECT_GT(played, 10U);
}

TEST(Session, WithoutItsLastBlockIsKnownUpToTheLastPacket) {
  const std::string bytes = made().without_end();
  const Session s = session_of(bytes);
  EXPECT_EQ(s.end(), nullptr);
  EXPECT_THAT(s.cut_off, HasSubstr("at byte"));
  EXPECT_EQ(s.ended(), s.crossings.back().at);
}

TEST(Session, OfANewerKindNamesTheVersionThatMadeIt) {
  std::vector<uint8_t> bytes;
  Head head = head_of(kScenario, {"a"});
  head.schema = "tcptwin/session/2";
  Writer writer(head, {}, bytes);
  EXPECT_THAT(problem_of(as_text(bytes)),
              testing::AllOf(HasSubstr("tcptwin/session/2"), HasSubstr("tcptwin 1.2.3")));
}

TEST(Session, ACaptureIsNone) {
  std::vector<uint8_t> bytes;
  trace::PcapngStream stream({}, {{"a", ""}}, bytes);
  EXPECT_THAT(problem_of(as_text(bytes)), HasSubstr("--record"));
}

TEST(Session, OtherBytesAreNone) {
  for (const std::string bytes : {"", "{}", "not a session at all, only text that is long"}) {
    EXPECT_THAT(problem_of(bytes), HasSubstr("not a session"));
  }
}

TEST(Session, DamagedBytesAreReadOrRefused) {
  const std::string intact = made().bytes();
  for (size_t at = 0; at < intact.size(); at += 3) {
    std::string bytes = intact;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    std::string problem;
    const auto s = read(bytes, problem);
    EXPECT_EQ(s.has_value(), problem.empty()) << at;
  }
}

TEST(Session, WhoseRealHostIsGoneCannotBePlayed) {
  const std::string bytes = made().bytes();
  Session s = session_of(bytes);
  s.head.real = {"c"};
  EXPECT_THAT(stage(s, {}).problem, HasSubstr("host \"c\""));
}

TEST(Session, WithAMistakeInAChangeSaysWhich) {
  const std::string bytes = made().bytes();
  const Session s = session_of(bytes);
  EXPECT_THAT(stage(s, {{"/hosts/b/profile", "linux-0.1"}}).problem, HasSubstr("linux-0.1"));
}

}  // namespace
}  // namespace tcptwin::session
