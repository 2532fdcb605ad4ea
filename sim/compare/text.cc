// A comparison for people.
#include <algorithm>

#include "models/json/units.h"
#include "sim/compare/compare.h"
#include "sim/trace/packets.h"

namespace tcptwin::compare {

namespace {

std::string plural(uint64_t n, const std::string& one) {
  return std::to_string(n) + ' ' + one + (n == 1 ? "" : "s");
}

std::string input_text(const char* letter, const Input& input) {
  std::string text = letter + ("  " + input.name);
  if (!input.host.empty()) text += ", as " + input.host + " saw it";
  if (!input.picked.empty()) text += " (" + input.picked + ")";
  text += ": " + plural(input.packets, "packet");
  for (const std::string& remark : input.remarks) text += "\n   " + remark;
  return text + '\n';
}

std::string tolerance_text(const Comparison& c) {
  if (c.tick + c.lateness == Duration(0)) return "times must be equal\n";
  std::string text;
  if (c.tick > Duration(0)) text += "a tick of " + json::pretty_duration(c.tick);
  if (c.lateness > Duration(0)) {
    text += (text.empty() ? "" : " and ") + ("a lateness of " + json::pretty_duration(c.lateness));
  }
  return "gaps may differ by " + text + '\n';
}

std::string place(const Input& input, const Side& side) {
  return (input.is_text ? "line " : "packet ") + std::to_string(side.number);
}

std::string connection_name(const ConnectionTally& connection) {
  return connection.name_a.empty() ? connection.name_b : connection.name_a;
}

std::string where(const Difference& difference) {
  if (!difference.connection) return "no TCP";
  return "connection " + std::to_string(*difference.connection + 1);
}

std::string what(const Difference& difference) {
  switch (difference.kind) {
    case Difference::Kind::kOnlyA: return "only in A";
    case Difference::Kind::kOnlyB: return "only in B";
    case Difference::Kind::kElsewhere: return "in another order";
    case Difference::Kind::kDiffers: break;
  }
  std::string text;
  for (const FieldDifference& f : difference.fields) {
    text += (text.empty() ? "" : ", ") + std::string(field_text(f.field));
  }
  return text;
}

std::string side_text(const char* letter, const Input& input, const std::optional<Side>& side) {
  const std::string head = std::string("  ") + letter + "  ";
  if (!side) return head + "nothing\n";
  std::string text =
      head + place(input, *side) + "  " + trace::seconds_text(side->at) + ' ' + side->line + '\n';
  if (!side->why.empty()) text += "     why: " + side->why + '\n';
  return text;
}

std::string per_mille_text(uint64_t score) {
  return std::to_string(score / 10) + '.' + std::to_string(score % 10) + " %";
}

std::string tally_text(const Tally& tally) {
  std::string text = std::to_string(tally.equal) + " equal";
  const auto add = [&](uint64_t n, const char* words) {
    if (n > 0) text += ", " + std::to_string(n) + ' ' + words;
  };
  add(tally.differing, "differing");
  add(tally.elsewhere, "in another order");
  add(tally.only_a, "only in A");
  add(tally.only_b, "only in B");
  return text + ": " + per_mille_text(tally.score()) + '\n';
}

std::string end_text(const char* letter, uint64_t behind) {
  if (behind == 0) return "";
  return std::string("  ") + letter + " ends before: it lacks the last " + std::to_string(behind) +
         '\n';
}

std::string summary_text(const Comparison& c) {
  std::string text;
  for (size_t i = 0; i < c.connections.size(); ++i) {
    text += "connection " + std::to_string(i + 1) + ", " + connection_name(c.connections[i]) +
            "\n  " + tally_text(c.connections[i].tally) +
            end_text("B", c.connections[i].behind_end_of_b) +
            end_text("A", c.connections[i].behind_end_of_a);
  }
  if (c.others.total() > 0) text += "no TCP\n  " + tally_text(c.others);
  if (c.connections.size() + (c.others.total() > 0 ? 1 : 0) > 1) {
    text += "together\n  " + tally_text(c.all);
  }
  if (c.all.joined > 0) {
    text += plural(c.all.joined, "time") +
            " one side has one segment where the other has several back to back: compared as one\n";
  }
  if (c.all.crossed > 0) {
    text += plural(c.all.crossed, "segment") + " crossed the other direction's in another order\n";
  }
  return text;
}

}  // namespace

std::string text(const Comparison& c, const Difference& difference) {
  std::string text = where(difference) + ": " + what(difference) + '\n';
  text += side_text("A", c.a, difference.a) + side_text("B", c.b, difference.b);
  for (const FieldDifference& f : difference.fields) {
    std::string name = field_text(f.field);
    name.resize(std::max<size_t>(name.size(), 10), ' ');
    const auto shown = [](const std::string& value) { return value.empty() ? "none" : value; };
    text += "     " + name + ' ' + shown(f.a) + " | " + shown(f.b) + '\n';
  }
  return text;
}

std::string text(const Comparison& c) {
  if (!c.problem.empty()) return c.problem + '\n';
  std::string all = input_text("A", c.a) + input_text("B", c.b) + tolerance_text(c) + '\n';
  const uint64_t count = c.all.total() - c.all.equal;
  if (count == 0) all += "no difference\n\n";
  for (size_t i = 0; i < c.differences.size(); ++i) {
    all += (i == 0 ? "first difference, " : "then, ") + compare::text(c, c.differences[i]);
    if (i == 0) all += '\n';
  }
  if (count > c.differences.size()) {
    all += "and " + std::to_string(count - c.differences.size()) + " more\n";
  }
  if (count > 0) all += '\n';
  return all + summary_text(c);
}

}  // namespace tcptwin::compare
