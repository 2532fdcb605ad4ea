// topology.h: which address a host has on which link, and by which way hosts reach each other. Only
// routers forward.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/scenario/scenario.h"
#include "stack/host/host_stack.h"

namespace tcptwin::scenario {

// Link l is the networks 10.77.l.0 and fd77:l::, l in hexadecimal: its first end has .1 and ::1,
// its second .2 and ::2. Every host also has 127.0.0.1 and ::1. Ways are shortest by the number of
// links; of equal ones, those over earlier links.
class Topology {
 public:
  explicit Topology(const Scenario& scenario);

  // Interfaces and routes of a host; interface 0 is its loopback.
  std::vector<host::Interface> interfaces(std::string_view host) const;
  std::vector<host::Route> routes(std::string_view host) const;
  // "client-server"; further links between the same two: "client-server#2".
  std::string link_name(uint32_t link) const;
  // The interface of `host` that belongs to a link.
  uint32_t interface_on(std::string_view host, uint32_t link) const;
  // Where `from` finds `to`: the address on the last link of its way there; its own loopback when
  // they are the same, nothing without a way.
  std::optional<wire::IpAddress> address_of(std::string_view from, std::string_view to,
                                            socket::Family family) const;
  // All addresses with the names of their hosts, loopbacks apart.
  std::vector<std::pair<wire::IpAddress, std::string>> names() const;

 private:
  // How a host is reached from another one: the first and the last link of the way.
  struct Way {
    uint32_t first = 0;
    uint32_t last = 0;
  };
  std::map<std::string_view, Way> ways_from(std::string_view host) const;
  static wire::IpAddress address(uint32_t link, uint32_t end, socket::Family family);
  const Scenario* scenario_;
};

}  // namespace tcptwin::scenario
