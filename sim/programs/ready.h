// ready.h: the programs that a scenario need not write out: by name, as data.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sim/programs/bulk.h"
#include "sim/programs/file_server.h"
#include "sim/programs/game_server.h"
#include "sim/programs/http_load.h"
#include "sim/programs/http_proxy.h"
#include "sim/programs/http_server.h"
#include "sim/programs/message_workers.h"
#include "sim/programs/network_app.h"
#include "sim/programs/request_response.h"

namespace tcptwin::programs {

using Ready = std::variant<HttpServerPlan, HttpLoadPlan, HttpProxyPlan, BulkSendPlan,
                           BulkReceivePlan, MessageWorkersPlan, RequestResponsePlan, NetworkAppPlan,
                           GameServerPlan, FileServerPlan>;

// Runs it to its end or failure and says so in `outcome`; measures its time as "PROCESS.elapsed",
// as programs of operations do. All references outlive it.
Task run_ready(const SocketApi& api, const Ready& ready, std::string process, uint64_t pattern,
               app::Metrics& metrics, app::ProcessOutcome& outcome);

// Whether it ends only with the world.
bool serves_for_ever(const Ready& ready);

// What it can measure besides "elapsed" and errors.
std::vector<std::string> measures_of(const Ready& ready);

}  // namespace tcptwin::programs
