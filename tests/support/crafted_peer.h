// crafted_peer.h: a node that sends crafted segments to one simulated host at given times and keeps
// what it gets. It is no stack: it answers nothing, and knows of the connection what it has seen.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "sim/engine/engine.h"
#include "sim/trace/journal.h"
#include "stack/wire/text.h"

namespace tcptwin::support {

struct CraftedPeerSetup {
  wire::Ipv4Address own_address{};
  wire::Ipv4Address host_address{};
  wire::Port own_port{33333};
  wire::Port host_port{5001};
  SeqNum isn{1'000'000};
  uint32_t ts_base = 4'000'000'000;
  uint16_t number = 0;  // among the hosts of the journal
};

class CraftedPeer final : public engine::Node {
 public:
  CraftedPeer(const CraftedPeerSetup& setup, engine::Node& host, uint32_t host_port,
              trace::Journal& journal);

  // A segment, as a line of text, reaches the host at `at`. Its numbers are relative to the peer's
  // initial number and to that of the host's first SYN-ACK, its timestamps likewise. In order of
  // time; a malformed line is a CHECK.
  void sends(Instant at, std::string line);
  // What the host sent, in order.
  const std::vector<wire::TcpSegment>& received() const { return received_; }

  void on_packet(Instant at, engine::Transit&& transit, uint32_t port) override;
  engine::Due next() const override;
  void run(Instant now, engine::Phase phase) override;

 private:
  struct Shot {
    Instant at;
    std::string line;
  };

  CraftedPeerSetup setup_;
  engine::Node* host_;
  uint32_t host_port_;
  trace::Journal* journal_;
  RecordIds ids_;
  std::deque<Shot> shots_;
  std::vector<wire::TcpSegment> received_;
  std::optional<SeqNum> host_isn_;
  std::optional<uint32_t> host_ts_base_;
};

}  // namespace tcptwin::support
