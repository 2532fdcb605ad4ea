// player.h: a recorded session played in virtual time: the scenario's world, into which what the
// real machines sent is entered at its instant. Judges nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "sim/scenario/world.h"
#include "sim/session/session.h"
#include "sim/trace/packets.h"

namespace tcptwin::session {

// A packet that reached a real machine, as it would have stood on the wire.
struct Delivered {
  Instant at;
  std::vector<uint8_t> bytes;
  RecordId sent = RecordId::kNone;  // record of its departure
};

class Player {
 public:
  // Both outlive it; the scenario is a staged one without a problem.
  Player(const Session& session, const scenario::Scenario& scenario, trace::Detail detail);

  // When something is to be done next, recorded arrivals included; may be early. Never: nothing.
  Instant next() const;
  // Does everything that is to be done at `at`, which is next().
  void step(Instant at);
  // Arrivals after this instant no longer happen.
  void end_arrivals_after(Instant at) { last_arrival_ = at; }

  // What reached each real machine and was not taken yet, in the order of the seats.
  std::vector<std::deque<Delivered>>& delivered() { return delivered_; }
  // Why the network did not take a packet that it took when it was recorded; empty: it took all.
  const std::string& refused() const { return refused_; }
  // Instant of the last event so far.
  Instant last_event() const { return last_event_; }
  // Why the packet of that record left: "server: delayed ACK: ..."; empty: not known any more.
  std::string why(RecordId sent) const;
  // What came of it. It is over then.
  scenario::RunResult finish() { return world_.finish(last_event_); }

 private:
  Instant next_arrival() const;
  void skip_departures();
  void enter(const Crossing& arrival);
  void collect(size_t seat);

  const Session* session_;
  trace::Ticks ticks_;
  scenario::World world_;
  std::vector<net::Port*> ports_;  // by seat
  std::vector<std::deque<Delivered>> delivered_;
  size_t position_ = 0;  // of the next arrival among the session's crossings
  Instant last_arrival_ = Instant::never();
  Instant last_event_;
  std::string refused_;
};

// The scenario of a session.
struct Staged {
  scenario::Loaded loaded;
  const scenario::Variant* variant = nullptr;  // within `loaded`
  scenario::Scenario scenario;                 // that variant, its hosts made real
  std::string problem;                         // lines for people; not empty: it cannot be played
};
// As it ran, with `changes` besides.
Staged stage(const Session& session, const std::vector<scenario::Override>& changes);

}  // namespace tcptwin::session
