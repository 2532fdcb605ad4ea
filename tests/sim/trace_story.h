// trace_story.h: small journals written by hand: a client and a server, packets in text form, times
// in microseconds.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "sim/trace/journal.h"
#include "stack/wire/text.h"

namespace tcptwin::trace {

inline constexpr uint16_t kClient = 0;
inline constexpr uint16_t kServer = 1;

constexpr Instant at_us(int64_t us) { return Instant::from_ns(us * 1000); }

// Host 0 is the client's, host 1 the server's; on a loopback both ends are on host 0. Process 0 is
// the client.
class Story {
 public:
  explicit Story(bool loopback = false)
      : loopback_(loopback), journal_(Detail::kRecords), ids_{RecordIds(0), RecordIds(1)} {
    journal_.add_host("client");
    if (!loopback) journal_.add_host("server");
    if (!loopback) journal_.add_link("wire");
    journal_.add_process("client");
    journal_.add_process("server");
  }

  Journal& journal() { return journal_; }
  RecordId next_id(uint16_t end) { return ids_[loopback_ ? 0 : end].next(); }
  // Of connections that are made from now on.
  void use_client_port(uint16_t port) { client_port_ = port; }
  void use_client_isn(uint32_t isn) { isn_[0] = SeqNum(isn); }
  // Whether windows of lines from now on are scaled by 7.
  void scale_windows(bool on) { shift_ = on ? 7 : 0; }
  // Whether the reasons of packets and notes from now on are inferred.
  void infer_reasons(bool on) { inferred_ = on; }

  RecordId sends(uint16_t end, int64_t us, std::string_view line, RecordId cause = RecordId::kNone,
                 const tcp::Reason& reason = tcp::DataSegment{}) {
    const RecordId id = next_id(end);
    journal_.sent(id, cause, at_us(us), packet(end, line), loopback_, reason, inferred_);
    return id;
  }
  // At the other end than the one that sent it.
  RecordId arrives(uint16_t end, int64_t us, RecordId sent) {
    const RecordId id = next_id(end);
    journal_.received(id, sent, at_us(us), loopback_);
    return id;
  }
  RecordId drops(uint16_t end, int64_t us, RecordId sent, uint32_t link = 0) {
    const RecordId id = next_id(end);
    journal_.dropped(id, sent, at_us(us), link, DropWhy::kListed);
    return id;
  }
  // Caused by the return of the program's last call.
  RecordId calls(uint16_t end, int64_t us, CallKind kind, int64_t amount = 0) {
    const RecordId id = next_id(end);
    journal_.called(id, last_return_[end], at_us(us), {end, kind, 3, amount, ""});
    return id;
  }
  RecordId wakes(uint16_t end, int64_t us, RecordId call, RecordId cause) {
    const RecordId id = next_id(end);
    journal_.woken(id, cause, at_us(us), call);
    return id;
  }
  RecordId returns(uint16_t end, int64_t us, RecordId call, RecordId cause, int64_t value) {
    const RecordId id = last_return_[end] = next_id(end);
    journal_.returned(id, cause, at_us(us), {call, value, std::nullopt});
    return id;
  }
  RecordId fails(uint16_t end, int64_t us, RecordId call, Errno error) {
    const RecordId id = last_return_[end] = next_id(end);
    journal_.returned(id, call, at_us(us), {call, -1, error});
    return id;
  }
  RecordId notes(uint16_t end, int64_t us, RecordId cause, const tcp::Reason& reason) {
    const RecordId id = next_id(end);
    journal_.noted({id, cause, at_us(us), end, reason, inferred_});  // each end has one connection
    return id;
  }

  // A packet, sent and received `wire_us` later; returns its arrival.
  RecordId passes(uint16_t end, int64_t us, std::string_view line, RecordId cause = RecordId::kNone,
                  const tcp::Reason& reason = tcp::DataSegment{}, int64_t wire_us = 20) {
    const RecordId sent = sends(end, us, line, cause, reason);
    return arrives(end == kClient ? kServer : kClient, us + wire_us, sent);
  }
  // Three packets from `us` on, 100 us in all; after it windows are scaled.
  void handshake(int64_t us = 0) {
    passes(kClient, us, "S 0:0(0) win 64240 <mss 1460,nop,wscale 7>", RecordId::kNone,
           tcp::HandshakeSegment{});
    passes(kServer, us + 30, "S. 0:0(0) ack 1 win 65160 <mss 1460,nop,wscale 7>", RecordId::kNone,
           tcp::HandshakeSegment{});
    scale_windows(true);
    passes(kClient, us + 60, ". 1:1(0) ack 1 win 64256", RecordId::kNone,
           tcp::AckProtocol{tcp::AckProtocol::Why::kHandshake});
  }

 private:
  wire::Packet packet(uint16_t end, std::string_view line) const {
    const wire::TextView view{.isn = isn_[end], .peer_isn = isn_[1 - end], .window_shift = shift_};
    auto segment = wire::parse_text(line, view);
    EXPECT_TRUE(segment) << line;
    wire::Packet packet;
    if (segment) packet.tcp = std::move(*segment);
    const std::array addresses{wire::Ipv4Address(0x0a4d0001), wire::Ipv4Address(0x0a4d0002)};
    const std::array ports{client_port_, uint16_t{5001}};
    packet.ip.source = addresses[loopback_ ? 0 : end];
    packet.ip.destination = addresses[loopback_ ? 0 : 1 - end];
    packet.tcp.source = static_cast<wire::Port>(ports[end]);
    packet.tcp.destination = static_cast<wire::Port>(ports[1 - end]);
    return packet;
  }

  bool loopback_;
  Journal journal_;
  std::array<RecordIds, 2> ids_;
  std::array<RecordId, 2> last_return_{};
  std::array<SeqNum, 2> isn_{SeqNum(1000), SeqNum(0xfffffff0)};
  uint16_t client_port_ = 40000;
  uint8_t shift_ = 0;
  bool inferred_ = false;
};

}  // namespace tcptwin::trace
