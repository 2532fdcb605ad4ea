// datagrams.h: plays about UDP sockets: what waits in them, what they refuse to send, what routers
// and peers tell them; pieces of packets.
#pragma once

#include "tests/mutate/trail.h"

namespace tcptwin::mutate {

void datagrams_that_wait(const Subject& subject);
void datagrams_of_all_sizes(const Subject& subject);
void fragments(const Subject& subject);
void datagram_errors(const Subject& subject);

}  // namespace tcptwin::mutate
