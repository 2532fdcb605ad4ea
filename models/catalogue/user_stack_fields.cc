// user_stack_fields.cc: the keys of a host that runs lwIP: what of lwIP can be set without another
// compilation, and the compilations there are.
#include "models/catalogue/user_stack_fields.h"

#include <string>

#include "models/lwip/builds.h"
#include "models/lwip/lwip_stack.h"

namespace tcptwin::catalogue {

using json::Fields;
using C = policy::UserStackConfig;

namespace {

constexpr json::Limits<Duration> kInterval{.at_least = 1ms, .at_most = 1min};
constexpr json::Limits<int64_t> kPool{.at_least = 0, .at_most = 1'000'000};

void add_window_keys(Fields<C>& fields) {
  fields
      .size("window", &C::window, "TCP_WND: the receive window",
            {.at_least = 1, .at_most = 1 << 30})
      .integer("window_scale", &C::window_scale, "TCP_RCV_SCALE, in builds that scale windows",
               {.at_least = 0, .at_most = 14})
      .size("send_buffer", &C::send_buffer, "TCP_SND_BUF: what a socket takes before it sleeps",
            {.at_least = 2, .at_most = 1 << 30})
      .integer("queue_length", &C::queue_length,
               "TCP_SND_QUEUELEN: pieces of memory that may wait in the send queue",
               {.at_least = 2, .at_most = 65531})
      .size("update_threshold", &C::update_threshold,
            "TCP_WND_UPDATE_THRESHOLD: a read that opens the window so far is told at once",
            {.at_least = 1, .at_most = 1 << 30})
      .boolean("no_delay", &C::no_delay, "every new socket has TCP_NODELAY");
}

void add_timer_keys(Fields<C>& fields) {
  fields
      .duration("fast_interval", &C::fast_interval,
                "TCP_FAST_INTERVAL: the tick that ends every delayed ACK of the host", kInterval)
      .duration("slow_interval", &C::slow_interval,
                "TCP_SLOW_INTERVAL: the tick of all other timers; a multiple of fast_interval",
                kInterval)
      .duration("msl", &C::msl, "TCP_MSL: TIME-WAIT lasts twice as long",
                {.at_least = 1ms, .at_most = std::chrono::hours(24)})
      .integer("data_retries", &C::data_retries, "TCP_MAXRTX", {.at_least = 0, .at_most = 12})
      .integer("syn_retries", &C::syn_retries, "TCP_SYNMAXRTX", {.at_least = 0, .at_most = 12})
      .duration("keep_idle", &C::keep_idle, "TCP_KEEPIDLE_DEFAULT",
                {.at_least = 1ms, .at_most = std::chrono::hours(1000)})
      .duration("keep_interval", &C::keep_interval, "TCP_KEEPINTVL_DEFAULT",
                {.at_least = 1ms, .at_most = std::chrono::hours(1000)})
      .integer("keep_count", &C::keep_count, "TCP_KEEPCNT_DEFAULT",
               {.at_least = 1, .at_most = 255});
}

void add_pool_keys(Fields<C>& fields) {
  fields
      .integer("connections", &C::connections,
               "MEMP_NUM_TCP_PCB: connections in any state but listening; 0: no limit", kPool)
      .integer("listeners", &C::listeners, "MEMP_NUM_TCP_PCB_LISTEN; 0: no limit", kPool)
      .integer("segments", &C::segments, "MEMP_NUM_TCP_SEG: segments in all queues; 0: no limit",
               kPool)
      .integer("datagram_sockets", &C::datagram_sockets, "MEMP_NUM_UDP_PCB; 0: no limit", kPool)
      .integer("packet_buffers", &C::packet_buffers,
               "PBUF_POOL_SIZE: pieces for packets that arrive, until they are read; 0: no limit",
               kPool)
      .integer("reassemblies", &C::reassemblies,
               "MEMP_NUM_REASSDATA: packets that are put together at a time; 0: no limit", kPool)
      .integer("descriptors", &C::descriptors, "NUM_SOCKETS: sockets of each process; 0: 1024 descriptors",
               {.at_least = 0, .at_most = 65536})
      .integer("mailbox", &C::mailbox,
               "segments, datagrams or new connections that wait for the program at most",
               {.at_least = 1, .at_most = 1'000'000});
}

// What sizes and intervals have to do with each other.
void check(const C& c, const json::Node& node, json::Context& context) {
  if (!lwip::absence().empty()) {
    context.error(node, "this program has no lwIP: " + std::string(lwip::absence()));
    return;
  }
  const LwipBuild& build = lwip::find_slot(lwip::build_name(c.build))->build();
  if (c.slow_interval % c.fast_interval != Duration::zero()) {
    context.error(node, "\"slow_interval\" is no multiple of \"fast_interval\"");
  }
  for (const Duration d : {c.fast_interval, c.slow_interval, c.msl, c.keep_idle, c.keep_interval}) {
    if (d % Duration(1ms) != Duration::zero()) {
      context.error(node, "lwIP counts whole milliseconds");
      break;
    }
  }
  if (c.msl <= c.slow_interval) context.error(node, "\"msl\" is not above \"slow_interval\"");
  if (c.window_scale > 0 && build.window_scaling == 0) {
    context.error(node, "\"window_scale\" needs a \"build\" that scales windows");
  }
  if (c.window > int64_t{65535} << c.window_scale) {
    context.error(node, "\"window\" is above 65535 << \"window_scale\"");
  }
  if (c.send_buffer > 65535 && build.window_scaling == 0) {
    context.error(node, "\"send_buffer\" above 65535 needs a \"build\" that scales windows");
  }
  if (c.segments > 0 && c.segments < c.queue_length) {
    context.error(node, "\"segments\" is below \"queue_length\": a write could wait for ever");
  }
  if (c.update_threshold > c.window) {
    context.error(node, "\"update_threshold\" is above \"window\"");
  }
}

}  // namespace

const Fields<C>& user_stack_fields() {
  static const Fields<C> fields = [] {
    Fields<C> f("lwip", "lwIP's own code, and what of it can be set");
    f.enumeration(
        "build", &C::build, "how it is compiled",
        {{"default", C::Build::kDefault, "upstream's options: MSS 536"},
         {"debian", C::Build::kPackaged, "those of Debian's package: MSS 1460, window scaling"},
         {"large", C::Build::kLarge, "MSS 1460, window scaling, SACK, timestamps, backlog"}},
        {.required = true});
    add_window_keys(f);
    add_timer_keys(f);
    add_pool_keys(f);
    f.integer("ttl", &C::ttl, "IP_DEFAULT_TTL", {.at_least = 1, .at_most = 255})
        .boolean("random_isn", &C::random_isn,
                 "LWIP_HOOK_TCP_ISN gives random numbers; else they are counted from 6510 on")
        .boolean("random_first_port", &C::random_first_port,
                 "LWIP_RAND: the first port is random; else it is the lowest, 49153")
        .check(check)
        .allow_source();
    return f;
  }();
  return fields;
}

}  // namespace tcptwin::catalogue
