#include "tests/support/capture_bytes.h"

#include "stack/base/check.h"
#include "stack/wire/text.h"

namespace tcptwin::support {

std::string packet_bytes(const std::string& segment) {
  wire::Packet packet;
  packet.ip.source = *wire::IpAddress::parse("10.0.0.1");
  packet.ip.destination = *wire::IpAddress::parse("10.0.0.2");
  auto parsed = wire::parse_text(segment, {});
  CHECK(parsed);
  packet.tcp = std::move(*parsed);
  packet.tcp.source = wire::Port{1000};
  packet.tcp.destination = wire::Port{80};
  std::vector<uint8_t> bytes;
  wire::emit(packet, bytes);
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace tcptwin::support
