#include "sim/session/session.h"

#include <algorithm>

namespace tcptwin::session {

namespace {

const json::Fields<scenario::Override>& override_fields() {
  static const auto fields =
      json::Fields<scenario::Override>("override")
          .text("pointer", &scenario::Override::pointer, "JSON Pointer", {.required = true})
          .text("value", &scenario::Override::value, "JSON, or a bare string", {.required = true});
  return fields;
}

}  // namespace

const json::Fields<Head>& head_fields() {
  static const auto fields =
      json::Fields<Head>("session")
          .text("schema", &Head::schema, "of this document", {.required = true})
          .text("version", &Head::version, "of tcptwin", {.required = true})
          .text("file", &Head::file, "name of the scenario file", {.required = true})
          .text("variant", &Head::variant, "of the scenario", {.required = true})
          .list("overrides", &Head::overrides, "what was changed in it", override_fields)
          .integer("seed", &Head::seed, "of all random streams", {.required = true})
          .list("real", &Head::real, "hosts that were real machines", json::text_of(),
                {.required = true, .at_least = 1})
          .text("device", &Head::device, "tun or tap", {.required = true})
          .text("scenario", &Head::scenario, "text of the scenario file", {.required = true});
  return fields;
}

const json::Fields<Event>& event_fields() {
  static const auto fields =
      json::Fields<Event>("event")
          .enumeration("event", &Event::kind, "what happened",
                       {{"started", Event::Kind::kStarted, "the real program"},
                        {"exited", Event::Kind::kExited, "the real program"},
                        {"signal", Event::Kind::kSignal, "came"},
                        {"end", Event::Kind::kEnd, "of the run"}},
                       {.required = true})
          .list("command", &Event::command, "the real program", json::text_of())
          .integer("number", &Event::number, "exit status or signal", {.at_least = INT64_MIN})
          .text("digest", &Event::digest, "of the run")
          .integer("late_p50_ns", &Event::p50_ns, "lateness", {.at_least = 0})
          .integer("late_p99_ns", &Event::p99_ns, "lateness", {.at_least = 0})
          .integer("late_max_ns", &Event::max_ns, "lateness", {.at_least = 0})
          .integer("late_limit_ns", &Event::limit_ns, "lateness that is too much", {.at_least = 0});
  return fields;
}

const Event* Session::end() const {
  const bool over = !events.empty() && events.back().kind == Event::Kind::kEnd;
  return over ? &events.back() : nullptr;
}

// A cut-off session is known up to its last block.
Instant Session::ended() const {
  if (const Event* last = end()) return last->at;
  Instant known;
  for (const Crossing& c : crossings) known = std::max(known, c.at);
  return known;
}

}  // namespace tcptwin::session
