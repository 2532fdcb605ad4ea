// sockets.h: the sockets of a host at one instant as netstat and lsof show them, and as JSON.
#pragma once

#include <string>

#include "models/json/node.h"
#include "sim/scenario/run.h"

namespace tcptwin::report {

// Which program's columns.
enum class SocketView : uint8_t { kNetstat, kLsof };

// A line that says when and where, then the table. lsof shows only what a descriptor names.
std::string sockets_text(const scenario::Snapshot& snapshot, SocketView view);
json::Node sockets_json(const scenario::Snapshot& snapshot);

}  // namespace tcptwin::report
