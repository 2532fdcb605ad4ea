// operations.h: the operations that a program may consist of, as data: their keys and arguments.
// What follows from them is the decoder's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/json/fields.h"
#include "sim/app/program.h"

namespace tcptwin::scenario {

enum class SocketType : uint8_t { kTcp, kUdp };

// The arguments of all operations; each operation's table names those that it takes.
struct Arguments {
  std::string socket;
  std::vector<std::string> sockets;
  std::vector<std::string> read_set, write_set, except_set;
  std::string queue, add, modify, remove;
  std::string name;   // of a thread or a mutex
  std::string field;  // of tcp_info; the request of ioctl
  std::string from = "listener";
  std::string as;
  std::string to;
  std::optional<int32_t> port;
  SocketType type = SocketType::kTcp;
  std::optional<int32_t> from_port;
  bool reuse_address = false;
  socket::Family family = socket::Family::kIpv4;
  int64_t backlog = 128;
  std::optional<int64_t> bytes;
  std::string text;
  std::vector<std::string> flags;
  json::Node level;
  json::Node option;
  json::Node value;
  json::Node equals;
  socket::Shutdown how = socket::Shutdown::kWrite;
  socket::Events events;
  socket::QueueChange change;
  int64_t most = 64;
  int64_t descriptors = 0;
  std::optional<int64_t> hard;
  std::optional<int32_t> number;
  bool on = true;
  Duration span{};
  std::optional<Duration> timeout;
  app::ServePlan serve;
  std::string record;
  bool may_fail = false;
  std::optional<Errno> expect_error;
};

// A bare value stands for the argument called `bare`; null: there is none.
struct Operation {
  const char* key;
  app::Instruction::Kind kind;
  const json::Fields<Arguments>& (*fields)();
  const char* bare;
};

std::span<const Operation> operations();

// "for" of the blocks that look at the answers of the last wait.
json::Fields<Arguments>& with_ready_events(json::Fields<Arguments>& table);

}  // namespace tcptwin::scenario
