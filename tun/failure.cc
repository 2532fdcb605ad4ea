#include "tun/failure.h"

#include <cerrno>
#include <system_error>

namespace tcptwin::tun {

void fail_errno(const std::string& what) {
  throw Failure(what + ": " + std::generic_category().message(errno));
}

int checked(int result, const std::string& what) {
  if (result < 0) fail_errno(what);
  return result;
}

}  // namespace tcptwin::tun
