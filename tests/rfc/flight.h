// flight.h: lines of text for tests that count full segments in flight: segment 1 is the first
// 1460 bytes of the stream of the host under test.
#pragma once

#include <cstdint>
#include <string>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {

inline constexpr int64_t kMss = 1460;

// Where segment `number` begins; segment 1 begins at 1.
inline int64_t begin_of(int64_t number) { return 1 + (number - 1) * kMss; }

// Segment `number` as it leaves; `push` for the last of a write.
inline std::string segment(int64_t number, const char* flags = ".") {
  return flags + (" " + std::to_string(begin_of(number))) + ":" +
         std::to_string(begin_of(number + 1)) + "(1460) ack 1";
}

// A pure ACK of everything before segment `next`; with `blocks` as in "sack 1461:2921", "" for
// none.
inline std::string ack(int64_t next, const std::string& blocks = "") {
  return ". 1:1(0) ack " + std::to_string(begin_of(next)) +
         (blocks.empty() ? "" : " <nop,nop," + blocks + ">");
}

// The block of segments `first` to `last`, as in "2921:4381".
inline std::string block(int64_t first, int64_t last) {
  return std::to_string(begin_of(first)) + ":" + std::to_string(begin_of(last + 1));
}
inline std::string sack(int64_t first, int64_t last) { return "sack " + block(first, last); }

// `written` segments were written and as many as the initial window of ten allows are out. The
// remote's window has room for 44.
inline ScriptedPeer in_flight(int64_t written, policy::RecoveryConfig rules, std::string options) {
  policy::Profile profile = rfc_profile();
  profile.recovery = rules;
  auto peer = ScriptedPeer::established(std::move(profile), {.options = std::move(options)});
  peer.write(written * kMss);
  peer.discard_segments();
  return peer;
}
inline ScriptedPeer without_sack(int64_t written, policy::RecoveryConfig rules = {}) {
  return in_flight(written, rules, "mss 1460");
}
inline ScriptedPeer with_sack(int64_t written, policy::RecoveryConfig rules = {}) {
  return in_flight(written, rules, "mss 1460,sackOK");
}
inline policy::RecoveryConfig no_limited_transmit() {
  policy::RecoveryConfig rules;
  rules.limited_transmit = false;
  return rules;
}

}  // namespace tcptwin::rfc
