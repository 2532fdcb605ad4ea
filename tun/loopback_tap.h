// loopback_tap.h: a capture of the loopback of a network namespace, each packet once, when it was
// sent. The packets are copied at once (PACKET_RX_RING): one that waits for its reader would be
// shared with the receiver, whose buffer is then charged otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tun/clock.h"
#include "tun/net_namespace.h"
#include "tun/unique_fd.h"

namespace tcptwin::tun {

class LoopbackTap {
 public:
  struct Packet {
    int64_t monotonic_ns = 0;
    std::vector<uint8_t> bytes{};  // of the IP packet; behind kKept of them zeros
  };
  static constexpr uint32_t kKept = 256;

  explicit LoopbackTap(const NetNamespace& where);
  ~LoopbackTap();
  LoopbackTap(const LoopbackTap&) = delete;
  LoopbackTap& operator=(const LoopbackTap&) = delete;

  // Ends the capture: what it has seen, in order.
  std::vector<Packet> finish();
  // When the last packet came; 0: none yet.
  int64_t last_ns() const { return last_ns_; }

 private:
  void follow();
  bool take_next();

  UniqueFd fd_;
  uint8_t* ring_ = nullptr;
  size_t next_ = 0;
  int64_t realtime_ahead_ns_ = 0;
  std::vector<Packet> packets_;
  std::atomic<int64_t> last_ns_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread reader_;
};

}  // namespace tcptwin::tun
