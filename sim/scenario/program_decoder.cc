#include "sim/scenario/program_decoder.h"

#include <algorithm>
#include <utility>

#include "models/json/nearest.h"
#include "models/json/units.h"
#include "sim/scenario/operations.h"

namespace tcptwin::scenario {

namespace {

using app::Instruction;
using json::Context;
using json::Node;
using Kind = Instruction::Kind;

class Decoder {
 public:
  Decoder(const ProgramHost& host, Context& context) : host_(host), context_(context) {}

  void block(const Node& node) {
    if (!node.is_array()) return context_.expected(node, "an array of operations");
    for (size_t i = 0; i < node.items().size(); ++i) {
      const auto scope = context_.enter(i);
      operation(node.items()[i]);
    }
  }
  app::Program take() && {
    program_.sockets = static_cast<uint32_t>(std::max<size_t>(names_.size(), 1));
    return std::move(program_);
  }

 private:
  static std::vector<std::string> known_keys() {
    std::vector<std::string> keys = {"repeat", "loop", "measure"};
    for (const Operation& op : operations()) keys.emplace_back(op.key);
    return keys;
  }

  void operation(const Node& node) {
    if (!node.is_object() || node.size() == 0) {
      return context_.expected(node, "an operation such as {\"write\": 10}");
    }
    const json::Member& first = node.members().front();
    if (first.key == "repeat" || first.key == "measure" || first.key == "loop") {
      return nested(node, first);
    }
    const auto all = operations();
    const auto op = std::find_if(all.begin(), all.end(),
                                 [&](const Operation& o) { return first.key == o.key; });
    if (op == all.end()) {
      const auto scope = context_.enter(first.key);
      return context_.unknown(first.key_origin, "operation", first.key, known_keys());
    }
    if (node.size() > 1) {
      const json::Member& extra = node.members()[1];
      const auto scope = context_.enter(extra.key);
      return context_.error(extra.key_origin, "one operation an object; \"" + extra.key +
                                                  "\" needs one of its own, or belongs inside \"" +
                                                  first.key + "\"");
    }
    const auto scope = context_.enter(first.key);
    call(*op, first.value);
  }

  // {"repeat": 5, "do": [...]}, {"measure": "round", "do": [...]}, {"loop": [...]}.
  void nested(const Node& node, const json::Member& first) {
    Instruction begin;
    const bool loop = first.key == "loop";
    {
      const auto scope = context_.enter(first.key);
      if (first.key == "repeat") {
        begin.kind = Kind::kRepeat;
        json::integer_of<int64_t>({.at_least = 0, .at_most = 1'000'000'000})
            .decode(first.value, begin.amount, context_);
      } else if (first.key == "measure") {
        begin.kind = Kind::kMeasure;
        json::text_of({.non_empty = true}).decode(first.value, begin.name, context_);
      } else {
        begin.kind = Kind::kLoop;
      }
    }
    for (size_t i = 1; i < node.size(); ++i) {
      const json::Member& extra = node.members()[i];
      if (!loop && extra.key == "do") continue;
      const auto scope = context_.enter(extra.key);
      const std::vector<std::string> known =
          loop ? std::vector<std::string>{} : std::vector<std::string>{"do"};
      context_.unknown(extra.key_origin, "key", extra.key, known);
    }
    const Node* body = loop ? &first.value : node.find("do");
    if (body == nullptr) {
      return context_.error(node, "missing key \"do\": the operations to " + first.key);
    }
    const size_t calls_before = program_.code.size();
    const auto begin_index = static_cast<uint32_t>(program_.code.size());
    program_.code.push_back(begin);
    {
      const auto scope = context_.enter(loop ? "loop" : "do");
      block(*body);
      if (loop && !reads_since(calls_before) && context_.ok()) {
        context_.error(
            *body,
            "a loop ends when a read meets the end of the stream, and this one reads nothing");
      }
    }
    Instruction end = begin;
    end.kind = begin.kind == Kind::kRepeat ? Kind::kRepeatEnd
               : loop                      ? Kind::kLoopEnd
                                           : Kind::kMeasureEnd;
    end.partner = begin_index;
    program_.code[begin_index].partner = static_cast<uint32_t>(program_.code.size());
    program_.code.push_back(end);
  }

  bool reads_since(size_t index) const {
    return std::any_of(
        program_.code.begin() + static_cast<std::ptrdiff_t>(index), program_.code.end(),
        [](const Instruction& i) { return i.kind == Kind::kRead || i.kind == Kind::kRecv; });
  }

  void call(const Operation& op, const Node& value) {
    Arguments a;
    Node wrapped = value;
    if (!value.is_object()) {  // a bare value stands for the main argument
      wrapped = Node::object();
      wrapped.set(op.bare, value);
      wrapped.set_origin(value.origin());
    }
    json::decode(op.fields(), wrapped, a, context_);
    Instruction i;
    i.kind = op.kind;
    i.amount = a.bytes.value_or(0);
    i.text = a.text;
    i.how = a.how;
    i.span = a.span;
    i.timeout = a.timeout;
    i.events = a.events;
    i.reuse_address = a.reuse_address;
    i.record = a.record;
    i.may_fail = a.may_fail;
    i.expected = a.expect_error;
    flags(a, wrapped, i);
    sockets(a, wrapped, i);
    if (op.kind == Kind::kSetsockopt) option(a, wrapped, i);
    program_.code.push_back(std::move(i));
  }

  // Which sockets the operation makes and uses, and what it needs to know about them.
  void sockets(const Arguments& a, const Node& value, Instruction& i) {
    const std::string fresh = a.as.empty() ? "socket" : a.as;
    const std::string listener = a.as.empty() ? "listener" : a.as;
    i.address.port = static_cast<wire::Port>(a.port);
    if (a.family == socket::Family::kIpv6) i.address.ip = wire::IpAddress::any_v6();
    switch (i.kind) {
      case Kind::kSocket:
      case Kind::kBind: i.socket = define(fresh); break;
      case Kind::kListen:
        i.amount = a.backlog;
        if (a.port == 0 && !knows(listener)) {
          context_.error(value, "missing \"port\", and no operation before this one binds \"" +
                                    listener + "\"");
        }
        i.socket = define(listener);
        break;
      case Kind::kAccept:
        i.socket = use(a.from, value);
        i.into = define(fresh);
        break;
      case Kind::kConnect: connect(a, value, i); break;
      case Kind::kSleep: break;
      case Kind::kPoll:
        for (const std::string& name : a.sockets) i.sockets.push_back(use(name, value));
        if (a.sockets.empty()) i.sockets.push_back(use(a.socket, value));
        if (!i.events.any()) i.events.in = true;
        break;
      default: i.socket = use(a.socket, value); amount(a, value, i);
    }
  }

  void connect(const Arguments& a, const Node& value, Instruction& i) {
    i.socket = define(a.as.empty() ? "socket" : a.as);
    i.name = a.to;
    if (a.from_port) i.from = static_cast<wire::Port>(*a.from_port);
    const Node* to = value.find("to");
    if (to == nullptr) return;
    const auto scope = context_.enter("to");
    if (const auto address = host_.resolve(*to, a.family, context_)) i.address.ip = *address;
  }

  void amount(const Arguments& a, const Node& value, const Instruction& i) {
    const bool sends = i.kind == Kind::kWrite || i.kind == Kind::kSend;
    if (sends && !a.bytes && a.text.empty()) {
      context_.error(value, "missing \"bytes\" or \"text\"");
    }
    if (sends && a.bytes && !a.text.empty()) {
      context_.error(value, "\"bytes\" and \"text\" exclude each other");
    }
    if ((i.kind == Kind::kRead || i.kind == Kind::kRecv) && !a.bytes) {
      context_.error(value, "missing \"bytes\": how many to read");
    }
    if (i.kind == Kind::kFill && a.bytes.value_or(0) == 0) {
      context_.error(value, "missing \"bytes\": how many in each send");
    }
  }

  void flags(const Arguments& a, const Node& value, Instruction& i) {
    for (size_t k = 0; k < a.flags.size(); ++k) {
      const auto known =
          std::find_if(host_.profile->message_flags.begin(), host_.profile->message_flags.end(),
                       [&](const auto& flag) { return flag.name == a.flags[k]; });
      if (known != host_.profile->message_flags.end()) {
        set_flag(i.flags, known->effect);
        continue;
      }
      std::vector<std::string> names;
      for (const policy::MessageFlag& flag : host_.profile->message_flags) {
        names.push_back(flag.name);
      }
      const auto scope = context_.enter("flags");
      const auto item = context_.enter(k);
      context_.unknown(value.find("flags")->items()[k].origin(), "flag of this host", a.flags[k],
                       names);
    }
  }

  static void set_flag(socket::MessageFlags& flags, policy::MessageFlagEffect effect) {
    using Effect = policy::MessageFlagEffect;
    switch (effect) {
      case Effect::kOutOfBand: flags.out_of_band = true; break;
      case Effect::kPeek: flags.peek = true; break;
      case Effect::kWaitAll: flags.wait_all = true; break;
      case Effect::kDontWait: flags.dont_wait = true; break;
      case Effect::kMore: flags.more = true; break;
      case Effect::kNoSignal: flags.no_signal = true; break;
      case Effect::kTruncate: flags.truncate = true; break;
      case Effect::kNone: break;
    }
  }

  // ---- setsockopt

  // The host's option that is meant. One that it does not have gets numbers that it does not have
  // either: the call will fail as it does there.
  void option(const Arguments& a, const Node& value, Instruction& i) {
    i.level = i.number = -1;
    i.name = text_of(a.option);
    const policy::SocketOption* found = nullptr;
    for (const policy::SocketOption& o : host_.profile->socket_options) {
      const bool level = a.level.is_integer() ? a.level.as_integer() == o.level
                         : a.level.is_null() ? a.option.is_string() || o.level_name == "IPPROTO_TCP"
                                             : text_of(a.level) == o.level_name;
      const bool number =
          a.option.is_integer() ? a.option.as_integer() == o.number : text_of(a.option) == o.name;
      if (level && number && found == nullptr) found = &o;
    }
    if (!a.option.is_string() && !a.option.is_integer() && value.find("option") != nullptr) {
      context_.expected(*value.find("option"), "the name of an option, or its number");
    }
    if (found != nullptr) {
      i.level = found->level;
      i.number = found->number;
      i.name = found->name;
    } else if (a.level.is_integer() && a.option.is_integer()) {
      i.level = static_cast<int32_t>(a.level.as_integer());
      i.number = static_cast<int32_t>(a.option.as_integer());
    }
    option_value(a.value, found, i);
  }

  static std::string text_of(const Node& node) {
    return node.is_string() ? node.as_string() : json::write(node, json::Style::kCompact);
  }

  // A number, or a duration where the option is a time. struct linger is on unless `false`.
  void option_value(const Node& node, const policy::SocketOption* option, Instruction& i) {
    using Effect = policy::OptionEffect;
    const Duration unit = option == nullptr ? Duration(std::chrono::seconds(1)) : option->unit;
    int64_t number = 1;
    std::optional<Duration> span;
    if (node.is_integer()) {
      number = node.as_integer();
      if (number < INT32_MIN || number > INT32_MAX) {
        context_.error(node, "an option takes 32 bits");
        return;
      }
    } else if (node.is_boolean()) {
      number = node.as_boolean() ? 1 : 0;
    } else if (node.is_string()) {
      span = json::parse_duration(node.as_string());
      if (!span) return context_.expected(node, "a number, or a duration such as \"250ms\"");
      number = *span / unit;
    } else if (!node.is_null()) {
      return context_.expected(node, "a number, a duration, true or false");
    }
    i.option = number;
    if (option == nullptr || !policy::is_pair(option->effect)) return;
    if (option->effect == Effect::kLinger) {
      i.option =
          node.is_boolean() ? socket::OptionValue(number, 0) : socket::OptionValue(1, number);
      return;
    }
    constexpr int64_t kUsPerS = 1'000'000;
    const Duration time = span.value_or(unit * number);
    const int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    i.option = socket::OptionValue(us / kUsPerS, us % kUsPerS);
  }

  bool knows(const std::string& name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }
  uint32_t define(const std::string& name) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) {
      names_.push_back(name);
      return static_cast<uint32_t>(names_.size() - 1);
    }
    return static_cast<uint32_t>(found - names_.begin());
  }
  uint32_t use(const std::string& name, const Node& at) {
    const std::string wanted = name.empty() ? "socket" : name;
    const auto found = std::find(names_.begin(), names_.end(), wanted);
    if (found == names_.end()) {
      context_.error(at, "no operation before this one makes a socket called \"" + wanted + "\"",
                     json::nearest(wanted, names_));
      return 0;
    }
    return static_cast<uint32_t>(found - names_.begin());
  }

  const ProgramHost& host_;
  Context& context_;
  app::Program program_;
  std::vector<std::string> names_;  // of sockets, by slot
};

}  // namespace

app::Program decode_program(const Node& node, const ProgramHost& host, Context& context) {
  Decoder decoder(host, context);
  decoder.block(node);
  return std::move(decoder).take();
}

std::string program_manual() {
  std::string text =
      "Every operation is an object with one key. A bare value stands for the argument named in "
      "the second "
      "column.\n\n"
      "- `{\"repeat\": N, \"do\": [...]}` does the operations N times.\n"
      "- `{\"loop\": [...]}` does them until a `read` or `recv` inside meets the end of the "
      "stream.\n"
      "- `{\"measure\": \"NAME\", \"do\": [...]}` takes the time they need, as `PROCESS.NAME`.\n\n"
      "| operation | bare value | meaning |\n| --- | --- | --- |\n";
  for (const Operation& op : operations()) {
    text +=
        "| `" + std::string(op.key) + "` | `" + op.bare + "` | " + op.fields().table().doc + " |\n";
  }
  for (const Operation& op : operations()) {
    text += "\n" + json::manual(op.fields(), "Arguments of " + std::string(op.key));
  }
  return text;
}

}  // namespace tcptwin::scenario
