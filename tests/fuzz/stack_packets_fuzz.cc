// A hostile peer: an established connection gets segments made of the input. Whatever comes, the
// stack neither stops nor sends without end, and what it sends can be read back.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "models/json/context.h"
#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/host/native_stack.h"

namespace {

using namespace tcptwin;

const policy::Profile& profile(bool linux) {
  static const auto load = [](const char* name) {
    json::Context context;
    return catalogue::decode_profile(*catalogue::profile_document(name), context);
  };
  static const policy::Profile profiles[] = {load("rfc"), load("linux-6.18")};
  return profiles[linux ? 1 : 0];
}

constexpr wire::Ipv4Address kOwn{0x0a4d0001};
constexpr wire::Ipv4Address kPeer{0x0a4d0002};

// The stack, a program on it, and the last thing it said.
class Victim {
 public:
  explicit Victim(bool linux)
      : ids_(0),
        stack_({.profile = &profile(linux),
                .uptime = std::chrono::hours(1),
                .interfaces = {{wire::Ipv4Address(0x7f000001), 65536}, {kOwn, 1500}},
                .routes = {{kPeer, 1}},
                .seed = 1,
                .name = "victim",
                .ids = &ids_,
                .keep_notes = true}) {
    caller_.process = stack_.add_process();
    const auto listener = static_cast<socket::Descriptor>(stack_.open_socket(now_, caller_).value);
    stack_.bind(now_, caller_, listener, {kOwn, wire::Port{80}});
    stack_.listen(now_, caller_, listener, 5);
    wire::TcpSegment syn = segment();
    syn.flags.syn = true;
    syn.seq = SeqNum(0xfffffff0);
    deliver(std::move(syn));
    wire::TcpSegment ack = segment();
    ack.seq = SeqNum(0xfffffff1);
    ack.ack = own_next_;
    ack.flags.ack = true;
    deliver(std::move(ack));
    socket_ = static_cast<socket::Descriptor>(stack_.accept(now_, caller_, listener).value);
  }

  // One step of the input: a segment near what is in the window, a call, or time.
  void step(ByteReader& in) {
    const uint8_t what = in.u8();
    if (what % 8 == 0) {
      now_ = now_ + Duration(std::chrono::milliseconds(in.u16()));
      stack_.on_deadline(now_);
      return drain();
    }
    if (what % 8 == 1) return call(in);
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

 private:
  static wire::TcpSegment segment() {
    wire::TcpSegment s;
    s.source = wire::Port{999};
    s.destination = wire::Port{80};
    s.window = 1000;
    return s;
  }
  void call(ByteReader& in) {
    switch (in.u8() % 4) {
      case 0:
        stack_.send(now_, caller_, socket_, Payload::synthetic(2, 0, in.u16()),
                    {.dont_wait = true});
        break;
      case 1: stack_.recv(now_, caller_, socket_, in.u16(), {.dont_wait = true}); break;
      case 2: stack_.shutdown(now_, caller_, socket_, socket::Shutdown::kWrite); break;
      case 3: stack_.close(now_, caller_, socket_); break;
    }
    drain();
  }
  void deliver(wire::TcpSegment&& s) {
    wire::Packet packet;
    packet.ip.source = kPeer;
    packet.ip.destination = kOwn;
    packet.tcp = std::move(s);
    packet.tcp.options.pad();
    stack_.on_packet(now_, std::move(packet), ids_.next());
    drain();
  }
  void drain() {
    host::OutPacket out;
    int count = 0;
    while (stack_.poll_packet(out)) {
      CHECK(++count < 1000);
      std::vector<uint8_t> bytes;
      wire::emit(out.packet, bytes);
      CHECK(wire::parse(bytes).has_value());
      if (!out.packet.tcp.flags.rst)
        own_next_ = out.packet.tcp.seq + out.packet.tcp.sequence_length();
    }
    tcp::Note note;
    while (stack_.poll_note(note)) {
    }
    socket::Wakeup wakeup;
    while (stack_.poll_wakeup(wakeup)) {
    }
    CHECK(stack_.next_deadline() >= Instant());
  }

  Instant now_;
  RecordIds ids_;
  host::NativeStack stack_;
  socket::Caller caller_;
  socket::Descriptor socket_ = -1;
  SeqNum own_next_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader in({data, size});
  Victim victim(in.u8() % 2 == 1);
  while (in.remaining() > 0 && in.ok()) victim.step(in);
  return 0;
}
