#include "models/catalogue/identity_fields.h"

namespace tcptwin::catalogue {

using json::Fields;

namespace {
constexpr json::Limits<Duration> kUpToAnHour{.at_most = std::chrono::hours(1)};
}

const Fields<policy::IpConfig>& ip_fields() {
  using C = policy::IpConfig;
  static const Fields<C> fields =
      Fields<C>("ip", "fields of the IP header")
          .integer("ttl", &C::ttl, "time to live", {.at_least = 1, .at_most = 255})
          .boolean("dont_fragment", &C::dont_fragment, "the DF bit")
          .size("loopback_mtu", &C::loopback_mtu, "largest packet to an address of the host itself",
                {.at_least = 576, .at_most = 65536})
          .enumeration("id", &C::id, "the identification",
                       {{"zero", C::Id::kZero, "always 0"},
                        {"per_connection", C::Id::kPerConnection,
                         "a counter per connection from a random start"},
                        {"global", C::Id::kGlobal, "one counter for the host"}})
          .boolean("zero_id_in_replies", &C::zero_id_in_replies,
                   "0 on SYN-ACK, RST and whatever no full connection sends")
          .allow_source();
  return fields;
}

const Fields<policy::IsnConfig>& isn_fields() {
  using C = policy::IsnConfig;
  static const Fields<C> fields =
      Fields<C>("isn", "initial sequence numbers")
          .enumeration("behaviour", &C::behaviour, "what they are made of",
                       {{"hash_and_clock", C::Behaviour::kHashAndClock,
                         "a keyed hash of both ends plus a clock"},
                        {"random", C::Behaviour::kRandom, "a fresh random number each"},
                        {"hash_and_steps", C::Behaviour::kHashAndSteps,
                         "a keyed hash plus a counter that connections and the clock push on"}})
          .duration("tick", &C::tick, "the clock rises by one in this time", {.non_zero = true})
          .integer("step", &C::step, "hash_and_steps: what a connection adds to the counter",
                   {.at_least = 0, .at_most = 1 << 30})
          .integer("random_step", &C::random_step,
                   "hash_and_steps: and a random number below this, 0: none",
                   {.at_least = 0, .at_most = 1 << 30})
          .allow_source();
  return fields;
}

const Fields<policy::TimestampConfig>& timestamp_fields() {
  using C = policy::TimestampConfig;
  static const Fields<C> fields =
      Fields<C>("timestamps", "the timestamps option")
          .boolean("offered", &C::offered, "offer and accept it")
          .duration("tick", &C::tick, "the clock's unit", {.at_least = 1us, .at_most = 1s})
          .enumeration(
              "offset", &C::offset, "what is added to the clock",
              {{"none", C::Offset::kNone, "nothing"},
               {"per_connection", C::Offset::kPerConnection, "a fresh random number each"},
               {"per_four_tuple", C::Offset::kPerFourTuple, "a keyed hash of both ends"},
               {"per_address_pair", C::Offset::kPerAddressPair, "a keyed hash of the addresses"}})
          .duration("at_boot", &C::at_boot, "what the clock shows at uptime 0",
                    {.at_least = std::chrono::hours(-1), .at_most = std::chrono::hours(1)})
          .allow_source();
  return fields;
}

const Fields<policy::SynConfig>& syn_fields() {
  using C = policy::SynConfig;
  using O = policy::SynOption;
  static const auto option =
      json::name_of<O>({{"mss", O::kMss},
                        {"sack_permitted", O::kSackPermitted},
                        {"timestamps", O::kTimestamps},
                        {"nop", O::kNop, "goes with the option that follows"},
                        {"window_scale", O::kWindowScale},
                        {"end", O::kEnd, "closes the list"}});
  static const Fields<C> fields = [] {
    Fields<C> f("syn", "what a SYN carries and when it is repeated");
    f.list("options", &C::options, "in the order of the wire", option, {.at_most = 16})
        .list("options_without_timestamps", &C::options_without_timestamps,
              "the same when it has no timestamps; empty: as \"options\"", option, {.at_most = 16})
        .integer("default_mss", &C::default_mss, "the peer's MSS when its SYN names none",
                 {.at_least = 1, .at_most = 65535})
        .integer("default_mss_v6", &C::default_mss_v6, "the same over IPv6",
                 {.at_least = 1, .at_most = 65535})
        .integer("window", &C::window, "window of a SYN; 0: the receive window's choice",
                 {.at_least = 0, .at_most = 65535})
        .integer("answer_window", &C::answer_window, "the same for a SYN-ACK",
                 {.at_least = 0, .at_most = 65535})
        .list("retry_multipliers", &C::retry_multipliers,
              "of the initial RTO, one for each SYN; empty: it doubles",
              json::integer_of<int32_t>({.at_least = 1, .at_most = 100'000}), {.at_most = 64})
        .duration("retry_slop", &C::retry_slop, "added to each multiple from the second on",
                  kUpToAnHour)
        .duration("connect_limit", &C::connect_limit,
                  "an attempt fails after this; 0: by the number of retries alone", kUpToAnHour)
        .boolean("limits_answers", &C::limits_answers,
                 "connect_limit also ends what a listener has begun")
        .integer("plain_from_retry", &C::plain_from_retry,
                 "from this repetition on without window scale and timestamps; 0: never",
                 {.at_least = 0, .at_most = 255})
        .integer("refused_retries", &C::refused_retries,
                 "SYNs that follow a reset before connect fails", {.at_least = 0, .at_most = 255})
        .duration("refused_wait", &C::refused_wait, "and how long each of them waits", kUpToAnHour)
        .enumeration("max_segment", &C::max_segment, "what TCP_MAXSEG does",
                     {{"offered", C::MaxSegment::kOffered,
                       "before the handshake: the largest segment offered and used"},
                      {"at_once", C::MaxSegment::kAtOnce,
                       "after it: the largest segment used from then on"}})
        .boolean("scales_without_offer", &C::scales_without_offer,
                 "with TCP_NOOPT a listener takes the scale of a SYN and offers none")
        .allow_source();
    return f;
  }();
  return fields;
}

const Fields<policy::PortsConfig>& ports_fields() {
  using C = policy::PortsConfig;
  static const std::vector<json::Enumerator<Errno>> errors = {
      {"EADDRNOTAVAIL", Errno::kEADDRNOTAVAIL, "no address is available"},
      {"EADDRINUSE", Errno::kEADDRINUSE, "the address is in use"},
      {"ENOBUFS", Errno::kENOBUFS, "no buffer space is available"},
      {"EAGAIN", Errno::kEAGAIN, "try again"}};
  static const Fields<C> fields =
      Fields<C>("ports", "ephemeral ports")
          .enumeration(
              "behaviour", &C::behaviour, "which port is tried first",
              {{"sequential", C::Behaviour::kSequential, "the next of one cursor"},
               {"random_start", C::Behaviour::kRandomStart, "a random one, then those after it"},
               {"hashed_start", C::Behaviour::kHashedStart,
                "one by the destination plus a counter of the host"},
               {"double_hash", C::Behaviour::kDoubleHash,
                "one by the destination plus its own counter; one parity first"}})
          .integer("first", &C::first, "lowest", {.at_least = 1, .at_most = 65535})
          .integer("last", &C::last, "highest", {.at_least = 1, .at_most = 65535})
          .integer("step", &C::step, "sequential: from one to the next",
                   {.at_least = 1, .at_most = 65535})
          .boolean("whole_port", &C::whole_port,
                   "a port is taken while any connection has it, TIME-WAIT included")
          .list("skipped", &C::skipped, "ports that are never given out",
                json::integer_of<int32_t>({.at_least = 1, .at_most = 65535}), {.at_most = 1000})
          .enumeration("exhausted", &C::exhausted, "what connect fails with", errors)
          .enumeration("bind_exhausted", &C::bind_exhausted, "what bind to port 0 fails with",
                       errors)
          .enumeration(
              "conflict", &C::conflict,
              "what connect fails with from a bound port that has a connection to the peer", errors)
          .check([](const C& c, const json::Node& node, json::Context& context) {
            if (c.last < c.first) context.error(node, "\"last\" is below \"first\"");
          })
          .allow_source();
  return fields;
}

}  // namespace tcptwin::catalogue
