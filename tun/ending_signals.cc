#include "tun/ending_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "tun/failure.h"

namespace tcptwin::tun {

EndingSignals::EndingSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&set, number);
  checked(::sigprocmask(SIG_BLOCK, &set, nullptr), "sigprocmask");
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGTTOU, SIG_IGN);
  fd_ = UniqueFd(checked(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"));
}

std::optional<int> EndingSignals::next() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace tcptwin::tun
