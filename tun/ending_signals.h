// ending_signals.h: the signals that would end this program, as a descriptor.
#pragma once

#include <optional>

#include "tun/unique_fd.h"

namespace tcptwin::tun {

// What the exit status of a program that a signal has ended is above its number.
inline constexpr int kInterrupted = 128;

class EndingSignals {
 public:
  // SIGINT, SIGTERM, SIGHUP and SIGQUIT no longer end this process; broken pipes neither.
  EndingSignals();
  // Readable when one has come.
  int fd() const { return fd_.get(); }
  // Its number; nothing: none has come.
  std::optional<int> next();

 private:
  UniqueFd fd_;
};

}  // namespace tcptwin::tun
