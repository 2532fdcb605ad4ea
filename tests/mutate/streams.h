// streams.h: plays about data in one direction: what grows while it flows, what a loss does to it,
// what a pause does.
#pragma once

#include "tests/mutate/trail.h"

namespace tcptwin::mutate {

void bulk(const Subject& subject);
void bulk_with_losses(const Subject& subject);
void fast_bulk_with_a_loss(const Subject& subject);
void flight_lost(const Subject& subject);
void repairs_lost(const Subject& subject);
void acks_lost(const Subject& subject);
void pauses(const Subject& subject);
void loss_in_a_small_flight(const Subject& subject);
void hole_in_a_wide_flight(const Subject& subject);
void bottleneck(const Subject& subject);
void delay_rises(const Subject& subject);
void pieces_to_the_own_host(const Subject& subject);
void high_low_water(const Subject& subject);
void small_peer(const Subject& subject);
void slow_stream(const Subject& subject);
void reader_of_a_wide_window_pauses(const Subject& subject);

}  // namespace tcptwin::mutate
