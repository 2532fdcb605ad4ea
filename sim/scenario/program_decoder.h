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

// What a program's host decides about it: where others are, and what flags and options are called.
struct ProgramHost {
  const policy::Profile* profile = nullptr;
  AddressResolver resolve;
};

app::Program decode_program(const json::Node& node, const ProgramHost& host,
                            json::Context& context);

// The operations for the reference manual: Markdown.
std::string program_manual();

}  // namespace tcptwin::scenario
