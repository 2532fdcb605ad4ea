// lwIP's raw API by itself, as far as the sockets above it never show it: docs/facts/lwip.md B3, J.
#include "models/lwip/glue/glue.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "models/lwip/host_memory.h"
#include "models/lwip/host_state.h"
#include "models/lwip/lwip_stack.h"
#include "stack/wire/packet.h"
#include "tests/lwip/lwip_host.h"

namespace tcptwin::lwip_test {
namespace {

using testing::ElementsAre;

constexpr wire::Ipv4Address kOwn{0x0a000001};
constexpr wire::Ipv4Address kPeer{0x0a000002};

// One host without sockets, whose program writes when it is told of its connection.
class RawHost {
 public:
  explicit RawHost(lwip::BuildSlot& slot) : state_(slot) {
    hooks_.allocate = [](void* self, size_t size) { return of(self).memory_.allocate(size); };
    hooks_.release = [](void* self, void* memory) { of(self).memory_.release(memory); };
    hooks_.random = [](void*) { return uint32_t{0}; };
    hooks_.initial_number = [](void*, uint32_t counted) { return counted; };
    hooks_.route = [](void*, const LwipAddress*) { return uint32_t{0}; };
    hooks_.transmit = [](void* self, uint32_t, const uint8_t* bytes, uint32_t size) {
      of(self).sent_.emplace_back(bytes, bytes + size);
    };
    hooks_.timer_needed = [](void* self) { ++of(self).timers_; };
    hooks_.pool_empty = [](void*, const char*) {};
    hooks_.connected = [](void* self, uint32_t) { of(self).on_connected(); };
    hooks_.acknowledged = [](void*, uint32_t, uint32_t) {};
    hooks_.polled = [](void*, uint32_t) {};
    hooks_.failed = [](void*, uint32_t, int) {};
    hooks_.received = [](void*, uint32_t, LwipPacket*) { return 0; };
    hooks_.broken = [](const char* what) {
      ADD_FAILURE() << what;
      std::abort();
    };
    settings_.window = 2144;
    settings_.send_buffer = 1072;
    settings_.queue_length = 8;
    settings_.update_threshold = 536;
    settings_.msl = 60000;
    settings_.slow_interval = 500;
    settings_.data_retries = 12;
    settings_.syn_retries = 6;
    settings_.ttl = 255;
    const lwip::HostState::Presence presence(state_);
    build().start(this, &hooks_, &settings_);
    const LwipAddress own = lwip::to_lwip(kOwn);
    build().add_interface(&own, nullptr, 1500);
    connection_ = build().tcp_open(1);
  }

  void binds() {
    const lwip::HostState::Presence presence(state_);
    const LwipAddress own = lwip::to_lwip(kOwn);
    EXPECT_EQ(build().tcp_bind(connection_, &own, 5000), 0);
  }
  void connects() {
    const lwip::HostState::Presence presence(state_);
    const LwipAddress to = lwip::to_lwip(kPeer);
    EXPECT_EQ(build().tcp_connect(connection_, &to, 80), 0);
  }
  void is_answered() { hears({.seq = 1000, .ack = 1, .window = 60000, .syn = true}); }
  void is_acknowledged(uint32_t bytes, uint16_t window) {
    hears({.seq = 1001, .ack = 1 + bytes, .window = window});
  }
  void slow_ticks(int count) {
    const lwip::HostState::Presence presence(state_);
    for (int i = 0; i < count; ++i) build().slow_timer();
  }
  // Payload bytes of what was sent, but for the SYN.
  std::vector<size_t> payloads() const {
    std::vector<size_t> sizes;
    for (size_t i = 1; i < sent_.size(); ++i) sizes.push_back(parsed(i).tcp.payload_size());
    return sizes;
  }
  int timers() const { return timers_; }

 private:
  static RawHost& of(void* self) { return *static_cast<RawHost*>(self); }
  const LwipBuild& build() const { return state_.build(); }
  wire::Packet parsed(size_t i) const {
    return std::move(*wire::parse(sent_.at(i), wire::Checksums::kIgnore));
  }
  struct Heard {
    uint32_t seq;
    uint32_t ack;  // from the number of the SYN on
    uint16_t window;
    bool syn = false;  // with an MSS of 1460
  };
  void hears(const Heard& heard) {
    const wire::Packet syn = parsed(0);
    wire::Packet packet;
    packet.ip.source = kPeer;
    packet.ip.destination = kOwn;
    packet.tcp.source = syn.tcp.destination;
    packet.tcp.destination = syn.tcp.source;
    packet.tcp.seq = SeqNum(heard.seq);
    packet.tcp.ack = syn.tcp.seq + heard.ack;
    packet.tcp.flags.ack = true;
    packet.tcp.flags.syn = heard.syn;
    packet.tcp.window = heard.window;
    if (heard.syn) packet.tcp.options.add_mss(1460);
    std::vector<uint8_t> bytes;
    wire::emit(packet, bytes);
    const lwip::HostState::Presence presence(state_);
    build().input(0, bytes.data(), static_cast<uint32_t>(bytes.size()));
  }
  void on_connected() {
    const std::vector<uint8_t> bytes(500);
    for (const uint32_t size : {100U, 500U}) {
      EXPECT_EQ(build().tcp_write(connection_, bytes.data(), size, 0), 0);
      build().tcp_output(connection_);
    }
  }

  lwip::HostMemory memory_;
  LwipHooks hooks_{};
  LwipSettings settings_{};
  lwip::HostState state_;
  LwipConnection* connection_ = nullptr;
  std::vector<std::vector<uint8_t>> sent_;
  int timers_ = 0;
};

class LwipGlue : public LwipTest {};

// Two tcp_output, and still the first segment is full: both do nothing inside the callback.
TEST_F(LwipGlue, WritesInTheConnectedCallbackLeaveTogether) {  // B3
  RawHost host(*lwip::find_slot("default"));
  host.connects();
  host.is_answered();
  EXPECT_THAT(host.payloads(), ElementsAre(536));
  host.is_acknowledged(536, 60000);
  EXPECT_THAT(host.payloads(), ElementsAre(536, 64));
}

TEST_F(LwipGlue, AWindowTooSmallForTheSegmentTakesAPartOfItAtThePersistTimer) {  // C5
  RawHost host(*lwip::find_slot("default"));
  host.connects();
  host.is_answered();
  host.is_acknowledged(536, 30);
  host.slow_ticks(2);
  EXPECT_THAT(host.payloads(), ElementsAre(536));
  host.slow_ticks(1);
  EXPECT_THAT(host.payloads(), ElementsAre(536, 30));
}

TEST_F(LwipGlue, ABoundConnectionNeedsNoTimerAndAnOpenOneDoes) {  // A3
  RawHost host(*lwip::find_slot("default"));
  host.binds();
  EXPECT_EQ(host.timers(), 0);
  host.connects();
  EXPECT_EQ(host.timers(), 1);
}

}  // namespace
}  // namespace tcptwin::lwip_test
