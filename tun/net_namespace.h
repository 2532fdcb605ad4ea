// net_namespace.h: network namespaces of this process alone. They have no name and no mount: the
// kernel removes them with the last process, socket or descriptor that uses them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tun/unique_fd.h"

namespace tcptwin::tun {

// For callers who are not root: enters a user namespace of its own, in which network namespaces may
// be made. Nothing for root. Must come before any thread. Throws Lacking with what is missing and
// the command that would grant it.
void gain_rights();

class NetNamespace {
 public:
  // A new one, its loopback up. Throws Lacking when the system does not permit it.
  NetNamespace();

  int fd() const { return fd_.get(); }
  // Runs `what` on a thread inside; it ends before this returns. What it throws is thrown here.
  void run(const std::function<void()>& what) const;
  // The calling thread itself enters, for good.
  void enter() const;
  // Writes "net.ipv4.tcp_sack" and the like. False: this kernel has none, or refuses the value.
  bool set_sysctl(const std::string& name, const std::string& value) const;
  // Its value without the line's end; empty: there is none.
  std::string sysctl(const std::string& name) const;

 private:
  UniqueFd fd_;
};

}  // namespace tcptwin::tun
