// profile_fields.cc: every key of a profile: its name, unit, range and meaning.
#include <string>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/datagram_fields.h"
#include "models/catalogue/delay_fields.h"
#include "models/catalogue/identity_fields.h"
#include "models/catalogue/listen_fields.h"
#include "models/catalogue/socket_fields.h"
#include "models/catalogue/tcp_fields.h"
#include "models/catalogue/user_stack_fields.h"
#include "models/catalogue/window_fields.h"

namespace tcptwin::catalogue {

namespace {

using json::Fields;
using policy::Profile;

const Fields<policy::TimeModelConfig>& time_model_fields() {
  using C = policy::TimeModelConfig;
  static const Fields<C> fields =
      Fields<C>("time_model", "what the host's own work costs")
          .duration("system_call", &C::system_call, "a system call and the step to the next",
                    kPositive)
          .duration("transmit", &C::transmit, "from the decision to send to the device", kPositive)
          .duration("transmit_return", &C::transmit_return,
                    "a call that sent returns so much later")
          .duration("receive", &C::receive, "from a packet's arrival to the stack's reaction",
                    kPositive)
          .duration("loopback_receive", &C::loopback_receive, "the same for a packet to oneself",
                    kPositive)
          .boolean("loopback_is_carried", &C::loopback_is_carried,
                   "a call that sends over the loopback carries each packet through its receiver "
                   "before the next; what that answers waits for the end of the call")
          .duration("wake", &C::wake, "from the event to the sleeping thread's first instruction",
                    kPositive)
          .duration("timer", &C::timer, "from the tick to the timer's action", kPositive)
          .duration("sleep_slack", &C::sleep_slack, "how much longer than asked a sleep lasts")
          .duration("copy_per_kib", &C::copy_per_kib, "copying 1024 bytes to or from a program")
          .duration("jitter", &C::jitter,
                    "each cost is stretched by up to this, from a seeded stream")
          .allow_source();
  return fields;
}

const Fields<policy::SendBufferConfig>& send_buffer_fields() {
  using C = policy::SendBufferConfig;
  static const Fields<C> fields =
      Fields<C>("send_buffer", "how much written data a socket takes")
          .enumeration(
              "behaviour", &C::behaviour, "how it is counted",
              {{"bytes", C::Behaviour::kBytes, "payload only"},
               {"chunk_charged", C::Behaviour::kChunkCharged, "chunks with their overhead"},
               {"whole_writes", C::Behaviour::kWholeWrites,
                "a write is taken whole while less than the buffer waits"}},
              {.required = true})
          .size("buffer", &C::buffer, "what a socket starts with",
                {.at_least = 1, .at_most = 1 << 30})
          .enumeration("growth", &C::growth, "how it becomes larger until SO_SNDBUF is set",
                       {{"none", C::Growth::kNone, "not at all"},
                        {"with_window", C::Growth::kWithWindow,
                         "two congestion windows, when the program is the limit"},
                        {"steps", C::Growth::kSteps,
                         "by growth_step, when full and nothing else is the limit"}})
          .size("max_buffer", &C::max_buffer, "the largest it may become; 0: no limit",
                {.at_most = 1 << 30})
          .size("growth_step", &C::growth_step, "steps: so much at a time",
                {.at_least = 1, .at_most = 1 << 30})
          .size("low_water", &C::low_water, "SO_SNDLOWAT at first: what must be free",
                {.at_least = 1, .at_most = 1 << 30})
          .boolean("whole_calls", &C::whole_calls,
                   "bytes: what one call writes is queued in one go, not segment by segment")
          .boolean("whole_segments", &C::whole_segments, "rounded up to a multiple of the MSS")
          .boolean("half_window_segments", &C::half_window_segments,
                   "no segment is longer than half of the largest window ever offered")
          .size("chunk_overhead", &C::chunk_overhead, "chunk_charged: bytes besides the payload",
                {.at_most = 65536})
          .size("segment_headroom", &C::segment_headroom,
                "chunk_charged: added to the MSS before rounding up", {.at_most = 65536})
          .size("segment_struct", &C::segment_struct, "chunk_charged: added after it",
                {.at_most = 65536})
          .size("largest_chunk", &C::largest_chunk, "chunk_charged: no chunk grows beyond",
                {.at_least = 1, .at_most = 1 << 20})
          .boolean("costs_are_rounded", &C::costs_are_rounded,
                   "chunk_charged: a segment costs a power of two and segment_struct")
          .integer("established_segments", &C::established_segments,
                   "chunk_charged: what an established socket holds; 0: two windows",
                   {.at_least = 0, .at_most = 10000})
          .integer("least_segments", &C::least_segments,
                   "chunk_charged: a window counts as so many at least",
                   {.at_least = 1, .at_most = 10000})
          .allow_source();
  return fields;
}

const Fields<policy::RtoConfig>& rto_fields() {
  using C = policy::RtoConfig;
  static const Fields<C> fields =
      Fields<C>("rto", "how long to wait for an acknowledgment, and how often")
          .enumeration("behaviour", &C::behaviour, "the estimator",
                       {{"rfc6298", C::Behaviour::kRfc6298, "SRTT + 4 RTTVAR, the sum floored"},
                        {"floored_deviation", C::Behaviour::kFlooredDeviation,
                         "SRTT + deviation, the deviation floored"},
                        {"sloppy", C::Behaviour::kSloppy,
                         "SRTT + 4 RTTVAR, backed off, floored, then slop is added"}},
                       {.required = true})
          .duration("initial", &C::initial, "before the first sample", kPositive)
          .duration("min", &C::min, "floor of the RTO, or of the deviation", kPositive)
          .duration("max", &C::max, "ceiling, backoff included", kPositive)
          .duration("initial_after_syn_loss", &C::initial_after_syn_loss,
                    "first RTO when the handshake gave no sample", kPositive)
          .integer("data_retries", &C::data_retries, "retransmissions of data before giving up",
                   {.at_least = 0, .at_most = 255})
          .integer("syn_retries", &C::syn_retries, "doubling retransmissions of a SYN",
                   {.at_least = 0, .at_most = 127})
          .integer("syn_linear_timeouts", &C::syn_linear_timeouts,
                   "SYN retransmissions at the initial RTO before it doubles",
                   {.at_least = 0, .at_most = 127})
          .integer("synack_retries", &C::synack_retries, "retransmissions of a SYN-ACK",
                   {.at_least = 0, .at_most = 127})
          .duration("slop", &C::slop, "sloppy: added to each RTO after the handshake")
          .duration("sample_floor", &C::sample_floor, "shorter samples count as this")
          .duration("local_min", &C::local_min, "sloppy: min on the same link; 0: min")
          .integer("forget_after", &C::forget_after,
                   "more timeouts in a row fold SRTT into RTTVAR; 0: never",
                   {.at_least = 0, .at_most = 255})
          .integer("largest_backoff", &C::largest_backoff,
                   "the most the RTO is multiplied by; 0: only max limits it",
                   {.at_least = 0, .at_most = 1 << 20})
          .boolean("retries_are_time", &C::retries_are_time,
                   "data_retries stands for the time that so many doublings of min last")
          .integer("orphan_retries", &C::orphan_retries,
                   "data_retries when no socket waits; 0: the same",
                   {.at_least = 0, .at_most = 255})
          .allow_source();
  return fields;
}

const Fields<policy::HyStartConfig>& hystart_fields() {
  using C = policy::HyStartConfig;
  static const Fields<C> fields =
      Fields<C>("hystart", "how slow start ends before anything is lost")
          .boolean("ack_train", &C::ack_train,
                   "when a train of ACKs is longer than half of the shortest round trip")
          .boolean("delay_rise", &C::delay_rise,
                   "when the round trip has grown by an eighth of the shortest one")
          .integer("low_window", &C::low_window, "segments; not below this window",
                   {.at_least = 0, .at_most = 1'000'000})
          .duration("train_gap", &C::train_gap, "a longer gap between ACKs ends a train",
                    {.at_most = 1min})
          .duration("cushion", &C::cushion,
                    "by how much a train may be longer for bursts of the sender, at most",
                    {.at_most = 1min})
          .duration("least_rise", &C::least_rise, "by how much a round trip has to grow at least",
                    {.at_most = 1min})
          .duration("most_rise", &C::most_rise, "and at most", {.at_most = 1min})
          .integer("samples", &C::samples, "samples of a round before its round trip counts",
                   {.at_least = 0, .at_most = 1'000'000})
          .check([](const C& c, const json::Node& node, json::Context& context) {
            if (c.most_rise < c.least_rise) {
              context.error(node, "\"most_rise\" is below \"least_rise\"");
            }
          })
          .allow_source();
  return fields;
}

const Fields<policy::CubicConfig>& cubic_fields() {
  using C = policy::CubicConfig;
  static const Fields<C> fields =
      Fields<C>("cubic", "the curve of cubic")
          .integer("beta_1024", &C::beta_1024, "what is left after a loss, of 1024",
                   {.at_least = 1, .at_most = 1023})
          .integer("c_1024", &C::c_1024, "how steep the curve is, of 1024",
                   {.at_least = 1, .at_most = 4096})
          .boolean("fast_convergence", &C::fast_convergence,
                   "gives way when the last maximum was not reached")
          .object("hystart", &C::hystart, "when slow start ends by itself", hystart_fields)
          .allow_source();
  return fields;
}

const Fields<policy::CongestionConfig>& congestion_fields() {
  using C = policy::CongestionConfig;
  static const Fields<C> fields =
      Fields<C>("congestion", "how much may be in flight")
          .enumeration("behaviour", &C::behaviour, "the algorithm",
                       {{"none", C::Behaviour::kNone, "only the peer's window limits"},
                        {"reno", C::Behaviour::kReno, "slow start and congestion avoidance"},
                        {"cubic", C::Behaviour::kCubic, "slow start, then a cubic curve"}},
                       {.required = true})
          .enumeration("unit", &C::unit, "what is counted",
                       {{"segments", C::Unit::kSegments, "a small one as much as a full one"},
                        {"bytes", C::Unit::kBytes, "payload"}})
          .enumeration("initial_window", &C::initial_window, "where it begins",
                       {{"segments", C::InitialWindow::kSegments, "initial_segments"},
                        {"by_mss", C::InitialWindow::kByMss,
                         "2 segments above 1460 bytes, 3 above 1095, else 4"},
                        {"bytes", C::InitialWindow::kBytes,
                         "initial_segments or max(2 segments, initial_bytes), the smaller"}})
          .integer("initial_segments", &C::initial_segments, "initial window",
                   {.at_least = 1, .at_most = 10000})
          .size("initial_bytes", &C::initial_bytes, "bytes: initial window",
                {.at_least = 1, .at_most = 1 << 30})
          .integer("syn_losses_allowed", &C::syn_losses_allowed,
                   "more repetitions of the SYN or SYN-ACK make the first window one segment",
                   {.at_least = 0, .at_most = 255})
          .enumeration("growth", &C::growth, "when an ACK may open the window",
                       {{"window_full", C::Growth::kWindowFull, "it was what held data back"},
                        {"half_in_slow_start", C::Growth::kHalfInSlowStart,
                         "or, in slow start, half of it was in use"},
                        {"nearly_full", C::Growth::kNearlyFull, "no more than burst was free"},
                        {"below_peer_window", C::Growth::kBelowPeerWindow,
                         "it is not larger than the peer's"}})
          .integer("burst", &C::burst, "nearly_full: segments", {.at_least = 0, .at_most = 10000})
          .integer("slow_start_limit", &C::slow_start_limit,
                   "the most segments one ACK counts for in slow start; 0: all",
                   {.at_least = 0, .at_most = 10000})
          .integer("avoidance_limit", &C::avoidance_limit,
                   "the same in congestion avoidance; 0: all", {.at_least = 0, .at_most = 10000})
          .enumeration("reduction", &C::reduction, "what a new threshold is computed from",
                       {{"flight", C::Reduction::kFlight, "what is in flight"},
                        {"window", C::Reduction::kWindow, "the congestion window"}})
          .enumeration("idle_restart", &C::idle_restart, "the window after a pause",
                       {{"none", C::IdleRestart::kNone, "as it was"},
                        {"initial_window", C::IdleRestart::kInitialWindow, "the initial window"},
                        {"halves", C::IdleRestart::kHalves, "a half for each RTO"}})
          .duration("idle_restart_after", &C::idle_restart_after, "how long a pause is; 0: an RTO")
          .boolean("window_update_restarts", &C::window_update_restarts,
                   "so does a window that opens for waiting data after such a pause")
          .enumeration("unused", &C::unused, "a window that is not used for an RTO",
                       {{"kept", C::Unused::kKept, "stays"},
                        {"meets", C::Unused::kMeets, "shrinks half way to what is used"}})
          .enumeration("recovery", &C::recovery, "the window during fast recovery",
                       {{"pipe", C::Recovery::kPipe, "stays at the threshold"},
                        {"inflate", C::Recovery::kInflate,
                         "grows with each duplicate ACK, shrinks with a partial one"}})
          .object("cubic", &C::cubic, "cubic: the curve", cubic_fields)
          .allow_source();
  return fields;
}

const Fields<policy::CloseConfig>& close_fields() {
  using C = policy::CloseConfig;
  static const Fields<C> fields =
      Fields<C>("close", "how connections end")
          .duration("msl", &C::msl, "maximum segment lifetime; TIME-WAIT lasts twice as long",
                    kPositive)
          .duration("orphan_fin_wait_2", &C::orphan_fin_wait_2,
                    "how long FIN-WAIT-2 outlives its socket; 0: for ever")
          .integer("orphan_half_rtos", &C::orphan_half_rtos,
                   "but at least so many halves of the RTO", {.at_least = 0, .at_most = 1000})
          .boolean("reset_on_unread_data", &C::reset_on_unread_data,
                   "closing a socket with unread data sends RST")
          .allow_source();
  return fields;
}

const Fields<policy::IcmpConfig>& icmp_fields() {
  using C = policy::IcmpConfig;
  static const Fields<C> fields =
      Fields<C>("icmp", "errors of routers and peers, and own ones")
          .enumeration("unreachable", &C::unreachable, "a connect whose peer a router cannot reach",
                       {{"remembered", C::Unreachable::kRemembered,
                         "goes on; at the end that is its error instead of ETIMEDOUT"},
                        {"fails", C::Unreachable::kFails, "fails at once"},
                        {"fails_in_the_end", C::Unreachable::kFailsInTheEnd,
                         "fails at the second such error, once the SYN was repeated often enough"}})
          .integer("patience", &C::patience,
                   "fails_in_the_end: the SYN must have been repeated more often than this",
                   {.at_least = 0, .at_most = 255})
          .boolean("merges_errors", &C::merges_errors,
                   "ENETUNREACH is told as EHOSTUNREACH, ENOPROTOOPT as ECONNREFUSED")
          .size("least_path_mtu", &C::least_path_mtu,
                "IPv4: a router that names a smaller MTU is believed only this far",
                {.at_least = 68, .at_most = 65535})
          .duration("path_mtu_lifetime", &C::path_mtu_lifetime,
                    "what a router said of a path is forgotten after this", kPositive)
          .integer("black_hole_timeouts", &C::black_hole_timeouts,
                   "after so many timeouts in a row segments shrink and DF is not set; 0: never",
                   {.at_least = 0, .at_most = 255})
          .size("black_hole_mss", &C::black_hole_mss, "what they shrink to",
                {.at_least = 64, .at_most = 65535})
          .integer("errors_per_second", &C::errors_per_second, "own errors in the long run",
                   {.at_least = 1, .at_most = 1'000'000})
          .integer("error_burst", &C::error_burst, "own errors at once",
                   {.at_least = 1, .at_most = 1'000'000})
          .allow_source();
  return fields;
}

}  // namespace

const Fields<Profile>& profile_fields() {
  static const Fields<Profile> fields = [] {
    Fields<Profile> f("profile", "how a host behaves");
    f.text("name", &Profile::name, "name in scenarios", {.required = true, .non_empty = true})
        .text("title", &Profile::title, "one line about it")
        .text("settings", &Profile::settings, "whose names of settings it takes; absent: none")
        .object("lwip", &Profile::user_stack, "the host runs lwIP's own code, set up so",
                user_stack_fields)
        .object("timer_grain", &Profile::timer_grain, "when timers fire", timer_grain_fields)
        .object("time_model", &Profile::time_model, "what the host's work costs", time_model_fields)
        .object("ip", &Profile::ip, "IP header", ip_fields)
        .object("icmp", &Profile::icmp, "ICMP errors and path MTU", icmp_fields)
        .object("isn", &Profile::isn, "initial sequence numbers", isn_fields)
        .object("timestamps", &Profile::timestamps, "timestamps option", timestamp_fields)
        .object("syn", &Profile::syn, "options of a SYN", syn_fields)
        .choice("delayed_ack", &Profile::delayed_ack, "when an ACK waits", "behaviour",
                delayed_ack_alternatives())
        .object("nagle", &Profile::nagle, "when a small segment waits", nagle_fields)
        .object("bursts", &Profile::bursts, "bursts and PSH", burst_fields)
        .object("receive_window", &Profile::receive_window, "receive window", receive_window_fields)
        .object("send_buffer", &Profile::send_buffer, "send buffer", send_buffer_fields)
        .object("rto", &Profile::rto, "retransmission timeout", rto_fields)
        .object("congestion", &Profile::congestion, "congestion control", congestion_fields)
        .object("recovery", &Profile::recovery, "loss recovery", recovery_fields)
        .object("validation", &Profile::validation, "forged and stale segments", validation_fields)
        .object("ecn", &Profile::ecn, "explicit congestion notification", ecn_fields)
        .object("keep_alive", &Profile::keep_alive, "keep-alive", keep_alive_fields)
        .object("persist", &Profile::persist, "zero-window probes", persist_fields)
        .object("time_wait", &Profile::time_wait, "TIME-WAIT", time_wait_fields)
        .object("close", &Profile::close, "closing and TIME-WAIT", close_fields)
        .object("ports", &Profile::ports, "ephemeral ports", ports_fields)
        .object("listen", &Profile::listen, "listening sockets", listen_fields)
        .object("destination_cache", &Profile::destination_cache, "memory of paths",
                destination_cache_fields)
        .object("udp", &Profile::udp, "UDP sockets", udp_fields)
        .object("fragments", &Profile::fragments, "pieces of IP packets", fragment_fields)
        .object("sockets", &Profile::sockets, "socket calls", socket_fields)
        .custom("socket_options", decode_socket_options, "options of setsockopt")
        .custom("message_flags", decode_message_flags, "flags of send and recv")
        .custom("socket_requests", decode_socket_requests, "requests of ioctl");
    return f;
  }();
  return fields;
}

}  // namespace tcptwin::catalogue
