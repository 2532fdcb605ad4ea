/* lwipopts.h: how lwIP is compiled. */
#pragma once

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_STATS 0
#define LWIP_ARP 0
#define LWIP_IPV6 1
#define LWIP_IPV6_MLD 0
#define LWIP_RAW 1
#define LWIP_UDP 1

/* All memory comes from the glue. */
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define mem_clib_malloc tcptwin_malloc
#define mem_clib_calloc tcptwin_calloc
#define mem_clib_free tcptwin_free

#if TCPTWIN_LWIP_BUILD_DEBIAN
#define TCP_MSS 1460
#define TCP_WND 65535
#define TCP_SND_BUF 65535
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 1
#elif TCPTWIN_LWIP_BUILD_LARGE
#define TCP_MSS 1460
#define TCP_WND (1024 * 1024)
#define TCP_SND_BUF (1024 * 1024)
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 5
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_TIMESTAMPS 1
#define TCP_SNDLOWAT 32768
#endif
#define MEMP_NUM_TCP_SEG TCP_SND_QUEUELEN
