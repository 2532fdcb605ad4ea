// stack_pair.h: two stacks whose packets pass from one to the other without a network, a clock or
// programs: what remains is what the stacks cost. For measurements.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "stack/base/ring.h"
#include "stack/host/native_stack.h"

namespace tcptwin::bench {

// The profile of that name with room for any number of descriptors; the socket buffers hold
// `buffer` bytes if that is not 0.
policy::Profile roomy_profile(std::string_view name, int64_t buffer = 0);

class StackPair {
 public:
  struct Connected {
    socket::Descriptor client = -1;
    socket::Descriptor server = -1;
  };

  explicit StackPair(const policy::Profile& profile);

  socket::Descriptor listen(uint16_t port);
  Connected connect(socket::Descriptor listener, uint16_t port);
  // One write and the read of all of it.
  void client_to_server(const Connected& ends, int64_t bytes);
  void server_to_client(const Connected& ends, int64_t bytes);
  // The client's end first; a millisecond passes.
  void close(const Connected& ends);
  // Packets pass until there are none; every `loss`-th that carries data is lost.
  void exchange();
  // Time passes, deadlines come.
  void wait(Duration span);

  uint64_t packets = 0;  // that have passed
  uint64_t loss = 0;     // 0: none is lost

 private:
  struct End {
    RecordIds ids;
    host::NativeStack stack;
    socket::ProcessId process;
    socket::Caller caller() { return {process, ids.next()}; }
    End(const policy::Profile& profile, uint16_t number, wire::IpAddress own,
        wire::IpAddress other);
  };
  bool pass(End& from, End& to);
  void transfer(End& from, socket::Descriptor out, End& to, socket::Descriptor in, int64_t bytes);

  End client_;
  End server_;
  Instant now_;
  uint64_t data_packets_ = 0;
};

}  // namespace tcptwin::bench
