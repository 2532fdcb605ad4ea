// datagram_fields.h: the profile keys of UDP.
#pragma once

#include "models/json/fields.h"
#include "stack/policy/profile.h"

namespace tcptwin::catalogue {

const json::Fields<policy::UdpConfig>& udp_fields();

}  // namespace tcptwin::catalogue
