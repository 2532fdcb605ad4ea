// profile_fields.cc: every key of a profile: its name, unit, range and meaning.
#include "models/catalogue/catalogue.h"

namespace tcptwin::catalogue {

namespace {

using json::Fields;
using policy::Profile;

constexpr json::Limits<Duration> kPositive{.non_zero = true};

const Fields<policy::TimerGrainConfig>& timer_grain_fields() {
  using C = policy::TimerGrainConfig;
  static const Fields<C> fields =
      Fields<C>("timer_grain", "when a timer really fires")
          .enumeration("behaviour", &C::behaviour, "how wishes are rounded",
                       {{"exact", C::Behaviour::kExact, "at the wished nanosecond"},
                        {"hierarchical_wheel", C::Behaviour::kHierarchicalWheel,
                         "up to a tick; 8 times coarser for each level of 64 slots"}},
                       {.required = true})
          .integer("hz", &C::hz, "ticks a second", {.at_least = 1, .at_most = 1'000'000})
          .integer("ticks_at_boot", &C::ticks_at_boot, "the tick counter at uptime 0")
          .allow_source();
  return fields;
}

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

const Fields<policy::IpConfig>& ip_fields() {
  using C = policy::IpConfig;
  static const Fields<C> fields =
      Fields<C>("ip", "fields of the IP header")
          .integer("ttl", &C::ttl, "time to live", {.at_least = 1, .at_most = 255})
          .boolean("dont_fragment", &C::dont_fragment, "the DF bit")
          .boolean("id_counter", &C::id_counter, "a counter per connection; false: always 0")
          .allow_source();
  return fields;
}

const Fields<policy::IsnConfig>& isn_fields() {
  using C = policy::IsnConfig;
  static const Fields<C> fields =
      Fields<C>("isn", "initial sequence numbers: a keyed hash plus a clock")
          .duration("tick", &C::tick, "the clock rises by one in this time", kPositive)
          .allow_source();
  return fields;
}

const Fields<policy::TimestampConfig>& timestamp_fields() {
  using C = policy::TimestampConfig;
  static const Fields<C> fields =
      Fields<C>("timestamps", "the timestamps option")
          .boolean("offered", &C::offered, "offer and accept it")
          .duration("tick", &C::tick, "the clock's unit", {.at_least = 1us, .at_most = 1s})
          .boolean("random_offset", &C::random_offset, "a random start per connection")
          .allow_source();
  return fields;
}

const Fields<policy::SynConfig>& syn_fields() {
  using C = policy::SynConfig;
  using O = policy::SynOption;
  static const Fields<C> fields =
      Fields<C>("syn", "what a SYN carries")
          .list("options", &C::options, "in the order of the wire",
                json::name_of<O>({{"mss", O::kMss},
                                  {"sack_permitted", O::kSackPermitted},
                                  {"timestamps", O::kTimestamps},
                                  {"nop", O::kNop, "padding of the window scale; goes with it"},
                                  {"window_scale", O::kWindowScale}}),
                {.at_most = 12})
          .integer("default_mss", &C::default_mss, "the peer's MSS when its SYN names none",
                   {.at_least = 1, .at_most = 65535})
          .allow_source();
  return fields;
}

const Fields<policy::EverySecondSegmentConfig>& every_second_fields() {
  using C = policy::EverySecondSegmentConfig;
  static const Fields<C> fields =
      Fields<C>("every_second_segment", "waits a fixed time or for the n-th full segment")
          .duration("delay", &C::delay, "how long an ACK may wait; 0: never", {.at_most = 1min})
          .integer("segments_per_ack", &C::segments_per_ack, "full segments that force an ACK",
                   {.at_least = 1, .at_most = 1000})
          .allow_source();
  return fields;
}

const Fields<policy::QuickackPingpongConfig>& quickack_fields() {
  using C = policy::QuickackPingpongConfig;
  static const Fields<C> fields =
      Fields<C>("quickack_pingpong", "immediate at first, then an adaptive delay in a dialogue")
          .duration("min", &C::min, "shortest delay and the first one",
                    {.at_most = 1min, .non_zero = true})
          .duration("max", &C::max, "longest delay", {.at_most = 1min, .non_zero = true})
          .integer("quick_acks", &C::quick_acks,
                   "immediate ACKs at the start and after an idle time",
                   {.at_least = 0, .at_most = 1'000'000})
          .integer("pingpong_threshold", &C::pingpong_threshold,
                   "replies in time that make a connection interactive",
                   {.at_least = 1, .at_most = 255})
          .check([](const C& c, const json::Node& node, json::Context& context) {
            if (c.max < c.min) context.error(node, "\"max\" is below \"min\"");
          })
          .allow_source();
  return fields;
}

const Fields<policy::NagleConfig>& nagle_fields() {
  using C = policy::NagleConfig;
  static const Fields<C> fields =
      Fields<C>("nagle", "when a segment below the MSS waits")
          .enumeration("behaviour", &C::behaviour, "what it waits for",
                       {{"off", C::Behaviour::kOff, "nothing: it never waits"},
                        {"classic", C::Behaviour::kClassic, "all data in flight"},
                        {"minshall", C::Behaviour::kMinshall, "another small segment in flight"}},
                       {.required = true})
          .allow_source();
  return fields;
}

const Fields<policy::ReceiveWindowConfig>& receive_window_fields() {
  using C = policy::ReceiveWindowConfig;
  static const Fields<C> fields =
      Fields<C>("receive_window", "how much the peer may send")
          .enumeration(
              "behaviour", &C::behaviour, "what the window is made of",
              {{"fixed_buffer", C::Behaviour::kFixedBuffer, "the buffer less unread bytes"},
               {"memory_charged", C::Behaviour::kMemoryCharged,
                "a share of the memory that segments take"}},
              {.required = true})
          .size("buffer", &C::buffer, "what a socket starts with",
                {.at_least = 256, .at_most = 1 << 30})
          .size("max_buffer", &C::max_buffer, "the largest it may become; sets the window scale",
                {.at_least = 256, .at_most = 1 << 30})
          .boolean("scaling", &C::scaling, "offer and accept a window scale")
          .size("headroom", &C::headroom,
                "memory_charged: bytes added to a segment before rounding up", {.at_most = 65536})
          .size("segment_struct", &C::segment_struct, "memory_charged: bytes added after it",
                {.at_most = 65536})
          .integer("ratio_256", &C::ratio_256, "memory_charged: window per 256 bytes of memory",
                   {.at_least = 1, .at_most = 256})
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
               {"chunk_charged", C::Behaviour::kChunkCharged, "chunks with their overhead"}},
              {.required = true})
          .size("buffer", &C::buffer, "what a socket starts with",
                {.at_least = 1, .at_most = 1 << 30})
          .size("chunk_overhead", &C::chunk_overhead, "chunk_charged: bytes besides the payload",
                {.at_most = 65536})
          .size("segment_headroom", &C::segment_headroom,
                "chunk_charged: added to the MSS before rounding up", {.at_most = 65536})
          .size("segment_struct", &C::segment_struct, "chunk_charged: added after it",
                {.at_most = 65536})
          .size("largest_chunk", &C::largest_chunk, "chunk_charged: no chunk grows beyond",
                {.at_least = 1, .at_most = 1 << 20})
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
                         "SRTT + deviation, the deviation floored"}},
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
          .allow_source();
  return fields;
}

const Fields<policy::CongestionConfig>& congestion_fields() {
  using C = policy::CongestionConfig;
  static const Fields<C> fields =
      Fields<C>("congestion", "how much may be in flight")
          .enumeration("behaviour", &C::behaviour, "the algorithm",
                       {{"none", C::Behaviour::kNone, "only the peer's window limits"},
                        {"reno", C::Behaviour::kReno, "slow start and congestion avoidance"}},
                       {.required = true})
          .integer("initial_segments", &C::initial_segments, "initial window",
                   {.at_least = 1, .at_most = 10000})
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
          .boolean("reset_on_unread_data", &C::reset_on_unread_data,
                   "closing a socket with unread data sends RST")
          .allow_source();
  return fields;
}

const Fields<policy::PortsConfig>& ports_fields() {
  using C = policy::PortsConfig;
  static const Fields<C> fields =
      Fields<C>("ports", "ephemeral ports")
          .integer("first", &C::first, "lowest", {.at_least = 1, .at_most = 65535})
          .integer("last", &C::last, "highest", {.at_least = 1, .at_most = 65535})
          .integer("step", &C::step, "from one to the next", {.at_least = 1, .at_most = 65535})
          .check([](const C& c, const json::Node& node, json::Context& context) {
            if (c.last < c.first) context.error(node, "\"last\" is below \"first\"");
          })
          .allow_source();
  return fields;
}

const Fields<policy::ListenConfig>& listen_fields() {
  using C = policy::ListenConfig;
  static const Fields<C> fields =
      Fields<C>("listen", "queues of a listening socket")
          .integer("largest_backlog", &C::largest_backlog, "larger ones are cut to this",
                   {.at_least = 0, .at_most = 1 << 20})
          .integer("backlog_extra", &C::backlog_extra, "connections held beyond the backlog",
                   {.at_least = 0, .at_most = 1000})
          .allow_source();
  return fields;
}

const Fields<policy::SocketOption>& socket_option_fields() {
  using C = policy::SocketOption;
  using E = policy::OptionEffect;
  static const Fields<C> fields =
      Fields<C>("socket_option", "one option of setsockopt")
          .text("level", &C::level_name, "name of the level", {.required = true, .non_empty = true})
          .integer("level_number", &C::level, "number of the level", {.required = true})
          .text("name", &C::name, "name of the option", {.required = true, .non_empty = true})
          .integer("number", &C::number, "number of the option", {.required = true})
          .enumeration("effect", &C::effect, "what it does",
                       {{"no_delay", E::kNoDelay, "turns Nagle off"},
                        {"quick_ack", E::kQuickAck, "immediate ACKs for the moment"},
                        {"reuse_address", E::kReuseAddress, "noted, without effect yet"}},
                       {.required = true});
  return fields;
}

struct SocketOptions {
  std::vector<policy::SocketOption> options;
};

const Fields<SocketOptions>& socket_options_fields() {
  static const Fields<SocketOptions> fields =
      Fields<SocketOptions>("socket_options", "the options the host knows, with its numbers")
          .list("options", &SocketOptions::options, "all of them", socket_option_fields)
          .allow_source();
  return fields;
}

}  // namespace

const Fields<Profile>& profile_fields() {
  static const Fields<Profile> fields = [] {
    Fields<Profile> f("profile", "how a host behaves");
    f.text("name", &Profile::name, "name in scenarios", {.required = true, .non_empty = true})
        .text("title", &Profile::title, "one line about it")
        .object("timer_grain", &Profile::timer_grain, "when timers fire", timer_grain_fields)
        .object("time_model", &Profile::time_model, "what the host's work costs", time_model_fields)
        .object("ip", &Profile::ip, "IP header", ip_fields)
        .object("isn", &Profile::isn, "initial sequence numbers", isn_fields)
        .object("timestamps", &Profile::timestamps, "timestamps option", timestamp_fields)
        .object("syn", &Profile::syn, "options of a SYN", syn_fields)
        .choice("delayed_ack", &Profile::delayed_ack, "when an ACK waits", "behaviour",
                {{"every_second_segment", every_second_fields, "the RFCs' rule"},
                 {"quickack_pingpong", quickack_fields, "immediate first, delayed in a dialogue"}})
        .object("nagle", &Profile::nagle, "when a small segment waits", nagle_fields)
        .object("receive_window", &Profile::receive_window, "receive window", receive_window_fields)
        .object("send_buffer", &Profile::send_buffer, "send buffer", send_buffer_fields)
        .object("rto", &Profile::rto, "retransmission timeout", rto_fields)
        .object("congestion", &Profile::congestion, "congestion control", congestion_fields)
        .object("close", &Profile::close, "closing and TIME-WAIT", close_fields)
        .object("ports", &Profile::ports, "ephemeral ports", ports_fields)
        .object("listen", &Profile::listen, "listening sockets", listen_fields)
        .custom(
            "socket_options",
            [](const json::Node& node, Profile& profile, json::Context& context) {
              SocketOptions decoded;
              json::decode(socket_options_fields(), node, decoded, context);
              profile.socket_options = std::move(decoded.options);
            },
            "options of setsockopt");
    return f;
  }();
  return fields;
}

}  // namespace tcptwin::catalogue
