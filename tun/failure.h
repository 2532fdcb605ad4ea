// failure.h: how everything in tun/ fails: one exception with a message for the person who started
// the program. Two kinds: the machine lacks something (exit status 77), or anything else.
#pragma once

#include <stdexcept>
#include <string>

namespace tcptwin::tun {

class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The machine, or the rights of the caller, do not suffice. The message names the remedy.
class Lacking : public Failure {
 public:
  using Failure::Failure;
};

// Throws Failure: "WHAT: the system's words for errno".
[[noreturn]] void fail_errno(const std::string& what);
// As above unless `result` is below 0; returns it.
int checked(int result, const std::string& what);

}  // namespace tcptwin::tun
