#include "models/catalogue/datagram_fields.h"

namespace tcptwin::catalogue {

using json::Fields;

namespace {

void add_receiving(Fields<policy::UdpConfig>& fields) {
  using C = policy::UdpConfig;
  fields
      .size("receive_buffer", &C::receive_buffer, "SO_RCVBUF at first",
            {.at_least = 1, .at_most = 1 << 30})
      .size("overhead", &C::overhead, "what a waiting datagram takes of it besides its bytes",
            {.at_most = 65536})
      .size("headroom", &C::headroom,
            "added to the bytes before they are rounded up to a power of two; 0: not rounded",
            {.at_most = 65536})
      .size("least_charge", &C::least_charge, "and no datagram takes less", {.at_most = 65536})
      .boolean("last_may_exceed", &C::last_may_exceed,
               "a datagram is taken while the buffer is not exceeded, however long it is")
      .size("memory", &C::memory, "memory of a waiting datagram, counted apart", {.at_most = 65536})
      .integer("memory_factor", &C::memory_factor,
               "it and the next datagram stay below so many buffers; 0: it is not counted",
               {.at_least = 0, .at_most = 64})
      .boolean("unread_is_next", &C::unread_is_next,
               "FIONREAD is the length of the next datagram, else of all")
      .boolean("cut_fails", &C::cut_fails,
               "a recv with too little room fails with EMSGSIZE, else it is cut silently")
      .boolean("unbound_recv_fails", &C::unbound_recv_fails,
               "recv before the socket has a port: EINVAL, else it waits");
}

}  // namespace

const Fields<policy::UdpConfig>& udp_fields() {
  using C = policy::UdpConfig;
  static const Fields<C> fields = [] {
    Fields<C> f("udp", "UDP sockets");
    add_receiving(f);
    f.size("send_buffer", &C::send_buffer, "SO_SNDBUF at first",
           {.at_least = 1, .at_most = 1 << 30})
        .boolean("send_buffer_bounds", &C::send_buffer_bounds,
                 "a datagram longer than it fails with EMSGSIZE")
        .boolean("dont_fragment", &C::dont_fragment, "IPv4: DF on what fits the path's MTU")
        .boolean("connected_sendto_fails", &C::connected_sendto_fails,
                 "sendto on a socket with a peer: EISCONN, else it goes where it is told")
        .enumeration("unaddressed", &C::unaddressed, "what a send without a peer fails with",
                     {{"EDESTADDRREQ", Errno::kEDESTADDRREQ, "an address is missing"},
                      {"ENOTCONN", Errno::kENOTCONN, "the socket is not connected"}})
        .boolean("random_ports", &C::random_ports,
                 "ephemeral ports are random, whatever those of TCP are")
        .enumeration(
            "errors", &C::errors, "which ICMP errors a socket reports",
            {{"hard", C::Errors::kHard,
              "with a peer: port, protocol or administratively unreachable, too big"},
             {"all", C::Errors::kAll, "with a peer: that it cannot be reached, whyever"},
             {"resets", C::Errors::kResets, "recv of any socket: port unreachable, ECONNRESET"}})
        .boolean("errors_before_data", &C::errors_before_data,
                 "recv reports one although datagrams wait")
        .allow_source();
    return f;
  }();
  return fields;
}

const Fields<policy::FragmentConfig>& fragment_fields() {
  using C = policy::FragmentConfig;
  constexpr json::Limits<Duration> kTime{.at_least = 1ms, .at_most = std::chrono::hours(1)};
  static const Fields<C> fields =
      Fields<C>("fragments", "putting the pieces of IP packets together")
          .duration("time", &C::time, "IPv4: how long a packet may lack pieces", kTime)
          .duration("time_v6", &C::time_v6, "IPv6: how long a packet may lack pieces", kTime)
          .size("memory", &C::memory, "what all pieces that wait may take, 256 bytes besides each",
                {.at_least = 1, .at_most = 1 << 30})
          .boolean("evicts_oldest", &C::evicts_oldest,
                   "the oldest packet makes room for a new piece, else that one is dropped")
          .integer("most_pieces", &C::most_pieces,
                   "an IPv4 packet in more pieces is dropped; 0: no limit",
                   {.at_least = 0, .at_most = 8192})
          .integer("most_pieces_v6", &C::most_pieces_v6, "the same of an IPv6 packet",
                   {.at_least = 0, .at_most = 8192})
          .boolean("reports_timeout", &C::reports_timeout,
                   "IPv4: ICMP time exceeded, code 1, when the time is over")
          .allow_source();
  return fields;
}

}  // namespace tcptwin::catalogue
