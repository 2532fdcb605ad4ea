// impairments.h: what a link does to the packets of one direction besides carrying them: loses,
// damages, doubles and delays them, by list or by chance. Decides; the link carries it out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/record.h"
#include "stack/base/rng.h"
#include "stack/base/time.h"
#include "stack/wire/packet.h"

namespace tcptwin::net {

// Packets of one direction, each by its number from 1: of all packets, of those with payload
// (retransmissions count), of those with SYN, or of those with FIN.
struct PacketList {
  std::vector<int64_t> packets;
  std::vector<int64_t> data_packets;
  std::vector<int64_t> syns;
  std::vector<int64_t> fins;

  bool empty() const {
    return packets.empty() && data_packets.empty() && syns.empty() && fins.empty();
  }
};

// Gilbert and Elliott: the line is well or ill, and loses packets with another probability in each.
// All in parts per billion.
struct BurstLoss {
  int64_t begin = 0;  // a packet finds the line fallen ill
  int64_t end = 0;    // or recovered
  int64_t loss_when_well = 0;
  int64_t loss_when_ill = 1'000'000'000;
};

// Probabilities in parts per billion.
struct ImpairmentConfig {
  PacketList listed;  // lost
  int64_t loss = 0;
  std::optional<BurstLoss> bursts;
  int64_t corruption = 0;  // one bit behind the IP header is turned over
  int64_t duplication = 0;
  int64_t reordering = 0;
  int64_t reorder_distance = 0;  // so many later packets overtake it; 0: as many as come in time
  Duration reorder_delay = std::chrono::milliseconds(10);  // it arrives so much later at the latest
  Duration jitter{};  // each packet takes up to so much longer; the order stays

  bool any() const {
    return !listed.empty() || loss > 0 || bursts || corruption > 0 || duplication > 0 ||
           reordering > 0 || jitter.count() > 0;
  }
};

// What happens to one packet.
struct Fate {
  std::optional<trace::DropWhy> lost;
  uint32_t flipped_bit = 0;  // counted from 1 behind the IP header; 0: none
  bool doubled = false;
  bool late = false;
  Duration jitter{};
};

// Each kind of chance draws from a stream of its own, once for each packet of the direction, lost
// ones included: what is added to a link shifts nothing that was there.
class Impairments {
 public:
  // `name`: of link and direction, "client-server/ab".
  Impairments(const ImpairmentConfig& config, uint64_t seed, const std::string& name);
  Fate decide(const wire::Packet& packet);
  const ImpairmentConfig& config() const { return config_; }

 private:
  bool is_listed(const wire::Packet& packet);
  bool falls_to_burst();

  ImpairmentConfig config_;
  Rng loss_, bursts_, corruption_, duplication_, reordering_, jitter_;
  bool ill_ = false;
  int64_t seen_ = 0, seen_data_ = 0, seen_syn_ = 0, seen_fin_ = 0;
};

}  // namespace tcptwin::net
