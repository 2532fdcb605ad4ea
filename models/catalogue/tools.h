// tools.h: how the tools that a system brings lay out what they show of its sockets: words,
// columns, and what they cut off. Renders nothing.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "stack/tcp/state.h"

namespace tcptwin::catalogue {

struct ToolLayout {
  std::string_view name;    // as people call the system: "macos"
  std::string_view family;  // "settings" of the profiles that have it

  // netstat of connections, and of everything.
  std::string_view netstat;
  std::string_view netstat_all;
  std::string_view title;
  std::string_view title_all;
  std::string_view heading;
  // Of a row, for fmt: protocol, receive queue, send queue, local and foreign address, state.
  std::string_view row;
  std::string_view tcp, tcp_v6, udp, udp_v6;  // protocols
  std::array<std::string_view, tcp::kStateCount> states;
  std::string_view listening;  // the state of a listener

  // Addresses in netstat.
  char before_port = ':';
  bool brackets = false;                      // around an IPv6 address
  size_t address_chars = 0;                   // the most that is shown of one; 0: all
  std::string_view any, any_v6;               // no particular one
  std::string_view listeners, listeners_v6;   // what stands for a listener's peer
  std::string_view datagrams, datagrams_v6;   // and for that of a datagram socket
  std::string_view connected_datagrams = "";  // its state when it has a peer

  // lsof: DEVICE is the address of the kernel's structure; false: the number of an inode.
  bool device_is_address = false;
  // Between the name of a setting and its value.
  std::string_view setting_is;
};

std::span<const ToolLayout> tool_layouts();

// That of a profile's family; of one without family the first.
const ToolLayout& tools_of(std::string_view profile);

}  // namespace tcptwin::catalogue
