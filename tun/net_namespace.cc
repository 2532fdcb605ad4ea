#include "tun/net_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <fstream>
#include <thread>

#include "tun/failure.h"
#include "tun/netlink.h"

namespace tcptwin::tun {

namespace {

void write_text(const std::string& path, const std::string& text) {
  const UniqueFd file(checked(::open(path.c_str(), O_WRONLY | O_CLOEXEC), path));
  checked(static_cast<int>(::write(file.get(), text.data(), text.size())), path);
}

// "net.ipv4.conf.all.x": dots are slashes.
std::string sysctl_path(std::string name) {
  std::replace(name.begin(), name.end(), '.', '/');
  return "/proc/sys/" + name;
}

}  // namespace

void gain_rights() {
  if (::geteuid() == 0) return;
  const auto uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
  if (::unshare(CLONE_NEWUSER) != 0) {
    throw Lacking(
        "needs root, or user namespaces, which this system does not give to unprivileged users. "
        "Start it with sudo, or permit them: sysctl -w kernel.unprivileged_userns_clone=1 "
        "(Debian), sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)");
  }
  write_text("/proc/self/setgroups", "deny");
  write_text("/proc/self/uid_map", "0 " + uid + " 1");
  write_text("/proc/self/gid_map", "0 " + gid + " 1");
}

NetNamespace::NetNamespace() {
  std::exception_ptr thrown;
  std::thread maker([&] {
    try {
      if (::unshare(CLONE_NEWNET) != 0) {
        throw Lacking(errno == EPERM
                          ? "may not make a network namespace: start it as root (a container needs "
                            "--cap-add SYS_ADMIN --cap-add NET_ADMIN --device /dev/net/tun)"
                          : "this system has no network namespaces (CONFIG_NET_NS)");
      }
      fd_ = UniqueFd(checked(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC),
                             "opening the network namespace"));
      Netlink().set_up("lo");
    } catch (...) {
      thrown = std::current_exception();
    }
  });
  maker.join();
  if (thrown) std::rethrow_exception(thrown);
}

void NetNamespace::enter() const {
  checked(::setns(fd_.get(), CLONE_NEWNET), "entering the network namespace");
}

void NetNamespace::run(const std::function<void()>& what) const {
  std::exception_ptr thrown;
  std::thread inside([&] {
    try {
      enter();
      what();
    } catch (...) {
      thrown = std::current_exception();
    }
  });
  inside.join();
  if (thrown) std::rethrow_exception(thrown);
}

bool NetNamespace::set_sysctl(const std::string& name, const std::string& value) const {
  bool done = false;
  run([&] {
    const UniqueFd file(::open(sysctl_path(name).c_str(), O_WRONLY | O_CLOEXEC));
    done = file &&
           ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
  });
  return done;
}

std::string NetNamespace::sysctl(const std::string& name) const {
  std::string value;
  run([&] {
    std::ifstream file(sysctl_path(name));
    std::getline(file, value);
  });
  return value;
}

}  // namespace tcptwin::tun
