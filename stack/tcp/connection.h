// connection.h: one TCP connection. Segments and calls in, segments and readiness out; it reads no
// clock and decides only what RFC 9293 decides: whatever differs between operating systems is asked
// of a policy.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "stack/base/errno.h"
#include "stack/base/payload.h"
#include "stack/base/record.h"
#include "stack/base/ring.h"
#include "stack/base/time.h"
#include "stack/base/timer.h"
#include "stack/policy/profile.h"
#include "stack/tcp/own_packet.h"
#include "stack/tcp/plan.h"
#include "stack/tcp/reason.h"
#include "stack/tcp/receive_queue.h"
#include "stack/tcp/sack_report.h"
#include "stack/tcp/send_queue.h"
#include "stack/tcp/state.h"
#include "stack/tcp/tcp_info.h"
#include "stack/wire/tcp.h"

namespace tcptwin::tcp {

// What all connections of a host share; outlives them.
struct HostContext {
  const policy::Profile* profile = nullptr;
  const policy::TimerGrain* grain = nullptr;
  policy::Clocks* clocks = nullptr;
  RecordIds* ids = nullptr;
  Ring<Note>* notes = nullptr;  // null: nobody wants to know why
  policy::DestinationCache* paths = nullptr;
};

// An address as the keyed hashes of the policies take it.
inline policy::AddressKey address_key(const wire::IpAddress& address) {
  if (address.is_v4()) return {address.v4().value()};
  return {address.high(), address.low()};
}

struct Endpoints {
  wire::IpAddress local_address;
  wire::IpAddress remote_address;
  wire::Port local_port{};
  wire::Port remote_port{};
  auto operator<=>(const Endpoints&) const = default;
};

// Consecutive data that leaves at once. `head` carries all of it; on the way out it is cut into
// segments of `segment_size` payload bytes, PSH and FIN going with the last.
struct Burst {
  wire::TcpSegment head;
  uint32_t segment_size = 0;
  uint32_t mss = 0;          // segment_size is larger where nothing has to be cut
  bool may_be_cut = false;   // DF is not set, whatever the host usually does
  bool ecn_capable = false;  // ECT(0) stands in the IP header: RFC 3168 6.1
  RecordId cause = RecordId::kNone;
  Reason reason;
};

// What send() says about the bytes it hands over.
struct WriteFlags {
  bool more = false;    // MSG_MORE: the caller will write again soon
  bool began = false;   // the call has written something before
  bool urgent = false;  // MSG_OOB: the last byte is urgent
};

// As setsockopt has it.
struct KeepAliveSettings {
  bool on = false;
  Duration idle{};      // without traffic before the first probe
  Duration interval{};  // between probes
  int32_t probes = 0;   // unanswered ones before the connection is given up
};

class Connection {
 public:
  // `mtu`: of the path's first link, bytes. `number`: the host's own, used in notes.
  Connection(const HostContext& host, const Endpoints& ends, uint32_t mtu, uint32_t number);

  // ---- commands; `cause` is the record of the call
  // What a connection takes over from one of the same ends that was in TIME-WAIT.
  struct Heritage {
    std::optional<SeqNum> iss;
    uint32_t recent_timestamp = 0;
    uint32_t timestamp_behind = 0;  // of the clock that our timestamps show
    bool without_sample = false;    // nobody knows when the SYN-ACK left: a SYN cookie
  };
  void open(Instant now, const Heritage& heritage, RecordId cause);  // active open
  // A SYN met a listener.
  void open_passively(Instant now, const wire::TcpSegment& syn, const Heritage& heritage,
                      RecordId cause);
  // Takes what the chunk being filled has room for from the front of `data`; returns how many bytes
  // that was, 0 when the buffer is full. What it fills may leave before the next is asked for.
  int64_t write(Instant now, Payload& data, WriteFlags flags, RecordId cause);
  // Takes up to `count` unread bytes.
  // `pinned`: what it takes stays charged to the buffer until release_read.
  Payload read(Instant now, int64_t count, RecordId cause, bool pinned = false);
  void release_read(RecordId cause);
  // A copy of up to `count` unread bytes; nothing changes.
  Payload peek(int64_t count) const;
  void shutdown_write(Instant now, RecordId cause);
  // The socket is gone; unread data or data that comes later may reset the connection.
  void close(Instant now, RecordId cause);
  // Drops everything and resets the peer: SO_LINGER with 0.
  void abort(Instant now, RecordId cause);
  // Drops everything; the peer hears nothing.
  void forget(RecordId cause);
  void set_no_delay(Instant now, bool on, RecordId cause);
  // TCP_CORK or TCP_NOPUSH: small segments wait until it is off again.
  void set_cork(Instant now, bool on, RecordId cause);
  void set_user_timeout(Duration limit);  // of unanswered data: TCP_USER_TIMEOUT; 0: none
  // For this connection instead of the host's; 0: the host's.
  void set_syn_retries(int32_t count);     // TCP_SYNCNT
  void set_connect_limit(Duration limit);  // TCP_CONNECTIONTIMEOUT, TCP_KEEPINIT
  void set_max_segment(int64_t bytes);     // TCP_MAXSEG
  void set_orphan_limit(Duration limit);   // TCP_LINGER2; negative: no FIN-WAIT-2
  // TCP_DEFER_ACCEPT of the listener: a handshake does not end without data for about this long.
  void set_defer_accept(Duration time);
  // TCP_NOOPT: no option in any segment from now on.
  void set_no_options(bool on) { no_options_ = on; }
  void set_keep_alive(Instant now, const KeepAliveSettings& settings, RecordId cause);
  // SO_SNDBUF and SO_RCVBUF, bytes after the host's caps and factors; end autotuning.
  void set_send_buffer(int64_t bytes);
  void set_send_low_water(int64_t bytes);      // SO_SNDLOWAT
  void set_not_sent_low_water(int64_t bytes);  // TCP_NOTSENT_LOWAT
  void set_receive_buffer(int64_t bytes);
  void set_window_clamp(int64_t bytes);       // TCP_WINDOW_CLAMP; 0: none
  void set_receive_low_water(int64_t bytes);  // SO_RCVLOWAT
  int64_t receive_buffer() const { return receive_window_.buffer(); }
  void set_quick_ack(Instant now, int value, RecordId cause);
  // Whether a writer sleeps until the connection stands, or the program has said that data will
  // follow: the ACK of the handshake may then wait for it (facts/linux.md A13).
  void expect_data(bool expected) { data_follows_ = expected; }
  void set_neighbour() { rto_.set_local(); }  // the peer is on the same link
  // A program sleeps in recv and will take what comes: facts/linux.md A15.
  void set_reader_sleeps(bool sleeps) { reader_sleeps_ = sleeps; }
  // One sleeps in a read that is pinned and lacks so many bytes: the next segment may go straight
  // to it, uncharged (facts/linux.md C18). 0: none. What it got, and whether it is to be woken for
  // it:
  void set_direct_reader(int64_t lacks);
  struct DirectRead {
    Payload data;
    bool wakes = false;
  };
  DirectRead take_direct_read();

  // ---- inputs
  // `congested`: its IP header carries CE (RFC 3168 5).
  void on_segment(Instant now, wire::TcpSegment&& segment, bool congested, RecordId cause,
                  const OwnPacket& own = {});
  void on_deadline(Instant now);
  // Between two connections of this host: the last byte of the first segment in the buffer that was
  // filled last, whether its sender shares the memory, and what that means for the next segment.
  std::optional<SeqNum> last_buffer() const;
  bool shares_memory(SeqNum byte) const;
  void on_last_buffer_shared(bool shared) { rcv_.last_buffer_shared = shared; }
  // Routers and hosts about a segment of ours that begins at `quoted`; what is not on its way is
  // ignored (RFC 5927 4.1). `hard`: the peer is there and wants nothing (RFC 1122 4.2.3.9).
  void on_unreachable(SeqNum quoted, Errno error, bool hard, RecordId cause);
  // The path takes packets of `mtu` bytes.
  void on_path_mtu(SeqNum quoted, uint32_t mtu, RecordId cause);
  bool is_on_its_way(SeqNum quoted) const;

  // ---- outputs; pull until false after every command and input
  bool poll_burst(Instant now, Burst& out);
  Instant next_deadline() const;
  // What it would do now. Pure: asking changes nothing.
  Plan plan(Instant now) const;

  // ---- state
  State state() const { return state_; }
  const Endpoints& ends() const { return ends_; }
  int64_t unread() const { return receive_queue_.unread(); }
  bool peer_finished() const {
    return fin_.received;
  }  // every byte before the peer's FIN has arrived
  bool write_ended() const { return fin_.queued; }
  int64_t send_room() const;  // bytes that write would take now
  int64_t send_buffer() const { return send_buffer_.size(); }
  // A call of send ends only when all it wrote is acknowledged, and that is not yet so.
  bool holds_the_writer() const {
    return send_buffer_.holds_nothing() && send_queue_.begin() != send_queue_.end();
  }
  // As poll and select see it: enough room for a program to be told, `low_water` bytes or the end.
  bool writable() const;
  bool readable(int64_t low_water) const;
  TcpInfo info() const;
  // SYN-RECEIVED: whether that segment would end the handshake, as far as its numbers tell.
  bool completes_handshake(const wire::TcpSegment& segment) const;
  bool handshake_repeated() const { return retransmissions_ > 0; }
  std::optional<Errno> error() const { return error_; }
  // TIME-WAIT: what to do with a SYN of the same ends; kPass: hand it to on_segment.
  enum class SynVerdict : uint8_t { kPass, kReplace, kDrop };
  SynVerdict judge_syn_in_time_wait(const wire::TcpSegment& syn) const;
  // Leaves a note of what became of that SYN, whose arrival is `record`.
  void note_syn_in_time_wait(Instant now, const wire::TcpSegment& syn, SynVerdict verdict,
                             RecordId record);
  // For the connection that replaces this one; `passive`: opened by that SYN.
  Heritage heritage() const;
  Instant time_wait_since() const { return life_timer_.armed_at(); }
  bool uses_timestamps() const { return agreed_.timestamps; }
  // The byte sent with MSG_OOB, apart from the stream; empty when there is none (RFC 6093 3).
  Payload read_urgent();
  bool urgent_pending() const { return rare_ && rare_->urgent_byte_waits; }
  bool urgent_announced() const;             // and its byte has not come yet
  bool at_urgent_mark() const;               // SIOCATMARK
  void set_urgent_inline(bool on);           // SO_OOBINLINE
  RecordId cause() const { return cause_; }  // the record of the last input or command
  uint32_t mss() const { return agreed_.mss; }
  const policy::Rto& rto() const { return rto_; }
  bool no_delay() const { return no_delay_; }

 private:
  static constexpr uint32_t kTimestampBytes = 12;  // NOP NOP TS: RFC 7323 appendix A

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
    int64_t wnd = 0;       // as last advertised, or what the field could not say in full
    SeqNum irs;
    bool last_buffer_shared = true;  // its sender still has a hold on it
  };
  struct Agreed {
    uint32_t mss = 0;          // payload bytes a segment may carry, options subtracted
    uint32_t mss_offered = 0;  // in our SYN
    uint32_t mss_limit = 0;    // mss, before the peer's window is looked at
    uint8_t peer_shift = 0;
    uint8_t own_shift = 0;
    bool scaling = false;
    bool timestamps = false;
    bool sack = false;
  };
  struct TimestampState {
    uint32_t offset = 0;
    uint32_t recent = 0;     // TS.Recent, RFC 7323 4.3
    Instant recent_at;       // when that was taken over
    uint32_t last_echo = 0;  // of the peer: what measured the receiver's round trip last
  };
  struct Ecn {               // RFC 3168 6.1
    StreamPos reduced_upto;  // no second reduction before this is acknowledged
    bool agreed = false;
    bool echo = false;     // ECE goes with every ACK until CWR comes
    bool reduced = false;  // CWR goes with the next new data
  };
  // What few connections need; made on demand.
  struct Rare {
    // RFC 9293 3.8.5. Positions are of the byte after the urgent one; 0: none.
    StreamPos send_urgent;
    StreamPos receive_urgent;
    bool urgent_inline = false;
    bool urgent_byte_waits = false;
    Payload urgent_byte;
    // Keep-alive: RFC 9293 3.8.4.
    KeepAliveSettings keep_alive;
    Timer keep_alive_timer;
    int32_t keep_alive_probes = 0;
    // Challenge ACKs since `challenges_from`: RFC 5961 7.
    Instant challenges_from = Instant::never();
    int32_t challenges = 0;
    Instant proof_sent_at = Instant::never();  // the last challenge or answer to a stray segment
    Duration user_timeout{};                   // TCP_USER_TIMEOUT; 0: none
    std::optional<Errno> soft_error;           // of a router, since the last acknowledgment
    // Opening and closing, where a program has its own ideas; 0: the host's.
    int32_t syn_retries = 0;
    Duration connect_limit{};
    Duration orphan_limit{};
    int64_t max_segment = 0;
    int32_t defer_accept = 0;          // timeouts of the SYN-ACK that a bare ACK does not end
    int32_t refusals = 0;              // resets that a SYN has drawn
    bool repeats_refused_syn = false;  // when the timer fires
    bool bare_ack_came = false;        // while the handshake waits for data
    int64_t direct_reader_lacks = 0;
    DirectRead direct_read;
    bool told_of_pins = false;
  };
  // RFC 6582, RFC 6675.
  struct Recovery {
    enum class Phase : uint8_t { kOpen, kFastRecovery, kLoss };
    StreamPos point;             // the phase ends when all before it is acknowledged
    StreamPos sent_before{};     // SND.NXT at the first of the duplicate ACKs
    int64_t departed = 0;        // without SACK: segments that duplicate ACKs say have arrived
    int32_t duplicate_acks = 0;  // in a row
    Phase phase = Phase::kOpen;
    // Sent again since it began; and of that, what the peer had already.
    int64_t resent = 0;
    int64_t needless = 0;
    uint32_t first_resent = 0;  // by our timestamp clock
    bool repair_due = false;    // one segment leaves whatever the window says: RFC 6675 5 (4.3)
    bool shrunk = false;        // for no loss: segments were too big for the path
  };
  // The tail loss probe: facts/linux.md D4.
  struct TailProbe {
    StreamPos upto{};            // SND.NXT after the last one, until it is judged; 0: none
    bool again = false;          // it repeated a segment
    bool armed = false;          // the retransmission timer stands for it
    bool leaves = false;         // now, whatever the congestion window says
    bool waits_for_ack = false;  // the next timeout is a retransmission
    bool data_left = false;      // since the timer was last looked at
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
    bool congested = false;
    OwnPacket own;
    int64_t length = 0;      // SEG.LEN, as it arrived: text is taken out on the way
    bool predicted = false;  // nothing but data, in order: facts/linux.md B12
  };
  enum class Step : uint8_t { kContinue, kDrop };
  // How much may leave now, bytes.
  struct SendLimits {
    int64_t window = 0;      // by the peer
    int64_t congestion = 0;  // by the network
    int64_t burst = 0;       // at once
    int64_t least() const { return std::min({window, congestion, burst}); }
  };

  // connection.cc
  void enter(State next);
  void fail(Errno error);
  void establish(Instant now);
  void arm_connect_limit(Instant now);
  enum class Moment : uint8_t { kOpening, kEstablishing, kEstablished };
  void recall_path(Instant now, Moment moment);
  void remember_path(Instant now);
  void limit_segments();
  void agree_on_options(Instant now, const wire::ParsedTcpOptions& peer);
  bool ecn_requested() const;
  bool to_own_host() const;
  int64_t send_room(int64_t wanted) const;
  int64_t chunk_goal() const;  // bytes to which a chunk of the send queue is filled
  policy::SendBufferView send_view() const;
  void bound_mss();  // by what the peer's window has been
  bool push_is_overdue() const {
    return bursts_.push_is_overdue(send_queue_.end() - pushed_upto_, snd_.wnd_max);
  }
  void push_written();
  uint32_t own_mss() const;  // payload bytes a segment to us may carry
  policy::AckView ack_view() const;
  policy::Flight flight() const;
  policy::WindowView window_view() const;
  void apply(const policy::AckDecision& decision);
  void apply_to_gap(const policy::AckDecision& decision);
  void want_ack(Reason why) { ack_wanted_ = why; }
  RecordId note(Instant at, RecordId cause, const Reason& reason);
  policy::ConnectionKey key() const;

  // input.cc, in the order of RFC 9293 3.10.7
  void arrives_in_syn_sent(Instant now, const Arrival& in);
  void arrives_synchronized(Instant now, const Arrival& in);
  bool is_predicted(const Arrival& in) const;
  bool frees_announced(const Arrival& in);
  void arrives_in_time_wait(Instant now, const Arrival& in);
  Step check_sequence(Instant now, const Arrival& in);
  bool repeats_unacknowledged(const Arrival& in) const;
  void answer_misfit(Instant now, const Arrival& in, AckProtocol::Why why);
  void report_duplicate(StreamPos begin, StreamPos end);
  Step check_timestamp(Instant now, const Arrival& in);
  bool retry_refused(Instant now);
  bool defers_handshake(const Arrival& in);
  Step check_rst(Instant now, const Arrival& in);
  bool reset_is_believed(const Arrival& in) const;
  bool resets_at_fin(const Arrival& in) const;
  Step check_syn(Instant now, const Arrival& in);
  void challenge(Instant now);
  bool keeps_distance(Instant now);
  void answer_future_ack(Instant now);
  bool answers_stray(Instant now, const Arrival& in);
  int32_t timestamp_advance(const wire::TcpSegment& segment) const;
  void take_urgent(const Arrival& in);
  void take_congestion(Instant now, const Arrival& in);
  Step check_ack(Instant now, const Arrival& in);
  void take_text(Instant now, const Arrival& in);
  void take_early(Instant now, StreamPos begin, Payload data);
  void take_in_order(Instant now, const Arrival& in, Payload data);
  bool goes_to_reader(const Arrival& in, uint32_t length) const;
  void read_directly(Instant now, const Arrival& in, Payload data);
  void after_read(Instant now, int64_t copied);
  void tell_of_pins(Instant now);
  // Of the first segment that it carries.
  static uint32_t segment_length(const Arrival& in, uint32_t length) {
    return in.own.segment_size > 0 ? std::min(length, in.own.segment_size) : length;
  }
  bool make_room();
  policy::WindowArrival window_arrival(Instant now, const Arrival& in, uint32_t length,
                                       bool drained);
  void take_fin(Instant now, const Arrival& in);
  void acknowledge_upto(Instant now, const Arrival& in);
  std::optional<Duration> timestamp_sample(Instant now, const Arrival& in) const;
  void update_send_window(Instant now, const Arrival& in, bool idle);
  void after_our_fin_was_acknowledged(Instant now);
  void enter_time_wait(Instant now);
  void start_time_wait(Instant now);
  Rare& rare();
  int64_t readable_before_mark(int64_t count);
  void flush_held();
  void keep_held();
  void rearm_keep_alive(Instant now);
  StreamPos read_position() const;  // of the next unread byte

  // recovery.cc
  int64_t in_flight() const;  // segments, as far as ACKs tell
  policy::Flight flight_size() const;
  int64_t take_sack(const Arrival& in);
  bool is_duplicate_ack(const Arrival& in, int64_t sacked) const;
  void judge_duplicate_ack(Instant now);
  void judge_progress(Instant now, int64_t acked);
  void look_for_losses(Instant now);
  void note_idle_time(Instant now);
  void note_repetition(Instant now, int64_t segments);
  void note_duplicates(const Arrival& in);
  bool repetition_was_needless(const Arrival& in) const;
  void take_reduction_back();
  void note_window_use(Instant now, const Plan& plan);

  // output.cc
  Plan::Control plan_control() const;
  Plan::Data plan_data(Instant now) const;
  Plan::Data plan_fresh_data(Instant now) const;
  Plan::Data plan_fin() const;
  SendLimits send_limits() const;
  policy::BurstView burst_view() const;
  policy::NagleView nagle_view(StreamPos begin, int64_t before, int64_t length) const;
  bool burst_waits(Instant now, const SendLimits& limits, bool last) const;
  Reason held_by_limits(const SendLimits& limits) const;
  bool window_tail_leaves(const SendLimits& limits, int64_t whole) const;
  bool urgent_ahead(StreamPos from) const { return rare_ && rare_->send_urgent > from; }
  bool burst_is_pushed(const Plan::Data& data, const Chunk& chunk, bool alone) const;
  void note_departure(Instant now, const Plan::Data& data, bool push);
  Retransmission why_again() const;
  Plan::Ack plan_ack() const;
  wire::TcpSegment header(Instant now, bool alone = false);
  void add_sack(wire::TcpSegment& segment);
  SackReport& sack_report();
  void add_syn_options(Instant now, wire::TcpSegment& segment, bool answer) const;
  uint16_t advertise();
  Duration handshake_wait(bool answer) const;
  void send_control(Instant now, Plan::Control control, Burst& out);
  void send_data(Instant now, const Plan::Data& data, Burst& out);
  void begin_sending();
  void look_for_room();
  void fill_waiting();
  void settle(Instant now, const Plan& plan);
  void report_holds(Instant now, const Plan& plan);
  StreamPos fin_position() const { return send_queue_.end(); }

  // own_host.cc
  bool leaves_whole(const wire::TcpSegment& head, int64_t bytes) const;
  void queue_in_order(Payload data);

  // path.cc
  Errno timeout_error() const;
  void shrink_segments(uint32_t mss);
  void suspect_black_hole();

  // tail_probe.cc
  bool may_probe_tail() const;
  Duration tail_probe_wait(Instant now, bool fresh) const;
  void arm_retransmission(Instant now);
  void fire_tail_probe(Instant now);
  void note_tail_probe();
  void judge_tail_probe(Instant now, const Arrival& in, bool plain_duplicate);

  // tcp_info.cc
  void tell_timer(TcpInfo& info) const;

  // timers.cc
  void fire_retransmission(Instant now);
  void fire_handshake(Instant now);
  void fire_persist(Instant now);
  void fire_keep_alive(Instant now);
  RecordId fired(Instant now, Timer& timer, TimerKind kind);
  bool give_up(Instant now) const;
  Duration retransmission_wait(Instant now) const;
  void arm_orphan_limit(Instant now);
  Instant pause_deadline() const;
  void arm(Instant now, Timer& timer, Duration wish, policy::TimerClass kind);

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
  policy::Bursts bursts_;
  policy::DelayedAck delayed_ack_;
  policy::ReceiveWindow receive_window_;
  policy::SendBuffer send_buffer_;
  policy::Rto rto_;
  policy::Congestion congestion_;
  policy::WindowUsage usage_;
  Recovery recovery_;
  TailProbe tail_probe_;
  Ecn ecn_;
  std::unique_ptr<Rare> rare_;
  std::unique_ptr<SackReport> sack_report_;  // made when the first gap opens
  Timer retransmission_timer_;               // also the handshake's
  Timer persist_timer_;
  Timer life_timer_;  // TIME-WAIT and an orphan's FIN-WAIT-2
  Instant handshake_sent_at_ = Instant::never();
  Instant heard_at_;                         // last segment of the peer
  Instant data_sent_at_ = Instant::never();  // last time data left
  Instant unanswered_since_;                 // first of the retransmissions in a row
  int32_t retransmissions_ = 0;              // in a row, unanswered
  int64_t resent_segments_ = 0;              // in all
  Plan::Control control_ = Plan::Control::kNone;
  Reason control_reason_;
  SeqNum control_seq_;  // of a reset that answers a segment
  Reason ack_wanted_;   // monostate: no ACK is due now
  Reason held_data_;    // what held data back when it was last looked at
  Instant held_since_;
  Instant sent_at_;           // last segment that left
  StreamPos pushed_upto_{1};  // one past the last byte that was marked to be pushed
  Instant reported_ack_due_ = Instant::never();
  RecordId cause_ = RecordId::kNone;  // the input being handled
  std::optional<Errno> error_;
  int32_t low_water_ = 1;  // SO_RCVLOWAT
  bool no_delay_ = false;
  bool corked_ = false;
  bool no_options_ = false;
  bool data_follows_ = false;
  bool reader_sleeps_ = false;
  bool sample_lost_ = false;         // the handshake gives none: nobody saw the SYN-ACK leave
  bool handshake_repeated_ = false;  // then it gives no round-trip sample (Karn)
  bool fill_small_window_ = false;   // the override timeout of RFC 9293 3.8.6.2.1 (4) has come
  bool passive_ = false;             // opened by a listener
  bool push_once_ = false;           // what is queued leaves now, however small
  bool more_coming_ = false;         // the last write said so, and nothing has pushed since
  bool probe_byte_out_ = false;      // one byte beyond the window was sent as a probe
  bool time_wait_skipped_ = false;   // TIME-WAIT ends with its first ACK
  bool may_be_cut_ = false;          // a black hole was suspected: no DF
  bool data_left_ = false;           // new data has left since the last look at the window
  bool refuses_ = false;             // the next ACK says so: nothing can be taken in
  bool orphan_ = false;              // no socket owns it any more
  bool sending_ = false;          // since the last input or command; poll_burst was not false yet
  bool idle_at_start_ = false;    // nothing was unacknowledged as that began
  bool flushing_ = false;         // what is queued leaves in this go, however small
  bool held_till_event_ = false;  // an option was set that changes nothing by itself
  bool in_call_ = false;          // a write has more to hand over and pushes nothing yet
  bool no_room_ = false;          // a writer found the buffer full
  bool ack_came_ = false;         // since the last time the buffer was looked at
  bool predicts_ = false;         // segments in order are handled on a short path
};

}  // namespace tcptwin::tcp
