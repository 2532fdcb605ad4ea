// ready_bulk.h: the keys of the ready-made programs that move data in bulk, in messages, and in
// requests with answers.
#pragma once

#include "models/json/fields.h"
#include "sim/programs/bulk.h"
#include "sim/programs/message_workers.h"
#include "sim/programs/request_response.h"

namespace tcptwin::scenario {

const json::Fields<programs::BulkSendPlan>& bulk_send_fields();
const json::Fields<programs::BulkReceivePlan>& bulk_receive_fields();
const json::Fields<programs::MessageWorkersPlan>& message_workers_fields();
const json::Fields<programs::RequestResponsePlan>& request_response_fields();

// Where a program connects to; shared by all that do.
const json::Fields<programs::Peer>& peer_fields();

}  // namespace tcptwin::scenario
