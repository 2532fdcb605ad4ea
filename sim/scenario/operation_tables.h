// operation_tables.h: the arguments that several operations share, and the tables of those that are
// not in operations.cc. Only for the files that make up operations().
#pragma once

#include "models/json/fields.h"
#include "sim/scenario/operations.h"
#include "sim/scenario/program_decoder.h"

namespace tcptwin::scenario {

using ArgumentTable = json::Fields<Arguments>;

// Every call may fail, and its result may be kept.
ArgumentTable& with_result(ArgumentTable& table);
// It works on one socket.
ArgumentTable& with_socket(ArgumentTable& table);

// operations_datagram.cc
ArgumentTable& with_socket_type(ArgumentTable& table);
const ArgumentTable& sendto_fields();
const ArgumentTable& recvfrom_fields();
const ArgumentTable& ping_fields();
// The rest of what sendto, recvfrom and ping mean.
void decode_datagram_call(const Arguments& a, const json::Node& value, const ProgramHost& host,
                          app::Instruction& i, json::Context& context);

// operations_options.cc
const ArgumentTable& setsockopt_fields();
const ArgumentTable& getsockopt_fields();
const ArgumentTable& tcp_info_fields();
const ArgumentTable& ioctl_fields();
const ArgumentTable& nonblocking_fields();

// operations_events.cc
const ArgumentTable& poll_fields();
const ArgumentTable& select_fields();
const ArgumentTable& epoll_create_fields();
const ArgumentTable& epoll_ctl_fields();
const ArgumentTable& epoll_wait_fields();
const ArgumentTable& kqueue_fields();
const ArgumentTable& kevent_fields();

// operations_process.cc
const ArgumentTable& serve_fields();
const ArgumentTable& join_fields();
const ArgumentTable& lock_fields();
const ArgumentTable& unlock_fields();
const ArgumentTable& snapshot_fields();
const ArgumentTable& setrlimit_fields();
const ArgumentTable& exit_process_fields();

}  // namespace tcptwin::scenario
