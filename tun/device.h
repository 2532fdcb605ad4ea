// device.h: a TUN or TAP device: packets or frames in and out. Knows no protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "stack/host/host_stack.h"
#include "tun/net_namespace.h"
#include "tun/unique_fd.h"

namespace tcptwin::tun {

enum class Layer : uint8_t { kIp, kEthernet };  // TUN, TAP

struct DeviceSetup {
  Layer layer = Layer::kIp;
  std::string name = "tun0";
  // [0] is no link, as in net::Port: each other one gives the device an address.
  std::vector<host::Interface> interfaces;
  std::vector<host::Route> routes;
};

class Device {
 public:
  // Makes it inside `where`, with addresses and routes, up. Throws Lacking without /dev/net/tun or
  // the right to use it.
  static Device make(const NetNamespace& where, const DeviceSetup& setup);
  // A device that somebody else has made and handed over as a descriptor.
  static Device adopt(int fd, Layer layer);
  // A persistent device of this machine, by name (`ip tuntap add NAME mode tun user USER`).
  static Device open(const std::string& name, Layer layer);

  int fd() const { return fd_.get(); }
  Layer layer() const { return layer_; }
  // The next packet or frame in `buffer`; 0: none waits. Throws when the device is gone.
  size_t read(std::span<uint8_t> buffer);
  // False: the machine did not take it.
  bool write(std::span<const uint8_t> packet);

 private:
  Device(UniqueFd fd, Layer layer) : fd_(std::move(fd)), layer_(layer) {}
  UniqueFd fd_;
  Layer layer_;
};

}  // namespace tcptwin::tun
