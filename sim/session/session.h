// session.h: a live run as it was recorded: which scenario it ran, what crossed the borders of its
// real hosts and when, what came of it. Opens no file and runs nothing.
//
// A session is a capture (pcapng): an interface for each real host, every packet with its virtual
// instant and its direction. What is no packet stands in comments, each a JSON document: the head
// in those of the section, the events in those of interface statistics.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/fields.h"
#include "sim/scenario/load.h"
#include "stack/base/time.h"

namespace tcptwin::session {

inline constexpr std::string_view kSchema = "tcptwin/session/1";

// What was run.
struct Head {
  std::string schema{kSchema};
  std::string version{};   // of the tcptwin that recorded it
  std::string file{};      // the scenario's name, for messages
  std::string scenario{};  // its text
  std::string variant{scenario::kBaseline};
  std::vector<scenario::Override> overrides{};
  uint64_t seed = 0;
  std::vector<std::string> real{};  // the hosts that were real machines, each with an interface
  std::string device{};             // "tun" or "tap"
};

// A packet at the border of a real host.
struct Crossing {
  uint32_t seat = 0;        // into Head::real
  bool to_machine = false;  // else from it
  Instant at;               // virtual
  std::span<const uint8_t> bytes;
};

// Something that is no packet. Which members count depends on `kind`.
struct Event {
  enum class Kind : uint8_t {
    kStarted,  // the real program
    kExited,   // it came to its end
    kSignal,   // the recording program got one
    kEnd,      // the run was over: the last one of a session
  };
  Kind kind = Kind::kStarted;
  uint32_t seat = 0;  // kStarted, kExited: whose program, into Head::real
  Instant at{};       // virtual
  std::vector<std::string> command{};
  std::optional<int64_t> number{};  // exit status, or of the signal
  std::optional<std::string> digest{};
  // How late events were, and when a run counts as late, in nanoseconds.
  std::optional<int64_t> p50_ns{}, p99_ns{}, max_ns{}, limit_ns{};

  bool late() const { return max_ns.value_or(0) > limit_ns.value_or(0); }
};

struct Session {
  Head head;
  std::vector<Crossing> crossings;  // in the order in which they happened
  std::vector<Event> events;        // the same
  std::string cut_off;              // not empty: it breaks off, and where

  // Null: it breaks off.
  const Event* end() const;
  // Up to which virtual time it is known.
  Instant ended() const;
};

// The documents in the comments.
const json::Fields<Head>& head_fields();
const json::Fields<Event>& event_fields();

// Nothing for other bytes or a damaged file: `problem` then says what is wrong and where. `bytes`
// outlives the session. What was recorded is checked: instants that do not run backwards, seats
// that exist, packets that can be read.
std::optional<Session> read(std::string_view bytes, std::string& problem);

}  // namespace tcptwin::session
