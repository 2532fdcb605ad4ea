// sockets.h: plays about socket calls: options and flags by number, rules.
#pragma once

#include "tests/mutate/trail.h"

namespace tcptwin::mutate {

void options_by_number(const Subject& subject);
void flags_by_number(const Subject& subject);
void corked(const Subject& subject);
void options_told(const Subject& subject);
void rules_of_connect(const Subject& subject);
void rules_of_errors(const Subject& subject);
void rules_of_accept(const Subject& subject);
void rules_of_waiting(const Subject& subject);
void requests_by_name(const Subject& subject);
void rules_of_shutdown(const Subject& subject);
void rules_of_names(const Subject& subject);
void rules_of_queues(const Subject& subject);
void rules_of_buffers(const Subject& subject);

}  // namespace tcptwin::mutate
