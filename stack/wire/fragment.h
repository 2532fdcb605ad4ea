// fragment.h: a piece of an IP packet (RFC 791 3.2, RFC 8200 4.5) as a value; cutting a packet into
// pieces. Putting them together is not done here.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/payload.h"
#include "stack/wire/ip.h"
#include "stack/wire/parse_error.h"

namespace tcptwin::wire {

struct Packet;

inline constexpr uint32_t kFragmentHeaderSize = 8;  // IPv6 only

struct Fragment {
  uint8_t protocol = 0;
  uint32_t id = 0;      // IPv6; IPv4 has it in its header
  uint32_t offset = 0;  // bytes, a multiple of 8
  bool more = false;    // it is not the last one
  Payload bytes{};

  uint32_t size(bool v4) const {
    return (v4 ? 0 : kFragmentHeaderSize) + static_cast<uint32_t>(bytes.size());
  }
  Fragment clone() const;
};

// Appends what stands behind the IP header.
void emit_fragment(const IpHeader& ip, const Fragment& fragment, std::vector<uint8_t>& out);

// All but the last one are multiples of 8 bytes long, and none reaches beyond the longest packet.
std::optional<Fragment> parse_fragment(const IpPayload& ip, ParseError& error);

// `packet` in pieces of `mtu` bytes at most; a piece may be cut again. `id`: IPv6. Empty: `mtu` is
// too small for any, or it is an IPv6 packet as it came from outside: nobody cuts those on their
// way.
std::vector<Packet> cut(const Packet& packet, uint32_t mtu, uint32_t id = 0);

}  // namespace tcptwin::wire
