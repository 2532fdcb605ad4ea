// identity_fields.h: the profile keys of what a host looks like from outside: IP header, clocks,
// SYN, ports.
#pragma once

#include "models/json/fields.h"
#include "stack/policy/profile.h"

namespace tcptwin::catalogue {

const json::Fields<policy::IpConfig>& ip_fields();
const json::Fields<policy::IsnConfig>& isn_fields();
const json::Fields<policy::TimestampConfig>& timestamp_fields();
const json::Fields<policy::SynConfig>& syn_fields();
const json::Fields<policy::PortsConfig>& ports_fields();

}  // namespace tcptwin::catalogue
