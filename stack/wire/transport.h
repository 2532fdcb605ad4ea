// transport.h: what the transport protocols do alike with bytes: checksums with a pseudo header,
// and payloads that may have been cut short. Knows no protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "stack/base/payload.h"
#include "stack/wire/ip.h"

namespace tcptwin::wire {

// Over pseudo header and segment: what belongs in the checksum field when that is 0, and 0 when a
// segment that holds its checksum is intact.
uint16_t transport_checksum(const IpHeader& ip, uint8_t protocol, std::span<const uint8_t> segment);

// `size` bytes, of which those at the end that are not `present` read as pattern 0.
Payload payload_of(std::span<const uint8_t> present, size_t size);

}  // namespace tcptwin::wire
