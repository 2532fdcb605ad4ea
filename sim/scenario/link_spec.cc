#include "sim/scenario/link_spec.h"

#include <algorithm>

namespace tcptwin::scenario {

namespace {

using json::Context;
using json::Fields;
using json::Node;

constexpr int64_t kLargestQueue = int64_t{1} << 40;

const Fields<LossSpec>& loss_fields() {
  static const auto number = json::integer_of<int64_t>({.at_least = 1});
  static const Fields<LossSpec> fields =
      Fields<LossSpec>("loss", "packets of one direction that the link loses, counted from 1")
          .text("from", &LossSpec::from, "the sending host; absent: both", {.non_empty = true})
          .list("packets", &LossSpec::packets, "of all packets", number)
          .list("data_packets", &LossSpec::data_packets, "of those with payload", number)
          .list("syns", &LossSpec::syns, "of those with SYN", number)
          .list("fins", &LossSpec::fins, "of those with FIN", number);
  return fields;
}

const Fields<BurstSpec>& burst_fields() {
  static const Fields<BurstSpec> fields =
      Fields<BurstSpec>("bursts",
                        "losses that come together: the line falls ill and recovers "
                        "(Gilbert-Elliott)")
          .fraction("begin", &BurstSpec::begin, "probability, for each packet, that it falls ill",
                    {.required = true})
          .fraction("end", &BurstSpec::end, "probability, for each packet, that it recovers",
                    {.required = true, .non_zero = true})
          .fraction("loss", &BurstSpec::loss, "probability that an ill line loses a packet")
          .fraction("loss_between", &BurstSpec::loss_between,
                    "probability that a line that is well loses one");
  return fields;
}

const Fields<ReorderSpec>& reorder_fields() {
  static const Fields<ReorderSpec> fields =
      Fields<ReorderSpec>("reordering", "packets that later ones overtake")
          .fraction("probability", &ReorderSpec::probability, "that a packet is overtaken",
                    {.required = true})
          .integer("distance", &ReorderSpec::distance,
                   "so many later packets overtake it; 0: all that come within `delay`",
                   {.at_least = 0, .at_most = 1000})
          .duration("delay", &ReorderSpec::delay, "it arrives so much later at the latest",
                    {.at_most = std::chrono::hours(1), .non_zero = true});
  return fields;
}

const Fields<DirectionSpec>& direction_fields() {
  static const Fields<DirectionSpec> fields =
      Fields<DirectionSpec>("direction", "what one direction of a link has of its own")
          .text("from", &DirectionSpec::from, "the sending host; absent: both", {.non_empty = true})
          .duration("delay", &DirectionSpec::delay, "propagation; absent: that of the link",
                    {.at_most = std::chrono::hours(1)})
          .rate("rate", &DirectionSpec::rate, "not 0; absent: that of the link", {.non_zero = true})
          .size("queue", &DirectionSpec::queue, "bytes that may wait; absent: that of the link",
                {.at_least = 1500, .at_most = kLargestQueue})
          .integer("queue_packets", &DirectionSpec::queue_packets,
                   "packets that may wait; absent: that of the link", {.at_least = 0})
          .size("mark_above", &DirectionSpec::mark_above,
                "bytes that wait before packets are marked; absent: that of the link")
          .fraction("loss", &DirectionSpec::loss, "probability that a packet is lost")
          .object("bursts", &DirectionSpec::bursts, "losses that come together", burst_fields)
          .fraction("corruption", &DirectionSpec::corruption,
                    "probability that one bit behind the IP header is turned over: the receiver's "
                    "checksum finds it")
          .fraction("duplication", &DirectionSpec::duplication,
                    "probability that a packet arrives twice")
          .object("reordering", &DirectionSpec::reordering, "packets that others overtake",
                  reorder_fields)
          .duration("jitter", &DirectionSpec::jitter,
                    "each packet takes up to so much longer, uniformly; the order stays",
                    {.at_most = std::chrono::hours(1)});
  return fields;
}

void check_end(const LinkSpec& link, const std::string& name, const Node& node, Context& context) {
  if (name.empty()) return;
  if (std::find(link.between.begin(), link.between.end(), name) != link.between.end()) return;
  context.unknown(node.find("from")->origin(), "end of this link", name, link.between);
}

void impair(net::ImpairmentConfig& config, const DirectionSpec& spec) {
  config.loss = spec.loss;
  if (spec.bursts) {
    config.bursts = net::BurstLoss{spec.bursts->begin, spec.bursts->end, spec.bursts->loss_between,
                                   spec.bursts->loss};
  }
  config.corruption = spec.corruption;
  config.duplication = spec.duplication;
  if (spec.reordering) {
    config.reordering = spec.reordering->probability;
    config.reorder_distance = spec.reordering->distance;
    config.reorder_delay = spec.reordering->delay;
  }
  config.jitter = spec.jitter;
}

}  // namespace

const Fields<LinkSpec>& link_fields() {
  static const Fields<LinkSpec> fields =
      Fields<LinkSpec>("link", "a cable between two hosts; of a host to itself: its loopback")
          .list("between", &LinkSpec::between, "the two hosts", json::text_of({.non_empty = true}),
                {.required = true, .at_least = 2, .at_most = 2})
          .duration("delay", &LinkSpec::delay, "propagation, each way",
                    {.at_most = std::chrono::hours(1)})
          .rate("rate", &LinkSpec::rate, "not 0; absent: infinitely fast")
          .size("queue", &LinkSpec::queue, "bytes that may wait at each end",
                {.at_least = 1500, .at_most = kLargestQueue})
          .integer("queue_packets", &LinkSpec::queue_packets,
                   "packets that may wait at each end; 0: any number", {.at_least = 0})
          .size("mark_above", &LinkSpec::mark_above,
                "more bytes waiting: packets that allow it are marked instead of lost later (ECN); "
                "0: never")
          .size("mtu", &LinkSpec::mtu, "largest IP packet; 1500, on a loopback the profile's",
                {.at_least = 68, .at_most = 65536})
          .list("loss", &LinkSpec::loss, "packets to lose", loss_fields)
          .list("directions", &LinkSpec::directions, "what a direction has of its own",
                direction_fields);
  return fields;
}

void check_link(const LinkSpec& link, const Node& node, Context& context) {
  for (size_t k = 0; k < link.loss.size(); ++k) {
    check_end(link, link.loss[k].from, node.find("loss")->items()[k], context);
  }
  for (size_t k = 0; k < link.directions.size(); ++k) {
    check_end(link, link.directions[k].from, node.find("directions")->items()[k], context);
  }
  if (link.rate == uint64_t{0}) {
    const auto rate_scope = context.enter("rate");
    context.error(*node.find("rate"),
                  "a link of rate 0 never sends anything: leave \"rate\" out for an infinitely "
                  "fast one, or give "
                  "one such as \"100Mbit/s\"");
  }
  const bool changes_loopback =
      link.delay.count() > 0 || link.rate || !link.loss.empty() || !link.directions.empty();
  if (link.is_loopback() && changes_loopback) {
    context.error(node,
                  "a loopback takes only \"mtu\": its delay is the host's own work (time_model)");
  }
}

std::array<net::WayConfig, 2> ways_of(const LinkSpec& link) {
  std::array<net::WayConfig, 2> ways;
  for (uint32_t end = 0; end < 2; ++end) {
    net::WayConfig& way = ways[end];
    way.delay = link.delay;
    way.rate = link.rate.value_or(0);
    way.queue = link.queue;
    way.queue_packets = link.queue_packets;
    way.mark_above = link.mark_above;
    const auto concerns = [&](const std::string& from) {
      return from.empty() || from == link.between[end];
    };
    for (const DirectionSpec& spec : link.directions) {
      if (!concerns(spec.from)) continue;
      way.delay = spec.delay.value_or(way.delay);
      way.rate = spec.rate.value_or(way.rate);
      way.queue = spec.queue.value_or(way.queue);
      way.queue_packets = spec.queue_packets.value_or(way.queue_packets);
      way.mark_above = spec.mark_above.value_or(way.mark_above);
      impair(way.impairments, spec);
    }
    for (const LossSpec& loss : link.loss) {
      if (!concerns(loss.from)) continue;
      way.impairments.listed = {loss.packets, loss.data_packets, loss.syns, loss.fins};
    }
  }
  return ways;
}

}  // namespace tcptwin::scenario
