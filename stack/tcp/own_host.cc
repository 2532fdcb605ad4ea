// own_host.cc: both ends are connections of one host: segments need not be cut, and the receiver is
// handed the memory of the sender.
#include <utility>

#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

// To the host itself nothing has to be cut.
bool Connection::leaves_whole(const wire::TcpSegment& head, int64_t bytes) const {
  if (!to_own_host()) return false;
  const uint32_t ip = ends_.remote_address.is_v4() ? wire::kIpv4HeaderSize : wire::kIpv6HeaderSize;
  return bursts_.stays_whole(bytes + head.header_size() + ip);
}

std::optional<SeqNum> Connection::last_buffer() const {
  const ReceiveQueue::Buffer* last = receive_queue_.last();
  if (last == nullptr) return std::nullopt;
  return to_wire(last->first_end - 1, rcv_.irs);
}

bool Connection::shares_memory(SeqNum byte) const {
  return send_queue_.shares(from_wire(byte, snd_.iss, snd_.una));
}

// facts/linux.md C4: how a segment of this host lies in the queue of the other end.
void Connection::queue_in_order(Payload data) {
  const auto length = static_cast<uint32_t>(data.size());
  ReceiveQueue::Buffer own{.charge = receive_window_.charge(length),
                           .first_end = rcv_.nxt + int64_t{length},
                           .pieces = receive_window_.blocks(rcv_.nxt, length)};
  const ReceiveQueue::Buffer* last = receive_queue_.last();
  const bool joins = last != nullptr && !rcv_.last_buffer_shared &&
                     receive_window_.shares_buffer(last->pieces + own.pieces);
  if (!joins) return receive_queue_.push(std::move(data), own);
  own.charge = length;
  receive_queue_.push_joined(std::move(data), own);
}

}  // namespace tcptwin::tcp
