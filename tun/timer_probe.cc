#include "tun/timer_probe.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "tun/clock.h"
#include "tun/failure.h"
#include "tun/unique_fd.h"

namespace tcptwin::tun {

TimerProbe::TimerProbe(Duration tick) : thread_([this, tick] { follow(tick); }) {}

TimerProbe::~TimerProbe() { finish(); }

const Lateness& TimerProbe::finish() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return lateness_;
}

void TimerProbe::follow(Duration tick) {
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const timeval limit{0, tick / std::chrono::microseconds(1)};
  if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0) return;
  while (!stopping_) {
    const int64_t begin = monotonic_ns();
    char byte = 0;
    ::recv(fd.get(), &byte, 1, 0);
    // The wheel rounds up to the tick after the one that is a tick away.
    const Instant due = Instant::from_ns((begin / tick.count() + 2) * tick.count());
    lateness_.add(Instant::from_ns(monotonic_ns()) - due);
  }
}

}  // namespace tcptwin::tun
