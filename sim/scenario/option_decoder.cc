#include "sim/scenario/option_decoder.h"

#include <algorithm>
#include <optional>

#include "models/json/units.h"

namespace tcptwin::scenario {

namespace {

using json::Context;
using json::Node;
using policy::OptionEffect;

constexpr int64_t kUsPerS = 1'000'000;

std::string text_of_node(const Node& node) {
  return node.is_string() ? node.as_string() : json::write(node, json::Style::kCompact);
}

// A value as it is written: a number, or a duration.
struct Written {
  int64_t number = 1;
  std::optional<Duration> span;
  bool ok = true;
};

Written read_value(const Node& node, Duration unit, Context& context) {
  Written written;
  if (node.is_integer()) {
    written.number = node.as_integer();
    if (written.number < INT32_MIN || written.number > INT32_MAX) {
      context.error(node, "an option takes 32 bits");
      written.ok = false;
    }
  } else if (node.is_boolean()) {
    written.number = node.as_boolean() ? 1 : 0;
  } else if (node.is_string()) {
    written.span = json::parse_duration(node.as_string());
    written.ok = written.span.has_value();
    if (written.ok) {
      written.number = *written.span / unit;
    } else {
      context.expected(node, "a number, or a duration such as \"250ms\"");
    }
  } else if (!node.is_null()) {
    context.expected(node, "a number, a duration, true or false");
    written.ok = false;
  }
  return written;
}

Duration unit_of(const policy::SocketOption* option) {
  return option == nullptr ? Duration(std::chrono::seconds(1)) : option->unit;
}

int64_t microseconds_of(const Written& written, Duration unit) {
  const Duration time = written.span.value_or(unit * written.number);
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

const policy::SocketOption* find_option(const Arguments& a, const Node& option,
                                        const policy::Profile& profile) {
  for (const policy::SocketOption& o : profile.socket_options) {
    const bool level = a.level.is_integer() ? a.level.as_integer() == o.level
                       : a.level.is_null()  ? option.is_string() || o.level_name == "IPPROTO_TCP"
                                            : text_of_node(a.level) == o.level_name;
    const bool number =
        option.is_integer() ? option.as_integer() == o.number : text_of_node(option) == o.name;
    if (level && number) return &o;
  }
  return nullptr;
}

// Of any level.
const policy::SocketOption* option_called(const std::string& name, const policy::Profile& profile) {
  const auto found = std::find_if(profile.socket_options.begin(), profile.socket_options.end(),
                                  [&](const auto& o) { return o.name == name; });
  return found == profile.socket_options.end() ? nullptr : &*found;
}

// -1: the host has none of that name.
int32_t level_number(const Node& level, const policy::Profile& profile) {
  if (level.is_integer()) return static_cast<int32_t>(level.as_integer());
  const auto found =
      std::find_if(profile.socket_options.begin(), profile.socket_options.end(),
                   [&](const auto& o) { return o.level_name == text_of_node(level); });
  return found == profile.socket_options.end() ? -1 : found->level;
}

}  // namespace

const policy::SocketOption* decode_option(const Arguments& a, const Node& value,
                                          const policy::Profile& profile, app::Instruction& out,
                                          Context& context) {
  out.level = out.number = -1;
  out.name = text_of_node(a.option);
  const policy::SocketOption* found = find_option(a, a.option, profile);
  if (found == nullptr && a.option.is_string() && !a.level.is_null()) {
    // As a compiler takes it: the name is a number, whatever the level (facts/darwin.md 1.2).
    const auto named = option_called(out.name, profile);
    if (named != nullptr) {
      out.level = level_number(a.level, profile);
      out.number = named->number;
      found = find_option(a, Node::integer(named->number), profile);
    }
  }
  if (!a.option.is_string() && !a.option.is_integer() && value.find("option") != nullptr) {
    context.expected(*value.find("option"), "the name of an option, or its number");
  }
  if (found != nullptr) {
    out.level = found->level;
    out.number = found->number;
    out.name = found->name;
  } else if (a.level.is_integer() && a.option.is_integer()) {
    out.level = static_cast<int32_t>(a.level.as_integer());
    out.number = static_cast<int32_t>(a.option.as_integer());
  }
  return found;
}

// struct linger is on unless `false`.
void decode_option_value(const Node& node, const policy::SocketOption* option,
                         app::Instruction& out, Context& context) {
  const Duration unit = unit_of(option);
  const Written written = read_value(node, unit, context);
  if (!written.ok) return;
  out.option = written.number;
  if (option == nullptr || !policy::is_pair(option->effect)) return;
  if (option->effect == OptionEffect::kLinger) {
    out.option = node.is_boolean() ? socket::OptionValue(written.number, 0)
                                   : socket::OptionValue(1, written.number);
    return;
  }
  const int64_t us = microseconds_of(written, unit);
  out.option = socket::OptionValue(us / kUsPerS, us % kUsPerS);
}

// As Machine makes one number of it.
void decode_expected_value(const Node& node, const policy::SocketOption* option,
                           app::Instruction& out, Context& context) {
  if (node.is_null()) return;
  const Duration unit = unit_of(option);
  const Written written = read_value(node, unit, context);
  if (!written.ok) return;
  out.equals = written.number;
  if (option == nullptr || !policy::is_pair(option->effect)) return;
  const bool linger = option->effect == OptionEffect::kLinger;
  if (!linger) out.equals = microseconds_of(written, unit);
  if (linger && node.is_boolean() && !node.as_boolean()) out.equals = -1;
}

void decode_tcp_info(const Arguments& a, const Node& value, const policy::Profile& profile,
                     app::Instruction& out, Context& context) {
  const auto option = std::find_if(profile.socket_options.begin(), profile.socket_options.end(),
                                   [](const auto& o) { return o.effect == OptionEffect::kInfo; });
  if (option == profile.socket_options.end()) {
    return context.error(value, "this host has no option that fetches struct tcp_info");
  }
  out.level = option->level;
  out.number = option->number;
  out.name = a.field;
  std::vector<std::string> known;
  for (const char* name : socket::kTcpInfoNames) known.emplace_back(name);
  if (a.field.empty() || std::find(known.begin(), known.end(), a.field) != known.end()) return;
  const Node* field = value.find("field");
  const auto scope = context.enter("field");
  context.unknown((field == nullptr ? value : *field).origin(), "field of tcp_info", a.field,
                  known);
}

void decode_ioctl(const Arguments& a, const Node& value, const policy::Profile& profile,
                  app::Instruction& out, Context& context) {
  using Effect = policy::RequestEffect;
  out.name = a.field;
  std::vector<std::string> known;
  for (const policy::SocketRequest& request : profile.socket_requests) {
    known.push_back(request.name);
    if (request.name != a.field) continue;
    if (a.number && request.effect != Effect::kNonBlocking) {
      return context.error(value, a.field + " takes no \"value\"");
    }
    switch (request.effect) {
      case Effect::kUnread: out.length = socket::QueueLength::kUnread; return;
      case Effect::kUnsent: out.length = socket::QueueLength::kUnsent; return;
      case Effect::kAtMark: out.length = socket::QueueLength::kAtMark; return;
      case Effect::kNonBlocking:
        out.kind = app::Instruction::Kind::kNonBlocking;
        out.on = a.number.value_or(1) != 0;
        return;
    }
  }
  const Node* request = value.find("request");
  if (request == nullptr) return;
  const auto scope = context.enter("request");
  context.unknown(request->origin(), "request of this host", a.field, known);
}

}  // namespace tcptwin::scenario
