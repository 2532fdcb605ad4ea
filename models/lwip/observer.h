// observer.h: why a host with lwIP did what it did, from what can be seen of it: the work it was
// at, its queues and windows before and after, the segment itself. lwIP says nothing of its
// reasons, so all of them are inferred; where nothing can be inferred a packet has no reason.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "models/lwip/glue/glue.h"
#include "stack/base/record.h"
#include "stack/base/ring.h"
#include "stack/tcp/connection.h"
#include "stack/tcp/reason.h"
#include "stack/wire/packet.h"

namespace tcptwin::lwip {

// What lwIP is asked to do.
struct Work {
  enum class Kind : uint8_t {
    kPacket,      // one has arrived
    kCall,        // of a program
    kRead,        // a program has taken data
    kFastTick,    // of the timer that all connections share
    kSlowTick,    // of the slower one
    kOtherTimer,  // reassembly and neighbour discovery
  };
  Kind kind = Kind::kCall;
  const wire::Packet* packet = nullptr;  // kPacket
  LwipConnection* connection = nullptr;  // that the call is about, if it is about one
  bool leaves_unread = false;            // the program closes what it has not read
};

class Observer {
 public:
  // Not `enabled`: gives no reasons and keeps nothing. The intervals: of the two timers that all
  // connections share.
  Observer(bool enabled, const LwipBuild& build, Duration fast_interval, Duration slow_interval,
           RecordIds& ids)
      : enabled_(enabled),
        build_(&build),
        fast_interval_(fast_interval),
        slow_interval_(slow_interval),
        ids_(&ids) {}

  void begin(Instant now, const Work& work, RecordId cause);
  // A packet leaves in the middle of that work.
  struct Departure {
    tcp::Reason reason;
    RecordId cause = RecordId::kNone;
  };
  Departure departs(const wire::Packet& packet);
  // lwIP had none of them left: the name of a pool of memp_std.h.
  void pool_empty(std::string_view pool);
  // lwIP has given the connection up; what made it do so.
  RecordId gave_up(const tcp::Endpoints& ends);
  // One has arrived that its socket had no room for.
  void datagram_dropped();
  // The work is done; `fast_tick`: when the fast timer runs next, never if it does not.
  void end(Instant fast_tick);
  bool poll_note(tcp::Note& out);

 private:
  using By = tcp::DataReleased::By;
  struct Seen {
    uint32_t number = 0;  // the host's own of this connection
    LwipView view{};      // as it was after the last work on it
    SeqNum isn;
    bool isn_known = false;
    StreamPos sent;  // the end of what has left
    Instant ack_since = Instant::never();
    RecordId ack_cause = RecordId::kNone;
    std::optional<By> held_by;
    Instant held_since;
    Instant last_sent;   // when a segment left last, before this work
    Instant last_heard;  // when one came last
    bool sends = false;  // one leaves in this work
  };
  using All = std::map<tcp::Endpoints, Seen>;

  static tcp::Endpoints ends_of(const LwipView& view);
  bool look(const tcp::Endpoints& ends, LwipView& view) const;
  Seen& touch(const tcp::Endpoints& ends);
  void note(const Seen& seen, RecordId cause, tcp::Reason reason);
  RecordId fired(const Seen& seen, tcp::TimerKind which, Instant since, RecordId cause);

  Departure of_segment(const wire::Packet& packet);
  tcp::Reason of_reset(const Seen* seen) const;
  tcp::PastNagle past_nagle(const wire::TcpSegment& segment, const LwipView& now) const;
  Departure of_data(Seen& seen, const wire::TcpSegment& segment, const LwipView& now);
  Departure of_repetition(Seen& seen, const LwipView& now, bool handshake);
  Departure of_ack(Seen& seen, const wire::TcpSegment& segment, const LwipView& now);
  tcp::Reason answer(const Seen& seen, const LwipView& now) const;

  void note_syn();
  void note_reclaimed();
  void note_held_ack(Seen& seen, const LwipView& now, Instant fast_tick);
  void note_held_data(Seen& seen, const LwipView& now);

  bool enabled_;
  const LwipBuild* build_;
  Duration fast_interval_;
  Duration slow_interval_;
  RecordIds* ids_;
  All seen_;
  std::vector<tcp::Endpoints> touched_;  // in this work
  uint32_t last_number_ = 0;
  Instant now_;
  Work work_;
  RecordId cause_ = RecordId::kNone;
  int departures_ = 0;           // in this work
  bool no_connections_ = false;  // the pool of connections was empty
  bool no_segments_ = false;     // and that of segments
  Ring<tcp::Note> notes_;
};

// lwIP's words for an address and ours.
LwipAddress to_lwip(const wire::IpAddress& address);
wire::IpAddress from_lwip(const LwipAddress& address);
// LISTEN, which has no connection, is CLOSED.
tcp::State state_of(LwipState state);

}  // namespace tcptwin::lwip
