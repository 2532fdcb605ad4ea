// datagram_fields.h: the profile keys of UDP and of the pieces of packets.
#pragma once

#include "models/json/fields.h"
#include "stack/policy/profile.h"

namespace tcptwin::catalogue {

const json::Fields<policy::UdpConfig>& udp_fields();
const json::Fields<policy::FragmentConfig>& fragment_fields();

}  // namespace tcptwin::catalogue
