// listen_fields.h: the profile keys of listening sockets, and of what a host remembers of other
// hosts.
#pragma once

#include "models/json/fields.h"
#include "stack/policy/profile.h"

namespace tcptwin::catalogue {

const json::Fields<policy::ListenConfig>& listen_fields();
const json::Fields<policy::DestinationCacheConfig>& destination_cache_fields();

}  // namespace tcptwin::catalogue
