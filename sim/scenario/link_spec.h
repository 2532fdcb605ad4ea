// link_spec.h: a link as a scenario file describes it, and its two directions as the network takes
// them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/json/fields.h"
#include "models/json/node.h"
#include "sim/net/link.h"
#include "stack/base/time.h"

namespace tcptwin::scenario {

struct LossSpec {
  std::string from;  // empty: both
  std::vector<int64_t> packets;
  std::vector<int64_t> data_packets;
  std::vector<int64_t> syns;
  std::vector<int64_t> fins;
};

// Fractions in parts per billion.
struct BurstSpec {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t loss = 1'000'000'000;
  int64_t loss_between = 0;
};

struct ReorderSpec {
  int64_t probability = 0;
  int64_t distance = 0;
  Duration delay = std::chrono::milliseconds(10);
};

// What one direction has of its own; absent: as the link says.
struct DirectionSpec {
  std::string from;  // empty: both
  std::optional<Duration> delay;
  std::optional<uint64_t> rate;
  std::optional<int64_t> queue;
  std::optional<int64_t> queue_packets;
  std::optional<int64_t> mark_above;
  int64_t loss = 0;
  std::optional<BurstSpec> bursts;
  int64_t corruption = 0;
  int64_t duplication = 0;
  std::optional<ReorderSpec> reordering;
  Duration jitter{};
};

struct LinkSpec {
  std::vector<std::string> between;
  Duration delay{};
  std::optional<uint64_t> rate;  // bits a second; absent: infinitely fast
  int64_t queue = 1 << 20;       // bytes
  int64_t queue_packets = 0;     // 0: any number
  int64_t mark_above = 0;        // bytes; 0: never
  int64_t mtu = 0;               // bytes; 0: 1500, on a loopback the profile's
  std::vector<LossSpec> loss;
  std::vector<DirectionSpec> directions;

  bool is_loopback() const { return between.size() == 2 && between[0] == between[1]; }
};

const json::Fields<LinkSpec>& link_fields();
// What the fields mean together.
void check_link(const LinkSpec& link, const json::Node& node, json::Context& context);
// What comes from between[0], from between[1].
std::array<net::WayConfig, 2> ways_of(const LinkSpec& link);

}  // namespace tcptwin::scenario
