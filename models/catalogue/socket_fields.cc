// socket_fields.cc: the keys of a profile that concern sockets: limits, rules, options, flags.
#include "models/catalogue/socket_fields.h"

namespace tcptwin::catalogue {

using json::Fields;

namespace {

constexpr json::Limits<int64_t> kBuffer{.at_least = 0, .at_most = 1 << 30};

// Buffers, and what poll tells.
Fields<policy::SocketConfig> with_readiness(Fields<policy::SocketConfig> f) {
  using C = policy::SocketConfig;
  f.size("send_cap", &C::send_cap, "largest SO_SNDBUF", kBuffer)
      .size("receive_cap", &C::receive_cap, "largest SO_RCVBUF", kBuffer)
      .integer("buffer_factor", &C::buffer_factor, "SO_SNDBUF and SO_RCVBUF times this",
               {.at_least = 1, .at_most = 16})
      .size("send_floor", &C::send_floor, "smallest send buffer, factor applied", kBuffer)
      .size("receive_floor", &C::receive_floor, "smallest receive buffer, factor applied", kBuffer)
      .boolean("beyond_cap_fails", &C::beyond_cap_fails, "ENOBUFS; else the value is cut")
      .boolean("epoll", &C::epoll, "epoll exists; else ENOSYS")
      .boolean("kqueue", &C::kqueue, "kqueue exists; else ENOSYS")
      .boolean("fresh_is_hung_up", &C::fresh_is_hung_up,
               "poll of a socket never connected: POLLOUT and POLLHUP")
      .boolean("error_event", &C::error_event, "poll reports a pending error as POLLERR")
      .boolean("read_hang_up_event", &C::read_hang_up_event,
               "poll reports the peer's FIN as POLLRDHUP");
  return f;
}

// More limits, errors of connect, and what MSG_WAITALL takes.
Fields<policy::SocketConfig>& with_connect_errors(Fields<policy::SocketConfig>& f) {
  using C = policy::SocketConfig;
  f.integer("descriptors_ceiling", &C::descriptors_ceiling,
            "that setrlimit may ask for, beyond it EINVAL; 0: only the hard limit counts",
            {.at_least = 0, .at_most = 1 << 30})
      .integer("flows_per_process", &C::flows_per_process,
               "connections that a process carries itself, without a descriptor; 0: none",
               {.at_least = 0, .at_most = 1 << 20})
      .enumeration(
          "flow_table_full", &C::flow_table_full, "what one flow more fails with",
          {{"ENOSPC", Errno::kENOSPC, "no space left"}, {"ENOMEM", Errno::kENOMEM, "no memory"}})
      .enumeration("connect_on_listener", &C::connect_on_listener,
                   "what connect on a listening socket fails with",
                   {{"EOPNOTSUPP", Errno::kEOPNOTSUPP, "not supported"},
                    {"EISCONN", Errno::kEISCONN, "it is connected"},
                    {"EINVAL", Errno::kEINVAL, "invalid"}})
      .enumeration("connect_to_many", &C::connect_to_many,
                   "what connect to a multicast address fails with",
                   {{"ENETUNREACH", Errno::kENETUNREACH, "no way there"},
                    {"EAFNOSUPPORT", Errno::kEAFNOSUPPORT, "no such address"}})
      .boolean("wait_all_leaves_data", &C::wait_all_leaves_data,
               "MSG_WAITALL for no more than the receive buffer holds takes nothing until all is "
               "there");
  return f;
}

}  // namespace

const Fields<policy::SocketConfig>& socket_fields() {
  using C = policy::SocketConfig;
  using Bind = C::BindRule;
  using Failed = C::FailedConnect;
  using Read = C::ShutdownRead;
  using Close = C::CloseUnderSleepers;
  static const Fields<C> fields = [] {
    Fields<C> f("sockets", "how socket calls behave where systems differ");
    f.integer("descriptors_per_process", &C::descriptors_per_process,
              "RLIMIT_NOFILE, standard streams included; beyond it EMFILE",
              {.at_least = 3, .at_most = 1 << 24})
        .integer("descriptors_per_host", &C::descriptors_per_host, "beyond it ENFILE",
                 {.at_least = 1, .at_most = 1 << 30})
        .enumeration("bind_rule", &C::bind_rule, "whether a port that others hold may be bound",
                     {{"all_must_agree", Bind::kAllMustAgree,
                       "every holder has SO_REUSEADDR and none listens"},
                      {"newcomer_decides", Bind::kNewcomerDecides,
                       "with SO_REUSEADDR only the same address unconnected is in the way"},
                      {"anything_goes", Bind::kAnythingGoes, "with SO_REUSEADDR always"}})
        .enumeration("unbound_listen", &C::unbound_listen, "listen without a local port",
                     {{"needs_address", C::UnboundListen::kNeedsAddress, "fails, EDESTADDRREQ"},
                      {"invalid", C::UnboundListen::kInvalid, "fails, EINVAL"},
                      {"picks_port", C::UnboundListen::kPicksPort, "as bind to port 0"}})
        .enumeration("failed_connect", &C::failed_connect, "a socket whose connect failed",
                     {{"reusable", Failed::kReusable, "may connect again"},
                      {"refused", Failed::kRefused, "connect fails with ECONNREFUSED"},
                      {"invalid", Failed::kInvalid, "connect fails with EINVAL"}})
        .boolean("late_success_is_reported", &C::late_success_is_reported,
                 "the first connect after a handshake that nobody waited for returns 0, not "
                 "EISCONN")
        .boolean("fetched_failure_aborts", &C::fetched_failure_aborts,
                 "connect after SO_ERROR has fetched the failure: ECONNABORTED once")
        .boolean("errors_are_sticky", &C::errors_are_sticky,
                 "an error is reported again and again, not once")
        .boolean("broken_pipe_signal", &C::broken_pipe_signal,
                 "EPIPE comes with SIGPIPE unless MSG_NOSIGNAL is given")
        .boolean("reset_after_fin_is_broken_pipe", &C::reset_after_fin_is_broken_pipe,
                 "a reset after the peer's FIN is EPIPE, not ECONNRESET")
        .boolean("unconnected_send_is_broken_pipe", &C::unconnected_send_is_broken_pipe,
                 "send on a socket without a connection: EPIPE, not ENOTCONN")
        .boolean("connecting_send_waits", &C::connecting_send_waits,
                 "send during the handshake sleeps, or EAGAIN; else ENOTCONN")
        .enumeration("shutdown_read", &C::shutdown_read, "what SHUT_RD does to data",
                     {{"drains", Read::kDrains, "it can still be read"},
                      {"discards", Read::kDiscards, "it is thrown away, now and later"}})
        .boolean("shutdown_stops_listening", &C::shutdown_stops_listening,
                 "SHUT_RD ends a listener; else ENOTCONN")
        .enumeration("close_under_sleepers", &C::close_under_sleepers,
                     "what close does to threads that sleep in the socket",
                     {{"stays_open", Close::kStaysOpen, "they sleep on, and it lives as long"},
                      {"bad_descriptor", Close::kFailsBadDescriptor, "they wake with EBADF"},
                      {"interrupts", Close::kInterrupts, "they wake with EINTR"}})
        .boolean("linger_blocks_non_blocking", &C::linger_blocks_non_blocking,
                 "SO_LINGER makes close sleep on a non-blocking socket too")
        .boolean("linger_timeout_resets", &C::linger_timeout_resets,
                 "RST when the linger time is over")
        .boolean("accepted_inherits_non_blocking", &C::accepted_inherits_non_blocking,
                 "an accepted socket is non-blocking when its listener is")
        .boolean("accept_reports_abort", &C::accept_reports_abort,
                 "accept of a connection that was reset meanwhile: ECONNABORTED");
    with_connect_errors(f);
    return with_readiness(std::move(f)).allow_source();
  }();
  return fields;
}

namespace {

const std::vector<json::Enumerator<policy::OptionEffect>>& option_effects() {
  using E = policy::OptionEffect;
  static const std::vector<json::Enumerator<E>> effects = {
      {"no_delay", E::kNoDelay, "turns Nagle off"},
      {"quick_ack", E::kQuickAck, "immediate ACKs for the moment"},
      {"cork", E::kCork, "holds small segments"},
      {"no_options", E::kNoOptions, "sends no TCP options"},
      {"max_segment", E::kMaxSegment, "largest segment"},
      {"keep_idle", E::kKeepIdle, "idle time before keep-alive probes"},
      {"keep_interval", E::kKeepInterval, "time between probes"},
      {"keep_count", E::kKeepCount, "probes before giving up"},
      {"syn_count", E::kSynCount, "retransmissions of a SYN"},
      {"connect_timeout", E::kConnectTimeout, "how long a connect may take"},
      {"orphan_time", E::kOrphanTime, "FIN-WAIT-2 without a socket"},
      {"defer_accept", E::kDeferAccept, "accept only connections with data"},
      {"window_clamp", E::kWindowClamp, "largest window to advertise"},
      {"user_timeout", E::kUserTimeout, "how long data may stay unacknowledged"},
      {"not_sent_low_water", E::kNotSentLowWater, "writable while less than this is unsent"},
      {"info", E::kInfo, "named values of the connection"},
      {"reuse_address", E::kReuseAddress, "lets bind share a port, by bind_rule"},
      {"reuse_port", E::kReusePort, "several sockets on one port"},
      {"exclusive_address", E::kExclusiveAddress, "nobody may share the port"},
      {"error", E::kError, "fetches and clears the pending error"},
      {"type", E::kType, "kind of socket"},
      {"accepts_connections", E::kAcceptsConnections, "whether it listens"},
      {"receive_buffer", E::kReceiveBuffer, "size of the receive buffer"},
      {"send_buffer", E::kSendBuffer, "size of the send buffer"},
      {"receive_low_water", E::kReceiveLowWater, "readable from so many bytes on"},
      {"send_low_water", E::kSendLowWater, "noted"},
      {"receive_timeout", E::kReceiveTimeout, "how long recv and accept sleep"},
      {"send_timeout", E::kSendTimeout, "how long send and connect sleep"},
      {"linger", E::kLinger, "what close does with unsent data"},
      {"keep_alive", E::kKeepAlive, "probes of an idle connection"},
      {"out_of_band_inline", E::kOutOfBandInline, "urgent data stays in the stream"},
      {"no_signal", E::kNoSignal, "no SIGPIPE"},
      {"unread", E::kUnread, "bytes in the receive buffer"},
      {"unsent", E::kUnsent, "bytes in the send buffer"},
      {"type_of_service", E::kTypeOfService, "DSCP of IPv4 packets"},
      {"time_to_live", E::kTimeToLive, "TTL of IPv4 packets"},
      {"traffic_class", E::kTrafficClass, "DSCP of IPv6 packets"},
      {"hop_limit", E::kHopLimit, "hop limit of IPv6 packets"},
      {"noted", E::kNoted, "stored, without effect"}};
  return effects;
}

const Fields<policy::SocketOption>& socket_option_fields() {
  using C = policy::SocketOption;
  static const Fields<C> fields =
      Fields<C>("socket_option", "one option of setsockopt")
          .text("level", &C::level_name, "name of the level", {.required = true, .non_empty = true})
          .integer("level_number", &C::level, "number of the level", {.required = true})
          .text("name", &C::name, "name of the option", {.required = true, .non_empty = true})
          .integer("number", &C::number, "number of the option", {.required = true})
          .enumeration("effect", &C::effect, "what it does", option_effects(), {.required = true})
          .integer("on_value", &C::on_value,
                   "what getsockopt returns for a switch that is on; 0: what was set")
          .duration("unit", &C::unit, "of a time given as a number", {.non_zero = true})
          .integer("at_least", &C::at_least, "smaller values fail with EINVAL")
          .integer("at_most", &C::at_most, "larger values fail with EINVAL");
  return fields;
}

const Fields<policy::MessageFlag>& message_flag_fields() {
  using C = policy::MessageFlag;
  using E = policy::MessageFlagEffect;
  static const Fields<C> fields =
      Fields<C>("message_flag", "one flag of send and recv")
          .text("name", &C::name, "its name", {.required = true, .non_empty = true})
          .integer("number", &C::number, "its bit",
                   {.required = true, .at_least = 1, .at_most = 1U << 31})
          .enumeration("effect", &C::effect, "what it does",
                       {{"out_of_band", E::kOutOfBand, "urgent data"},
                        {"peek", E::kPeek, "reads and leaves"},
                        {"wait_all", E::kWaitAll, "waits for all that was asked"},
                        {"dont_wait", E::kDontWait, "never sleeps"},
                        {"more", E::kMore, "more will follow"},
                        {"no_signal", E::kNoSignal, "no SIGPIPE"},
                        {"truncate", E::kTruncate, "drops instead of copying"},
                        {"none", E::kNone, "accepted, without effect"}},
                       {.required = true});
  return fields;
}

const Fields<policy::SocketRequest>& socket_request_fields() {
  using C = policy::SocketRequest;
  using E = policy::RequestEffect;
  static const Fields<C> fields =
      Fields<C>("socket_request", "one request of ioctl on a socket")
          .text("name", &C::name, "its name", {.required = true, .non_empty = true})
          .enumeration("effect", &C::effect, "what it does",
                       {{"unread", E::kUnread, "bytes that wait to be read"},
                        {"unsent", E::kUnsent, "bytes that wait to be acknowledged"},
                        {"at_mark", E::kAtMark, "whether the urgent byte comes next"},
                        {"non_blocking", E::kNonBlocking, "sets or clears O_NONBLOCK"}},
                       {.required = true});
  return fields;
}

struct Options {
  std::vector<policy::SocketOption> options;
};
struct Flags {
  std::vector<policy::MessageFlag> flags;
};

struct Requests {
  std::vector<policy::SocketRequest> requests;
};

const Fields<Options>& options_fields() {
  static const Fields<Options> fields =
      Fields<Options>("socket_options", "the options the host knows, with its numbers")
          .list("options", &Options::options, "all of them", socket_option_fields)
          .allow_source();
  return fields;
}

const Fields<Flags>& flags_fields() {
  static const Fields<Flags> fields =
      Fields<Flags>("message_flags", "the flags of send and recv, with the host's numbers")
          .list("flags", &Flags::flags, "all of them", message_flag_fields)
          .allow_source();
  return fields;
}

const Fields<Requests>& requests_fields() {
  static const Fields<Requests> fields =
      Fields<Requests>("socket_requests", "the requests of ioctl that sockets take")
          .list("requests", &Requests::requests, "all of them", socket_request_fields)
          .allow_source();
  return fields;
}

}  // namespace

void decode_socket_options(const json::Node& node, policy::Profile& profile,
                           json::Context& context) {
  Options decoded;
  json::decode(options_fields(), node, decoded, context);
  profile.socket_options = std::move(decoded.options);
}

void decode_message_flags(const json::Node& node, policy::Profile& profile,
                          json::Context& context) {
  Flags decoded;
  json::decode(flags_fields(), node, decoded, context);
  profile.message_flags = std::move(decoded.flags);
}

void decode_socket_requests(const json::Node& node, policy::Profile& profile,
                            json::Context& context) {
  Requests decoded;
  json::decode(requests_fields(), node, decoded, context);
  profile.socket_requests = std::move(decoded.requests);
}

}  // namespace tcptwin::catalogue
