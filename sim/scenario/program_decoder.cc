#include "sim/scenario/program_decoder.h"

#include <algorithm>
#include <utility>

#include "models/json/nearest.h"
#include "sim/scenario/blocks.h"
#include "sim/scenario/operation_tables.h"
#include "sim/scenario/operations.h"
#include "sim/scenario/option_decoder.h"
#include "sim/scenario/socket_names.h"

namespace tcptwin::scenario {

namespace {

using app::Instruction;
using json::Context;
using json::Node;
using Kind = Instruction::Kind;

class Decoder {
 public:
  Decoder(const ProgramHost& host, Context& context)
      : host_(host), context_(context), names_(context) {}

  void block(const Node& node) {
    if (!node.is_array()) return context_.expected(node, "an array of operations");
    for (size_t i = 0; i < node.items().size(); ++i) {
      const auto scope = context_.enter(i);
      operation(node.items()[i]);
    }
  }
  app::Program take() && {
    program_.sockets = names_.places();
    return std::move(program_);
  }

 private:
  static std::vector<std::string> known_keys() {
    std::vector<std::string> keys;
    for (const Block& b : blocks()) keys.emplace_back(b.key);
    for (const Operation& op : operations()) keys.emplace_back(op.key);
    return keys;
  }

  void operation(const Node& node) {
    if (!node.is_object() || node.size() == 0) {
      return context_.expected(node, "an operation such as {\"write\": 10}");
    }
    const json::Member& first = node.members().front();
    for (const Block& b : blocks()) {
      if (first.key == b.key) return nested(b, node, first);
    }
    const auto all = operations();
    const auto op = std::find_if(all.begin(), all.end(),
                                 [&](const Operation& o) { return first.key == o.key; });
    if (op == all.end()) {
      const auto scope = context_.enter(first.key);
      return context_.unknown(first.key_origin, "operation", first.key, known_keys());
    }
    const bool reads = op->kind == Kind::kRead || op->kind == Kind::kRecv;
    const Node* at_end = reads ? node.find("at_end") : nullptr;
    for (const json::Member& extra : node.members()) {
      if (&extra == &first || &extra.value == at_end) continue;
      const auto scope = context_.enter(extra.key);
      return context_.error(extra.key_origin, "one operation an object; \"" + extra.key +
                                                  "\" needs one of its own, or belongs inside \"" +
                                                  first.key + "\"");
    }
    {
      const auto scope = context_.enter(first.key);
      call(*op, first.value);
    }
    if (at_end == nullptr) return;
    const auto scope = context_.enter("at_end");
    enclose({.kind = Kind::kAtEnd}, Kind::kBlockEnd, *at_end);
  }

  // The operations of `body` between a begin and an end that know each other.
  void enclose(const Instruction& begin, Kind end_kind, const Node& body) {
    const auto begin_index = static_cast<uint32_t>(program_.code.size());
    program_.code.push_back(begin);
    block(body);
    Instruction end = begin;
    end.kind = end_kind;
    end.partner = begin_index;
    program_.code[begin_index].partner = static_cast<uint32_t>(program_.code.size());
    program_.code.push_back(end);
  }

  void nested(const Block& b, const Node& node, const json::Member& first) {
    const bool loop = b.begin == Kind::kLoop;
    BlockArguments arguments;
    Node rest = Node::object();  // what is neither the key nor the operations
    rest.set_origin(node.origin());
    for (const json::Member& member : node.members()) {
      if (&member == &first || (!loop && member.key == "do")) continue;
      if (b.fields().table().find(member.key) != nullptr) {
        rest.set(member.key, member.value);
        continue;
      }
      const auto scope = context_.enter(member.key);
      std::vector<std::string> known;
      if (!loop) known.emplace_back("do");
      for (const json::TableField& f : b.fields().table().fields) known.push_back(f.key);
      context_.unknown(member.key_origin, "key", member.key, known);
    }
    json::decode(b.fields(), rest, arguments, context_);
    Instruction begin{.kind = b.begin};
    if (!loop) block_subject(first, arguments, node, begin);
    const Node* body = loop ? &first.value : node.find("do");
    if (body == nullptr) {
      return context_.error(node, std::string("missing key \"do\": the operations to ") + b.key);
    }
    const size_t begin_index = program_.code.size();
    if (b.begin == Kind::kRepeat) names_.open_repeat(arguments.index, begin.amount);
    {
      const auto scope = context_.enter(loop ? "loop" : "do");
      enclose(begin, b.end, *body);
      if (loop && !reads_since(begin_index) && context_.ok()) {
        context_.error(
            *body,
            "a loop ends when a read meets the end of the stream, and this one reads nothing");
      }
      if (begin.amount < 0 && !takes_time_since(begin_index) && context_.ok()) {
        context_.error(*body, "nothing in it takes time in every round, so it would never end");
      }
    }
    if (b.begin == Kind::kRepeat) names_.close_repeat();
  }

  // What stands at the block's key.
  void block_subject(const json::Member& first, const BlockArguments& arguments, const Node& node,
                     Instruction& begin) {
    const auto scope = context_.enter(first.key);
    if (begin.kind == Kind::kRepeat) {
      if (first.value.is_string() && first.value.as_string() == "forever") {
        begin.amount = -1;
        return;
      }
      if (!first.value.is_integer()) {
        return context_.expected(first.value, "a number of rounds, or \"forever\"");
      }
      return json::integer_of<int64_t>({.at_least = 0, .at_most = 1'000'000'000})
          .decode(first.value, begin.amount, context_);
    }
    json::text_of({.non_empty = true}).decode(first.value, begin.name, context_);
    if (begin.name.empty()) return;
    begin.events = arguments.ready.events;
    if (begin.kind == Kind::kSpawn) threads_.push_back(begin.name);
    if (begin.kind == Kind::kIfReady) begin.socket = names_.use(begin.name, first.value);
    if (begin.kind != Kind::kEachReady) return;
    for (const std::string& name : arguments.except) {
      begin.watched.push_back({names_.use_any(name, node), {}});
    }
    begin.socket = names_.define(begin.name, first.value);
  }

  bool reads_since(size_t index) const {
    return std::any_of(
        program_.code.begin() + static_cast<std::ptrdiff_t>(index), program_.code.end(),
        [](const Instruction& i) { return i.kind == Kind::kRead || i.kind == Kind::kRecv; });
  }

  // Whether every round makes a call that enters the kernel.
  bool takes_time_since(size_t begin) const {
    for (size_t k = begin + 1; k < program_.code.size(); ++k) {
      const Instruction& i = program_.code[k];
      switch (i.kind) {
        case Kind::kIfReady:
        case Kind::kEachReady:
        case Kind::kAtEnd: k = i.partner; break;  // not in every round
        case Kind::kSpawn: return true;
        case Kind::kRepeat:
          if (i.amount == 0) k = i.partner;
          break;
        case Kind::kJoin:
        case Kind::kLock:
        case Kind::kUnlock:
        case Kind::kSnapshot:
        case Kind::kRepeatEnd:
        case Kind::kLoop:
        case Kind::kLoopEnd:
        case Kind::kMeasure:
        case Kind::kMeasureEnd: break;
        default: return true;
      }
    }
    return false;
  }

  void call(const Operation& op, const Node& value) {
    Arguments a;
    Node wrapped = value;
    if (!value.is_object()) {  // a bare value stands for the main argument
      if (op.bare == nullptr) return context_.expected(value, "{}: it takes no argument");
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
    i.change = a.change;
    i.on = a.on;
    i.name = a.name;
    i.reuse_address = a.reuse_address;
    i.datagram = a.type == SocketType::kUdp;
    i.record = a.record;
    i.may_fail = a.may_fail;
    i.expected = a.expect_error;
    flags(a, wrapped, i);
    sockets(a, wrapped, i);
    options(a, wrapped, i);
    program_.code.push_back(std::move(i));
  }

  // Which sockets the operation makes and uses, and what it needs to know about them.
  void sockets(const Arguments& a, const Node& value, Instruction& i) {
    const std::string fresh = a.as.empty() ? "socket" : a.as;
    const std::string listener = a.as.empty() ? "listener" : a.as;
    i.address.port = static_cast<wire::Port>(a.port.value_or(0));
    i.binds = a.port.has_value();
    if (a.family == socket::Family::kIpv6) i.address.ip = wire::IpAddress::any_v6();
    switch (i.kind) {
      case Kind::kSocket:
      case Kind::kBind: i.socket = names_.define(fresh, value); break;
      case Kind::kListen:
        i.amount = a.backlog;
        if (!a.port && !names_.knows(listener)) {
          context_.error(value, "missing \"port\", and no operation before this one binds \"" +
                                    listener + "\"");
        }
        i.socket = names_.define(listener, value);
        break;
      case Kind::kAccept:
        i.socket = names_.use(a.from, value);
        i.into = names_.define(fresh, value);
        break;
      case Kind::kServe: serve(a, value, i); break;
      case Kind::kSendTo:
      case Kind::kRecvFrom: i.socket = names_.use(a.socket, value); [[fallthrough]];
      case Kind::kPing: decode_datagram_call(a, value, host_, i, context_); break;
      case Kind::kConnect: connect(a, value, i); break;
      case Kind::kSetrlimit:
        i.amount = a.descriptors;
        i.hard_limit = a.hard;
        break;
      case Kind::kJoin:
        if (a.name.empty() || std::find(threads_.begin(), threads_.end(), a.name) != threads_.end())
          break;
        context_.error(value, "no operation before this one spawns \"" + a.name + "\"",
                       json::nearest(a.name, threads_));
        break;
      case Kind::kSleep:
      case Kind::kSnapshot:
      case Kind::kLock:
      case Kind::kUnlock:
      case Kind::kExit: break;
      case Kind::kPoll:
      case Kind::kSelect: watched(a, value, i); break;
      case Kind::kEpollCreate:
      case Kind::kEpollCtl:
      case Kind::kEpollWait:
      case Kind::kKqueue:
      case Kind::kKeventChange:
      case Kind::kKeventWait: queue(a, value, i); break;
      default: i.socket = names_.use(a.socket, value); amount(a, value, i);
    }
  }

  void watched(const Arguments& a, const Node& value, Instruction& i) {
    const auto watch = [&](const std::vector<std::string>& names, const socket::Events& events) {
      for (const std::string& name : names) {
        i.watched.push_back({names_.use_any(name, value), events});
      }
    };
    if (i.kind == Kind::kSelect) {
      watch(a.read_set, {.in = true});
      watch(a.write_set, {.out = true});
      watch(a.except_set, {.priority = true});
      if (i.watched.empty()) context_.error(value, "missing \"read\", \"write\" or \"except\"");
      return;
    }
    if (!i.events.any()) i.events.in = true;
    watch(a.sockets, i.events);
    if (a.sockets.empty()) i.watched.push_back({names_.use(a.socket, value), i.events});
  }

  void serve(const Arguments& a, const Node& value, Instruction& i) {
    using Way = app::ServePlan::Way;
    i.serve = a.serve;
    i.socket = names_.use(a.from, value);
    const bool epoll = i.serve.way == Way::kEpoll || i.serve.way == Way::kEpollEdge;
    if (epoll || i.serve.way == Way::kKqueue) has_queue(epoll, value);
  }

  // Whether the host has that kind of event queue.
  bool has_queue(bool epoll, const Node& value) {
    const policy::SocketConfig& sockets = host_.profile->sockets;
    if (epoll ? sockets.epoll : sockets.kqueue) return true;
    const char* has = sockets.epoll    ? "epoll, poll and select"
                      : sockets.kqueue ? "kqueue, poll and select"
                                       : "poll and select";
    context_.error(
        value, std::string("this host has no ") + (epoll ? "epoll" : "kqueue") + "; it has " + has);
    return false;
  }

  // Event queues: a name for a new one, a change, or a wait.
  void queue(const Arguments& a, const Node& value, Instruction& i) {
    const bool epoll =
        i.kind == Kind::kEpollCreate || i.kind == Kind::kEpollCtl || i.kind == Kind::kEpollWait;
    if (!has_queue(epoll, value)) return;
    if (i.kind == Kind::kEpollCreate || i.kind == Kind::kKqueue) {
      i.socket = names_.define(a.as.empty() ? "queue" : a.as, value);
      return;
    }
    i.socket = names_.use(a.queue.empty() ? "queue" : a.queue, value);
    i.amount = a.most;
    const std::string& subject = a.add.empty() ? a.modify.empty() ? a.remove : a.modify : a.add;
    const int given =
        (a.add.empty() ? 0 : 1) + (a.modify.empty() ? 0 : 1) + (a.remove.empty() ? 0 : 1);
    if (i.kind == Kind::kEpollWait) return;
    if (given > 1 || (given == 0 && i.kind == Kind::kEpollCtl)) {
      return context_.error(value, "expected one of \"add\", \"modify\", \"remove\"");
    }
    if (given == 0) return;
    if (i.kind == Kind::kKeventWait) i.kind = Kind::kKeventChange;
    if (!i.events.any()) i.events.in = true;
    if (!epoll) {
      i.change.filter =
          i.events.out ? socket::QueueChange::Filter::kWrite : socket::QueueChange::Filter::kRead;
      if (i.events.in && i.events.out) context_.error(value, "one \"filter\" a change");
    }
    using Action = socket::QueueChange::Action;
    i.change.action = !a.add.empty()      ? Action::kAdd
                      : !a.modify.empty() ? Action::kModify
                                          : Action::kRemove;
    i.into = names_.use(subject, value);
  }

  void connect(const Arguments& a, const Node& value, Instruction& i) {
    i.socket = names_.define(a.as.empty() ? "socket" : a.as, value);
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

  // ---- options

  void options(const Arguments& a, const Node& value, Instruction& i) {
    switch (i.kind) {
      case Kind::kSetsockopt: {
        const auto* option = decode_option(a, value, *host_.profile, i, context_);
        return decode_option_value(a.value, option, i, context_);
      }
      case Kind::kGetsockopt: {
        const auto* option = decode_option(a, value, *host_.profile, i, context_);
        return decode_expected_value(a.equals, option, i, context_);
      }
      case Kind::kTcpInfo: decode_tcp_info(a, value, *host_.profile, i, context_); break;
      case Kind::kIoctl: decode_ioctl(a, value, *host_.profile, i, context_); break;
      default: return;
    }
    decode_expected_value(a.equals, nullptr, i, context_);
  }

  const ProgramHost& host_;
  Context& context_;
  app::Program program_;
  SocketNames names_;
  std::vector<std::string> threads_;  // names that spawn has given
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
      "column.\n\n";
  for (const Block& b : blocks()) text += std::string("- `") + b.form + "` " + b.doc + ".\n";
  text +=
      "- `{\"recv\": N, \"at_end\": [...]}`, and `read` likewise: does them when the stream has "
      "ended, or after an error that the program may have. Then, or without it at once, the end of "
      "the stream ends the innermost loop, or the turn of this socket in `each_ready`.\n\n"
      "A program that comes to its end leaves its sockets open and its threads running; "
      "`exit_process` closes all. SIGPIPE is ignored unless the process says `\"sigpipe\": "
      "\"ends\"`: a send then fails with EPIPE.\n\n"
      "| operation | bare value | meaning |\n| --- | --- | --- |\n";
  for (const Operation& op : operations()) {
    const std::string bare = op.bare == nullptr ? "" : "`" + std::string(op.bare) + "`";
    text += "| `" + std::string(op.key) + "` | " + bare + " | " + op.fields().table().doc + " |\n";
  }
  for (const Operation& op : operations()) {
    text += "\n" + json::manual(op.fields(), "Arguments of " + std::string(op.key));
  }
  return text;
}

}  // namespace tcptwin::scenario
