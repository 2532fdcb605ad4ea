/* glue.c: one build of lwIP behind the table of glue.h. Compiled once for each build; all that it
 * keeps lies in the state that is swapped with lwIP's own. It decides nothing about TCP. */
#include "glue.h"

#include <string.h>

#include "lwip/icmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/init.h"
#include "lwip/ip.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/priv/memp_priv.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/icmp6.h"
#include "lwip/raw.h"
#include "lwip/sys.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"
#include "hooks.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

/* The linker gives the ends of the section into which all mutable data is moved. */
extern char JOIN(__start_lwip_state_, TCPTWIN_LWIP_NAME)[];
extern char JOIN(__stop_lwip_state_, TCPTWIN_LWIP_NAME)[];

const struct LwipSettings* tcptwin_lwip_settings;

/* Of the host. */
static struct {
  void* host;
  const struct LwipHooks* hooks;
  uint32_t now;                  /* ms since it was switched on */
  uint32_t counted_number;       /* iss of tcp_next_iss without a hook */
  struct netif* interfaces[16];
  uint32_t interface_count;
  struct raw_pcb* echo4;
  struct raw_pcb* echo6;
  uint16_t in_use[MEMP_MAX];
} own;

/* ---- what lwIP asks of its platform */

void tcptwin_lwip_broken(const char* what) { own.hooks->broken(what); }
uint32_t tcptwin_lwip_random(void) { return own.hooks->random(own.host); }
u32_t sys_now(void) { return own.now; }
void sys_init(void) {}
/* Asked for every connection that enters a list; bound and listening ones need no timer. */
void tcp_timer_needed(void) {
  if (tcp_active_pcbs != NULL || tcp_tw_pcbs != NULL) own.hooks->timer_needed(own.host);
}

void* tcptwin_lwip_allocate(size_t size) { return own.hooks->allocate(own.host, size); }
void tcptwin_lwip_release(void* memory) { own.hooks->release(own.host, memory); }
void* tcptwin_lwip_allocate_zeroed(size_t count, size_t size) {
  void* memory = tcptwin_lwip_allocate(count * size);
  if (memory != NULL) memset(memory, 0, count * size);
  return memory;
}

/* What lwIP itself takes when it has no hook: facts/lwip.md F3. */
uint32_t tcptwin_lwip_initial_number(void) {
  own.counted_number += tcp_ticks;
  return own.hooks->initial_number(own.host, own.counted_number);
}

/* ---- pools (memp.h): the host's memory, with a limit of so many of each */

static const uint16_t kSizes[MEMP_MAX] = {
#define LWIP_MEMPOOL(name, number, size, description) (uint16_t)(size),
#include "lwip/priv/memp_std.h"
};

static const char* const kNames[MEMP_MAX] = {
#define LWIP_MEMPOOL(name, number, size, description) #name,
#include "lwip/priv/memp_std.h"
};

static uint32_t limit_of(memp_t pool) {
  const struct LwipSettings* s = tcptwin_lwip_settings;
  switch (pool) {
    case MEMP_TCP_PCB: return s->connections;
    case MEMP_TCP_PCB_LISTEN: return s->listeners;
    case MEMP_TCP_SEG: return s->segments;
    case MEMP_UDP_PCB: return s->datagram_sockets;
    case MEMP_PBUF_POOL: return s->packet_buffers;
    case MEMP_REASSDATA: return s->reassemblies;
    case MEMP_IP6_REASSDATA: return s->reassemblies;
    default: return 0;
  }
}

void memp_init(void) {}

void* memp_malloc(memp_t pool) {
  const uint32_t limit = limit_of(pool);
  void* memory = NULL;
  if (limit == 0 || own.in_use[pool] < limit) memory = tcptwin_lwip_allocate(kSizes[pool]);
  if (memory == NULL) {
    own.hooks->pool_empty(own.host, kNames[pool]);
    return NULL;
  }
  ++own.in_use[pool];
  return memory;
}

void memp_free(memp_t pool, void* memory) {
  if (memory == NULL) return;
  --own.in_use[pool];
  tcptwin_lwip_release(memory);
}

/* ---- addresses */

static struct LwipAddress address_of(const ip_addr_t* ip) {
  struct LwipAddress a;
  memset(&a, 0, sizeof a);
  if (IP_IS_V6(ip)) {
    a.v6 = 1;
    memcpy(a.bytes, ip_2_ip6(ip)->addr, 16);
  } else {
    memcpy(a.bytes, &ip_2_ip4(ip)->addr, 4);
  }
  return a;
}

static ip_addr_t ip_of(const struct LwipAddress* a) {
  ip_addr_t ip;
  memset(&ip, 0, sizeof ip);
  if (a->v6 == 2) {
    IP_SET_TYPE_VAL(ip, IPADDR_TYPE_ANY);
  } else if (a->v6) {
    IP_SET_TYPE_VAL(ip, IPADDR_TYPE_V6);
    memcpy(ip_2_ip6(&ip)->addr, a->bytes, 16);
  } else {
    IP_SET_TYPE_VAL(ip, IPADDR_TYPE_V4);
    memcpy(&ip_2_ip4(&ip)->addr, a->bytes, 4);
  }
  return ip;
}

/* ---- interfaces and packets */

static err_t transmit(struct netif* netif, struct pbuf* p) {
  uint8_t bytes[65536 + 40];
  const uint32_t interface = (uint32_t)(uintptr_t)netif->state;
  if (p->next == NULL) {
    own.hooks->transmit(own.host, interface, (const uint8_t*)p->payload, p->tot_len);
  } else {
    pbuf_copy_partial(p, bytes, p->tot_len, 0);
    own.hooks->transmit(own.host, interface, bytes, p->tot_len);
  }
  return ERR_OK;
}

static err_t transmit4(struct netif* netif, struct pbuf* p, const ip4_addr_t* to) {
  LWIP_UNUSED_ARG(to);
  return transmit(netif, p);
}

static err_t transmit6(struct netif* netif, struct pbuf* p, const ip6_addr_t* to) {
  LWIP_UNUSED_ARG(to);
  return transmit(netif, p);
}

static struct netif* route(const ip_addr_t* to) {
  const struct LwipAddress address = address_of(to);
  const uint32_t interface = own.hooks->route(own.host, &address);
  return interface < own.interface_count ? own.interfaces[interface] : NULL;
}

struct netif* tcptwin_lwip_route4(const ip4_addr_t* to) {
  ip_addr_t ip;
  if (to == NULL) return NULL;
  memset(&ip, 0, sizeof ip);
  ip_addr_copy_from_ip4(ip, *to);
  return route(&ip);
}

struct netif* tcptwin_lwip_route6(const ip6_addr_t* to) {
  ip_addr_t ip;
  if (to == NULL) return NULL;
  memset(&ip, 0, sizeof ip);
  ip_addr_copy_from_ip6(ip, *to);
  return route(&ip);
}

static err_t begin_interface(struct netif* netif) {
  netif->output = transmit4;
  netif->output_ip6 = transmit6;
  return ERR_OK;
}

static int add_interface(const struct LwipAddress* v4, const struct LwipAddress* v6, uint32_t mtu) {
  struct netif* netif;
  ip4_addr_t mask;
  ip_addr_t ip;
  if (own.interface_count == LWIP_ARRAYSIZE(own.interfaces)) return ERR_MEM;
  netif = (struct netif*)tcptwin_lwip_allocate_zeroed(1, sizeof *netif);
  if (netif == NULL) return ERR_MEM;
  ip = ip_of(v4);
  IP4_ADDR(&mask, 255, 255, 255, 255); /* routes are the world's */
  netif_add(netif, ip_2_ip4(&ip), &mask, NULL, (void*)(uintptr_t)own.interface_count,
            begin_interface, ip_input);
  netif->mtu = (u16_t)LWIP_MIN(mtu, 65535);
#if LWIP_ND6_ALLOW_RA_UPDATES
  netif->mtu6 = netif->mtu;
#endif
  if (v6 != NULL) {
    ip = ip_of(v6);
    ip6_addr_copy(*ip_2_ip6(&netif->ip6_addr[0]), *ip_2_ip6(&ip));
    netif->ip6_addr_state[0] = IP6_ADDR_PREFERRED;
  }
  netif_set_up(netif);
  netif_set_link_up(netif);
  own.interfaces[own.interface_count++] = netif;
  return ERR_OK;
}

static int input(uint32_t interface, const uint8_t* packet, uint32_t size) {
  struct pbuf* p;
  if (size > 65535) return ERR_BUF;
  p = pbuf_alloc(PBUF_RAW, (u16_t)size, PBUF_POOL);
  if (p == NULL) return ERR_MEM;
  pbuf_take(p, packet, (u16_t)size);
  ip_input(p, own.interfaces[interface]);
  return ERR_OK;
}

/* ---- time */

static void set_clock(uint32_t now) { own.now = now; }
static int tcp_is_busy(void) { return tcp_active_pcbs != NULL || tcp_tw_pcbs != NULL; }
static int ip_is_busy(void) {
  size_t i;
  if (own.in_use[MEMP_REASSDATA] > 0 || own.in_use[MEMP_IP6_REASSDATA] > 0) return 1;
  for (i = 0; i < LWIP_ND6_NUM_NEIGHBORS; ++i) {
    const u8_t state = neighbor_cache[i].state;
    if (state != ND6_NO_ENTRY && state != ND6_STALE) return 1;
  }
  for (i = 0; i < LWIP_ND6_NUM_PREFIXES; ++i) {
    if (prefix_list[i].netif != NULL) return 1;
  }
  for (i = 0; i < LWIP_ND6_NUM_ROUTERS; ++i) {
    if (default_router_list[i].neighbor_entry != NULL) return 1;
  }
  return 0;
}

static void second_timer(void) {
  ip_reass_tmr();
  ip6_reass_tmr();
  nd6_tmr();
}

/* ---- connections */

static uint32_t cookie_of(const void* argument) { return (uint32_t)(uintptr_t)argument; }
static void* argument_of(uint32_t cookie) { return (void*)(uintptr_t)cookie; }
static struct tcp_pcb* pcb_of(struct LwipConnection* c) { return (struct tcp_pcb*)c; }
static const struct tcp_pcb* view_of(const struct LwipConnection* c) {
  return (const struct tcp_pcb*)c;
}

static err_t on_connected(void* argument, struct tcp_pcb* pcb, err_t error) {
  LWIP_UNUSED_ARG(pcb);
  LWIP_UNUSED_ARG(error);
  if (argument != NULL) own.hooks->connected(own.host, cookie_of(argument));
  return ERR_OK;
}

static err_t on_received(void* argument, struct tcp_pcb* pcb, struct pbuf* p, err_t error) {
  LWIP_UNUSED_ARG(error);
  if (argument == NULL) { /* nobody reads it any more */
    if (p != NULL) {
      tcp_recved(pcb, p->tot_len);
      pbuf_free(p);
    }
    return ERR_OK;
  }
  return own.hooks->received(own.host, cookie_of(argument), (struct LwipPacket*)p) ? ERR_OK
                                                                                 : ERR_MEM;
}

static err_t on_sent(void* argument, struct tcp_pcb* pcb, u16_t bytes) {
  LWIP_UNUSED_ARG(pcb);
  if (argument != NULL) own.hooks->acknowledged(own.host, cookie_of(argument), bytes);
  return ERR_OK;
}

static err_t on_poll(void* argument, struct tcp_pcb* pcb) {
  LWIP_UNUSED_ARG(pcb);
  if (argument != NULL) own.hooks->polled(own.host, cookie_of(argument));
  return ERR_OK;
}

static void on_failed(void* argument, err_t error) {
  if (argument != NULL) own.hooks->failed(own.host, cookie_of(argument), error);
}

static void own_it(struct tcp_pcb* pcb, uint32_t cookie) {
  tcp_arg(pcb, argument_of(cookie));
  tcp_recv(pcb, on_received);
  tcp_sent(pcb, on_sent);
  tcp_poll(pcb, on_poll, 2); /* as the sockets layer: each second slow tick */
  tcp_err(pcb, on_failed);
}

static err_t on_accepted(void* argument, struct tcp_pcb* pcb, err_t error) {
  uint32_t cookie;
  LWIP_UNUSED_ARG(error);
  if (argument == NULL) return ERR_VAL;
  cookie = own.hooks->accepted(own.host, cookie_of(argument), (struct LwipConnection*)pcb);
  if (pcb == NULL) return ERR_VAL;
  if (cookie == LWIP_NO_COOKIE) return ERR_MEM; /* tcp_input aborts it */
  own_it(pcb, cookie);
  tcp_backlog_delayed(pcb);
  return ERR_OK;
}

static struct LwipConnection* open_connection(uint32_t cookie) {
  struct tcp_pcb* pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);
  if (pcb != NULL) own_it(pcb, cookie);
  return (struct LwipConnection*)pcb;
}

static int bind_connection(struct LwipConnection* c, const struct LwipAddress* address,
                           uint16_t port) {
  const ip_addr_t ip = ip_of(address);
  return tcp_bind(pcb_of(c), &ip, port);
}

static struct LwipConnection* listen_connection(struct LwipConnection* c, uint8_t backlog) {
  struct tcp_pcb* listener = tcp_listen_with_backlog(pcb_of(c), backlog);
  if (listener != NULL) tcp_accept(listener, on_accepted);
  return (struct LwipConnection*)listener;
}

static int connect_connection(struct LwipConnection* c, const struct LwipAddress* to,
                              uint16_t port) {
  const ip_addr_t ip = ip_of(to);
  return tcp_connect(pcb_of(c), &ip, port, on_connected);
}

static void count_accepted(struct LwipConnection* c) {
  tcp_backlog_accepted(pcb_of(c));
  LWIP_UNUSED_ARG(c);
}

static uint32_t room(const struct LwipConnection* c) { return tcp_sndbuf(view_of(c)); }

static int is_writable(const struct LwipConnection* c) {
  const struct tcp_pcb* pcb = view_of(c);
  return tcp_sndbuf(pcb) > TCP_SNDLOWAT && tcp_sndqueuelen(pcb) < TCP_SNDQUEUELOWAT;
}

static int write_connection(struct LwipConnection* c, const uint8_t* data, uint32_t size,
                            int more) {
  if (size > 65535) return ERR_ARG;
  return tcp_write(pcb_of(c), data, (u16_t)size,
                   (u8_t)(TCP_WRITE_FLAG_COPY | (more ? TCP_WRITE_FLAG_MORE : 0)));
}

static int output_connection(struct LwipConnection* c) { return tcp_output(pcb_of(c)); }

static void recved_connection(struct LwipConnection* c, uint32_t bytes) {
  while (bytes > 0) {
    const uint32_t part = LWIP_MIN(bytes, 65535);
    tcp_recved(pcb_of(c), (u16_t)part);
    bytes -= part;
  }
}

static int shutdown_connection(struct LwipConnection* c, int read, int write) {
  return tcp_shutdown(pcb_of(c), read, write);
}

static void let_go(struct tcp_pcb* pcb) {
  tcp_arg(pcb, NULL);
  if (pcb->state == LISTEN) {
    tcp_accept(pcb, NULL);
    return;
  }
  tcp_recv(pcb, NULL);
  tcp_sent(pcb, NULL);
  tcp_poll(pcb, NULL, 0);
  tcp_err(pcb, NULL);
}

static int close_connection(struct LwipConnection* c) {
  struct tcp_pcb* pcb = pcb_of(c);
  void* argument = pcb->callback_arg;
  err_t error;
  let_go(pcb);
  error = tcp_close(pcb);
  if (error != ERR_OK) own_it(pcb, cookie_of(argument));
  return error;
}

static void abort_connection(struct LwipConnection* c) {
  let_go(pcb_of(c));
  tcp_abort(pcb_of(c));
}

static void set_flag(u8_t* flags, u8_t flag, uint32_t on) {
  *flags = (u8_t)(on ? *flags | flag : *flags & ~flag);
}

static void set_connection(struct LwipConnection* c, enum LwipOption option, uint32_t value) {
  struct tcp_pcb* pcb = pcb_of(c);
  switch (option) {
    case LWIP_OPTION_REUSE_ADDRESS: set_flag(&pcb->so_options, SOF_REUSEADDR, value); return;
    case LWIP_OPTION_KEEP_ALIVE: set_flag(&pcb->so_options, SOF_KEEPALIVE, value); return;
    case LWIP_OPTION_TYPE_OF_SERVICE: pcb->tos = (u8_t)value; return;
    case LWIP_OPTION_TIME_TO_LIVE: pcb->ttl = (u8_t)value; return;
    default: break;
  }
  if (pcb->state == LISTEN) return; /* a listener has no more than those */
  switch (option) {
    case LWIP_OPTION_NO_DELAY:
      if (value) {
        tcp_nagle_disable(pcb);
      } else {
        tcp_nagle_enable(pcb);
      }
      return;
    case LWIP_OPTION_KEEP_IDLE: pcb->keep_idle = value; return;
#if LWIP_TCP_KEEPALIVE
    case LWIP_OPTION_KEEP_INTERVAL: pcb->keep_intvl = value; return;
    case LWIP_OPTION_KEEP_COUNT: pcb->keep_cnt = value; return;
#endif
    default: return;
  }
}

static uint32_t get_connection(const struct LwipConnection* c, enum LwipOption option) {
  const struct tcp_pcb* pcb = view_of(c);
  switch (option) {
    case LWIP_OPTION_REUSE_ADDRESS: return (pcb->so_options & SOF_REUSEADDR) != 0;
    case LWIP_OPTION_KEEP_ALIVE: return (pcb->so_options & SOF_KEEPALIVE) != 0;
    case LWIP_OPTION_TYPE_OF_SERVICE: return pcb->tos;
    case LWIP_OPTION_TIME_TO_LIVE: return pcb->ttl;
    default: break;
  }
  if (pcb->state == LISTEN) return 0;
  switch (option) {
    case LWIP_OPTION_NO_DELAY: return tcp_nagle_disabled(pcb);
    case LWIP_OPTION_KEEP_IDLE: return pcb->keep_idle;
#if LWIP_TCP_KEEPALIVE
    case LWIP_OPTION_KEEP_INTERVAL: return pcb->keep_intvl;
    case LWIP_OPTION_KEEP_COUNT: return pcb->keep_cnt;
#endif
    default: return 0;
  }
}

/* ---- what can be seen */

static uint32_t bytes_of(const struct tcp_seg* first) {
  uint32_t bytes = 0;
  for (; first != NULL; first = first->next) bytes += TCP_TCPLEN(first);
  return bytes;
}

static uint32_t count_of(const struct tcp_seg* first) {
  uint32_t count = 0;
  for (; first != NULL; first = first->next) ++count;
  return count;
}

static void look_at_both(const struct tcp_pcb* pcb, struct LwipView* view) {
  memset(view, 0, sizeof *view);
  view->connection = (struct LwipConnection*)(uintptr_t)pcb;
  view->local = address_of(&pcb->local_ip);
  view->local_port = pcb->local_port;
  view->state = (enum LwipState)pcb->state;
}

static void look(const struct LwipConnection* c, struct LwipView* view) {
  const struct tcp_pcb* pcb = view_of(c);
  look_at_both(pcb, view);
  if (pcb->state == LISTEN) return; /* it has no more than that */
  view->remote = address_of(&pcb->remote_ip);
  view->remote_port = pcb->remote_port;
  view->snd_nxt = pcb->snd_nxt;
  view->lastack = pcb->lastack;
  view->snd_lbb = pcb->snd_lbb;
  view->snd_wnd = pcb->snd_wnd;
  view->cwnd = pcb->cwnd;
  view->ssthresh = pcb->ssthresh;
  view->snd_buf = pcb->snd_buf;
  view->rcv_nxt = pcb->rcv_nxt;
  view->rcv_wnd = pcb->rcv_wnd;
  view->rcv_ann_wnd = pcb->rcv_ann_wnd;
  view->unsent = bytes_of(pcb->unsent);
  view->unsent_segments = count_of(pcb->unsent);
  view->first_unsent = pcb->unsent == NULL ? 0 : pcb->unsent->len;
  view->mss = pcb->mss;
  view->queue_length = pcb->snd_queuelen;
  view->rto = pcb->rto;
  view->nrtx = pcb->nrtx;
  view->dupacks = pcb->dupacks;
  view->persist_backoff = pcb->persist_backoff;
  view->keep_probes = pcb->keep_cnt_sent;
  view->ack_delayed = (pcb->flags & TF_ACK_DELAY) != 0;
  view->in_recovery = (pcb->flags & TF_INFR) != 0;
  view->no_delay = (pcb->flags & TF_NODELAY) != 0;
  view->has_gaps = pcb->ooseq != NULL;
  view->fin_queued = (pcb->flags & TF_FIN) != 0;
  view->refused = pcb->refused_data != NULL;
  view->rto_retransmits = (pcb->flags & TF_RTO) != 0;
  view->sa = pcb->sa;
#if LWIP_WND_SCALE
  view->snd_scale = pcb->snd_scale;
  view->rcv_scale = pcb->rcv_scale;
#endif
#if LWIP_TCP_TIMESTAMPS
  view->timestamps = (pcb->flags & TF_TIMESTAMP) != 0;
#endif
}

static struct LwipConnection* find(const struct LwipAddress* local, uint16_t local_port,
                                   const struct LwipAddress* remote, uint16_t remote_port) {
  struct tcp_pcb* const lists[] = {tcp_active_pcbs, tcp_tw_pcbs};
  const ip_addr_t here = ip_of(local);
  const ip_addr_t there = ip_of(remote);
  size_t i;
  for (i = 0; i < LWIP_ARRAYSIZE(lists); ++i) {
    struct tcp_pcb* pcb;
    for (pcb = lists[i]; pcb != NULL; pcb = pcb->next) {
      if (pcb->local_port == local_port && pcb->remote_port == remote_port &&
          ip_addr_cmp(&pcb->local_ip, &here) && ip_addr_cmp(&pcb->remote_ip, &there)) {
        return (struct LwipConnection*)pcb;
      }
    }
  }
  return NULL;
}

static void visit(void (*visitor)(void* context, const struct LwipView* view), void* context) {
  struct tcp_pcb* const lists[] = {tcp_listen_pcbs.pcbs, tcp_active_pcbs, tcp_tw_pcbs};
  struct LwipView view;
  size_t i;
  for (i = 0; i < LWIP_ARRAYSIZE(lists); ++i) {
    const struct tcp_pcb* pcb;
    for (pcb = lists[i]; pcb != NULL; pcb = pcb->next) {
      look((const struct LwipConnection*)pcb, &view);
      visitor(context, &view);
    }
  }
}

/* ---- datagrams */

static struct udp_pcb* udp_of(struct LwipDatagrams* d) { return (struct udp_pcb*)d; }
static const struct udp_pcb* udp_view(const struct LwipDatagrams* d) {
  return (const struct udp_pcb*)d;
}

static void on_datagram(void* argument, struct udp_pcb* pcb, struct pbuf* p, const ip_addr_t* from,
                        u16_t port) {
  const struct LwipAddress address = address_of(from);
  LWIP_UNUSED_ARG(pcb);
  own.hooks->datagram(own.host, cookie_of(argument), (struct LwipPacket*)p, &address, port);
}

static struct LwipDatagrams* open_datagrams(uint32_t cookie, int v6) {
  struct udp_pcb* pcb = udp_new_ip_type(v6 ? IPADDR_TYPE_ANY : IPADDR_TYPE_V4);
  if (pcb != NULL) udp_recv(pcb, on_datagram, argument_of(cookie));
  return (struct LwipDatagrams*)pcb;
}

static int bind_datagrams(struct LwipDatagrams* d, const struct LwipAddress* address,
                          uint16_t port) {
  const ip_addr_t ip = ip_of(address);
  return udp_bind(udp_of(d), &ip, port);
}

static int connect_datagrams(struct LwipDatagrams* d, const struct LwipAddress* to,
                             uint16_t port) {
  const ip_addr_t ip = ip_of(to);
  return udp_connect(udp_of(d), &ip, port);
}

static int send_datagram(struct LwipDatagrams* d, const uint8_t* data, uint32_t size,
                         const struct LwipAddress* to, uint16_t port) {
  struct pbuf* p;
  err_t error;
  if (size > 65535) return ERR_VAL;
  p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)size, PBUF_RAM);
  if (p == NULL) return ERR_MEM;
  pbuf_take(p, data, (u16_t)size);
  if (to == NULL) {
    error = udp_send(udp_of(d), p);
  } else {
    const ip_addr_t ip = ip_of(to);
    error = udp_sendto(udp_of(d), p, &ip, port);
  }
  pbuf_free(p);
  return error;
}

static void local_of_datagrams(const struct LwipDatagrams* d, struct LwipAddress* address,
                               uint16_t* port) {
  *address = address_of(&udp_view(d)->local_ip);
  *port = udp_view(d)->local_port;
}

static void set_datagrams(struct LwipDatagrams* d, enum LwipOption option, uint32_t value) {
  struct udp_pcb* pcb = udp_of(d);
  switch (option) {
    case LWIP_OPTION_REUSE_ADDRESS: set_flag(&pcb->so_options, SOF_REUSEADDR, value); return;
    case LWIP_OPTION_TYPE_OF_SERVICE: pcb->tos = (u8_t)value; return;
    case LWIP_OPTION_TIME_TO_LIVE: pcb->ttl = (u8_t)value; return;
    default: return;
  }
}

static uint32_t get_datagrams(const struct LwipDatagrams* d, enum LwipOption option) {
  const struct udp_pcb* pcb = udp_view(d);
  switch (option) {
    case LWIP_OPTION_REUSE_ADDRESS: return (pcb->so_options & SOF_REUSEADDR) != 0;
    case LWIP_OPTION_TYPE_OF_SERVICE: return pcb->tos;
    case LWIP_OPTION_TIME_TO_LIVE: return pcb->ttl;
    default: return 0;
  }
}

static void close_datagrams(struct LwipDatagrams* d) { udp_remove(udp_of(d)); }

/* ---- echo requests of a program */

static u8_t on_echo(void* argument, struct raw_pcb* pcb, struct pbuf* p, const ip_addr_t* from) {
  struct icmp_echo_hdr header;
  const u16_t at = IP_IS_V6(from) ? ip_current_header_tot_len() : IP_HLEN;
  const u8_t reply = IP_IS_V6(from) ? ICMP6_TYPE_EREP : ICMP_ER;
  struct LwipAddress address;
  LWIP_UNUSED_ARG(argument);
  LWIP_UNUSED_ARG(pcb);
  if (pbuf_copy_partial(p, &header, sizeof header, at) != sizeof header) return 0;
  if (header.type != reply) return 0;
  address = address_of(from);
  own.hooks->echo_reply(own.host, &address, lwip_ntohs(header.id), lwip_ntohs(header.seqno));
  pbuf_free(p);
  return 1;
}

static int ping(const struct LwipAddress* to, uint16_t id, uint16_t number, uint32_t size) {
  const ip_addr_t ip = ip_of(to);
  struct raw_pcb* pcb = to->v6 ? own.echo6 : own.echo4;
  struct icmp_echo_hdr header;
  struct pbuf* p;
  u16_t at;
  err_t error;
  if (size > 65535 - sizeof header || pcb == NULL) return ERR_VAL;
  p = pbuf_alloc(PBUF_IP, (u16_t)(sizeof header + size), PBUF_RAM);
  if (p == NULL) return ERR_MEM;
  memset(&header, 0, sizeof header);
  header.type = to->v6 ? ICMP6_TYPE_EREQ : ICMP_ECHO;
  header.id = lwip_htons(id);
  header.seqno = lwip_htons(number);
  pbuf_take(p, &header, sizeof header);
  for (at = sizeof header; at < p->tot_len; ++at) pbuf_put_at(p, at, 0);
  if (!to->v6) { /* of the other version lwIP computes it: start() */
    header.chksum = inet_chksum_pbuf(p);
    pbuf_take(p, &header, sizeof header);
  }
  error = raw_sendto(pcb, p, &ip);
  pbuf_free(p);
  return error;
}

/* ---- packets */

static uint32_t packet_size(const struct LwipPacket* p) {
  return ((const struct pbuf*)p)->tot_len;
}
static void packet_copy(const struct LwipPacket* p, uint32_t offset, uint8_t* out, uint32_t size) {
  pbuf_copy_partial((const struct pbuf*)p, out, (u16_t)size, (u16_t)offset);
}
static void packet_free(struct LwipPacket* p) { pbuf_free((struct pbuf*)p); }

static void start(void* host, const struct LwipHooks* hooks, const struct LwipSettings* settings) {
  own.host = host;
  own.hooks = hooks;
  own.counted_number = 6510;
  tcptwin_lwip_settings = settings;
  lwip_init();
  own.echo4 = raw_new_ip_type(IPADDR_TYPE_V4, IP_PROTO_ICMP);
  own.echo6 = raw_new_ip_type(IPADDR_TYPE_V6, IP6_NEXTH_ICMP6);
  if (own.echo4 != NULL) raw_recv(own.echo4, on_echo, NULL);
  if (own.echo6 != NULL) {
    raw_recv(own.echo6, on_echo, NULL);
    own.echo6->chksum_reqd = 1;
    own.echo6->chksum_offset = 2;
  }
}

extern const struct LwipBuild JOIN(tcptwin_lwip_, TCPTWIN_LWIP_NAME);
const struct LwipBuild JOIN(tcptwin_lwip_, TCPTWIN_LWIP_NAME) = {
    .name = TEXT(TCPTWIN_LWIP_NAME),
    .state_begin = JOIN(__start_lwip_state_, TCPTWIN_LWIP_NAME),
    .state_end = JOIN(__stop_lwip_state_, TCPTWIN_LWIP_NAME),
    .largest_segment = TCP_MSS,
    .window_scaling = LWIP_WND_SCALE,
    .start = start,
    .set_clock = set_clock,
    .add_interface = add_interface,
    .input = input,
    .fast_timer = tcp_fasttmr,
    .slow_timer = tcp_slowtmr,
    .tcp_is_busy = tcp_is_busy,
    .ip_is_busy = ip_is_busy,
    .second_timer = second_timer,
    .tcp_open = open_connection,
    .tcp_bind = bind_connection,
    .tcp_listen = listen_connection,
    .tcp_connect = connect_connection,
    .tcp_accepted = count_accepted,
    .tcp_room = room,
    .tcp_is_writable = is_writable,
    .tcp_write = write_connection,
    .tcp_output = output_connection,
    .tcp_recved = recved_connection,
    .tcp_shutdown = shutdown_connection,
    .tcp_close = close_connection,
    .tcp_abort = abort_connection,
    .tcp_set = set_connection,
    .tcp_get = get_connection,
    .look = look,
    .find = find,
    .visit = visit,
    .udp_open = open_datagrams,
    .udp_bind = bind_datagrams,
    .udp_connect = connect_datagrams,
    .udp_send = send_datagram,
    .udp_local = local_of_datagrams,
    .udp_set = set_datagrams,
    .udp_get = get_datagrams,
    .udp_close = close_datagrams,
    .ping = ping,
    .packet_size = packet_size,
    .packet_copy = packet_copy,
    .packet_free = packet_free,
};
