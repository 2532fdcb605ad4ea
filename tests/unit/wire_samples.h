// wire_samples.h: packets for the tests of stack/wire, captured ones and random ones. It asserts
// nothing.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stack/base/rng.h"
#include "stack/wire/packet.h"
#include "stack/wire/text.h"

namespace tcptwin::wire {

inline std::vector<uint8_t> from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

// Packets of Linux 6.18 from our own captures (traces of a_wwr/tun1_base_r1, b_bulk/1MB_drop20_r1
// and k_window/nosack_10MB_r1, host A), each with its view and its line there.
struct Captured {
  const char* name;
  std::string_view hex;
  TextView view;
  std::string_view line;
};

inline TextView wwr_view(bool from_server, uint8_t window_shift) {
  TextView client{.isn = SeqNum(0x28850e90),
                  .peer_isn = SeqNum(0xb79da862),
                  .window_shift = window_shift,
                  .ts_base = 0x03de10a7,
                  .peer_ts_base = 0x9c229534};
  if (!from_server) return client;
  std::swap(client.isn, client.peer_isn);
  std::swap(client.ts_base, client.peer_ts_base);
  return client;
}

inline std::vector<Captured> captured_packets() {
  return {
      {"Syn",
       "4500003c288c40004006fd930a4d00010a4d0002914a138928850e9000000000a002faf048050000020405b4040"
       "2"
       "080a03de10a70000000001030307",
       wwr_view(false, 0), "S 0:0(0) win 64240 <mss 1460,sackOK,TS 0/-,nop,wscale 7>"},
      {"SynAck",
       "4500003c00004000400626200a4d00020a4d00011389914ab79da86228850e91a012fe88b3040000020405b4040"
       "2"
       "080a9c22953403de10a701030307",
       wwr_view(true, 7), "S. 0:0(0) ack 1 win 65160 <mss 1460,sackOK,TS 0/0,nop,wscale 7>"},
      {"Ack",
       "45000034288d40004006fd9a0a4d00010a4d0002914a138928850e91b79da863801001f6de6200000101080a03d"
       "e"
       "10a89c229534",
       wwr_view(false, 7), ". 1:1(0) ack 1 win 64256 <TS 1/0>"},
      {"Data",
       "4500003e288e40004006fd8f0a4d00010a4d0002914a138928850e91b79da863801801f6de5000000101080a03d"
       "e"
       "10a89c22953400000000000000000000",
       wwr_view(false, 7), "P. 1:11(10) ack 1 win 64256 <TS 1/0>"},
      {"Sack",
       "450000407bb540004006aa660a4d00020a4d00011389cb2031b563b1be6f288fb01002750e6600000101080a567"
       "d"
       "3fe266adb1340101050abe6f2e37be6f66c7",
       {.isn = SeqNum(0x31b563b0),
        .peer_isn = SeqNum(0xbe6ebd16),
        .window_shift = 7,
        .ts_base = 0x567d3fb7,
        .peer_ts_base = 0x66adb10b},
       ". 1:1(0) ack 27513 win 80512 <TS 43/41,sack 28961:43441>"},
      {"ChecksumOfAllOnes",  // Linux writes ffff where RFC 1071 arithmetic gives 0
       "450000347bd740004006aa500a4d00020a4d00011389c9081be807ea53b6d50580102a61ffff00000101080a366"
       "4"
       "707757f50fcf",
       {.isn = SeqNum(0x1be807e9),
        .peer_isn = SeqNum(0x53b6d505 - 2464497u),
        .window_shift = 7,
        .ts_base = 0x36647077 - 289u,
        .peer_ts_base = 0x57f50fcf - 273u},
       ". 1:1(0) ack 2464497 win 1388672 <TS 289/273>"},
  };
}

inline Packet parsed(const Captured& c) {
  auto packet = parse(from_hex(c.hex));
  return packet ? std::move(*packet) : Packet{};
}

inline std::vector<uint8_t> emitted(const Packet& packet) {
  std::vector<uint8_t> bytes;
  emit(packet, bytes);
  return bytes;
}

inline std::string to_hex(std::span<const uint8_t> bytes) {
  std::string text;
  for (const uint8_t b : bytes) {
    text += "0123456789abcdef"[b >> 4];
    text += "0123456789abcdef"[b & 0xf];
  }
  return text;
}

// Every field and every byte, so that a comparison that fails shows which differs.
inline std::string describe(const Packet& p) {
  const auto field = [](std::string_view name, uint32_t value) {
    return std::string(name) + ' ' + std::to_string(value) + ' ';
  };
  return p.ip.source.to_string() + " > " + p.ip.destination.to_string() + ' ' +
         field("ttl", p.ip.ttl) + field("tos", p.ip.tos) + field("id", p.ip.id) +
         field("df", p.ip.dont_fragment) + field("flow", p.ip.flow_label) +
         field("sport", uint16_t(p.tcp.source)) + field("dport", uint16_t(p.tcp.destination)) +
         field("window", p.tcp.window) + field("urgent", p.tcp.urgent) +
         field("seq", p.tcp.seq.value()) + field("ack", p.tcp.ack.value()) + to_text(p.tcp, {}) +
         " options " + to_hex(p.tcp.options.bytes()) + " payload " + to_hex(p.tcp.payload.bytes());
}

inline std::vector<uint8_t> random_bytes(Rng& rng, size_t count) {
  std::vector<uint8_t> bytes(count);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng.next());
  return bytes;
}

// One option of any kind; false when it does not fit any more.
inline bool add_random_option(Rng& rng, TcpOptions& options) {
  std::array<SackBlock, 4> blocks;
  for (SackBlock& b : blocks) b = {SeqNum(rng.next32()), SeqNum(rng.next32())};
  switch (rng.below(9)) {
    case 0: return options.add_nop();
    case 1: return options.add_end();
    case 2: return options.add_mss(static_cast<uint16_t>(rng.next()));
    case 3: return options.add_window_scale(static_cast<uint8_t>(rng.next()));
    case 4: return options.add_sack_permitted();
    case 5: return options.add_timestamps({rng.next32(), rng.next32()});
    case 6: return options.add_sack(std::span(blocks).first(1 + rng.below(4)));
    case 7: return options.add_raw(TcpOptionKind::kFastOpenCookie, random_bytes(rng, 8));
    default:  // any kind with a length, known ones of a wrong size among them
      return options.add_raw(TcpOptionKind(2 + rng.below(254)), random_bytes(rng, rng.below(39)));
  }
}

inline TcpOptions random_options(Rng& rng) {
  TcpOptions options;
  for (uint64_t wanted = rng.below(8); wanted > 0 && add_random_option(rng, options);) --wanted;
  options.pad();
  return options;
}

inline Payload random_payload(Rng& rng) {
  Payload payload;
  for (uint64_t slices = rng.below(4); slices > 0; --slices) {
    const size_t size = rng.below(40);
    payload.append(rng.below(2) == 0 ? Payload::real(random_bytes(rng, size))
                                     : Payload::synthetic(rng.below(3), rng.next(), size));
  }
  return payload;
}

inline Packet random_packet(Rng& rng) {
  Packet p;
  const bool v4 = rng.below(2) == 0;
  const auto address = [&]() -> IpAddress {
    if (v4) return Ipv4Address(rng.next32());
    return IpAddress::v6(rng.next() | 1, rng.next());
  };
  p.ip.source = address();
  p.ip.destination = address();
  p.ip.ttl = static_cast<uint8_t>(rng.next());
  p.ip.tos = static_cast<uint8_t>(rng.next());
  if (v4) {
    p.ip.id = static_cast<uint16_t>(rng.next());
    p.ip.dont_fragment = rng.below(2) == 0;
  } else {
    p.ip.flow_label = rng.next32() >> 12;
  }
  p.tcp.source = Port(static_cast<uint16_t>(rng.next()));
  p.tcp.destination = Port(static_cast<uint16_t>(rng.next()));
  p.tcp.seq = SeqNum(rng.next32());
  p.tcp.ack = SeqNum(rng.next32());
  for (bool TcpFlags::*flag : {&TcpFlags::fin, &TcpFlags::syn, &TcpFlags::rst, &TcpFlags::psh,
                               &TcpFlags::ack, &TcpFlags::urg, &TcpFlags::ece, &TcpFlags::cwr}) {
    p.tcp.flags.*flag = rng.below(2) == 0;
  }
  p.tcp.window = static_cast<uint16_t>(rng.next());
  p.tcp.urgent = static_cast<uint16_t>(rng.next());
  p.tcp.options = random_options(rng);
  p.tcp.payload = random_payload(rng);
  return p;
}

}  // namespace tcptwin::wire
