// socket_fields.h: how the parts of a profile that concern sockets are read.
#pragma once

#include "models/json/fields.h"
#include "stack/policy/profile.h"

namespace tcptwin::catalogue {

const json::Fields<policy::SocketConfig>& socket_fields();
// The value of "socket_options", of "message_flags" and of "socket_requests".
void decode_socket_options(const json::Node& node, policy::Profile& profile,
                           json::Context& context);
void decode_message_flags(const json::Node& node, policy::Profile& profile, json::Context& context);
void decode_socket_requests(const json::Node& node, policy::Profile& profile,
                            json::Context& context);

}  // namespace tcptwin::catalogue
