// Hostile frames for the simulated end of an Ethernet cable: nothing is read outside, memory stays
// bounded, and every frame that leaves can be read back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/net/ethernet_port.h"
#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/wire/any_packet.h"

namespace tcptwin::net {
namespace {

const wire::Ipv4Address kServer4(0x0a4d0001), kMachine4(0x0a4d0002);
constexpr wire::IpAddress kServer6 = wire::IpAddress::v6(0xfd77000000000000, 1);
constexpr wire::IpAddress kMachine6 = wire::IpAddress::v6(0xfd77000000000000, 2);
const wire::MacAddress kMachine({0x5e, 1, 2, 3, 4, 5});

class Cable {
 public:
  Cable() : port_({kServer4, kServer6}) {}

  void step(ByteReader& in) {
    const uint8_t what = in.u8();
    const auto bytes = in.take(std::min<size_t>(in.u8(), in.remaining()));
    switch (what % 8) {
      case 0: arrives({bytes.begin(), bytes.end()}); break;  // anything
      case 1: arrives(dressed(what, wire::kEtherTypeArp, bytes)); break;
      case 2: arrives(dressed(what, wire::kEtherTypeIpv4, bytes)); break;
      case 3: arrives(dressed(what, wire::kEtherTypeIpv6, bytes)); break;
      case 4: arrives_discovery(what, bytes); break;
      case 5: port_.on_ip(now_, (what & 8) != 0 ? kMachine6 : kMachine4, bytes); break;
      case 6: port_.on_ip(now_, wire::Ipv4Address(0x0a4d0000u + what), bytes); break;
      case 7:
        now_ = now_ + std::chrono::milliseconds(what * 8);
        port_.on_deadline(now_);
        break;
    }
    if (what < 128) drain();
  }
  void drain() {
    std::vector<uint8_t> frame;
    size_t count = 0;
    while (port_.poll_frame(frame)) {
      CHECK(++count <= EthernetPort::kMostFrames);
      CHECK(wire::parse_ethernet(frame)->header.source.is_one_station());
    }
  }

 private:
  void arrives(const std::vector<uint8_t>& frame) {
    const auto ip = port_.on_frame(now_, frame);
    if (ip) wire::parse_any(*ip);
  }
  static std::vector<uint8_t> dressed(uint8_t what, uint16_t type,
                                      std::span<const uint8_t> payload) {
    const bool all = (what & 8) != 0;
    const wire::MacAddress own = EthernetPort::mac_of((what & 16) != 0 ? kServer6 : kServer4);
    std::vector<uint8_t> frame;
    wire::emit_ethernet({all ? wire::MacAddress::broadcast() : own, kMachine, type}, frame);
    frame.insert(frame.end(), payload.begin(), payload.end());
    return frame;
  }
  // With a checksum that holds.
  void arrives_discovery(uint8_t what, std::span<const uint8_t> body) {
    wire::IcmpMessage icmp;
    icmp.type = static_cast<uint8_t>(wire::kNeighbourSolicitation + (what >> 6 & 1));
    icmp.rest = uint32_t{what} << 27;
    std::vector<uint8_t> bytes;
    ByteWriter writer(bytes);
    writer.bytes(((what & 32) != 0 ? kServer6 : kMachine6).bytes());
    writer.bytes(body);
    icmp.body = Payload::real(bytes);
    const wire::IpHeader ip{.source = (what & 8) != 0 ? wire::IpAddress::any_v6() : kMachine6,
                            .destination = wire::solicited_node(kServer6),
                            .ttl = 255};
    std::vector<uint8_t> packet;
    wire::emit(wire::Packet::of(ip, std::move(icmp)), packet);
    arrives(dressed(8, wire::kEtherTypeIpv6, packet));
  }

  EthernetPort port_;
  Instant now_;
};

}  // namespace
}  // namespace tcptwin::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tcptwin;
  if (const auto arp = wire::parse_arp({data, size})) {
    std::vector<uint8_t> again;
    wire::emit_arp(*arp, again);
    CHECK(wire::parse_arp(again) == arp);
  }
  ByteReader in({data, size});
  net::Cable cable;
  while (in.remaining() > 0) cable.step(in);
  cable.drain();
  return 0;
}
