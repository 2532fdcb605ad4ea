#include "tun/device.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "tun/failure.h"
#include "tun/netlink.h"

namespace tcptwin::tun {

namespace {

constexpr const char* kTunDevice = "/dev/net/tun";
constexpr uint32_t kLeastMtu6 = 1280;            // with less, a device has no IPv6: RFC 8200 5
constexpr uint8_t kPrefix4 = 24, kPrefix6 = 64;  // of a link of a scenario
// Packets that the machine may send before we read: more than any window of its own.
constexpr uint32_t kQueueLength = 10'000;

UniqueFd open_tun(const std::string& name, Layer layer) {
  UniqueFd fd(::open(kTunDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd) {
    const std::string why = errno == ENOENT || errno == ENODEV || errno == ENXIO
                                ? std::string("there is no ") + kTunDevice +
                                      ": as root, modprobe tun (a container needs --device "
                                      "/dev/net/tun)"
                                : std::string("may not open ") + kTunDevice +
                                      ": as root, chmod 666 /dev/net/tun, or start it with sudo";
    throw Lacking(why);
  }
  ifreq request{};
  request.ifr_flags = static_cast<short>((layer == Layer::kIp ? IFF_TUN : IFF_TAP) | IFF_NO_PI);
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) {
    const bool forbidden = errno == EPERM;
    if (!forbidden) fail_errno("device " + name);
    throw Lacking("may not use device " + name + ": as root, ip tuntap add " + name + " mode " +
                  (layer == Layer::kIp ? "tun" : "tap") + " user $USER");
  }
  return fd;
}

}  // namespace

Device Device::make(const NetNamespace& where, const DeviceSetup& setup) {
  UniqueFd fd;
  // A TUN device needs no link-local address: the machine would only ask after routers with it.
  if (setup.layer == Layer::kIp) where.set_sysctl("net.ipv6.conf.default.addr_gen_mode", "1");
  where.run([&] {
    fd = open_tun(setup.name, setup.layer);
    Netlink netlink;
    uint32_t mtu = 0;
    for (size_t i = 1; i < setup.interfaces.size(); ++i)
      mtu = std::max(mtu, setup.interfaces[i].mtu);
    netlink.set_mtu(setup.name, mtu);
    netlink.set_queue_length(setup.name, kQueueLength);
    const bool has_v6 = mtu >= kLeastMtu6;
    for (size_t i = 1; i < setup.interfaces.size(); ++i) {
      netlink.add_address(setup.name, setup.interfaces[i].address, kPrefix4);
      if (has_v6) netlink.add_address(setup.name, setup.interfaces[i].address_v6, kPrefix6);
    }
    netlink.set_up(setup.name);
    for (const host::Route& route : setup.routes) {
      if (route.interface == host::kLoopback || !(has_v6 || route.destination.is_v4())) continue;
      netlink.add_route(setup.name, route.destination,
                        setup.interfaces[route.interface].address_for(route.destination));
    }
  });
  return Device(std::move(fd), setup.layer);
}

Device Device::adopt(int fd, Layer layer) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) fail_errno("descriptor " + std::to_string(fd));
  checked(::fcntl(fd, F_SETFL, flags | O_NONBLOCK), "descriptor " + std::to_string(fd));
  return Device(UniqueFd(fd), layer);
}

Device Device::open(const std::string& name, Layer layer) {
  return Device(open_tun(name, layer), layer);
}

size_t Device::read(std::span<uint8_t> buffer) {
  const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
  if (got >= 0) return static_cast<size_t>(got);
  if (errno == EAGAIN || errno == EINTR) return 0;
  fail_errno("reading the device");
}

bool Device::write(std::span<const uint8_t> packet) {
  return ::write(fd_.get(), packet.data(), packet.size()) == static_cast<ssize_t>(packet.size());
}

}  // namespace tcptwin::tun
