// A peer that does anything, sensible or not, drawn from a seed; whatever it does, what RFC 9293
// says of the sequence variables (3.3.1, 3.4) holds. A failure prints the seed and the story.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "stack/base/rng.h"
#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

// The remote end as far as a segment needs it, and what the host must keep to.
class RandomPeer {
 public:
  RandomPeer(const policy::Profile& profile, uint64_t seed)
      : rng_(Rng::stream(seed, profile.name)),
        stamped_(profile.timestamps.offered && rng_.below(2) == 0),
        shift_(profile.receive_window.scaling && rng_.below(2) == 0 ? 7 : 0),
        rst_anywhere_(profile.validation.reset == policy::ValidationConfig::Reset::kInWindow),
        syn_resets_(profile.validation.syn == policy::ValidationConfig::Syn::kReset),
        peer_(ScriptedPeer::listening(profile, {.options = options()})) {
    say("S", 0, 0, false);
    next_ = 1;
    say(".", 1, 0, true);
    peer_.accept();
    accepted_ = true;
  }

  // One thing that the remote, the program or the clock does.
  void step() {
    if (ended_) return;
    switch (rng_.below(16)) {
      case 0:
      case 1:
      case 2: return sensible_data();
      case 3:
      case 4:
      case 5: return sensible_ack();
      case 6: return window_changes();
      case 7: return old_data();
      case 8: return early_data();
      case 9: return nonsense();
      case 10:
      case 11: return writes();
      case 12:
      case 13: return reads();
      case 14: return passes_time();
      default: return rare_things();
    }
  }

  // The program goes and the remote says nothing more.
  void fall_silent() {
    left_ = true;
    peer_.close();
    look();
    peer_.advance(std::chrono::hours(24));
    look();
  }

  ScriptedPeer& peer() { return peer_; }
  bool may_wait_for_ever() const { return window_was_zero_; }

 private:
  std::string options() const {
    std::string text = "mss 1460";
    if (shift_ > 0) text += ",wscale 7";
    text += ",sackOK";
    if (stamped_) text += ",TS 1000/-";
    return text;
  }

  int64_t pick(int64_t below) {
    return static_cast<int64_t>(rng_.below(static_cast<uint64_t>(below)));
  }

  void say(const std::string& flags, int64_t seq, int64_t length, bool ack, int64_t ack_at = 1) {
    const bool syn = flags.find('S') != std::string::npos;
    std::string line = flags + ' ' + std::to_string(seq) + ':' + std::to_string(seq + length) +
                       '(' + std::to_string(length) + ')';
    if (ack) line += " ack " + std::to_string(ack_at);
    const int64_t unit = syn ? 1 : int64_t{1} << shift_;
    const int64_t window = std::min<int64_t>(window_, 65535 * unit) / unit * unit;
    line += " win " + std::to_string(window);
    const std::string clock = std::to_string(1000 + peer_.now() / 1ms);
    if (syn) {
      line += " <" + options() + ">";
    } else if (stamped_) {
      line += " <nop,nop,TS " + clock + (ack ? "/0>" : "/->");
    }
    if (ack && ack_at <= sent_) una_ = std::max(una_, ack_at);
    widest_ = std::max(widest_, window);
    peer_.sends(line, {.tos = static_cast<uint8_t>(rng_.below(4))});
    look();
  }
  std::string usual_flags() { return rng_.below(2) == 0 ? "." : "P."; }

  void sensible_data() {
    const int64_t room = std::max<int64_t>(edge_ - next_, 0);
    const int64_t length = std::min<int64_t>(1 + pick(1448), room);
    if (finished_ || length == 0) return sensible_ack();
    next_ += length;
    say(usual_flags(), next_ - length, length, true, acked_);
  }
  void sensible_ack() {
    acked_ = rng_.below(2) == 0 ? sent_ : acked_ + pick(sent_ - acked_ + 1);
    say(".", next_, 0, true, acked_);
  }
  void window_changes() {
    constexpr int64_t kWindows[] = {0, 0, 1, 100, 1460, 3000, 65535, 500000};
    window_ = kWindows[rng_.below(std::size(kWindows))];
    window_was_zero_ = window_was_zero_ || window_ < 1460;
    sensible_ack();
  }
  void old_data() {
    const int64_t from = 1 + pick(next_);
    const int64_t length = std::min<int64_t>(1 + pick(1448), next_ - from);
    say(usual_flags(), from, std::max<int64_t>(length, 0), true, acked_);
  }
  void early_data() {
    if (finished_) return old_data();
    say(usual_flags(), next_ + 1 + pick(5000), 1 + pick(1448), true, acked_);
  }
  // Any flags anywhere; a RST only where it is no use.
  void nonsense() {
    constexpr const char* kFlags[] = {".", "P.", "F.", "S", "S.", "SF", "none", "F", "P", "UEW."};
    const std::string flags = kFlags[rng_.below(std::size(kFlags))];
    const bool ack = flags.find('.') != std::string::npos;
    const bool fin = flags.find('F') != std::string::npos;
    int64_t seq = next_ + pick(200000) - 100000;
    const bool syn = flags.find('S') != std::string::npos;
    // A FIN in the window would be taken, and where RFC 793 is followed so would SYN and RST.
    if (fin || (syn && syn_resets_)) seq = next_ - 100000 - pick(1000);
    say(flags, seq, flags == "S" || flags == "SF" ? 0 : pick(40), ack, sent_ + 1 + pick(100000));
    say("R", next_ + (rst_anywhere_ ? -100000 : 100) + pick(1000), 0, false);
  }
  void writes() { peer_.write(1 + pick(rng_.below(4) == 0 ? 100000 : 3000)), look(); }
  void reads() { peer_.read(1 + pick(20000)), look(); }
  void passes_time() {
    constexpr Duration kTimes[] = {1ms, 10ms, 50ms, 300ms, 2s, 20s};
    peer_.advance(kTimes[rng_.below(std::size(kTimes))]);
    look();
  }
  void rare_things() {
    switch (rng_.below(6)) {
      case 0: peer_.setsockopt("TCP_NODELAY", static_cast<int>(rng_.below(2))); break;
      case 1: peer_.shutdown(); break;
      case 2:
        if (finished_) break;
        finished_ = true;
        say("F.", next_, 0, true, acked_);
        ++next_;
        break;
      default: return passes_time();
    }
    look();
  }

  // All that has left: RFC 9293 3.3.1, 3.8.6.
  void look() {
    const Duration now = peer_.now();
    ended_ = ended_ || (begun_ && !left_ && accepted_ && peer_.state() == State::kClosed);
    if (ended_) {  // what comes now is of no connection, or of another one
      peer_.discard_segments();
      return;
    }
    int64_t empty = 0;
    while (const auto packet = peer_.next_packet()) {
      const wire::TcpSegment& out = packet->tcp;
      if (out.flags.syn && !begun_) begin(out);
      if (out.flags.rst) continue;
      const int64_t ack = from_wire(out.ack, irs_, StreamPos(ack_)).value();
      EXPECT_GE(ack, ack_) << "RCV.NXT moved back";
      EXPECT_LE(ack, next_ + 10000) << "more is acknowledged than was sent";
      ack_ = std::max(ack_, ack);
      const int64_t window = int64_t{out.window} << (out.flags.syn ? 0 : own_shift_);
      EXPECT_GE(ack + window, edge_) << "the right edge moved left";
      edge_ = std::max(edge_, ack + window);
      const int64_t seq = from_wire(out.seq, isn_, StreamPos(sent_)).value();
      const auto length = static_cast<int64_t>(out.payload_size());
      // SND.WND counts from SND.UNA, whichever segment brought it; a probe may carry one byte more.
      const tcp::Connection* c = peer_.connection();
      const int64_t window_now = c != nullptr && seq >= sent_ ? c->info().send_window : widest_;
      if (length > 0) {
        EXPECT_LE(seq + length, una_ + std::min(window_now, widest_) + 1) << "beyond the window";
      }
      EXPECT_LE(seq, sent_) << "a hole was left in the sequence numbers";
      sent_ = std::max(sent_, seq + int64_t{out.sequence_length()});
      if (length == 0 && !out.flags.fin && !out.flags.syn) ++empty;
    }
    if (now == looked_at_) {
      EXPECT_LE(empty, 4) << "too many answers";
    }
    looked_at_ = now;
    if (const tcp::Connection* c = peer_.connection()) {
      const tcp::TcpInfo info = c->info();
      EXPECT_GE(info.in_flight, 0);
      EXPECT_GE(info.unacked_bytes, 0) << "SND.UNA is beyond SND.NXT";
      EXPECT_GE(info.unsent_bytes, 0);
    }
  }
  void begin(const wire::TcpSegment& syn_ack) {
    begun_ = true;
    isn_ = syn_ack.seq;
    irs_ = syn_ack.ack - 1;
    if (shift_ > 0) own_shift_ = wire::parse_options(syn_ack.options).window_scale.value_or(0);
  }

  Rng rng_;
  bool stamped_;
  uint8_t shift_;
  bool rst_anywhere_;
  bool syn_resets_;
  ScriptedPeer peer_;
  SeqNum isn_, irs_;
  bool begun_ = false;
  bool accepted_ = false;
  bool ended_ = false;  // reset, or closed by both ends
  bool left_ = false;   // the program has
  uint8_t own_shift_ = 0;
  int64_t window_ = 65535;  // of the remote, in bytes
  int64_t next_ = 0;        // the remote's SND.NXT
  int64_t acked_ = 1;       // what the remote acknowledges
  bool finished_ = false;
  bool window_was_zero_ = false;
  int64_t una_ = 1;  // the host's SND.UNA and SND.NXT
  int64_t sent_ = 0;
  int64_t widest_ = 0;  // the largest window that the host was offered
  int64_t ack_ = 0;     // the host's RCV.NXT and right edge
  int64_t edge_ = 0;
  Duration looked_at_{-1};
};

// TCPTWIN_SEED=7 tries only that one, TCPTWIN_SEEDS=1000 as many.
uint64_t number_from(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class RandomPeerOf : public testing::TestWithParam<std::string> {};

TEST_P(RandomPeerOf, TheSequenceVariablesKeepToTheRules) {
  const policy::Profile tested = profile(GetParam());
  const uint64_t only = number_from("TCPTWIN_SEED", 0);
  const uint64_t first = only > 0 ? only : 1;
  const uint64_t last = only > 0 ? only : number_from("TCPTWIN_SEEDS", 40);
  for (uint64_t seed = first; seed <= last; ++seed) {
    RandomPeer random(tested, seed);
    for (int step = 0; step < 150 && !HasFailure(); ++step) random.step();
    if (!HasFailure()) random.fall_silent();
    if (!HasFailure() && !random.may_wait_for_ever()) {
      EXPECT_FALSE(random.peer().has_deadline()) << "it waits for ever";
    }
    if (!HasFailure()) continue;
    GTEST_FAIL() << "TCPTWIN_SEED=" << seed << " repeats this story:\n" << random.peer().story();
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc9293, RandomPeerOf, testing::ValuesIn(catalogue::native_profile_names()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           for (char& c : name) {
                             if (c == '-' || c == '.') c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace tcptwin::rfc
