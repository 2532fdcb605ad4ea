// sockets.h: the sockets of a host at one instant with all that is known of them, and as JSON.
#pragma once

#include <string>

#include "models/json/node.h"
#include "sim/scenario/run.h"

namespace tcptwin::report {

std::string socket_table(const scenario::Snapshot& snapshot);
// A line that says when and where, then the table.
std::string sockets_text(const scenario::Snapshot& snapshot);
json::Node sockets_json(const scenario::Snapshot& snapshot);

}  // namespace tcptwin::report
