#include "tests/support/crafted_peer.h"

#include <utility>

#include "stack/base/check.h"
#include "stack/tcp/reason.h"

namespace tcptwin::support {

CraftedPeer::CraftedPeer(const CraftedPeerSetup& setup, engine::Node& host, uint32_t host_port,
                         trace::Journal& journal)
    : setup_(setup), host_(&host), host_port_(host_port), journal_(&journal), ids_(setup.number) {}

void CraftedPeer::sends(Instant at, std::string line) {
  CHECK(shots_.empty() || shots_.back().at <= at);
  shots_.push_back({at, std::move(line)});
  reschedule();
}

void CraftedPeer::on_packet(Instant at, engine::Transit&& transit, uint32_t) {
  journal_->received(ids_.next(), transit.sent, at, false);
  wire::TcpSegment segment = std::move(transit.packet.tcp);
  if (segment.flags.syn && !host_isn_) {
    host_isn_ = segment.seq;
    const auto options = wire::parse_options(segment.options);
    if (options.timestamps) host_ts_base_ = options.timestamps->value;
  }
  received_.push_back(std::move(segment));
}

engine::Due CraftedPeer::next() const {
  if (shots_.empty()) return {};
  return {shots_.front().at, engine::Phase::kPacket};
}

void CraftedPeer::run(Instant now, engine::Phase) {
  while (!shots_.empty() && shots_.front().at <= now) {
    auto segment = wire::parse_text(shots_.front().line, {.isn = setup_.isn,
                                                          .peer_isn = host_isn_.value_or(SeqNum(0)),
                                                          .window_shift = 0,
                                                          .ts_base = setup_.ts_base,
                                                          .peer_ts_base = host_ts_base_.value_or(0),
                                                          .near = {},
                                                          .peer_near = {}});
    CHECK(segment.has_value());
    shots_.pop_front();
    engine::Transit transit;
    transit.packet.ip.source = setup_.own_address;
    transit.packet.ip.destination = setup_.host_address;
    transit.packet.tcp = std::move(*segment);
    transit.packet.tcp.source = setup_.own_port;
    transit.packet.tcp.destination = setup_.host_port;
    transit.sent = ids_.next();
    transit.sender_ids = &ids_;
    journal_->sent(transit.sent, RecordId::kNone, now, transit.packet, false, {});
    host_->on_packet(now, std::move(transit), host_port_);
  }
  reschedule();
}

}  // namespace tcptwin::support
