/* cc.h: what lwIP wants to know of its platform. */
#ifndef TCPTWIN_MODELS_LWIP_GLUE_ARCH_CC_H
#define TCPTWIN_MODELS_LWIP_GLUE_ARCH_CC_H

#include <stdint.h>

#define LWIP_NO_CTYPE_H 1

void tcptwin_lwip_broken(const char* what);
uint32_t tcptwin_lwip_random(void);

#define LWIP_PLATFORM_DIAG(words)
#define LWIP_PLATFORM_ASSERT(what) tcptwin_lwip_broken(what)
#define LWIP_RAND() tcptwin_lwip_random()

#endif
