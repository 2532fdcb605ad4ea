#include "models/catalogue/listen_fields.h"

namespace tcptwin::catalogue {

using json::Fields;

namespace {

const Fields<policy::SynCookieConfig>& cookie_fields() {
  using C = policy::SynCookieConfig;
  static const Fields<C> fields =
      Fields<C>("cookies", "SYN-ACKs of which the host remembers nothing")
          .enumeration("when", &C::when, "which SYNs draw one",
                       {{"never", C::When::kNever, "none"},
                        {"when_full", C::When::kWhenFull, "those beyond \"handshakes\""},
                        {"always", C::When::kAlways, "all"}})
          .enumeration("options", &C::options, "where window scale and SACK are kept",
                       {{"in_timestamp", C::Options::kInTimestamp,
                         "in the timestamp; a SYN without one loses them"},
                        {"in_number", C::Options::kInNumber, "in the initial number"}})
          .list("segments", &C::segments, "the MSS is rounded down to one of these",
                json::integer_of<int32_t>({.at_least = 1, .at_most = 65535}),
                {.at_least = 1, .at_most = 16})
          .list("scales", &C::scales, "in_number: the window scale is rounded down to one of these",
                json::integer_of<int32_t>({.at_least = 0, .at_most = 14}), {.at_most = 16})
          .duration("period", &C::period, "a number is made of the time in these steps",
                    {.non_zero = true})
          .integer("periods", &C::periods, "and good for so many", {.at_least = 1, .at_most = 255})
          .allow_source();
  return fields;
}

}  // namespace

const Fields<policy::ListenConfig>& listen_fields() {
  using C = policy::ListenConfig;
  static const Fields<C> fields =
      Fields<C>("listen", "queues of a listening socket")
          .integer("largest_backlog", &C::largest_backlog, "larger ones are cut to this",
                   {.at_least = 0, .at_most = 1 << 20})
          .integer("smallest_backlog", &C::smallest_backlog, "smaller ones count as the largest",
                   {.at_least = 0, .at_most = 1})
          .integer("backlog_percent", &C::backlog_percent,
                   "room for this share of the backlog, rounded down",
                   {.at_least = 0, .at_most = 1000})
          .integer("backlog_extra", &C::backlog_extra, "connections held beyond it",
                   {.at_least = 0, .at_most = 1000})
          .boolean("handshakes_count", &C::handshakes_count,
                   "those whose handshake goes on take room too")
          .enumeration("full_syn", &C::full_syn, "a SYN that finds no room",
                       {{"drop", C::FullSyn::kDrop, "is dropped"},
                        {"reset", C::FullSyn::kReset, "is answered with RST"},
                        {"answer", C::FullSyn::kAnswer,
                         "is answered; room is needed when the handshake ends"}})
          .integer("young_when_full", &C::young_when_full,
                   "drop: not while fewer handshakes wait for their first SYN-ACK's answer",
                   {.at_least = 0, .at_most = 1000})
          .boolean("evicts_handshake", &C::evicts_handshake,
                   "drop: a handshake drawn at random makes room")
          .enumeration("full_ack", &C::full_ack, "the end of a handshake that finds no room",
                       {{"ignore", C::FullAck::kIgnore, "is ignored; the SYN-ACK is repeated"},
                        {"reset", C::FullAck::kReset, "is answered with RST"}})
          .integer("handshakes", &C::handshakes,
                   "at a time; further SYNs draw a cookie or nothing; 0: as the backlog",
                   {.at_least = 0, .at_most = 1 << 24})
          .object("cookies", &C::cookies, "SYN cookies", cookie_fields)
          .allow_source();
  return fields;
}

const Fields<policy::DestinationCacheConfig>& destination_cache_fields() {
  using C = policy::DestinationCacheConfig;
  static const Fields<C> fields =
      Fields<C>("destination_cache", "what is remembered of the path to a host")
          .boolean("enabled", &C::enabled, "anything at all")
          .duration("lifetime", &C::lifetime, "without renewal; 0: for ever")
          .integer("entries", &C::entries, "the oldest goes when there are more",
                   {.at_least = 1, .at_most = 1 << 24})
          .integer("least_samples", &C::least_samples,
                   "round trips a connection must have measured to be remembered",
                   {.at_least = 1, .at_most = 1000})
          .enumeration(
              "use", &C::use, "what a remembered round-trip time is good for",
              {{"first_timeout", C::Use::kFirstTimeout,
                "the first timeout after a handshake that was quicker"},
               {"larger_estimate", C::Use::kLargerEstimate, "the estimate after such a handshake"},
               {"estimate", C::Use::kEstimate, "the estimate that the handshake adds to"},
               {"with_handshake", C::Use::kWithHandshake, "the same, and the SYN's timeout"}})
          .enumeration("renewal", &C::renewal, "how a new time changes the old one",
                       {{"mean", C::Renewal::kMean, "the mean of both"},
                        {"damped", C::Renewal::kDamped,
                         "a larger one replaces it, a smaller one pulls it by an eighth"}})
          .enumeration(
              "threshold", &C::threshold, "when a slow start threshold is remembered",
              {{"never", C::Threshold::kNever, "never"},
               {"when_low", C::Threshold::kWhenLow, "when it is below half of the send buffer"},
               {"by_phase", C::Threshold::kByPhase,
                "as the phase in which the connection ended allows"}})
          .allow_source();
  return fields;
}

}  // namespace tcptwin::catalogue
