// library.h: private copies of the packaged liblwip, each with variables of its own.
#pragma once

#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/sockets.h"
#include "lwip/sys.h"
#include "lwip/tcpip.h"
#include "lwip/timeouts.h"

namespace tcptwin::lwip_package {

// What is called of one copy, by its name in lwIP.
struct Library {
  Library();  // CHECKs that there is a library and that it can be loaded; it stays for good

  decltype(&::tcpip_init) tcpip_init;
  decltype(&::netif_add) netif_add;
  decltype(&::netif_set_up) netif_set_up;
  decltype(&::netif_set_link_up) netif_set_link_up;
  decltype(&::ip_input) ip_input;
  decltype(&::pbuf_alloc) pbuf_alloc;
  decltype(&::pbuf_take) pbuf_take;
  decltype(&::pbuf_copy_partial) pbuf_copy_partial;
  decltype(&::sys_check_timeouts) sys_check_timeouts;
  decltype(&::sys_timeouts_sleeptime) sys_timeouts_sleeptime;
  decltype(&::sys_lock_tcpip_core) sys_lock_tcpip_core;
  decltype(&::sys_unlock_tcpip_core) sys_unlock_tcpip_core;
  decltype(&::sys_sem_signal) sys_sem_signal;
  decltype(&::sys_arch_sem_wait) sys_arch_sem_wait;
  decltype(&::lwip_socket) lwip_socket;
  decltype(&::lwip_bind) lwip_bind;
  decltype(&::lwip_listen) lwip_listen;
  decltype(&::lwip_accept) lwip_accept;
  decltype(&::lwip_connect) lwip_connect;
  decltype(&::lwip_send) lwip_send;
  decltype(&::lwip_recv) lwip_recv;
  decltype(&::lwip_setsockopt) lwip_setsockopt;
  decltype(&::lwip_shutdown) lwip_shutdown;
  decltype(&::lwip_close) lwip_close;
};

}  // namespace tcptwin::lwip_package
