#include "tests/mutate/trail.h"

namespace tcptwin::mutate {

void Trail::mix(const wire::Packet& packet) {
  const wire::IpHeader& ip = packet.ip;
  mix(ip.source.low());
  mix(ip.destination.low());
  mix(uint64_t{ip.ttl} | uint64_t{ip.tos} << 8 | uint64_t{ip.id} << 16 |
      (ip.dont_fragment ? uint64_t{1} << 32 : 0));
  if (const wire::IcmpMessage* icmp = packet.icmp()) {
    mix(uint64_t{icmp->type} | uint64_t{icmp->code} << 8 | uint64_t{icmp->rest} << 16);
    mix(icmp->body.size());
  }
  if (const wire::UdpDatagram* udp = packet.udp()) {
    mix(uint64_t{static_cast<uint16_t>(udp->source)} << 16 |
        static_cast<uint16_t>(udp->destination));
  }
  if (!packet.is_tcp()) return mix(packet.size());
  const wire::TcpSegment& s = packet.tcp;
  const wire::TcpFlags f = s.flags;
  uint64_t flags = 0;
  for (const bool flag : {f.fin, f.syn, f.rst, f.psh, f.ack, f.urg, f.ece, f.cwr}) {
    flags = flags * 2 + (flag ? 1 : 0);
  }
  mix(uint64_t{static_cast<uint16_t>(s.source)} |
      uint64_t{static_cast<uint16_t>(s.destination)} << 16 | uint64_t{s.window} << 32 |
      flags << 48);
  mix(uint64_t{s.seq.value()} | uint64_t{s.ack.value()} << 32);
  mix(s.urgent);
  mix(s.payload_size());
  for (const uint8_t byte : s.options.bytes()) mix(byte);
}

}  // namespace tcptwin::mutate
