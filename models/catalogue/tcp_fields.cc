#include "models/catalogue/tcp_fields.h"

namespace tcptwin::catalogue {

using json::Fields;

const Fields<policy::RecoveryConfig>& recovery_fields() {
  using C = policy::RecoveryConfig;
  static const Fields<C> fields =
      Fields<C>("recovery", "which signs of loss are believed")
          .integer("duplicate_acks", &C::duplicate_acks, "so many make a loss",
                   {.at_least = 1, .at_most = 1000})
          .boolean("limited_transmit", &C::limited_transmit,
                   "duplicate ACKs before that let new data out")
          .enumeration("loss_rule", &C::loss_rule, "what SACK blocks prove",
                       {{"sacked_above", C::LossRule::kSackedAbove,
                         "lost: that many segments above it were sacked"},
                        {"distance", C::LossRule::kDistance,
                         "lost: it lies that many segments below the highest sacked one"}})
          .boolean("duplicate_sack", &C::duplicate_sack, "data that came twice is reported")
          .boolean("tail_loss_probe", &C::tail_loss_probe,
                   "with SACK, one segment leaves when no ACK has come for two round trips")
          .duration("probe_slack", &C::probe_slack,
                    "and so much longer; for a lone segment: the least RTO", {.at_most = 1min})
          .boolean("undo_by_timestamp", &C::undo_by_timestamp,
                   "an echoed time before the repetition takes the reduction back")
          .boolean("undo_by_duplicate_sack", &C::undo_by_duplicate_sack,
                   "repetitions that are all reported as duplicates take it back")
          .boolean("sacks_survive_timeout", &C::sacks_survive_timeout,
                   "a retransmission timeout forgets no SACK block")
          .allow_source();
  return fields;
}

const Fields<policy::ValidationConfig>& validation_fields() {
  using C = policy::ValidationConfig;
  static const Fields<C> fields =
      Fields<C>("validation", "segments that could be forged or stale")
          .enumeration("reset", &C::reset, "which RST is believed",
                       {{"exact", C::Reset::kExact, "at RCV.NXT; others are challenged"},
                        {"exact_or_edge", C::Reset::kExactOrEdge,
                         "also just before a FIN or where the furthest sacked data ends"},
                        {"in_window", C::Reset::kInWindow, "any in the window"}})
          .enumeration("syn", &C::syn, "a SYN in the middle of a connection",
                       {{"challenge", C::Syn::kChallenge, "is answered with an ACK"},
                        {"reset", C::Syn::kReset, "resets the connection"}})
          .boolean("check_old_acks", &C::check_old_acks,
                   "an ACK older than the largest window is challenged")
          .boolean(
              "answer_future_acks", &C::answer_future_acks,
              "an ACK of what was never sent draws one; else a challenge, in ESTABLISHED nothing")
          .integer("challenges_per_second", &C::challenges_per_second,
                   "challenge ACKs of a connection; 0: no limit", {.at_least = 0})
          .duration("challenge_interval", &C::challenge_interval,
                    "shortest time between two of them; 0: none")
          .boolean("takes_repeated_text", &C::takes_repeated_text,
                   "text that was received and reaches beyond our last ACK is no misfit: its ACK "
                   "may wait")
          .boolean("tolerate_missing_timestamp", &C::tolerate_missing_timestamp,
                   "segments without the agreed timestamp are taken")
          .duration("paws_idle_limit", &C::paws_idle_limit,
                    "after such an idle time old timestamps are believed", kPositive)
          .allow_source();
  return fields;
}

const Fields<policy::EcnConfig>& ecn_fields() {
  using C = policy::EcnConfig;
  static const Fields<C> fields =
      Fields<C>("ecn", "explicit congestion notification")
          .boolean("request", &C::request, "SYNs ask for it")
          .boolean("accept", &C::accept, "a SYN that asks is answered with yes")
          .boolean("request_on_retries", &C::request_on_retries, "SYNs sent again ask too")
          .boolean("on_loopback", &C::on_loopback, "also towards an own address")
          .allow_source();
  return fields;
}

const Fields<policy::KeepAliveConfig>& keep_alive_fields() {
  using C = policy::KeepAliveConfig;
  static const Fields<C> fields =
      Fields<C>("keep_alive", "probing idle connections")
          .boolean("always", &C::always, "without SO_KEEPALIVE too")
          .duration("idle", &C::idle, "without a segment before the first probe", kPositive)
          .duration("interval", &C::interval, "between probes", kPositive)
          .integer("probes", &C::probes, "unanswered ones before the connection is reset",
                   {.at_least = 1, .at_most = 127})
          .allow_source();
  return fields;
}

const Fields<policy::PersistConfig>& persist_fields() {
  using C = policy::PersistConfig;
  static const Fields<C> fields =
      Fields<C>("persist", "probing a closed window")
          .enumeration("probe", &C::probe, "what a probe is",
                       {{"old_number", C::Probe::kOldNumber, "no data, just before SND.UNA"},
                        {"next_byte", C::Probe::kNextByte, "the first byte beyond the window"}})
          .duration("min", &C::min, "shortest interval; the RTO with its backoff lies between")
          .duration("max", &C::max, "longest interval", kPositive)
          .integer("unanswered", &C::unanswered, "probes before giving up; 0: never",
                   {.at_least = 0, .at_most = 255})
          .allow_source();
  return fields;
}

const Fields<policy::TimeWaitConfig>& time_wait_fields() {
  using C = policy::TimeWaitConfig;
  static const Fields<C> fields =
      Fields<C>("time_wait", "what TIME-WAIT lets through")
          .enumeration("syn", &C::syn, "a SYN that may open a new connection",
                       {{"newer", C::Syn::kNewer, "newer timestamp or higher number"},
                        {"higher", C::Syn::kHigher, "higher number"},
                        {"beyond_window", C::Syn::kBeyondWindow,
                         "number beyond the window; dropped when its timestamp is older"},
                        {"never", C::Syn::kNever, "none"}})
          .enumeration("restart", &C::restart, "what starts the wait afresh",
                       {{"fin", C::Restart::kFin, "a repeated FIN"},
                        {"any_ack", C::Restart::kAnyAck, "whatever carries an ACK"}})
          .boolean("reset_ends_it", &C::reset_ends_it, "an RST ends the wait")
          .boolean("towards_own_host", &C::towards_own_host,
                   "it exists when the peer is an address of the host itself")
          .boolean("continues_numbers", &C::continues_numbers,
                   "the next connection's initial number follows the old one's")
          .integer("most", &C::most, "of the host at a time, further ones end at once; 0: no limit",
                   {.at_least = 0, .at_most = 1 << 24})
          .duration("reuse_after", &C::reuse_after,
                    "connect may take over an old connection of its own after this; 0: never")
          .boolean("reuse_only_own_host", &C::reuse_only_own_host,
                   "but only towards an address of the host itself")
          .boolean("reuse_from_bound_port", &C::reuse_from_bound_port,
                   "from a port that the program has bound at once, and towards any address")
          .boolean("syn_needs_listener", &C::syn_needs_listener,
                   "a SYN that nobody listens for leaves the old connection as it is")
          .allow_source();
  return fields;
}

}  // namespace tcptwin::catalogue
