// listen.h: how many connections wait at a listening socket, and what happens to those that find no
// room. Pure data; the host applies it.
#pragma once

#include <cstdint>

#include "stack/policy/syn_cookies.h"

namespace tcptwin::policy {

struct ListenConfig {
  int32_t largest_backlog = 128;
  int32_t smallest_backlog = 0;  // smaller ones count as the largest: facts/darwin.md 5
  // Room for backlog_percent of the backlog, rounded down, and backlog_extra: facts/linux.md G2,
  // facts/freebsd.md G2.
  int32_t backlog_percent = 100;
  int32_t backlog_extra = 0;
  bool handshakes_count = true;  // those whose handshake goes on take room too: facts/darwin.md 5
  // A SYN that finds no room.
  enum class FullSyn : uint8_t {
    kDrop,    // the peer tries again
    kReset,   // facts/windows.md G2
    kAnswer,  // room is needed when the handshake ends: facts/freebsd.md G2
  };
  FullSyn full_syn = FullSyn::kDrop;
  int32_t young_when_full = 0;  // kDrop: not while fewer handshakes than this have not repeated
                                // their SYN-ACK yet: facts/linux.md G2 (2.6.32)
  bool evicts_handshake = false;  // kDrop: one drawn at random makes room: facts/darwin.md 5
  // The end of a handshake that finds no room.
  enum class FullAck : uint8_t {
    kIgnore,  // the SYN-ACK is repeated: facts/linux.md G2
    kReset,   // facts/freebsd.md G2, tcp_abort_on_overflow
  };
  FullAck full_ack = FullAck::kIgnore;
  int32_t handshakes = 0;  // at a time; further SYNs draw a cookie or nothing. 0: as the backlog
  SynCookieConfig cookies{};
};

}  // namespace tcptwin::policy
