// http_server.h: a web server as one program: serial or with a thread a connection.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/programs/http_message.h"
#include "sim/programs/program_run.h"

namespace tcptwin::programs {

// How the head and the body of an answer are handed to the socket.
enum class HttpSends : uint8_t {
  kTogether,  // one send
  kApart,     // a send each
  kMore,      // a send each, the first with MSG_MORE
  kCorked,    // a send each between setting and clearing TCP_CORK, or TCP_NOPUSH
};

struct HttpServerPlan {
  enum class Way : uint8_t {
    kSerial,   // accepts the next connection after the end of the last
    kThreads,  // a thread for each connection
  };
  int32_t port = 80;
  socket::Family family = socket::Family::kIpv4;
  int64_t backlog = 128;
  Way way = Way::kThreads;
  bool keep_alive = true;                              // else it closes after each answer
  int64_t body = 0;                                    // bytes, of every path not in `paths`
  std::vector<std::pair<std::string, int64_t>> paths;  // bytes by path; others are 404 then
  std::string hash_header;  // of answers with a body, with its SHA-256; empty: none
  HttpSends sends = HttpSends::kTogether;
  bool no_delay = false;         // TCP_NODELAY on each connection
  Duration think{};              // between request and answer, slept
  std::optional<uint64_t> rate;  // bits per second at which it makes the body
  int64_t chunk = 65536;         // bytes it makes at a time, with `rate`
};

// The lower-case SHA-256 of the body of each path, "" being every path; none without a header for
// it. Takes a while for large ones.
std::map<std::string, std::string, std::less<>> hash_bodies(const HttpServerPlan& plan,
                                                            uint64_t pattern);

// Measures "request" (first byte of a request to the return of the last send). An error of a
// connection ends that connection and is counted. A body is always the same bytes: the first ones
// of the pattern; `run` has the hashes.
Task http_server(SocketApi api, const HttpServerPlan& plan, ProgramRun& run);

// Sends head and body as `sends` says; `failure` stays empty unless a send fails.
Task send_answer(SocketApi api, socket::Descriptor fd, HttpSends sends, std::string head,
                 Payload body, std::optional<Errno>& failure);

}  // namespace tcptwin::programs
