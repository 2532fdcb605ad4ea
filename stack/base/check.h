// check.h: CHECK ends the program on a bug of ours. Bad input is never a bug: it gets a Result or
// an optional.
#pragma once

namespace tcptwin {
// Prints "FILE:LINE: CHECK failed: CONDITION" on standard error and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* condition);
}  // namespace tcptwin

#define CHECK(condition)                               \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::tcptwin::check_failed(__FILE__, __LINE__, #condition))
