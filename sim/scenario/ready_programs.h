// ready_programs.h: the field tables of the ready-made programs: how a scenario names and sets
// them.
#pragma once

#include "models/json/codec.h"
#include "models/json/context.h"
#include "models/json/node.h"
#include "sim/programs/ready.h"
#include "sim/scenario/program_decoder.h"

namespace tcptwin::scenario {

// {"program": "http_server", ...}
const json::Codec<programs::Ready>& ready_codec();

// Finds the addresses of the hosts that it names.
void resolve_peers(const json::Node& node, const ProgramHost& host, programs::Ready& ready,
                   json::Context& context);

}  // namespace tcptwin::scenario
