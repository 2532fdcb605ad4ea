// option_decoder.h: which option of a host an operation means, and the value that it gives or
// expects. Options are data of the host's profile.
#pragma once

#include "models/json/context.h"
#include "sim/app/program.h"
#include "sim/scenario/operations.h"
#include "stack/policy/profile.h"

namespace tcptwin::scenario {

// setsockopt, getsockopt: level, number and name. An option that the host does not have gets
// numbers that it does not have either: the call fails as it does there. `value`: the operation's
// object.
const policy::SocketOption* decode_option(const Arguments& arguments, const json::Node& value,
                                          const policy::Profile& profile, app::Instruction& out,
                                          json::Context& context);

// What setsockopt sets; `option` may be null.
void decode_option_value(const json::Node& value, const policy::SocketOption* option,
                         app::Instruction& out, json::Context& context);

// What getsockopt must find.
void decode_expected_value(const json::Node& value, const policy::SocketOption* option,
                           app::Instruction& out, json::Context& context);

// The host's option that fetches struct tcp_info, and one member of it.
void decode_tcp_info(const Arguments& arguments, const json::Node& value,
                     const policy::Profile& profile, app::Instruction& out, json::Context& context);

// A request of the host. FIONBIO becomes kNonBlocking.
void decode_ioctl(const Arguments& arguments, const json::Node& value,
                  const policy::Profile& profile, app::Instruction& out, json::Context& context);

}  // namespace tcptwin::scenario
