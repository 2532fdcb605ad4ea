// ready_apps.h: the field tables of network_app and game_server, and where the peers of the
// first are.
#pragma once

#include "models/json/fields.h"
#include "sim/programs/game_server.h"
#include "sim/programs/network_app.h"
#include "sim/scenario/program_decoder.h"

namespace tcptwin::scenario {

const json::Fields<programs::NetworkAppPlan>& network_app_fields();
const json::Fields<programs::GameServerPlan>& game_server_fields();

// Finds the addresses of the hosts that it names, and of its relay.
void resolve_network_peers(const json::Node& node, const ProgramHost& host,
                           programs::NetworkAppPlan& plan, json::Context& context);

}  // namespace tcptwin::scenario
