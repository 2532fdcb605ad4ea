// datagrams.h: what a datagram socket has of its own: its peer, and what has arrived and was not
// read yet, within a bound. Sends nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/ring.h"
#include "stack/policy/udp.h"
#include "stack/socket/calls.h"

namespace tcptwin::socket {

struct Datagram {
  Address from;
  Payload data;
};

class DatagramQueue {
 public:
  // False: there is no room for it in a buffer of `buffer` bytes, and it is gone.
  bool push(Datagram&& datagram, int64_t buffer, const policy::UdpConfig& rules);
  Datagram pop(const policy::UdpConfig& rules);
  const Datagram& front() const { return waiting_.front(); }
  bool empty() const { return waiting_.empty(); }
  int64_t bytes() const { return bytes_; }
  // What FIONREAD tells.
  int64_t unread(const policy::UdpConfig& rules) const;
  int64_t dropped() const { return dropped_; }  // for want of room

 private:
  Ring<Datagram> waiting_;
  int64_t bytes_ = 0;
  int64_t charged_ = 0;
  int64_t memory_ = 0;
  int64_t dropped_ = 0;
};

struct DatagramState {
  Family family{};
  bool chose_address = false;   // the own address is connect's choice
  uint16_t ip_id = 0;           // of packets to `peer`
  std::optional<Address> peer;  // connect has named it
  std::optional<Errno> error;   // nobody has been told of it yet
  Payload corked;               // MSG_MORE: the beginning of a datagram
  DatagramQueue queue;
  FlowCounts counts;  // of a flow
};

}  // namespace tcptwin::socket
