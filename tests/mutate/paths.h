// paths.h: plays about the way between two hosts: what routers say, what is remembered, delays that
// change, long round trips.
#pragma once

#include "tests/mutate/duet.h"

namespace tcptwin::mutate {

// Moves `bytes` from a to b, reading what is there every `step`; gives up after `limit` steps.
void transfer(Duet& duet, const Duet::Pair& ends, int64_t bytes, Duration step, int limit,
              int64_t each_read = 1 << 20);

void unreachable(const Subject& subject);
void narrow_path(const Subject& subject);
void black_hole(const Subject& subject);
void errors_of_its_own(const Subject& subject);
void remembered_path(const Subject& subject);
void remembered_delay(const Subject& subject);
void late_arrivals(const Subject& subject);
void long_way(const Subject& subject);
void data_lost_behind_a_router(const Subject& subject);
void over_ipv6(const Subject& subject);
void data_lost_on_a_long_way(const Subject& subject);
void closed_window_on_a_long_way(const Subject& subject);
void orphan_on_a_long_way(const Subject& subject);

}  // namespace tcptwin::mutate
