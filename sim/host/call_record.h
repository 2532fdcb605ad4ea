// call_record.h: a call as it is written down, whoever carries it out.
#pragma once

#include "sim/host/thread.h"
#include "sim/trace/record.h"

namespace tcptwin::host {

// Of the call that the thread asks for.
trace::CallStarted call_record(const Thread& thread);
// send, recv and their like: its value counts bytes that were copied.
bool moves_data(trace::CallKind kind);

}  // namespace tcptwin::host
