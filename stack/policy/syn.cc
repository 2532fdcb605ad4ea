#include "stack/policy/syn.h"

#include <algorithm>

namespace tcptwin::policy {

std::optional<Duration> syn_wait(const SynConfig& config, Duration initial, Duration longest,
                                 int32_t retransmissions) {
  if (config.retry_multipliers.empty()) return std::nullopt;
  const size_t last = config.retry_multipliers.size() - 1;
  const size_t index = std::min(static_cast<size_t>(retransmissions), last);
  const Duration slop = retransmissions > 0 ? config.retry_slop : Duration{};
  return std::min(config.retry_multipliers[index] * initial + slop, longest);
}

bool syn_is_plain(const SynConfig& config, int32_t retransmissions) {
  return config.plain_from_retry > 0 && retransmissions >= config.plain_from_retry;
}

}  // namespace tcptwin::policy
