/* hooks.h: the questions that lwIP asks of a program (LWIP_HOOK_FILENAME). */
#ifndef TCPTWIN_MODELS_LWIP_GLUE_HOOKS_H
#define TCPTWIN_MODELS_LWIP_GLUE_HOOKS_H

#include "lwip/ip_addr.h"

struct netif;

struct netif* tcptwin_lwip_route4(const ip4_addr_t* to);
struct netif* tcptwin_lwip_route6(const ip6_addr_t* to);
uint32_t tcptwin_lwip_initial_number(void);

#define LWIP_HOOK_IP4_ROUTE(to) tcptwin_lwip_route4(to)
#define LWIP_HOOK_IP6_ROUTE(from, to) tcptwin_lwip_route6(to)
#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port) tcptwin_lwip_initial_number()

#endif
