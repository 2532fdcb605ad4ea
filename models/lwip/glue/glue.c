/* glue.c: one build of lwIP as a constant with functions, and what lwIP asks of its world. */
#include "models/lwip/glue/glue.h"

#include <string.h>

#include "lwip/init.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/memp.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/raw.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"

#define JOIN(a, b) a##b
#define NAMED(prefix, name) JOIN(prefix, name)

extern char NAMED(__start_lwip_state_, TCPTWIN_LWIP_NAME)[];
extern char NAMED(__stop_lwip_state_, TCPTWIN_LWIP_NAME)[];

/* Memory is part of the state, too. */
static char arena[8192] __attribute__((aligned(16)));
static size_t taken;

void* tcptwin_malloc(size_t size) {
  const size_t rounded = (size + 15) / 16 * 16;
  if (rounded > sizeof arena - taken) return NULL;
  taken += rounded;
  return arena + taken - rounded;
}
void* tcptwin_calloc(size_t count, size_t size) {
  void* memory = tcptwin_malloc(count * size);
  if (memory != NULL) memset(memory, 0, count * size);
  return memory;
}
void tcptwin_free(void* memory) { (void)memory; }

static const size_t kSizes[] = {
#define LWIP_MEMPOOL(name, num, size, desc) (size),
#include "lwip/priv/memp_std.h"
};

void memp_init(void) {}
void* memp_malloc(memp_t type) { return tcptwin_malloc(kSizes[type]); }
void memp_free(memp_t type, void* memory) {
  (void)type;
  tcptwin_free(memory);
}

u32_t sys_now(void) { return 0; }
void sys_timeouts_init(void) {}
void tcp_timer_needed(void) {}

static uint16_t take_port(void) {
  struct tcp_pcb* pcb = tcp_new();
  if (pcb == NULL || tcp_bind(pcb, IP_ANY_TYPE, 0) != ERR_OK) return 0;
  return pcb->local_port;
}

const tcptwin_lwip NAMED(tcptwin_lwip_, TCPTWIN_LWIP_NAME) = {
    .state_begin = NAMED(__start_lwip_state_, TCPTWIN_LWIP_NAME),
    .state_end = NAMED(__stop_lwip_state_, TCPTWIN_LWIP_NAME),
    .start = lwip_init,
    .take_port = take_port,
};
