// socket_views.h: the lines of the views that show sockets: netstat, lsof, ss.
#pragma once

#include <string>
#include <string_view>

#include "sim/report/views.h"

namespace tcptwin::report {

// No particular address; a row with another end; the word for its state.
bool is_any(const wire::IpAddress& ip);
bool has_peer(const host::SocketRow& row);
std::string_view netstat_state(const host::SocketRow& row, const catalogue::ToolLayout& layout);

// Connections only, as netstat has it without -a; and with it.
std::string netstat_lines(const ViewInput& input);
std::string netstat_all_lines(const ViewInput& input);
// What descriptors name: sockets, and everything.
std::string lsof_lines(const ViewInput& input);
std::string lsof_all_lines(const ViewInput& input);
// Connections that processes carry themselves, as macOS shows them; the header alone without any.
std::string skywalkctl_lines(const ViewInput& input);
// ss -tinoap of iproute2: two lines for each connection.
std::string ss_lines(const ViewInput& input);

}  // namespace tcptwin::report
