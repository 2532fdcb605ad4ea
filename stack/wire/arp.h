// arp.h: an ARP message for IPv4 over Ethernet (RFC 826), read and written. Who answers is not
// decided here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stack/wire/ethernet.h"

namespace tcptwin::wire {

struct ArpMessage {
  enum class Operation : uint16_t { kRequest = 1, kReply = 2 };
  Operation operation = Operation::kRequest;
  MacAddress sender_mac{};
  Ipv4Address sender{};  // 0.0.0.0: it only asks whether somebody has the target (RFC 5227 2.1.1)
  MacAddress target_mac{};  // of a request: says nothing
  Ipv4Address target{};
  bool operator==(const ArpMessage&) const = default;
};

// Appends its 28 bytes.
void emit_arp(const ArpMessage& arp, std::vector<uint8_t>& out);
// Bytes behind the message are ignored (padding). Nothing for other kinds of addresses and other
// operations.
std::optional<ArpMessage> parse_arp(std::span<const uint8_t> bytes);

}  // namespace tcptwin::wire
