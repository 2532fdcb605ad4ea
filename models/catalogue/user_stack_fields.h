// user_stack_fields.h: the table of the keys of a host that runs lwIP.
#pragma once

#include "models/json/fields.h"
#include "stack/policy/user_stack.h"

namespace tcptwin::catalogue {

const json::Fields<policy::UserStackConfig>& user_stack_fields();

}  // namespace tcptwin::catalogue
