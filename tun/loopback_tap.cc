#include "tun/loopback_tap.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "tun/failure.h"

namespace tcptwin::tun {

namespace {

constexpr uint32_t kFrame = 512, kBlock = 1 << 16, kBlocks = 512;  // 32 MiB, 65536 frames
constexpr size_t kFrames = size_t{kBlock} / kFrame * kBlocks;
constexpr size_t kRingBytes = size_t{kBlock} * kBlocks;
constexpr int kPatienceMs = 20;

int64_t realtime_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void set_up(int fd) {
  const int version = TPACKET_V2;
  checked(::setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version),
          "a capture of the loopback");
  sock_filter keep{BPF_RET | BPF_K, 0, 0, LoopbackTap::kKept};
  const sock_fprog filter{1, &keep};
  checked(::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter),
          "a capture of the loopback");
  const tpacket_req ring{kBlock, kBlocks, kFrame, kFrames};
  checked(::setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring),
          "a capture of the loopback");
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_ALL);
  where.sll_ifindex = static_cast<int>(::if_nametoindex("lo"));
  checked(::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where),
          "a capture of the loopback");
}

}  // namespace

LoopbackTap::LoopbackTap(const NetNamespace& where) {
  where.run([&] {
    // Nothing arrives before it is bound to its interface.
    fd_ = UniqueFd(
        checked(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "a capture of the loopback"));
    set_up(fd_.get());
  });
  void* memory = ::mmap(nullptr, kRingBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (memory == MAP_FAILED) fail_errno("the memory of a capture");
  ring_ = static_cast<uint8_t*>(memory);
  realtime_ahead_ns_ = realtime_ns() - monotonic_ns();
  reader_ = std::thread([this] { follow(); });
}

LoopbackTap::~LoopbackTap() {
  finish();
  ::munmap(ring_, kRingBytes);
}

std::vector<LoopbackTap::Packet> LoopbackTap::finish() {
  stopping_ = true;
  if (reader_.joinable()) reader_.join();
  return std::move(packets_);
}

void LoopbackTap::follow() {
  while (!stopping_) {
    while (take_next()) {
    }
    pollfd ready{fd_.get(), POLLIN, 0};
    ::poll(&ready, 1, kPatienceMs);
  }
  while (take_next()) {
  }
}

// False: none is there.
bool LoopbackTap::take_next() {
  uint8_t* frame = ring_ + next_ * kFrame;
  auto* head = reinterpret_cast<tpacket2_hdr*>(frame);
  if ((std::atomic_ref(head->tp_status).load(std::memory_order_acquire) & TP_STATUS_USER) == 0)
    return false;
  sockaddr_ll from{};
  std::memcpy(&from, frame + TPACKET_ALIGN(sizeof(tpacket2_hdr)), sizeof from);
  const bool is_ip = from.sll_protocol == htons(ETH_P_IP) || from.sll_protocol == htons(ETH_P_IPV6);
  if (from.sll_pkttype == PACKET_OUTGOING && is_ip) {
    const int64_t at = int64_t{head->tp_sec} * 1'000'000'000 + head->tp_nsec - realtime_ahead_ns_;
    const uint8_t* begin = frame + head->tp_net;
    Packet& packet = packets_.emplace_back(Packet{at, {begin, begin + head->tp_snaplen}});
    packet.bytes.resize(head->tp_len);
    last_ns_ = at;
  }
  std::atomic_ref(head->tp_status).store(TP_STATUS_KERNEL, std::memory_order_release);
  next_ = (next_ + 1) % kFrames;
  return true;
}

}  // namespace tcptwin::tun
