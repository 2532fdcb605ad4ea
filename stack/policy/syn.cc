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

int32_t retries_within(Duration time, Duration initial, Duration longest) {
  constexpr int32_t kMost = 255;
  if (time.count() <= 0) return 0;
  int32_t retries = 1;
  Duration wait = initial;
  for (Duration sum = wait; time > sum && retries < kMost; sum += wait) {
    wait = std::min(2 * wait, longest);
    ++retries;
  }
  return retries;
}

bool syn_is_plain(const SynConfig& config, int32_t retransmissions) {
  return config.plain_from_retry > 0 && retransmissions >= config.plain_from_retry;
}

}  // namespace tcptwin::policy
