// A hostile machine at the device: packets and frames of its making enter a world of simulated
// hosts that serve it and call it. Whatever comes, nothing stops and what is kept stays bounded.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/net/ethernet_port.h"
#include "sim/scenario/load.h"
#include "sim/scenario/world.h"
#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/wire/any_packet.h"
#include "stack/wire/icmp_error.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/ipv6.h"

namespace {

using namespace tcptwin;

constexpr const char* kScenario = R"({
 "schema": "tcptwin/scenario/1", "name": "device",
 "hosts": {
  "outside": {"kind": "real"}, "router": {"kind": "router"},
  "linux": {"profile": "linux-6.18"}, "macos": {"profile": "macos-14"},
  "windows": {"profile": "windows-11"}, "freebsd": {"profile": "freebsd-14"}},
 "links": [
  {"between": ["outside", "linux"], "delay": "1ms"},
  {"between": ["outside", "macos"], "delay": "1ms", "mtu": 1400},
  {"between": ["outside", "router"], "delay": "1ms"},
  {"between": ["router", "windows"], "delay": "1ms", "mtu": 1280},
  {"between": ["router", "freebsd"], "delay": "1ms",
   "directions": [{"from": "router", "reordering": {"probability": "5%"}, "duplication": "5%"}]}],
 "processes": [
  {"name": "web", "host": "linux", "run": {"program": "http_server", "body": 3000}},
  {"name": "echo", "host": "linux", "program": [
    {"bind": {"port": 7, "type": "udp"}},
    {"repeat": "forever", "do": [{"recvfrom": 2000}, {"sendto": 100}]}]},
  {"name": "caller", "host": "linux", "program": [
    {"repeat": 3, "do": [{"connect": {"to": "outside", "port": 99}}, {"write": 5000}, {"read": 10},
                         {"close": {}}]}]},
  {"name": "bulk", "host": "macos", "run": {"program": "bulk_receive", "port": 80}},
  {"name": "pings", "host": "macos", "program": [
    {"repeat": 3, "do": [{"ping": {"to": "outside", "bytes": 3000, "timeout": "2s"}}]}]},
  {"name": "web2", "host": "windows", "run": {"program": "http_server", "way": "serial", "body": 3000}},
  {"name": "web3", "host": "freebsd",
   "run": {"program": "http_server", "family": "ipv6", "body": 20000}}]})";

const scenario::Scenario& scenario_of_all() {
  static const scenario::Loaded loaded = [] {
    scenario::Loaded l = scenario::load("device", kScenario, {});
    CHECK(l.ok());
    return l;
  }();
  return loaded.variants.front().scenario;
}

// Fewer than the packets that an input can make. The other two hosts hold 15,360 and 65,535
// handshakes at a time by their profiles.
constexpr size_t kMostSockets = 1000;
bool has_small_queues(const std::string& host) { return host == "linux" || host == "macos"; }
constexpr size_t kMostRepeated = 4000;  // packets of an input, so that it ends soon

class Attack {
 public:
  explicit Attack(bool ethernet)
      : world_(scenario_of_all(), 1, trace::Detail::kDigest), port_(world_.port("outside")) {
    CHECK(port_ != nullptr);
    for (const host::Route& route : port_->routes()) targets_.push_back(route.destination);
    CHECK(!targets_.empty());
    if (ethernet) cable_.emplace(targets_);
    advance(std::chrono::milliseconds(10));
  }

  void step(ByteReader& in) {
    const uint8_t what = in.u8();
    switch (what % 8) {
      case 0: enter(in.take(std::min<size_t>(in.u8(), in.remaining()))); break;
      case 1: dressed(in); break;
      case 2:
      case 3: answer(in); break;
      case 4: repeat(in); break;
      case 5: advance(std::chrono::microseconds(in.u16())); break;
      case 6: advance(std::chrono::milliseconds(in.u16())); break;
      case 7: open(in); break;
    }
  }
  void finish() {
    advance(std::chrono::minutes(5));
    look();
  }

 private:
  // Any bytes behind an IP header that reaches somebody.
  void dressed(ByteReader& in) {
    const wire::IpAddress& to = targets_[in.u8() % targets_.size()];
    const uint8_t protocol = in.u8();
    const auto body = in.take(std::min<size_t>(in.u8(), in.remaining()));
    std::vector<uint8_t> bytes;
    if (to.is_v4()) {
      wire::emit_ipv4({.source = own(to).v4(),
                       .destination = to.v4(),
                       .protocol = protocol,
                       .more_fragments = (protocol & 0x40) != 0},
                      static_cast<uint32_t>(body.size()), bytes);
    } else {
      wire::emit_ipv6({.source = own(to), .destination = to}, protocol,
                      static_cast<uint32_t>(body.size()), bytes);
    }
    bytes.insert(bytes.end(), body.begin(), body.end());
    enter(bytes);
  }
  // A SYN or a datagram to a server.
  void open(ByteReader& in) {
    const wire::IpAddress& to = targets_[in.u8() % targets_.size()];
    const wire::Port port{static_cast<uint16_t>(in.u8() % 2 == 0 ? 80 : 7)};
    const wire::IpHeader ip{.source = own(to), .destination = to};
    if (in.u8() % 4 == 0) {
      return enter(wire::Packet::of(
          ip, wire::UdpDatagram{wire::Port{1000}, port, true, Payload::synthetic(1, 0, in.u16())}));
    }
    wire::Packet syn{.ip = ip};
    syn.tcp.source = wire::Port{static_cast<uint16_t>(1000 + in.u8())};
    syn.tcp.destination = port;
    syn.tcp.seq = SeqNum(0xffffff00);
    syn.tcp.flags.syn = true;
    syn.tcp.window = in.u16();
    syn.tcp.options = wire::TcpOptions::from_bytes(in.take(in.u8() % 11 * 4U));
    syn.tcp.options.pad();
    enter(std::move(syn));
  }
  // Something that follows from the last packet of a host: the next segment, an error about it, an
  // answer to its ping.
  void answer(ByteReader& in) {
    if (!last_out_) return;
    const uint8_t how = in.u8();
    if (how % 4 == 3 || !last_out_->is_tcp()) return answer_by_icmp(how, in.u16());
    const wire::TcpSegment& got = last_out_->tcp;
    wire::Packet reply;
    reply.ip = {.source = last_out_->ip.destination,
                .destination = last_out_->ip.source,
                .tos = static_cast<uint8_t>(how >> 6)};
    wire::TcpSegment& s = reply.tcp;
    s.source = got.destination;
    s.destination = got.source;
    const uint8_t flags = in.u8();
    s.flags = {.fin = (flags & 3) == 1,
               .syn = got.flags.syn && !got.flags.ack,
               .rst = (flags & 63) == 2,
               .psh = (flags & 4) != 0,
               .ack = (flags & 0x70) != 0x70,
               .urg = (flags & 0x88) == 0x88};
    s.seq = got.ack + ((how & 4) != 0 ? in.u16() : 0u);
    s.ack = got.seq + got.sequence_length() - ((how & 8) != 0 ? in.u16() : 0u);
    s.window = (how & 16) != 0 ? in.u16() : uint16_t{0xffff};
    s.urgent = flags;
    s.options = wire::TcpOptions::from_bytes(in.take((how & 32) != 0 ? in.u8() % 11 * 4U : 0));
    s.options.pad();
    s.payload = text_or_pattern(in);
    enter(std::move(reply));
  }
  static Payload text_or_pattern(ByteReader& in) {
    const uint8_t size = in.u8();
    if (size % 4 == 0) return {};
    if (size % 4 == 1) return Payload::text("GET / HTTP/1.1\r\n\r\n");
    if (size % 4 == 2) return Payload::synthetic(9, 0, size * 5U);
    return Payload::real(in.take(std::min<size_t>(size, in.remaining())));
  }
  void answer_by_icmp(uint8_t how, uint16_t mtu) {
    constexpr std::array kKinds{
        wire::IcmpKind::kHostUnreachable, wire::IcmpKind::kPortUnreachable,
        wire::IcmpKind::kPacketTooBig,    wire::IcmpKind::kTimeExceeded,
        wire::IcmpKind::kSourceQuench,    wire::IcmpKind::kParameterProblem};
    const auto* icmp = last_out_->icmp();
    if (icmp != nullptr && icmp->type == (last_out_->ip.is_v4() ? 8 : 128)) {
      return enter(wire::make_echo_reply(last_out_->ip, *icmp));
    }
    auto error = wire::make_icmp_error(*last_out_, kKinds[how / 4 % kKinds.size()],
                                       last_out_->ip.destination, mtu);
    if (error) enter(std::move(*error));
  }
  // The last packet again and again, from other ports, with other numbers or in other pieces.
  void repeat(ByteReader& in) {
    if (!last_in_) return;
    const uint8_t how = in.u8();
    const size_t copies = in.u8();
    for (size_t i = 0; i < copies && repeated_ < kMostRepeated; ++i) {
      wire::Packet copy = last_in_->clone();
      copy.ip.id = static_cast<uint16_t>(++number_);
      if (copy.is_tcp() && (how & 1) != 0) copy.tcp.source = wire::Port{number_};
      if (copy.is_tcp() && (how & 2) != 0) copy.tcp.seq = copy.tcp.seq + number_;
      if (copy.udp() != nullptr && (how & 1) != 0) copy.udp()->source = wire::Port{number_};
      if ((how & 4) == 0) {
        enter(std::move(copy), false);
        continue;
      }
      auto pieces = wire::cut(copy, 576, number_);
      if ((how & 8) != 0 && !pieces.empty()) pieces.erase(pieces.begin());  // never whole
      for (wire::Packet& piece : pieces) enter(std::move(piece), false);
    }
    look();
  }

  wire::IpAddress own(const wire::IpAddress& peer) const {
    return port_->interfaces()[1].address_for(peer);
  }
  void enter(wire::Packet&& packet, bool remember = true) {
    if (!remember) ++repeated_;
    std::vector<uint8_t> bytes;
    if (packet.size() - packet.ip.size() > packet.ip.max_payload()) return;
    wire::emit(packet, bytes);
    enter(bytes, remember);
  }
  // As the device gives it.
  void enter(std::span<const uint8_t> bytes, bool remember = true) {
    if (!cable_) return enter_packet(bytes, remember);
    std::vector<uint8_t> frame;
    const bool v6 = !bytes.empty() && bytes[0] >> 4 == 6;
    const uint16_t type = v6 ? wire::kEtherTypeIpv6 : wire::kEtherTypeIpv4;
    const auto to = net::EthernetPort::mac_of(targets_.front());
    wire::emit_ethernet({to, wire::MacAddress({0x5e, 1, 2, 3, 4, 5}), type}, frame);
    frame.insert(frame.end(), bytes.begin(), bytes.end());
    const auto ip = cable_->on_frame(now_, frame);
    const auto raw = cable_->on_frame(now_, bytes);  // and as a frame of its own
    if (ip) enter_packet(*ip, remember);
    if (raw) enter_packet(*raw, false);
    drain();
  }
  void enter_packet(std::span<const uint8_t> bytes, bool remember) {
    auto packet = wire::parse_any(bytes);
    if (!packet) return;
    if (remember) last_in_ = packet->clone();
    now_ = now_ + Duration(1);
    port_->enter(now_, std::move(*packet));
  }

  void advance(Duration time) {
    const Instant until = now_ + time;
    world_.run_until(until);
    now_ = until;
    if (cable_) cable_->on_deadline(now_);
    drain();
  }
  void drain() {
    net::Port::Departure out;
    std::vector<uint8_t> bytes;
    size_t count = 0;
    while (port_->poll_packet(out)) {
      CHECK(++count <= net::Port::kMostWaiting);
      bytes.clear();
      wire::emit(out.packet, bytes);
      CHECK(wire::parse_any(bytes).has_value());
      if (cable_) cable_->on_ip(now_, out.packet.ip.destination, bytes);
      last_out_ = std::move(out.packet);
    }
    while (cable_ && cable_->poll_frame(bytes)) CHECK(bytes.size() > wire::kEthernetHeaderSize);
  }
  void look() {
    std::vector<scenario::Snapshot> snapshots;
    world_.look(now_, snapshots);
    for (const scenario::Snapshot& s : snapshots) {
      CHECK(!has_small_queues(s.host) || s.sockets.size() < kMostSockets);
    }
  }

  scenario::World world_;
  net::Port* port_;
  std::optional<net::EthernetPort> cable_;
  std::vector<wire::IpAddress> targets_;
  std::optional<wire::Packet> last_in_;   // of the machine
  std::optional<wire::Packet> last_out_;  // of a host
  Instant now_;
  uint16_t number_ = 0;
  size_t repeated_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader in({data, size});
  Attack attack(in.u8() % 2 == 1);
  while (in.remaining() > 0 && in.ok()) attack.step(in);
  attack.finish();
  return 0;
}
