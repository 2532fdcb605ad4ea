// reach.h: plays in which limits are so low that a few connections meet them, and plays on hosts
// that have switched over what their system has usually on or off.
#pragma once

#include "tests/mutate/trail.h"

namespace tcptwin::mutate {

void descriptors_run_out(const Subject& subject);
void flows_run_out(const Subject& subject);
void ports_run_out(const Subject& subject);
void buffers_at_their_largest(const Subject& subject);
void skipped_ports(const Subject& subject);
void patient_opening(const Subject& subject);
void time_waits_run_out(const Subject& subject);
void handshakes_run_out(const Subject& subject);
void smallest_backlogs(const Subject& subject);
void late_cookies(const Subject& subject);
void timers_that_join(const Subject& subject);
void ecn_turned(const Subject& subject);
void without_scaling(const Subject& subject);

}  // namespace tcptwin::mutate
