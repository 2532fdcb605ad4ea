/* glue.h: all that LwipStack needs of one build of lwIP, in plain C and without a type of lwIP's.
 * Every function but state_begin and state_end works on the host whose state is in place.
 * Times in milliseconds, sizes in bytes, ports in host order, errors as lwIP's err_t (0: none). */
#ifndef TCPTWIN_MODELS_LWIP_GLUE_H
#define TCPTWIN_MODELS_LWIP_GLUE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What can vary at run time: facts/lwip.md I. */
struct LwipSettings {
  uint32_t window;          /* TCP_WND */
  uint32_t window_scale;    /* TCP_RCV_SCALE, in builds with window scaling */
  uint32_t send_buffer;     /* TCP_SND_BUF */
  uint32_t queue_length;    /* TCP_SND_QUEUELEN, pbufs */
  uint32_t update_threshold; /* TCP_WND_UPDATE_THRESHOLD */
  uint32_t msl;             /* TCP_MSL */
  uint32_t slow_interval;   /* TCP_SLOW_INTERVAL */
  uint32_t data_retries;    /* TCP_MAXRTX */
  uint32_t syn_retries;     /* TCP_SYNMAXRTX */
  uint32_t keep_idle;       /* TCP_KEEPIDLE_DEFAULT */
  uint32_t keep_interval;   /* TCP_KEEPINTVL_DEFAULT */
  uint32_t keep_count;      /* TCP_KEEPCNT_DEFAULT */
  uint32_t ttl;             /* IP_DEFAULT_TTL */
  /* How many of each there may be; 0: as many as wanted, as with MEMP_MEM_MALLOC. */
  uint32_t connections;     /* MEMP_NUM_TCP_PCB */
  uint32_t listeners;       /* MEMP_NUM_TCP_PCB_LISTEN */
  uint32_t segments;        /* MEMP_NUM_TCP_SEG */
  uint32_t datagram_sockets; /* MEMP_NUM_UDP_PCB */
  uint32_t packet_buffers;  /* PBUF_POOL_SIZE */
  uint32_t reassemblies;    /* MEMP_NUM_REASSDATA */
};

struct LwipAddress {
  uint8_t bytes[16]; /* IPv4: the first four */
  uint8_t v6; /* 2: any address of either version */
};

struct LwipPacket;     /* a chain of struct pbuf */
struct LwipConnection; /* a struct tcp_pcb, or a listening one */
struct LwipDatagrams;  /* a struct udp_pcb */

/* The cookie of a connection that no socket owns. */
#define LWIP_NO_COOKIE 0u

/* lwIP calls these in the middle of its work: they may take notes, and of the functions below call
 * those on the connection that they are about. */
struct LwipHooks {
  void* (*allocate)(void* host, size_t size); /* null: no memory */
  void (*release)(void* host, void* memory);
  uint32_t (*random)(void* host);
  uint32_t (*initial_number)(void* host, uint32_t counted); /* counted: what lwIP itself takes */
  uint32_t (*route)(void* host, const struct LwipAddress* to); /* interface; UINT32_MAX: none */
  void (*transmit)(void* host, uint32_t interface, const uint8_t* packet, uint32_t size);
  void (*timer_needed)(void* host);
  void (*pool_empty)(void* host, const char* pool);
  void (*connected)(void* host, uint32_t cookie);
  /* The cookie of the new connection; LWIP_NO_COOKIE refuses it. Null: there was no memory for it. */
  uint32_t (*accepted)(void* host, uint32_t listener, struct LwipConnection* connection);
  /* Null: the end of the stream. 0 refuses it: it is offered again by the fast timer. */
  int (*received)(void* host, uint32_t cookie, struct LwipPacket* data);
  void (*acknowledged)(void* host, uint32_t cookie, uint32_t bytes);
  void (*polled)(void* host, uint32_t cookie); /* each second slow tick */
  void (*failed)(void* host, uint32_t cookie, int error); /* the connection no longer exists */
  void (*datagram)(void* host, uint32_t cookie, struct LwipPacket* data,
                   const struct LwipAddress* from, uint16_t port);
  void (*echo_reply)(void* host, const struct LwipAddress* from, uint16_t id, uint16_t number);
  void (*broken)(const char* what); /* an assertion of lwIP; does not return */
};

enum LwipState { /* RFC 9293 3.3.2, in lwIP's order */
  LWIP_CLOSED,
  LWIP_LISTEN,
  LWIP_SYN_SENT,
  LWIP_SYN_RECEIVED,
  LWIP_ESTABLISHED,
  LWIP_FIN_WAIT_1,
  LWIP_FIN_WAIT_2,
  LWIP_CLOSE_WAIT,
  LWIP_CLOSING,
  LWIP_LAST_ACK,
  LWIP_TIME_WAIT
};

/* What can be seen of a connection from outside. */
struct LwipView {
  struct LwipConnection* connection;
  struct LwipAddress local;
  struct LwipAddress remote;
  uint16_t local_port;
  uint16_t remote_port;
  enum LwipState state;
  uint32_t snd_nxt, lastack, snd_lbb, snd_wnd, cwnd, ssthresh, snd_buf;
  uint32_t rcv_nxt, rcv_wnd, rcv_ann_wnd;
  uint32_t unsent;    /* bytes and flags that wait, also those to be sent again */
  uint32_t unsent_segments;
  uint32_t first_unsent; /* bytes of the segment that leaves next */
  uint16_t mss;
  uint16_t queue_length; /* pbufs in both send queues */
  int16_t rto;           /* slow ticks */
  uint8_t nrtx, dupacks, persist_backoff, keep_probes;
  uint8_t snd_scale, rcv_scale;
  uint8_t ack_delayed, in_recovery, no_delay, has_gaps, fin_queued, refused, timestamps;
  uint8_t rto_retransmits; /* what had been in flight is being sent again after a timeout */
  int16_t sa;            /* smoothed round trip, slow ticks * 8; -1: no sample */
};

enum LwipOption {
  LWIP_OPTION_NO_DELAY,
  LWIP_OPTION_REUSE_ADDRESS,
  LWIP_OPTION_KEEP_ALIVE,
  LWIP_OPTION_KEEP_IDLE,     /* ms */
  LWIP_OPTION_KEEP_INTERVAL, /* ms */
  LWIP_OPTION_KEEP_COUNT,
  LWIP_OPTION_TYPE_OF_SERVICE,
  LWIP_OPTION_TIME_TO_LIVE
};

struct LwipBuild {
  const char* name;
  char* state_begin; /* what is swapped */
  char* state_end;
  uint32_t largest_segment; /* TCP_MSS */
  uint8_t window_scaling;

  /* `host` is handed to the hooks; hooks and settings stay where they are. */
  void (*start)(void* host, const struct LwipHooks* hooks, const struct LwipSettings* settings);
  void (*set_clock)(uint32_t now);
  int (*add_interface)(const struct LwipAddress* v4, const struct LwipAddress* v6, uint32_t mtu);
  /* 0: taken; else there was no packet buffer for it. */
  int (*input)(uint32_t interface, const uint8_t* packet, uint32_t size);
  void (*fast_timer)(void);
  void (*slow_timer)(void);
  int (*tcp_is_busy)(void); /* some connection is open or in TIME-WAIT */
  /* Packets are being put together, or a router, a prefix or a neighbour's answer is waited for. */
  int (*ip_is_busy)(void);
  void (*second_timer)(void); /* each second while IP is busy: reassembly, neighbour discovery */

  struct LwipConnection* (*tcp_open)(uint32_t cookie); /* null: no memory */
  int (*tcp_bind)(struct LwipConnection* c, const struct LwipAddress* address, uint16_t port);
  /* The listener, which takes the place of `c`; null: no memory, and `c` is as it was. */
  struct LwipConnection* (*tcp_listen)(struct LwipConnection* c, uint8_t backlog);
  int (*tcp_connect)(struct LwipConnection* c, const struct LwipAddress* to, uint16_t port);
  void (*tcp_accepted)(struct LwipConnection* c); /* the program has it: one less in the backlog */
  uint32_t (*tcp_room)(const struct LwipConnection* c); /* tcp_sndbuf */
  int (*tcp_is_writable)(const struct LwipConnection* c); /* TCP_SNDLOWAT, TCP_SNDQUEUELOWAT */
  int (*tcp_write)(struct LwipConnection* c, const uint8_t* data, uint32_t size, int more);
  int (*tcp_output)(struct LwipConnection* c);
  void (*tcp_recved)(struct LwipConnection* c, uint32_t bytes);
  int (*tcp_shutdown)(struct LwipConnection* c, int read, int write);
  /* The socket lets go of it: no hook names its cookie again. Else it is as before. */
  int (*tcp_close)(struct LwipConnection* c);
  void (*tcp_abort)(struct LwipConnection* c); /* likewise */
  void (*tcp_set)(struct LwipConnection* c, enum LwipOption option, uint32_t value);
  uint32_t (*tcp_get)(const struct LwipConnection* c, enum LwipOption option);
  void (*look)(const struct LwipConnection* c, struct LwipView* view);
  /* The connection that such packets belong to, listeners left out; null: there is none. */
  struct LwipConnection* (*find)(const struct LwipAddress* local, uint16_t local_port,
                                 const struct LwipAddress* remote, uint16_t remote_port);
  /* Every connection: listeners, then open ones, then those in TIME-WAIT. */
  void (*visit)(void (*visitor)(void* context, const struct LwipView* view), void* context);

  struct LwipDatagrams* (*udp_open)(uint32_t cookie, int v6); /* null: no memory */
  int (*udp_bind)(struct LwipDatagrams* d, const struct LwipAddress* address, uint16_t port);
  int (*udp_connect)(struct LwipDatagrams* d, const struct LwipAddress* to, uint16_t port);
  /* Null: to the peer. */
  int (*udp_send)(struct LwipDatagrams* d, const uint8_t* data, uint32_t size,
                  const struct LwipAddress* to, uint16_t port);
  void (*udp_local)(const struct LwipDatagrams* d, struct LwipAddress* address, uint16_t* port);
  void (*udp_set)(struct LwipDatagrams* d, enum LwipOption option, uint32_t value);
  uint32_t (*udp_get)(const struct LwipDatagrams* d, enum LwipOption option);
  void (*udp_close)(struct LwipDatagrams* d);
  int (*ping)(const struct LwipAddress* to, uint16_t id, uint16_t number, uint32_t size);

  uint32_t (*packet_size)(const struct LwipPacket* p);
  void (*packet_copy)(const struct LwipPacket* p, uint32_t offset, uint8_t* out, uint32_t size);
  void (*packet_free)(struct LwipPacket* p);
};

#ifdef __cplusplus
}
#endif

#endif
