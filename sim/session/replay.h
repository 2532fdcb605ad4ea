// replay.h: plays a session and says where what reached the real machines would have differed: from
// what was recorded, or from what it is with something changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/session/player.h"
#include "sim/session/session.h"

namespace tcptwin::session {

// A packet for a real machine, in words.
struct Shown {
  Instant at;
  std::string line;  // "< P. 1:11(10) ack 1 win 65536 <TS 0/0>"; as in the captures
  std::string why;   // it left; empty: not known
};

// The first difference in what a real machine received: one side has a packet there and the other
// has not, or not the same one.
struct Difference {
  std::string host{};
  Instant at{};              // of the earlier of both packets
  std::optional<Shown> a{};  // recorded, or as it ran
  std::optional<Shown> b{};  // replayed, or changed
  bool a_is_next = false;    // that side has nothing at that instant; this is what came next there
  bool b_is_next = false;
  std::optional<size_t> byte{};  // both are there at the same time: the first one that differs
};

struct Outcome {
  uint64_t arrivals = 0;    // packets from real machines that were played
  uint64_t departures = 0;  // packets to them that were the same
  std::optional<Difference> difference;
  std::string problem;  // not empty: the session cannot be played to its end, and why
};

// Plays the session to its end against what was recorded. `player` is fresh, and keeps records when
// the difference is to have its reasons.
Outcome replay(const Session& session, Player& player);

// Plays `as_it_ran` and `changed`, both fresh, side by side up to the first instant at which what a
// real machine received differs: from there on it would have answered something else. Of the side
// that has nothing at that instant, what comes next is shown: as it ran, or of the changed one what
// it sends without further packets of the real machines, within `patience`.
Outcome compare(const Session& session, Player& as_it_ran, Player& changed,
                Duration patience = std::chrono::minutes(10));

}  // namespace tcptwin::session
