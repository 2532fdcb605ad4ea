// words.h: what a replay found, for people and for programs. Writes to strings.
#pragma once

#include <string>

#include "models/json/node.h"
#include "sim/session/replay.h"

namespace tcptwin::session {

// What the sides of a difference are called.
struct Sides {
  std::string a = "recorded";
  std::string b = "replayed";
};

// "recorded by tcptwin 0.1.0: scenario.json, seed 0; outside was a real machine", a line.
std::string head_text(const Head& head);
// What the real programs did, a line each.
std::string events_text(const Session& session);
// Lines: when, what both sides have, and why.
std::string text(const Difference& difference, const Sides& sides);
// "0.043512345": seconds of virtual time, to the nanosecond.
std::string exact_seconds(Instant at);

json::Node json(const Difference& difference);

}  // namespace tcptwin::session
