// ethernet_port.h: the simulated side of an Ethernet cable to one real machine: IP packets to
// frames and back, answers to who asks for a simulated address, and the question for the machine's
// own. Routes nothing and opens no device.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "stack/base/ring.h"
#include "stack/base/time.h"
#include "stack/wire/arp.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/nd.h"

namespace tcptwin::net {

// Frames and packets that came to nothing, each counted once.
enum class Ignored : uint8_t {
  kMalformed,   // shorter than its headers, or no sender
  kEtherType,   // neither IP nor ARP
  kGroup,       // to many: nobody simulated listens to groups
  kStranger,    // to a station that is not here
  kArp,         // none of IPv4 over Ethernet, or about an address that is not here
  kDiscovery,   // likewise of IPv6, or of routers
  kNoRoom,      // too many packets wait for a MAC address, or frames for the device
  kUnresolved,  // nobody has said where the destination is
};
inline constexpr size_t kIgnoredKinds = 8;
const char* ignored_text(Ignored kind);  // "group address"

// Each simulated address has a MAC address of its own, derived from it. The caller passes the
// present instant, never a smaller one than before, and pulls the frames after each input.
class EthernetPort {
 public:
  static constexpr size_t kMostWaiting = 64;     // packets, of all destinations
  static constexpr size_t kMostFrames = 1024;    // for the device
  static constexpr size_t kMostNeighbours = 64;  // whose MAC addresses are known or asked for
  static constexpr int kQuestions = 3;           // RFC 4861 10: MAX_MULTICAST_SOLICIT
  static constexpr Duration kPatience = std::chrono::seconds(1);  // RETRANS_TIMER

  // `simulated`: the addresses of the simulated network, which the machine has not.
  explicit EthernetPort(std::vector<wire::IpAddress> simulated);

  // A frame of the machine. The IP packet in it, padding included, when it is for the simulated
  // network; it lies in `bytes`. Whether it is a proper one is still to be seen.
  std::optional<std::span<const uint8_t>> on_frame(Instant now, std::span<const uint8_t> bytes);
  // An IP packet for the machine, whose address `destination` is, or a group. Waits until its MAC
  // address is known.
  void on_ip(Instant now, const wire::IpAddress& destination, std::span<const uint8_t> packet);
  void on_deadline(Instant now);
  // The next frame for the device; false: none.
  bool poll_frame(std::vector<uint8_t>& out);
  Instant next_deadline() const;

  uint64_t ignored(Ignored kind) const { return ignored_[static_cast<size_t>(kind)]; }
  // 02:00: and the IPv4 address, or the folded IPv6 address.
  static wire::MacAddress mac_of(const wire::IpAddress& simulated);

 private:
  // Exactly one of: its MAC address is known, it is asked for and `due` is set.
  struct Neighbour {
    std::optional<wire::MacAddress> mac;
    int asked = 0;
    Instant due = Instant::never();  // the next question, or the end of patience
    wire::IpAddress asker;           // a simulated address of its version
    uint64_t age = 0;                // the smaller the longer it has been there
  };
  using Neighbours = std::map<wire::IpAddress, Neighbour>;
  struct Waiting {
    wire::IpAddress destination;
    std::vector<uint8_t> packet;
  };

  void ignore(Ignored kind, uint64_t count = 1) { ignored_[static_cast<size_t>(kind)] += count; }
  bool is_simulated(const wire::IpAddress& address) const { return simulated_.contains(address); }
  void on_arp(std::span<const uint8_t> bytes);
  // True: it was of neighbour discovery and is dealt with.
  bool on_discovery(std::span<const uint8_t> bytes);
  void answer(const wire::Packet& question, const wire::Solicitation& solicitation);
  void learn(const wire::IpAddress& address, const wire::MacAddress& mac);
  Neighbour& add(const wire::IpAddress& address);
  void ask(Instant now, const wire::IpAddress& address, Neighbour& neighbour);
  void give_up(const wire::IpAddress& address);
  void wait(const wire::IpAddress& destination, std::span<const uint8_t> packet);
  std::optional<wire::IpAddress> asker_for(const wire::IpAddress& destination,
                                           std::span<const uint8_t> packet) const;
  void leave(const wire::MacAddress& destination, const wire::MacAddress& source, uint16_t type,
             std::span<const uint8_t> bytes);
  void leave_packet(const wire::MacAddress& destination, std::span<const uint8_t> packet);
  void leave_arp(const wire::MacAddress& destination, const wire::ArpMessage& arp);

  std::set<wire::IpAddress> simulated_;
  std::set<wire::MacAddress> own_macs_;
  Neighbours neighbours_;
  std::deque<Waiting> waiting_;  // in the order of their arrival
  Ring<std::vector<uint8_t>> frames_;
  uint64_t last_age_ = 0;
  std::array<uint64_t, kIgnoredKinds> ignored_{};
};

}  // namespace tcptwin::net
