#include "stack/wire/transport.h"

#include "stack/wire/checksum.h"

namespace tcptwin::wire {

uint16_t transport_checksum(const IpHeader& ip, uint8_t protocol,
                            std::span<const uint8_t> segment) {
  InternetSum sum =
      pseudo_header_sum(ip.source, ip.destination, protocol, static_cast<uint32_t>(segment.size()));
  sum.add(segment);
  return sum.checksum();
}

Payload payload_of(std::span<const uint8_t> present, size_t size) {
  Payload payload;
  if (!present.empty()) payload = Payload::real(present);
  payload.append(Payload::synthetic(0, present.size(), size - present.size()));
  return payload;
}

}  // namespace tcptwin::wire
