/* lwipopts.h: how lwIP is compiled here. What may vary at run time is a member of the settings of
 * the host whose state is in place; what only the preprocessor can decide makes a build of its own.
 * Everything not named has upstream's default (lwip/opt.h). */
#ifndef TCPTWIN_MODELS_LWIP_GLUE_LWIPOPTS_H
#define TCPTWIN_MODELS_LWIP_GLUE_LWIPOPTS_H

#include "glue.h"

/* ---- what differs between the builds */
#if defined(TCPTWIN_LWIP_BUILD_DEFAULT) /* upstream's defaults */
#define TCP_MSS 536
#elif defined(TCPTWIN_LWIP_BUILD_DEBIAN) /* liblwip0: facts/lwip.md J7 */
#define TCP_MSS 1460
#define LWIP_WND_SCALE 1
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_NETIF_TX_SINGLE_PBUF 1
#elif defined(TCPTWIN_LWIP_BUILD_LARGE)
#define TCP_MSS 1460
#define LWIP_WND_SCALE 1
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_TIMESTAMPS 1
#define LWIP_TCP_KEEPALIVE 1
#define TCP_LISTEN_BACKLOG 1
#else
#error "which build?"
#endif

/* ---- what a host may set; init.c alone wants constants (facts/lwip.md I) */
extern const struct LwipSettings* tcptwin_lwip_settings;
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1
#if defined(TCPTWIN_LWIP_CONSTANTS)
#define TCP_WND (4 * TCP_MSS)
#define TCP_SND_BUF (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 8
#else
#define TCP_WND (tcptwin_lwip_settings->window)
#if LWIP_WND_SCALE
#define TCP_RCV_SCALE (tcptwin_lwip_settings->window_scale)
#endif
#define TCP_SND_BUF (tcptwin_lwip_settings->send_buffer)
#define TCP_SND_QUEUELEN ((u16_t)tcptwin_lwip_settings->queue_length)
#define TCP_WND_UPDATE_THRESHOLD (tcptwin_lwip_settings->update_threshold)
#define TCP_MSL (tcptwin_lwip_settings->msl)
#define TCP_SLOW_INTERVAL ((s32_t)tcptwin_lwip_settings->slow_interval)
#define TCP_MAXRTX (tcptwin_lwip_settings->data_retries)
#define TCP_SYNMAXRTX (tcptwin_lwip_settings->syn_retries)
#define TCP_KEEPIDLE_DEFAULT (tcptwin_lwip_settings->keep_idle)
#define TCP_KEEPINTVL_DEFAULT (tcptwin_lwip_settings->keep_interval)
#define TCP_KEEPCNT_DEFAULT (tcptwin_lwip_settings->keep_count)
#define IP_DEFAULT_TTL ((u8_t)tcptwin_lwip_settings->ttl)
#endif

/* ---- the frame: no threads, no clock of its own, packets of IP without a link layer */
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_TIMERS 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_IPV6 1
#define LWIP_RAW 1
#define LWIP_ARP 0
#define LWIP_ETHERNET 0
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 0
#define LWIP_IPV6_AUTOCONFIG 0
#define LWIP_IPV6_MLD 0
#define LWIP_STATS 0
#define SO_REUSE 1
#define MEM_ALIGNMENT 8
#define IPV6_FRAG_COPYHEADER 1
#define LWIP_HOOK_FILENAME "hooks.h"

/* ---- memory comes from the host, which counts it; the glue has the pools (memp.h) */
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
void* tcptwin_lwip_allocate(size_t size);
void* tcptwin_lwip_allocate_zeroed(size_t count, size_t size);
void tcptwin_lwip_release(void* memory);
#define mem_clib_malloc tcptwin_lwip_allocate
#define mem_clib_calloc tcptwin_lwip_allocate_zeroed
#define mem_clib_free tcptwin_lwip_release

/* ---- the edges of the simulation compute and check them, but for what lies in pieces of a packet */
#define CHECKSUM_GEN_IP 0
#define CHECKSUM_GEN_TCP 0
#define CHECKSUM_CHECK_IP 0
#define CHECKSUM_CHECK_UDP 0
#define CHECKSUM_CHECK_TCP 0
#define CHECKSUM_CHECK_ICMP 0
#define CHECKSUM_CHECK_ICMP6 0

#endif
