// world.h: a small world drawn from a seed: two hosts, a line, conversations; what must come of it,
// and how it is made smaller while it still fails.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stack/base/time.h"
#include "stack/socket/calls.h"

namespace tcptwin::soak {

// One end writes, the other reads all of it.
struct Phase {
  bool from_client = true;
  int64_t bytes = 1;
  int64_t write_size = 1;  // of one send
  int64_t read_size = 1;   // of one recv
  Duration before{};       // the writer sleeps first
  Duration between{};      // the reader sleeps before each recv
  bool more = false;       // MSG_MORE on all sends but the last, where the host has it
};

enum class Ending : uint8_t {
  kClientCloses,
  kServerCloses,
  kHalfClose,    // the client shuts its side, the server answers and closes
  kAbort,        // the client closes with SO_LINGER 0
  kReaderStops,  // the client writes more than any buffer holds, and nobody reads it
  kBothWait,     // both read what nobody writes
};

struct Conversation {
  std::vector<Phase> phases;
  Ending ending = Ending::kClientCloses;
  Duration start{};
  bool no_delay = false;       // TCP_NODELAY at both ends
  int64_t receive_buffer = 0;  // SO_RCVBUF of the server's listener; 0: the host's own
};

struct Line {
  Duration delay = 1ms;
  int64_t mbit = 100;  // a second
  int64_t queue = 100'000;
  int64_t mtu = 1500;
  // Of a thousand packets.
  int64_t lost = 0;
  int64_t damaged = 0;
  int64_t doubled = 0;
  int64_t overtaken = 0;
  Duration jitter{};
  bool dies = false;  // some day, for ever
};

struct World {
  uint64_t seed = 0;
  std::string client = "rfc";
  std::string server = "rfc";
  socket::Family family = socket::Family::kIpv4;
  Line line;
  std::vector<Conversation> conversations;
  int64_t datagrams = 0;  // that a server sends back, besides
  int64_t largest_datagram = 1;
};

World draw(uint64_t seed);
// Lines of what is wrong: bytes that were not written or came twice, programs that hang or fail
// without a reason in the world. Empty: all is well.
std::vector<std::string> problems_of(const World& world);
// The smallest world found that still has a problem.
World shrink(World world);
// For people.
std::string to_text(const World& world);

}  // namespace tcptwin::soak
