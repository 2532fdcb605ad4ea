// operations_events.cc: the operations that wait for several sockets, and the names of events.
#include <optional>
#include <utility>

#include "sim/scenario/operation_tables.h"

namespace tcptwin::scenario {

namespace {

using json::Context;
using json::Node;
using socket::Events;

struct EventName {
  const char* name;
  bool Events::*member;
};
constexpr EventName kPollEvents[] = {{"POLLIN", &Events::in},
                                     {"POLLOUT", &Events::out},
                                     {"POLLPRI", &Events::priority},
                                     {"POLLRDHUP", &Events::read_hang_up}};
constexpr EventName kEpollEvents[] = {{"EPOLLIN", &Events::in},
                                      {"EPOLLOUT", &Events::out},
                                      {"EPOLLPRI", &Events::priority},
                                      {"EPOLLRDHUP", &Events::read_hang_up}};
constexpr EventName kFilters[] = {{"EVFILT_READ", &Events::in}, {"EVFILT_WRITE", &Events::out}};

struct FlagName {
  const char* name;
  bool socket::QueueChange::*member;
};
constexpr FlagName kEpollFlags[] = {{"EPOLLET", &socket::QueueChange::edge},
                                    {"EPOLLONESHOT", &socket::QueueChange::one_shot}};
constexpr FlagName kKeventFlags[] = {{"EV_CLEAR", &socket::QueueChange::edge},
                                     {"EV_DISPATCH", &socket::QueueChange::one_shot}};

// Which words an argument takes, and what they set.
struct Vocabulary {
  std::span<const EventName> events{};
  std::span<const FlagName> flags{};
  const char* example = "";
};

void take_word(const Vocabulary& words, const Node& node, Arguments& out, Context& context) {
  if (!node.is_string()) {
    return context.expected(node, "a word such as \"" + std::string(words.example) + "\"");
  }
  std::vector<std::string> known;
  for (const EventName& event : words.events) {
    known.emplace_back(event.name);
    if (node.as_string() != event.name) continue;
    out.events.*event.member = true;
    return;
  }
  for (const FlagName& flag : words.flags) {
    known.emplace_back(flag.name);
    if (node.as_string() != flag.name) continue;
    out.change.*flag.member = true;
    return;
  }
  context.unknown(node.origin(), "event", node.as_string(), known);
}

// One word or a list of them.
auto words_decoder(const Vocabulary& words) {
  return [words](const Node& node, Arguments& out, Context& context) {
    if (!node.is_array()) return take_word(words, node, out, context);
    for (size_t i = 0; i < node.items().size(); ++i) {
      const auto scope = context.enter(i);
      take_word(words, node.items()[i], out, context);
    }
  };
}

const json::CustomRules<Arguments> kOneOrList{.schema = R"({"type": ["string", "array"]})",
                                              .type = "event, or a list of them"};

ArgumentTable& with_timeout(ArgumentTable& table) {
  return table.duration("timeout", &Arguments::timeout, "at most so long; absent: for ever");
}
ArgumentTable& with_change(ArgumentTable& table) {
  const json::TextRules name{.non_empty = true};
  return table.text("queue", &Arguments::queue, "the queue, by its name; \"queue\"", name)
      .text("add", &Arguments::add, "watch this socket", name)
      .text("modify", &Arguments::modify, "watch it for something else", name)
      .text("remove", &Arguments::remove, "watch it no longer", name);
}
ArgumentTable& with_answers(ArgumentTable& table) {
  return with_timeout(table.integer("most", &Arguments::most, "answers at a time",
                                    {.at_least = 0, .at_most = 1 << 20}));
}
json::Codec<std::string> name_codec() { return json::text_of({.non_empty = true}); }

}  // namespace

ArgumentTable& with_ready_events(ArgumentTable& table) {
  static std::vector<EventName> all = [] {
    std::vector<EventName> names(std::begin(kPollEvents), std::end(kPollEvents));
    names.insert(names.end(), std::begin(kEpollEvents), std::end(kEpollEvents));
    names.insert(names.end(), std::begin(kFilters), std::end(kFilters));
    return names;
  }();
  return table.custom("for", words_decoder({.events = all, .example = "POLLIN"}),
                      "only those with this event; errors always count", kOneOrList);
}

const ArgumentTable& poll_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("poll", "waits until one of the sockets has something to tell");
    with_socket(f).list("sockets", &Arguments::sockets, "several of them", name_codec(),
                        {.at_least = 1});
    with_timeout(f).custom("for", words_decoder({.events = kPollEvents, .example = "POLLIN"}),
                           "POLLIN, POLLOUT, POLLPRI, POLLRDHUP: one or a list; POLLIN",
                           kOneOrList);
    with_result(f);
    return f;
  }();
  return t;
}

const ArgumentTable& select_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("select",
                    "waits until a socket of the three sets has something to tell; "
                    "records how many bits are set");
    f.list("read", &Arguments::read_set, "sockets to read from", name_codec(), {.at_least = 1})
        .list("write", &Arguments::write_set, "sockets to write to", name_codec(), {.at_least = 1})
        .list("except", &Arguments::except_set, "sockets with urgent data", name_codec(),
              {.at_least = 1});
    with_result(with_timeout(f));
    return f;
  }();
  return t;
}

const ArgumentTable& epoll_create_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("epoll_create", "makes an event queue of Linux");
    f.text("as", &Arguments::as, "name of the queue; \"queue\"", {.non_empty = true});
    with_result(f);
    return f;
  }();
  return t;
}

const ArgumentTable& epoll_ctl_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("epoll_ctl", "changes what a queue watches: one of add, modify, remove");
    with_change(f).custom(
        "for", words_decoder({.events = kEpollEvents, .flags = kEpollFlags, .example = "EPOLLIN"}),
        "EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, EPOLLET, EPOLLONESHOT: one or a list; EPOLLIN",
        kOneOrList);
    with_result(f);
    return f;
  }();
  return t;
}

const ArgumentTable& epoll_wait_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("epoll_wait",
                    "waits until a watched socket has something to tell; records how "
                    "many have");
    f.text("queue", &Arguments::queue, "the queue, by its name; \"queue\"", {.non_empty = true});
    with_result(with_answers(f));
    return f;
  }();
  return t;
}

const ArgumentTable& kqueue_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("kqueue", "makes an event queue of the BSDs");
    f.text("as", &Arguments::as, "name of the queue; \"queue\"", {.non_empty = true});
    with_result(f);
    return f;
  }();
  return t;
}

const ArgumentTable& kevent_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("kevent",
                    "with add, modify or remove: changes what a queue watches; without: "
                    "waits, and records how many answers there are");
    with_answers(with_change(f))
        .custom("filter", words_decoder({.events = kFilters, .example = "EVFILT_READ"}),
                "EVFILT_READ or EVFILT_WRITE; EVFILT_READ", kOneOrList)
        .custom("flags", words_decoder({.flags = kKeventFlags, .example = "EV_CLEAR"}),
                "EV_CLEAR, EV_DISPATCH: one or a list", kOneOrList);
    with_result(f);
    return f;
  }();
  return t;
}

}  // namespace tcptwin::scenario
