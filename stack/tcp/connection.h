// connection.h: one TCP connection. Segments and calls in, segments and readiness out; it reads no
// clock and decides only what RFC 9293 decides: whatever differs between operating systems is asked
// of a policy.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/errno.h"
#include "stack/base/payload.h"
#include "stack/base/record.h"
#include "stack/base/ring.h"
#include "stack/base/time.h"
#include "stack/base/timer.h"
#include "stack/policy/profile.h"
#include "stack/tcp/plan.h"
#include "stack/tcp/reason.h"
#include "stack/tcp/receive_queue.h"
#include "stack/tcp/send_queue.h"
#include "stack/tcp/state.h"
#include "stack/wire/tcp.h"

namespace tcptwin::tcp {

// What all connections of a host share; outlives them.
struct HostContext {
  const policy::Profile* profile = nullptr;
  const policy::TimerGrain* grain = nullptr;
  const policy::Clocks* clocks = nullptr;
  RecordIds* ids = nullptr;
  Ring<Note>* notes = nullptr;  // null: nobody wants to know why
};

struct Endpoints {
  wire::Ipv4Address local_address;
  wire::Ipv4Address remote_address;
  wire::Port local_port{};
  wire::Port remote_port{};
  auto operator<=>(const Endpoints&) const = default;
};

// Consecutive data that leaves at once. `head` carries all of it; on the way out it is cut into
// segments of `segment_size` payload bytes, PSH and FIN going with the last.
struct Burst {
  wire::TcpSegment head;
  uint32_t segment_size = 0;
  RecordId cause = RecordId::kNone;
  Reason reason;
};

class Connection {
 public:
  // `mtu`: of the path's first link, bytes. `number`: the host's own, used in notes.
  Connection(const HostContext& host, const Endpoints& ends, uint32_t mtu, uint32_t number);

  // ---- commands; `cause` is the record of the call
  void open(Instant now, RecordId cause);  // active open
  void open_passively(Instant now, const wire::TcpSegment& syn,
                      RecordId cause);  // a SYN met a listener
  // Takes what the chunk being filled has room for from the front of `data`; returns how many bytes
  // that was, 0 when the buffer is full. What it fills may leave before the next is asked for.
  int64_t write(Instant now, Payload& data, RecordId cause);
  // Takes up to `count` unread bytes.
  Payload read(Instant now, int64_t count, RecordId cause);
  void shutdown_write(Instant now, RecordId cause);
  // The socket is gone; unread data or data that comes later may reset the connection.
  void close(Instant now, RecordId cause);
  void set_no_delay(bool on, RecordId cause);
  void set_quick_ack(Instant now, int value, RecordId cause);

  // ---- inputs
  void on_segment(Instant now, wire::TcpSegment&& segment, RecordId cause);
  void on_deadline(Instant now);

  // ---- outputs; pull until false after every command and input
  bool poll_burst(Instant now, Burst& out);
  Instant next_deadline() const;
  // What it would do now. Pure: asking changes nothing.
  Plan plan() const;

  // ---- state
  State state() const { return state_; }
  const Endpoints& ends() const { return ends_; }
  int64_t unread() const { return receive_queue_.unread(); }
  bool peer_finished() const {
    return fin_.received;
  }  // every byte before the peer's FIN has arrived
  bool write_ended() const { return fin_.queued; }
  int64_t send_room() const;  // bytes that write would take now
  std::optional<Errno> error() const { return error_; }
  RecordId cause() const { return cause_; }  // the record of the last input or command
  uint32_t mss() const { return agreed_.mss; }
  const policy::Rto& rto() const { return rto_; }
  bool no_delay() const { return no_delay_; }

 private:
  // RFC 9293 3.3.1, by position: the SYN is 0.
  struct SendVariables {
    StreamPos una, nxt, wl1, wl2;
    int64_t wnd = 0;
    int64_t wnd_max = 0;  // the largest the peer has offered
    SeqNum iss;
  };
  struct ReceiveVariables {
    StreamPos nxt;
    StreamPos acked;       // the last acknowledgment we sent (rcv_wup)
    StreamPos right_edge;  // one past the last byte the peer may send
    int64_t wnd = 0;       // as last advertised
    SeqNum irs;
  };
  struct Agreed {
    uint32_t mss = 0;          // payload bytes a segment may carry, options subtracted
    uint32_t mss_offered = 0;  // in our SYN
    uint8_t peer_shift = 0;
    uint8_t own_shift = 0;
    bool scaling = false;
    bool timestamps = false;
    bool sack = false;
  };
  struct TimestampState {
    uint32_t offset = 0;
    uint32_t recent = 0;  // TS.Recent, RFC 7323 4.3
  };
  struct Fin {
    bool queued = false;  // the application has ended its stream
    bool sent = false;
    bool lost = false;
    bool received = false;                   // the peer's, in order
    std::optional<StreamPos> peer_position;  // seen, perhaps ahead of missing data
  };
  // A segment on its way in, its numbers turned into positions.
  struct Arrival {
    wire::TcpSegment* segment = nullptr;
    wire::ParsedTcpOptions options;
    StreamPos seq;
    StreamPos ack;
    int64_t window = 0;
    uint32_t header_size = 0;
    int64_t length = 0;  // SEG.LEN, as it arrived: text is taken out on the way
  };
  enum class Step : uint8_t { kContinue, kDrop };

  // connection.cc
  void enter(State next);
  void fail(Errno error);
  void establish(Instant now);
  void agree_on_options(const wire::ParsedTcpOptions& peer);
  int64_t chunk_goal() const;  // bytes to which a chunk of the send queue is filled
  uint32_t own_mss() const;    // payload bytes a segment to us may carry
  policy::AckView ack_view() const;
  policy::WindowView window_view() const;
  void apply(const policy::AckDecision& decision);
  void want_ack(Reason why) { ack_wanted_ = why; }
  RecordId note(Instant at, RecordId cause, const Reason& reason);
  policy::ConnectionKey key() const;

  // input.cc, in the order of RFC 9293 3.10.7
  void arrives_in_syn_sent(Instant now, const Arrival& in);
  void arrives_synchronized(Instant now, const Arrival& in);
  void arrives_in_time_wait(Instant now, const Arrival& in);
  Step check_sequence(const Arrival& in);
  Step check_rst(const Arrival& in);
  Step check_syn(const Arrival& in);
  Step check_ack(Instant now, const Arrival& in);
  void take_text(Instant now, const Arrival& in);
  void take_fin(Instant now, const Arrival& in);
  void acknowledge_upto(Instant now, StreamPos ack);
  void update_send_window(const Arrival& in);
  void after_our_fin_was_acknowledged(Instant now);
  void enter_time_wait(Instant now);

  // output.cc
  Plan::Control plan_control() const;
  Plan::Data plan_data() const;
  Plan::Data plan_fresh_data() const;
  Plan::Data plan_fin() const;
  Plan::Ack plan_ack() const;
  wire::TcpSegment header(Instant now);
  void add_syn_options(Instant now, wire::TcpSegment& segment, bool answer) const;
  uint16_t advertise();
  void send_control(Instant now, Plan::Control control, Burst& out);
  void send_data(Instant now, const Plan::Data& data, Burst& out);
  void settle(Instant now, const Plan& plan);
  void report_holds(Instant now, const Plan& plan);
  StreamPos fin_position() const { return send_queue_.end(); }

  // timers.cc
  void fire_retransmission(Instant now);
  void fire_persist(Instant now);
  RecordId fired(Instant now, Timer& timer, TimerKind kind);
  bool give_up() const;
  void arm(Instant now, Timer& timer, Duration wish);

  const HostContext* host_;
  Endpoints ends_;
  uint32_t number_;
  uint32_t mtu_;
  State state_ = State::kClosed;
  SendVariables snd_;
  ReceiveVariables rcv_;
  Agreed agreed_;
  TimestampState timestamp_;
  Fin fin_;
  SendQueue send_queue_;
  ReceiveQueue receive_queue_;
  policy::Nagle nagle_;
  policy::DelayedAck delayed_ack_;
  policy::ReceiveWindow receive_window_;
  policy::SendBuffer send_buffer_;
  policy::Rto rto_;
  policy::Congestion congestion_;
  Timer retransmission_timer_;  // also the handshake's
  Timer persist_timer_;
  Timer life_timer_;  // TIME-WAIT and an orphan's FIN-WAIT-2
  Instant handshake_sent_at_ = Instant::never();
  int32_t retransmissions_ = 0;  // in a row, unanswered
  Plan::Control control_ = Plan::Control::kNone;
  Reason control_reason_;
  SeqNum control_seq_;  // of a reset that answers a bad acknowledgment
  Reason ack_wanted_;   // monostate: no ACK is due now
  Reason held_data_;    // what held data back when it was last looked at
  Instant held_since_;
  Instant reported_ack_due_ = Instant::never();
  RecordId cause_ = RecordId::kNone;  // the input being handled
  std::optional<Errno> error_;
  bool no_delay_ = false;
  bool handshake_repeated_ = false;  // then it gives no round-trip sample (Karn)
  bool fill_small_window_ = false;   // the override timeout of RFC 9293 3.8.6.2.1 (4) has come
  bool orphan_ = false;              // no socket owns it any more
};

}  // namespace tcptwin::tcp
