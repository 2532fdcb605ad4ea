// The captures in which a crafted peer meets a TIME-WAIT or a closed port of a real kernel
// (traces/kernel-6.18/d_close/inject_*), replayed: the same segments reach the host at the same
// times, and its answers must be the same.
#include <gtest/gtest.h>

#include <optional>

#include "models/catalogue/catalogue.h"
#include "sim/app/socket_api.h"
#include "sim/app/task.h"
#include "sim/host/simulated_host.h"
#include "sim/trace/packets.h"
#include "sim/trace/text_view.h"
#include "tests/parity/group.h"
#include "tests/support/crafted_peer.h"

namespace tcptwin::parity {

using support::Capture;
using support::CraftedPeer;
using support::LoggedCall;
using support::Segment;

namespace {

const Group kGroup = {.folder = "d_close", .pending = {}, .late = {}};

constexpr wire::Ipv4Address kPeer{0x0a4d0009};  // 10.77.0.9
constexpr wire::Ipv4Address kHost{0x0a4d0002};
constexpr uint32_t kWire = 1;
constexpr uint16_t kHostNumber = 1;

app::Task accepts_and_closes(app::SocketApi api) {
  const auto listener = static_cast<socket::Descriptor>((co_await api.socket()).value);
  co_await api.bind(listener, {wire::Ipv4Address(), wire::Port{5001}});
  co_await api.listen(listener, 8);
  for (;;) {
    const host::CallResult accepted = co_await api.accept(listener);
    if (accepted.error) co_return;
    co_await api.close(static_cast<socket::Descriptor>(accepted.value));
  }
}

// A host of the captured kind and a crafted peer at its wire.
class Lab {
 public:
  Lab() {
    auto document = catalogue::profile_document("linux-6.18");
    json::Context context;
    profile_ = catalogue::decode_profile(*document, context);
    journal_.add_host("peer");
    journal_.add_host("server");
    journal_.add_process("server");
    host_.emplace(host::SimulatedHostSetup{.name = "server",
                                           .number = kHostNumber,
                                           .profile = &profile_,
                                           .uptime = std::chrono::hours(1),
                                           .interfaces = {{wire::Ipv4Address(0x7f000001), 65536},
                                                          {kHost, 1500}},
                                           .routes = {{kPeer, kWire}},
                                           .seed = 1},
                  journal_);
    peer_.emplace(support::CraftedPeerSetup{.own_address = kPeer, .host_address = kHost}, *host_,
                  kWire, journal_);
    engine_.add(*peer_);
    engine_.add(*host_);
    host_->attach(kWire, *peer_, 0);
  }

  CraftedPeer& peer() { return *peer_; }
  void serve() {
    task_.emplace(accepts_and_closes(app::SocketApi(*host_, thread_)));
    thread_.waiting = task_->handle();
    host_->add_thread(thread_, Instant());
  }
  void run_until(Instant end) { engine_.run_until(end); }
  capture::Capture packets() const {
    std::string view;
    trace::write_host_view(journal_,
                           {.host = kHostNumber,
                            .zero = trace::first_departure(journal_),
                            .letters = {},
                            .human = false,
                            .ticks = {}},
                           view);
    return support::packets_of(view);
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

constexpr Duration kBegin = std::chrono::milliseconds(1);

Instant at(int64_t us) { return Instant() + kBegin + std::chrono::microseconds(us); }

// "C SYN newer seq, newer TS -> S. seq=+65537 ack=+500001 len=0", the peer's own note about the
// answer, relative to the last ACK of the close. The capture prints an answered SYN as the first
// segment of a new connection; from the note follows what its number was in the old one.
std::optional<int64_t> noted(const Capture& capture, const std::string& what) {
  for (const LoggedCall& line : capture.log) {
    const size_t found = line.text.find(" -> S. ");
    if (found == std::string::npos) continue;
    const size_t number = line.text.find(what + '=', found);
    return std::stoll(line.text.substr(number + what.size() + 1));
  }
  return std::nullopt;
}

constexpr int64_t kPeerEnd = 2;       // the peer's next number after its FIN
constexpr int64_t kNewerStamp = 145;  // what the peer's clock shows in all its later segments

// The line that the crafted peer sends; `echo` is the last that it echoed.
std::string crafted(const Capture& capture, const Segment& segment, const std::string& echo) {
  std::string line = segment.sequence.substr(2);
  std::string options = segment.options;
  if (const auto ack = noted(capture, "ack"); ack && line.starts_with("S ") && segment.at_us > 0) {
    const std::string seq = std::to_string(kPeerEnd + *ack - 1);
    line = "S " + seq + ':' + seq + line.substr(line.find('('));
    const size_t stamp = options.find("TS ");
    if (stamp != std::string::npos) {
      options.replace(stamp, options.find(',', stamp) - stamp,
                      "TS " + std::to_string(kNewerStamp) + '/' + echo);
    }
  }
  return options.empty() ? line : line + " <" + options + '>';
}

class CraftedSegments : public testing::TestWithParam<std::string> {
 protected:
  // Sends all of the peer's segments and returns what the host saw.
  Replayed replayed(const Capture& capture) {
    lab_.serve();
    std::string echo = "-";
    for (const Segment& segment : capture.segments) {
      if (segment.sequence[0] != '>') continue;
      lab_.peer().sends(at(segment.at_us), crafted(capture, segment, echo));
      const size_t slash = segment.options.find('/');
      if (slash != std::string::npos) {
        echo = segment.options.substr(slash + 1, segment.options.find(',', slash) - slash - 1);
      }
    }
    lab_.run_until(at(capture.log.back().at_us));
    return {lab_.packets(), {}, {}};
  }
  Lab lab_;
};

TEST_P(CraftedSegments, AreAnsweredAsInTheCapture) {
  const Capture capture = support::read_capture("d_close/" + GetParam());
  const Replayed ours = replayed(capture);
  const std::vector<std::string> found = compare_packets(capture, ours, {});
  judge(kGroup, GetParam(), found);
  // The initial number of a connection that replaces a TIME-WAIT lies above the old one's last.
  const auto seq = noted(capture, "seq");
  if (!seq || !found.empty()) return;
  const std::vector<wire::TcpSegment>& answers = lab_.peer().received();
  const uint32_t last = answers[answers.size() - 2].seq.value();
  EXPECT_EQ(answers.back().seq.value(), last + static_cast<uint32_t>(*seq));
}

std::vector<std::string> injected() {
  std::vector<std::string> names = captures_in("d_close");
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("inject_tw"); });
  return names;
}

INSTANTIATE_TEST_SUITE_P(Kernel618, CraftedSegments, testing::ValuesIn(injected()), test_name);

// inject_closed_port_r1.B: what a port answers where nobody listens. The lines are the notes of the
// peer in that capture; its numbers are absolute here.
TEST(ClosedPort, AnswersAsInTheCapture) {
  Lab lab;
  CraftedPeer& peer = lab.peer();
  peer.sends(at(0), "S 0:0(0) win 65000 <mss 1460,sackOK,TS 0/-,nop,wscale 0>");
  peer.sends(at(20'385), ". -999223:-999223(0) ack 888 win 65000");
  peer.sends(at(40'716), "P. -999223:-999173(50) ack 888 win 65000");
  peer.sends(at(61'055), "F -999223:-999223(0) win 65000");
  peer.sends(at(81'399), "R -999223:-999223(0) win 65000");
  lab.run_until(at(471'570));
  const std::vector<wire::TcpSegment>& answers = peer.received();
  ASSERT_EQ(answers.size(), 4u);
  for (const wire::TcpSegment& answer : answers) {
    EXPECT_TRUE(answer.flags.rst);
    EXPECT_EQ(answer.window, 0);
    EXPECT_EQ(answer.options.size(), 0);
  }
  // "R. seq=+0 ack=+1", "R seq=+888", "R seq=+888", "R. seq=+0 ack=-999222"
  EXPECT_EQ(answers[0].flags, (wire::TcpFlags{.rst = true, .ack = true}));
  EXPECT_EQ(answers[0].seq, SeqNum(0));
  EXPECT_EQ(answers[0].ack, SeqNum(1'000'001));
  EXPECT_EQ(answers[1].flags, (wire::TcpFlags{.rst = true}));
  EXPECT_EQ(answers[1].seq, SeqNum(888));
  EXPECT_EQ(answers[2].flags, (wire::TcpFlags{.rst = true}));
  EXPECT_EQ(answers[2].seq, SeqNum(888));
  EXPECT_EQ(answers[3].flags, (wire::TcpFlags{.rst = true, .ack = true}));
  EXPECT_EQ(answers[3].seq, SeqNum(0));
  EXPECT_EQ(answers[3].ack, SeqNum(778));
}

}  // namespace
}  // namespace tcptwin::parity
