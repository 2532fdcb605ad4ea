// socket_names.h: the names that a program gives to its sockets, in the order in which it gives
// them: "listener", "conn[3]", "conn[i]" with the counter of a repeat, "conn[]" for all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/context.h"
#include "models/json/node.h"
#include "sim/app/program.h"

namespace tcptwin::scenario {

class SocketNames {
 public:
  static constexpr int64_t kMostElements = 1 << 20;  // of "conn[i]"

  explicit SocketNames(json::Context& context) : context_(&context) {}

  // The name stands for a socket from here on. Errors are at `at`.
  app::SocketRef define(const std::string& name, const json::Node& at);
  // It must have been made before; empty: "socket".
  app::SocketRef use(const std::string& name, const json::Node& at);
  // The same where a list of sockets may stand: "conn[]", too.
  app::SocketRef use_any(const std::string& name, const json::Node& at);
  bool knows(const std::string& name) const;

  // A repeat begins, which counts as `index` (empty: without a name) up to `rounds` (below 0: for
  // ever).
  void open_repeat(std::string index, int64_t rounds);
  void close_repeat() { repeats_.pop_back(); }

  // How many places the names need.
  uint32_t places() const;

 private:
  struct Repeat {
    std::string index;
    int64_t rounds = 0;
  };
  struct Parsed {
    std::string base;  // with "[]" when it is one of many
    app::SocketRef ref;
    bool ok = true;
  };
  Parsed parse(const std::string& name, const json::Node& at, bool all_may);
  bool parse_index(std::string_view index, const json::Node& at, app::SocketRef& ref);
  app::SocketRef find(const std::string& name, const json::Node& at, bool all_may);

  json::Context* context_;
  std::vector<std::string> names_;  // by slot
  std::vector<Repeat> repeats_;     // that are open
};

}  // namespace tcptwin::scenario
