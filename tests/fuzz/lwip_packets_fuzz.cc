// A hostile network before a host that runs lwIP: packets of any bytes, and such that come near an
// established connection. Whatever comes, the host neither stops nor sends without end.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "models/json/context.h"
#include "models/lwip/builds.h"
#include "models/lwip/lwip_stack.h"
#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/wire/any_packet.h"

namespace {

using namespace tcptwin;

const policy::Profile& profile(size_t which) {
  static const auto load = [](const char* name) {
    json::Context context;
    return catalogue::decode_profile(*catalogue::profile_document(name), context);
  };
  static const policy::Profile profiles[] = {load("lwip-2.1.3"), load("lwip-large")};
  return profiles[which];
}

constexpr wire::Ipv4Address kOwn{0x0a4d0001};
constexpr wire::Ipv4Address kPeer{0x0a4d0002};
const wire::IpAddress kOwnV6 = wire::IpAddress::v6(0xfd77'0000'0000'0000, 1);
const wire::IpAddress kPeerV6 = wire::IpAddress::v6(0xfd77'0000'0000'0000, 2);

class Victim {
 public:
  explicit Victim(size_t which)
      : ids_(0),
        stack_(
            {.profile = &profile(which),
             .uptime = std::chrono::hours(1),
             .interfaces = {{wire::Ipv4Address(0x7f000001), 65536, wire::IpAddress::loopback_v6()},
                            {kOwn, 1500, kOwnV6}},
             .routes = {{kPeer, 1}, {kPeerV6, 1}},
             .seed = 1,
             .name = "victim",
             .ids = &ids_,
             .keep_notes = true}) {
    caller_.process = stack_.add_process();
    const auto listener = descriptor(stack_.open_socket(now_, caller_));
    stack_.bind(now_, caller_, listener, {wire::IpAddress::any_v6(), wire::Port{80}});
    stack_.listen(now_, caller_, listener, 5);
    datagrams_ = descriptor(stack_.open_datagram_socket(now_, caller_, socket::Family::kIpv6));
    stack_.bind(now_, caller_, datagrams_, {wire::IpAddress::any_v6(), wire::Port{7}});
    wire::TcpSegment syn = segment();
    syn.flags.syn = true;
    syn.seq = SeqNum(0xfffffff0);
    deliver(std::move(syn));
    wire::TcpSegment ack = segment();
    ack.seq = SeqNum(0xfffffff1);
    ack.ack = own_next_;
    ack.flags.ack = true;
    deliver(std::move(ack));
    socket_ = descriptor(stack_.accept(now_, caller_, listener));
  }

  void step(ByteReader& in) {
    switch (in.u8() % 8) {
      case 0:
        now_ = now_ + Duration(std::chrono::milliseconds(in.u16()));
        for (int i = 0; i < 300 && stack_.next_deadline() <= now_; ++i) stack_.on_deadline(now_);
        return drain();
      case 1: return call(in);
      case 2:
      case 3: return raw(in);
      default: return near(in);
    }
  }

 private:
  static socket::Descriptor descriptor(const socket::Outcome& outcome) {
    return static_cast<socket::Descriptor>(outcome.value);
  }
  static wire::TcpSegment segment() {
    wire::TcpSegment s;
    s.source = wire::Port{4000};
    s.destination = wire::Port{80};
    s.window = 1000;
    return s;
  }
  void deliver(wire::TcpSegment&& s) {
    wire::Packet packet;
    packet.ip = {.source = kPeer, .destination = kOwn};
    packet.tcp = std::move(s);
    stack_.on_packet(now_, std::move(packet), ids_.next());
    drain();
  }
  // Any bytes behind a header that brings them here.
  void raw(ByteReader& in) {
    const bool v6 = (in.u8() & 1) != 0;
    std::vector<uint8_t> bytes;
    const auto body = in.take(in.u8());
    wire::IpHeader ip{.source = v6 ? kPeerV6 : wire::IpAddress(kPeer),
                      .destination = v6 ? kOwnV6 : wire::IpAddress(kOwn)};
    wire::IcmpMessage any;
    any.body = Payload::real(body);
    wire::emit(wire::Packet::of(ip, std::move(any)), bytes);
    const size_t header = ip.size();
    std::copy(body.begin(), body.end(), bytes.begin() + static_cast<long>(header));
    bytes[v6 ? 6 : 9] = in.u8();  // the protocol
    if (!v6) {
      bytes[6] = in.u8();  // the fragment's place
      bytes[7] = in.u8();
    }
    auto packet = wire::parse_any(bytes);
    if (!packet) return;
    stack_.on_packet(now_, std::move(*packet), ids_.next());
    drain();
  }
  void near(ByteReader& in) {
    wire::TcpSegment s = segment();
    const uint8_t flags = in.u8();
    s.flags = {.fin = (flags & 1) != 0,
               .syn = (flags & 2) != 0,
               .rst = (flags & 4) != 0,
               .psh = (flags & 8) != 0,
               .ack = (flags & 16) != 0,
               .urg = (flags & 32) != 0};
    s.seq = SeqNum(0xfffffff1u + in.u16() - 64);
    s.ack = own_next_ + in.u8() - 32;
    s.window = in.u16();
    s.options = wire::TcpOptions::from_bytes(in.take(in.u8() % 11 * 4u));
    s.payload = Payload::synthetic(1, 0, in.u16() % 2000);
    deliver(std::move(s));
  }
  void call(ByteReader& in) {
    switch (in.u8() % 5) {
      case 0:
        stack_.send(now_, caller_, socket_, Payload::synthetic(2, 0, in.u16()),
                    {.dont_wait = true});
        break;
      case 1: stack_.recv(now_, caller_, socket_, in.u16(), {.dont_wait = true}); break;
      case 2: stack_.shutdown(now_, caller_, socket_, socket::Shutdown::kWrite); break;
      case 3: stack_.recv(now_, caller_, datagrams_, in.u16(), {.dont_wait = true}); break;
      case 4: stack_.close(now_, caller_, socket_); break;
    }
    drain();
  }
  void drain() {
    host::OutPacket out;
    int packets = 0;
    while (stack_.poll_packet(out)) {
      CHECK(++packets < 10'000);
      if (out.packet.is_tcp() && out.packet.tcp.destination == wire::Port{4000}) {
        own_next_ = out.packet.tcp.seq + out.packet.tcp.sequence_length();
      }
    }
    tcp::Note note;
    while (stack_.poll_note(note)) CHECK(note.inferred);
    socket::Wakeup wakeup;
    while (stack_.poll_wakeup(wakeup)) continue;
    stack_.snapshot();
  }

  RecordIds ids_;
  lwip::LwipStack stack_;
  socket::Caller caller_;
  Instant now_ = Instant::from_ns(1'000'000);
  socket::Descriptor socket_ = -1;
  socket::Descriptor datagrams_ = -1;
  SeqNum own_next_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || lwip::builds().empty()) return 0;
  ByteReader in({data, size});
  Victim victim(in.u8() % 2);
  for (int steps = 0; steps < 200 && in.remaining() > 0; ++steps) victim.step(in);
  return 0;
}
