// sockets.h: plays about socket calls: options and flags by number, rules, limits.
#pragma once

#include <cstdint>

#include "stack/policy/profile.h"

namespace tcptwin::mutate {

uint64_t options_by_number(const policy::Profile& profile, const policy::Profile& usual);
uint64_t flags_by_number(const policy::Profile& profile, const policy::Profile& usual);
uint64_t corked(const policy::Profile& profile, const policy::Profile& usual);
uint64_t socket_rules(const policy::Profile& profile, const policy::Profile& usual);
uint64_t limits(const policy::Profile& profile, const policy::Profile& usual);

}  // namespace tcptwin::mutate
