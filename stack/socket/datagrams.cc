#include "stack/socket/datagrams.h"

#include <utility>

namespace tcptwin::socket {

bool DatagramQueue::push(Datagram&& datagram, int64_t buffer, const policy::UdpConfig& rules) {
  const auto size = static_cast<int64_t>(datagram.data.size());
  const int64_t charge = rules.charge(size);
  const bool fits = rules.last_may_exceed ? charged_ <= buffer : charged_ + charge <= buffer;
  const bool memory_left =
      rules.memory_factor == 0 || memory_ + charge <= buffer * rules.memory_factor;
  if (!fits || !memory_left) {
    ++dropped_;
    return false;
  }
  bytes_ += size;
  charged_ += charge;
  memory_ += rules.memory;
  waiting_.push_back(std::move(datagram));
  return true;
}

Datagram DatagramQueue::pop(const policy::UdpConfig& rules) {
  Datagram datagram = waiting_.pop_front();
  const auto size = static_cast<int64_t>(datagram.data.size());
  bytes_ -= size;
  charged_ -= rules.charge(size);
  memory_ -= rules.memory;
  return datagram;
}

int64_t DatagramQueue::unread(const policy::UdpConfig& rules) const {
  if (!rules.unread_is_next) return bytes_;
  return waiting_.empty() ? 0 : static_cast<int64_t>(waiting_.front().data.size());
}

}  // namespace tcptwin::socket
