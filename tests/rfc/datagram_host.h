// datagram_host.h: one host with UDP sockets, whose peer and routers the test plays by hand.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "models/json/context.h"
#include "stack/host/native_stack.h"
#include "stack/wire/icmp_error.h"

namespace tcptwin::rfc {

class DatagramHost {
 public:
  static constexpr wire::IpAddress kOwn = wire::Ipv4Address(0x0a000001);
  static constexpr wire::IpAddress kPeer = wire::Ipv4Address(0x0a000102);
  static constexpr wire::IpAddress kRouter = wire::Ipv4Address(0x0a000002);
  static constexpr wire::IpAddress kOwnV6 = wire::IpAddress::v6(uint64_t{0xfd} << 56, 1);
  static constexpr wire::IpAddress kPeerV6 = wire::IpAddress::v6(uint64_t{0xfd} << 56, 2);

  explicit DatagramHost(const std::string& system) : profile(decode(system)) {
    caller = {stack.add_process(), ids.next()};
  }

  socket::Descriptor opens(socket::Family family = socket::Family::kIpv4) {
    return static_cast<socket::Descriptor>(stack.open_datagram_socket(now, caller, family).value);
  }
  // A socket with this port.
  socket::Descriptor opens_at(uint16_t port, socket::Family family = socket::Family::kIpv4) {
    const socket::Descriptor fd = opens(family);
    const bool v6 = family == socket::Family::kIpv6;
    const wire::IpAddress any = v6 ? wire::IpAddress::any_v6() : wire::IpAddress();
    EXPECT_EQ(stack.bind(now, caller, fd, {any, wire::Port{port}}).value, 0);
    return fd;
  }
  socket::Outcome sends(socket::Descriptor fd, size_t bytes, const wire::IpAddress& to = kPeer) {
    return stack.send_to(now, caller, fd, Payload::synthetic(1, 0, bytes), {}, {to, wire::Port{9}});
  }
  socket::Outcome sends_to_its_peer(socket::Descriptor fd, size_t bytes) {
    return stack.send(now, caller, fd, Payload::synthetic(1, 0, bytes), {});
  }
  // What waits in the socket; EAGAIN: nothing.
  socket::Outcome reads(socket::Descriptor fd) {
    return stack.recv(now, caller, fd, 70'000, {.dont_wait = true});
  }
  std::optional<wire::Packet> leaves() {
    host::OutPacket out;
    if (!stack.poll_packet(out)) return std::nullopt;
    return std::move(out.packet);
  }
  std::vector<wire::Packet> all_that_leaves() {
    std::vector<wire::Packet> packets;
    while (auto packet = leaves()) packets.push_back(std::move(*packet));
    return packets;
  }
  void arrives(wire::Packet&& packet) { stack.on_packet(now, std::move(packet), ids.next()); }
  void router_says(const wire::Packet& about, wire::IcmpKind kind, uint32_t mtu = 0) {
    arrives(*wire::make_icmp_error(about, kind, kRouter, mtu));
  }
  // The time of the host's next timer.
  void until_timer() {
    now = stack.next_deadline();
    stack.on_deadline(now);
  }
  // From the peer to port 53.
  static wire::Packet datagram(size_t bytes, uint16_t id = 7) {
    wire::UdpDatagram udp{wire::Port{9}, wire::Port{53}, true, Payload::synthetic(1, 0, bytes)};
    return wire::Packet::of({.source = kPeer, .destination = kOwn, .id = id}, std::move(udp));
  }
  static wire::Packet datagram_v6(size_t bytes) {
    wire::UdpDatagram udp{wire::Port{9}, wire::Port{53}, true, Payload::synthetic(1, 0, bytes)};
    return wire::Packet::of({.source = kPeerV6, .destination = kOwnV6}, std::move(udp));
  }

  policy::Profile profile;
  RecordIds ids{0};
  Instant now;
  host::NativeStack stack{host::NativeStackSetup{
      .profile = &profile,
      .uptime = std::chrono::hours(1),
      .interfaces = {{wire::IpAddress::loopback_v4(), 65536}, {kOwn, 1500, kOwnV6}},
      .routes = {{kPeer, 1}, {kRouter, 1}, {kPeerV6, 1}},
      .seed = 1,
      .name = "a",
      .ids = &ids,
      .keep_notes = true}};
  socket::Caller caller;

 private:
  static policy::Profile decode(const std::string& system) {
    json::Context context;
    return catalogue::decode_profile(*catalogue::profile_document(system), context);
  }
};

}  // namespace tcptwin::rfc
