// tcp_fields.h: the keys of a profile that say how a connection takes and gives segments.
#pragma once

#include "models/json/fields.h"
#include "stack/policy/profile.h"

namespace tcptwin::catalogue {

// Any time but none.
inline constexpr json::Limits<Duration> kPositive{.non_zero = true};

const json::Fields<policy::RecoveryConfig>& recovery_fields();
const json::Fields<policy::ValidationConfig>& validation_fields();
const json::Fields<policy::EcnConfig>& ecn_fields();
const json::Fields<policy::KeepAliveConfig>& keep_alive_fields();
const json::Fields<policy::PersistConfig>& persist_fields();
const json::Fields<policy::TimeWaitConfig>& time_wait_fields();

}  // namespace tcptwin::catalogue
