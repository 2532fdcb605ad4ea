// short_path.cc: the segment that was expected: data next in order and nothing else. What it frees
// of announced data, and how it goes past the queue to a reader that sleeps in a pinned read.
#include <utility>

#include "stack/base/check.h"
#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

bool Connection::is_predicted(const Arrival& in) const {
  return predicts_ && in.length > 0 && in.seq == rcv_.nxt && in.window == snd_.wnd &&
         !in.segment->flags.urg && !in.segment->flags.fin && !receive_queue_.has_gap();
}

// Whether data that only MSG_MORE holds leaves with it: facts/linux.md B10, B12.
bool Connection::frees_announced(const Arrival& in) {
  using Frees = policy::NagleConfig::FreesMore;
  const bool newer = in.ack > snd_.una;
  predicts_ = true;
  switch (host_->profile->nagle.frees_more) {
    case Frees::kNothing: return false;
    case Frees::kNewAck: return newer;
    case Frees::kAllButData: return newer || !in.predicted;
  }
  CHECK(false);
}

void Connection::set_direct_reader(int64_t lacks) {
  if (lacks > 0 || rare_) rare().direct_reader_lacks = lacks;
}

// facts/linux.md C18 (tcp_dma_try_early_copy): it never lies in the queue and is charged to nobody.
bool Connection::goes_to_reader(const Arrival& in, uint32_t length) const {
  return rare_ && in.predicted && receive_queue_.unread() == 0 &&
         int64_t{length} <= rare_->direct_reader_lacks;
}

// The reader sleeps on until it has all, the sender pushes, or half of the buffer is taken.
void Connection::read_directly(Instant now, const Arrival& in, Payload data) {
  const auto length = static_cast<int64_t>(data.size());
  Rare& r = rare();
  r.direct_reader_lacks -= length;
  r.direct_read.data.append(std::move(data));
  r.direct_read.wakes = r.direct_read.wakes || r.direct_reader_lacks == 0 ||
                        in.segment->flags.psh ||
                        receive_queue_.charged() > receive_window_.buffer() / 2;
  receive_window_.on_read(now, length, 0, own_mss());
}

// Nothing is left that the program could take, and yet there is no room: it is said once, and what
// is sent then is its doing.
void Connection::tell_of_pins(Instant now) {
  const bool closed = receive_queue_.unread() == 0 && receive_window_.select(window_view()) == 0;
  if (!closed || std::exchange(rare().told_of_pins, true)) return;
  cause_ = note(now, cause_, BufferPinned{receive_queue_.charged(), receive_window_.buffer()});
}

Connection::DirectRead Connection::take_direct_read() {
  if (!rare_) return {};
  return std::exchange(rare_->direct_read, DirectRead());
}

}  // namespace tcptwin::tcp
