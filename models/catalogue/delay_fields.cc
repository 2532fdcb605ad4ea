#include "models/catalogue/delay_fields.h"

namespace tcptwin::catalogue {

using json::Fields;

namespace {

constexpr json::Limits<Duration> kUpToAMinute{.at_most = 1min};
constexpr json::Limits<Duration> kSomeUpToAMinute{.at_most = 1min, .non_zero = true};

const Fields<policy::EverySecondSegmentConfig>& every_second_fields() {
  using C = policy::EverySecondSegmentConfig;
  static const Fields<C> fields =
      Fields<C>("every_second_segment", "waits a fixed time or for the n-th segment")
          .duration("delay", &C::delay, "how long an ACK may wait; 0: never", kUpToAMinute)
          .integer("segments_per_ack", &C::segments_per_ack, "segments that force an ACK",
                   {.at_least = 1, .at_most = 1000})
          .enumeration("count", &C::count, "what counts as a segment",
                       {{"full_segments", C::Count::kFullSegments, "as many bytes as a full one"},
                        {"segments", C::Count::kSegments, "each, of any size"}})
          .duration("global_tick", &C::global_tick,
                    "delays end on ticks of one clock for all connections; 0: none", kUpToAMinute)
          .allow_source();
  return fields;
}

const Fields<policy::AlternateSegmentConfig>& alternate_segment_fields() {
  using C = policy::AlternateSegmentConfig;
  static const Fields<C> fields =
      Fields<C>("alternate_segment", "waits only while no other ACK waits")
          .duration("delay", &C::delay, "how long an ACK may wait; 0: never", kUpToAMinute)
          .allow_source();
  return fields;
}

const Fields<policy::ForcedCreditsConfig>& forced_credits_fields() {
  using C = policy::ForcedCreditsConfig;
  static const Fields<C> fields =
      Fields<C>("forced_credits", "immediate for a number of ACKs, then while the reader keeps up")
          .duration("delay", &C::delay, "how long an ACK may wait", kSomeUpToAMinute)
          .integer("credits", &C::credits, "immediate ACKs at the start, after idle time and loss",
                   {.at_least = 0, .at_most = 1'000'000})
          .size("initial_buffer", &C::initial_buffer,
                "beyond 1.5 times this window more than a segment may wait", {.at_most = 1 << 30})
          .integer("largest_unacked_mss", &C::largest_unacked_mss,
                   "full segments that never wait together; 0: no limit",
                   {.at_least = 0, .at_most = 1'000'000})
          .allow_source();
  return fields;
}

const Fields<policy::StretchAcksConfig>& stretch_acks_fields() {
  using C = policy::StretchAcksConfig;
  static const Fields<C> fields =
      Fields<C>("stretch_acks", "one segment waits, in a stream several do")
          .duration("delay", &C::delay, "how long an ACK may wait; 0: never", kUpToAMinute)
          .integer("stretched_segments", &C::stretched_segments,
                   "segments that an ACK of a stream covers; 1: never a stream",
                   {.at_least = 1, .at_most = 1000})
          .duration("stream_window", &C::stream_window,
                    "a stream brings that many full segments in this time", kSomeUpToAMinute)
          .duration("stream_idle", &C::stream_idle, "and never pauses for longer", kSomeUpToAMinute)
          .integer("packets_before", &C::packets_before,
                   "segments since the start or the last loss before a stream is recognised",
                   {.at_least = 0, .at_most = 1'000'000})
          .integer("expiries_allowed", &C::expiries_allowed,
                   "delay timers that fire in a stream before it counts as none",
                   {.at_least = 0, .at_most = 1'000'000})
          .integer("packets_until_retry", &C::packets_until_retry,
                   "segments until it may count as one again",
                   {.at_least = 0, .at_most = 1'000'000})
          .allow_source();
  return fields;
}

const Fields<policy::QuickackPingpongConfig>& quickack_fields() {
  using C = policy::QuickackPingpongConfig;
  static const Fields<C> fields = [] {
    Fields<C> f("quickack_pingpong", "immediate at first, then an adaptive delay in a dialogue");
    f.duration("min", &C::min, "shortest delay and the first one", kSomeUpToAMinute)
        .duration("max", &C::max, "longest delay", kSomeUpToAMinute)
        .integer("quick_acks", &C::quick_acks, "immediate ACKs at the start and after an idle time",
                 {.at_least = 0, .at_most = 1'000'000})
        .integer("pingpong_threshold", &C::pingpong_threshold,
                 "replies in time that make a connection interactive",
                 {.at_least = 1, .at_most = 255})
        .duration("max_unpushed", &C::max_unpushed,
                  "longest delay of data that is not pushed, outside a dialogue", kSomeUpToAMinute)
        .boolean("max_limits_all", &C::max_limits_all,
                 "\"max\" and the RTO limit every delay, not only those above \"min\"")
        .boolean("low_water_clause", &C::low_water_clause,
                 "full segments are acknowledged at once also while little is unread")
        .boolean("full_push_counts", &C::full_push_counts, "PSH on a full segment counts as pushed")
        .boolean("gap_grants_quick_acks", &C::gap_grants_quick_acks,
                 "data behind a gap grants immediate ACKs")
        .integer("duplicates_at_once", &C::duplicates_at_once,
                 "ACKs of data behind a gap before they pause",
                 {.at_least = 0, .at_most = 1'000'000})
        .integer("compressed_acks", &C::compressed_acks,
                 "ACKs of data behind a gap left out in a row; 0: none",
                 {.at_least = 0, .at_most = 1'000'000})
        .duration("compression_delay", &C::compression_delay,
                  "longest pause between such ACKs; 5 % of the round trip if that is shorter",
                  kUpToAMinute)
        .boolean("growth_grants_quick_ack", &C::growth_grants_quick_ack,
                 "a window that grows grants an immediate ACK")
        .boolean("low_space_ends_quick_acks", &C::low_space_ends_quick_acks,
                 "a buffer more than half full ends the immediate ACKs")
        .boolean("handshake_ack_may_wait", &C::handshake_ack_may_wait,
                 "the last ACK of the handshake waits when data is about to follow")
        .duration("sleeping_reader_guard", &C::sleeping_reader_guard,
                  "while a reader sleeps in recv, no ACK waits longer; 0: no limit", kUpToAMinute)
        .check([](const C& c, const json::Node& node, json::Context& context) {
          if (c.max < c.min) context.error(node, "\"max\" is below \"min\"");
        })
        .allow_source();
    return f;
  }();
  return fields;
}

}  // namespace

std::vector<json::Alternative<policy::DelayedAckConfig>> delayed_ack_alternatives() {
  return {{"every_second_segment", every_second_fields, "the RFCs' rule"},
          {"quickack_pingpong", quickack_fields, "immediate first, delayed in a dialogue"},
          {"alternate_segment", alternate_segment_fields, "never two at a time"},
          {"forced_credits", forced_credits_fields, "immediate while the reader keeps up"},
          {"stretch_acks", stretch_acks_fields, "one waits, or several of a stream"}};
}

const Fields<policy::TimerGrainConfig>& timer_grain_fields() {
  using C = policy::TimerGrainConfig;
  static const Fields<C> fields =
      Fields<C>("timer_grain", "when a timer really fires")
          .enumeration(
              "behaviour", &C::behaviour, "how wishes are rounded",
              {{"exact", C::Behaviour::kExact, "at the wished nanosecond"},
               {"hierarchical_wheel", C::Behaviour::kHierarchicalWheel,
                "up to a tick; 8 times coarser for each level of 64 slots"},
               {"tick", C::Behaviour::kTick, "at the tick itself, up to one tick early"},
               {"next_tick", C::Behaviour::kNextTick, "at the first tick that is not early"},
               {"shared_list", C::Behaviour::kSharedList,
                "at the wish, or along with other timers within the quantum of its class"}},
              {.required = true})
          .integer("hz", &C::hz, "ticks a second", {.at_least = 1, .at_most = 1'000'000})
          .integer("ticks_at_boot", &C::ticks_at_boot, "the tick counter at uptime 0")
          .duration("quantum_fast", &C::quantum_fast,
                    "shared_list: how late retransmissions and delayed ACKs may run", kUpToAMinute)
          .duration("quantum_slow", &C::quantum_slow,
                    "shared_list: the same for persist, keep-alive and TIME-WAIT", kUpToAMinute)
          .duration("time_wait_sweep", &C::time_wait_sweep,
                    "TIME-WAIT ends at the next sweep of this period; 0: by a timer of its own",
                    kUpToAMinute)
          .duration("time_wait_leeway", &C::time_wait_leeway, "how much later an idle host sweeps",
                    kUpToAMinute)
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
                        {"minshall", C::Behaviour::kMinshall, "another small segment in flight"},
                        {"idle_at_write", C::Behaviour::kIdleAtWrite,
                         "all data that was in flight as the write began"},
                        {"full_segment_before", C::Behaviour::kFullSegmentBefore,
                         "all data in flight, unless the last segment sent was full"}},
                       {.required = true})
          .boolean("half_window_leaves", &C::half_window_leaves,
                   "half of the largest window ever offered is not small")
          .boolean("set_no_delay_flushes", &C::set_no_delay_flushes,
                   "setting TCP_NODELAY sends what is held")
          .boolean("end_of_cork_flushes", &C::end_of_cork_flushes,
                   "clearing the cork sends what is held")
          .enumeration("frees_more", &C::frees_more, "what of the peer frees data held by MSG_MORE",
                       {{"nothing", C::FreesMore::kNothing, "nothing"},
                        {"new_ack", C::FreesMore::kNewAck, "an ACK of data"},
                        {"all_but_data", C::FreesMore::kAllButData,
                         "every segment but data in order that brings nothing else"}})
          .boolean("fills_window", &C::fills_window,
                   "what full segments leave of a window is filled if the small one may leave")
          .enumeration("cork_timer", &C::cork_timer, "the timer that ends the wait of corked data",
                       {{"none", C::CorkTimer::kNone, "none"},
                        {"probe", C::CorkTimer::kProbe, "the RTO, at least \"cork_ceiling\""},
                        {"persist", C::CorkTimer::kPersist, "\"cork_ceiling\""}})
          .duration("cork_ceiling", &C::cork_ceiling, "how long corked data waits at most",
                    kUpToAMinute)
          .allow_source();
  return fields;
}

const Fields<policy::BurstConfig>& burst_fields() {
  using C = policy::BurstConfig;
  static const Fields<C> fields =
      Fields<C>("bursts", "what leaves at once, and which segments carry PSH")
          .enumeration("size", &C::size, "how much one burst may have",
                       {{"allowed", C::Size::kAllowed, "all that the windows allow"},
                        {"by_rate", C::Size::kByRate, "what is sent in about a millisecond"}})
          .enumeration("push", &C::push, "which segments carry PSH",
                       {{"write", C::Push::kWrite, "the last of what one call wrote"},
                        {"empty_buffer", C::Push::kEmptyBuffer, "one that leaves nothing to send"}})
          .boolean("push_half_window", &C::push_half_window,
                   "PSH after half of the largest window without one")
          .boolean("push_bursts", &C::push_bursts, "PSH at the end of a burst of several segments")
          .boolean("push_forced", &C::push_forced, "PSH on what a timer sends although it is small")
          .size("largest", &C::largest, "no burst is larger", {.at_least = 1, .at_most = 1 << 20})
          .boolean("fills_waiting", &C::fills_waiting,
                   "the buffer that leaves next is filled up to a burst from the one behind it, "
                   "even while it waits")
          .size("own_host_whole", &C::own_host_whole,
                "a burst to the host itself is one packet if that is shorter; 0: never",
                {.at_most = 1 << 20})
          .integer("least_segments", &C::least_segments, "by_rate: a burst may always have so many",
                   {.at_least = 1, .at_most = 65535})
          .integer("slow_start_percent", &C::slow_start_percent,
                   "by_rate: of window / SRTT, while below half of the slow-start threshold",
                   {.at_least = 1, .at_most = 1000})
          .integer("avoidance_percent", &C::avoidance_percent, "by_rate: the same above it",
                   {.at_least = 1, .at_most = 1000})
          .duration("defer_within", &C::defer_within,
                    "a burst waits to become larger while an ACK is due so soon; 0: never",
                    kUpToAMinute)
          .integer("window_divisor", &C::window_divisor, "such a part of the window does not wait",
                   {.at_least = 1, .at_most = 1000})
          .allow_source();
  return fields;
}

}  // namespace tcptwin::catalogue
