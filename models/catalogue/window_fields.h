// window_fields.h: the table of the receive window's keys.
#pragma once

#include "models/json/fields.h"
#include "stack/policy/receive_window.h"

namespace tcptwin::catalogue {

const json::Fields<policy::ReceiveWindowConfig>& receive_window_fields();

}  // namespace tcptwin::catalogue
