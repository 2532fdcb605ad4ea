// socket_views.h: the lines of the views that show sockets: netstat, lsof, ss.
#pragma once

#include <string>

#include "sim/report/views.h"

namespace tcptwin::report {

// Connections only, as netstat has it without -a; and with it.
std::string netstat_lines(const ViewInput& input);
std::string netstat_all_lines(const ViewInput& input);
// What descriptors name.
std::string lsof_lines(const ViewInput& input);
// ss -tinoap of iproute2: two lines for each connection.
std::string ss_lines(const ViewInput& input);

}  // namespace tcptwin::report
