// program_decoder.h: turns the JSON operations of a process into the instructions of app::Program.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/context.h"
#include "models/json/node.h"
#include "sim/app/program.h"

namespace tcptwin::scenario {

// The address of a family under which `host` reaches the host called `name`; nothing: there is no
// link, or no such host (the resolver reports the error itself).
using AddressResolver = std::function<std::optional<wire::IpAddress>(
    const json::Node& name, socket::Family family, json::Context& context)>;

app::Program decode_program(const json::Node& node, const AddressResolver& resolve,
                            json::Context& context);

// The operations for the reference manual: Markdown.
std::string program_manual();

}  // namespace tcptwin::scenario
