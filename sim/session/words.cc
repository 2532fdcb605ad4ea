#include "sim/session/words.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/trace/reason_text.h"

namespace tcptwin::session {

namespace {

using json::Node;

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string side_text(const std::string& name, size_t width, const std::optional<Shown>& shown,
                      bool is_next) {
  std::string text = fmt::format("  {:<{}}  ", name, width);
  if (!shown) return text + "nothing more\n";
  if (is_next) text += "nothing; then ";
  text += exact_seconds(shown->at) + ' ' + shown->line;
  if (!shown->why.empty()) text += "  # " + shown->why;
  return text + '\n';
}

std::string event_text(const Event& event, const std::string& host) {
  switch (event.kind) {
    case Event::Kind::kStarted:
      return host + ": started " + (event.command.empty() ? "a shell" : joined(event.command, " "));
    case Event::Kind::kExited:
      return host + ": ended with status " + std::to_string(event.number.value_or(0));
    case Event::Kind::kSignal:
      return "signal " + std::to_string(event.number.value_or(0)) + " came";
    case Event::Kind::kEnd: return "the last event of the simulated network";
  }
  return "";
}

Node shown_json(const std::optional<Shown>& shown) {
  if (!shown) return Node::null();
  Node node = Node::object();
  node.set("at_ns", Node::integer(shown->at.ns()));
  node.set("packet", Node::string(shown->line));
  if (!shown->why.empty()) node.set("why", Node::string(shown->why));
  if (trace::says_inferred(shown->why)) node.set("inferred", Node::boolean(true));
  return node;
}

}  // namespace

std::string exact_seconds(Instant at) {
  constexpr int64_t kSecond = 1'000'000'000;
  return fmt::format("{}.{:09}", at.ns() / kSecond, at.ns() % kSecond);
}

std::string head_text(const Head& head) {
  std::string text = "recorded by tcptwin " + head.version + ": " + head.file;
  if (head.variant != scenario::kBaseline) text += ", variant " + head.variant;
  return text + ", seed " + std::to_string(head.seed) + "; real: " + joined(head.real, ", ") + "\n";
}

std::string events_text(const Session& session) {
  std::string text;
  for (const Event& event : session.events) {
    text +=
        exact_seconds(event.at) + " s: " + event_text(event, session.head.real[event.seat]) + "\n";
  }
  return text;
}

std::string text(const Difference& d, const Sides& sides) {
  const size_t width = std::max(sides.a.size(), sides.b.size());
  std::string text =
      "the first difference is at " + exact_seconds(d.at) + " s, in what " + d.host + " got:\n";
  text += side_text(sides.a, width, d.a, d.a_is_next);
  text += side_text(sides.b, width, d.b, d.b_is_next);
  if (d.byte) text += "  the packets differ from byte " + std::to_string(*d.byte) + " on\n";
  return text;
}

Node json(const Difference& d) {
  Node node = Node::object();
  node.set("host", Node::string(d.host));
  node.set("at_ns", Node::integer(d.at.ns()));
  node.set("a", shown_json(d.a));
  node.set("b", shown_json(d.b));
  if (d.byte) node.set("byte", Node::integer(static_cast<int64_t>(*d.byte)));
  return node;
}

}  // namespace tcptwin::session
