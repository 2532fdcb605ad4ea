// http_message.h: HTTP/1.x messages (RFC 9112): the head of one, and reading whole ones from a
// socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/app/socket_api.h"
#include "sim/programs/program_run.h"

namespace tcptwin::programs {

// What programs look at in a head.
struct HttpHead {
  std::string first_line{};                 // "GET / HTTP/1.1", "HTTP/1.1 200 OK"
  std::optional<int64_t> content_length{};  // bytes
  bool keeps_alive = true;                  // RFC 9112 9.3: by version and "Connection"
  size_t size = 0;                          // bytes, the empty line included

  // Of a request: the part between the first two spaces; empty: there is none.
  std::string_view target() const;
};

enum class HeadState : uint8_t { kIncomplete, kComplete, kMalformed };
// The head with which `bytes` begin. Malformed: longer than kLargestHead, a field line without a
// colon, or a Content-Length that is no number.
HeadState parse_head(std::string_view bytes, HttpHead* out);
inline constexpr size_t kLargestHead = 16 * 1024;

struct HttpMessage {
  enum class End : uint8_t {
    kWhole,
    kEndOfStream,  // before its first byte
    kCutOff,       // the stream ended within it
    kMalformed,
    kError,
  };
  End end = End::kWhole;
  HttpHead head;
  int64_t body = 0;  // bytes
  Instant first_byte;
  Errno error{};  // kError: of recv
};

// Reads one message after the other from a connection.
class HttpReader {
 public:
  enum class Role : uint8_t { kRequests, kAnswers };
  // `most`: bytes a recv asks for. With `quick_ack` each recv follows a setsockopt of TCP_QUICKACK.
  HttpReader(SocketApi api, socket::Descriptor fd, Role role, int64_t most, bool quick_ack = false)
      : api_(api), fd_(fd), role_(role), most_(most), quick_ack_(quick_ack) {}

  // A request without Content-Length has no body, an answer without one ends with the stream (RFC
  // 9112 6.3).
  Task next(HttpMessage& out);

 private:
  Task fetch(HttpMessage& out, int64_t most);

  SocketApi api_;
  socket::Descriptor fd_;
  Role role_;
  int64_t most_;
  bool quick_ack_;
  Payload pending_;  // received and not yet part of a message
  bool ended_ = false;
};

}  // namespace tcptwin::programs
