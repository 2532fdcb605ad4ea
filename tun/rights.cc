#include "tun/rights.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "tun/failure.h"

namespace tcptwin::tun {

namespace {

constexpr unsigned kNobody = 65534;

// Inside a user namespace that maps one user only there is no nobody to become.
bool nobody_is_mapped() {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0;
}

}  // namespace

void hurry() { ::setpriority(PRIO_PROCESS, 0, -20); }

void drop_rights() {
  if (::geteuid() == 0 && nobody_is_mapped()) {
    checked(::setresuid(kNobody, kNobody, kNobody), "becoming nobody");
  }
  checked(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "giving up new rights");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  checked(static_cast<int>(::syscall(SYS_capset, &header, none.data())), "giving up capabilities");
}

}  // namespace tcptwin::tun
