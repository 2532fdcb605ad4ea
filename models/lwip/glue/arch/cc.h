/* cc.h: what lwIP asks of the compiler and the platform. */
#pragma once

#include <stddef.h>

void* tcptwin_malloc(size_t size);
void* tcptwin_calloc(size_t count, size_t size);
void tcptwin_free(void* memory);

#define LWIP_NO_CTYPE_H 1  /* that would depend on the locale */
#define LWIP_NO_STDIO_H 1
#define LWIP_PLATFORM_DIAG(message) ((void)0)
#define LWIP_PLATFORM_ASSERT(message) __builtin_trap()
