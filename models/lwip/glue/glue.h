/* glue.h: what one build of lwIP offers to C++: one constant, tcptwin_lwip_NAME. Its functions work on
 * the state that lies between state_begin and state_end; whoever calls them puts a host's copy there
 * before and takes it away afterwards. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tcptwin_lwip {
  char* state_begin;
  char* state_end;
  void (*start)(void);        /* once for each state, before anything else */
  uint16_t (*take_port)(void); /* the local port of a new connection block */
} tcptwin_lwip;

#ifdef __cplusplus
}
#endif
