#include "sim/scenario/run.h"

#include <algorithm>

#include "sim/scenario/world.h"

namespace tcptwin::scenario {

RunResult run(const Scenario& scenario, uint64_t seed, trace::Detail detail,
              std::vector<Instant> looks) {
  std::sort(looks.begin(), looks.end());
  looks.erase(std::unique(looks.begin(), looks.end()), looks.end());
  World world(scenario, seed, detail);
  const Instant limit = Instant() + scenario.until;
  Instant ended;
  std::vector<Snapshot> seen;
  for (const Instant at : looks) {
    ended = std::max(ended, world.run_until(std::min(at, limit)));
    if (at > limit || (world.next().is_never() && at > ended)) break;
    world.look(at, seen);
  }
  ended = std::max(ended, world.run_until(limit));
  RunResult result = world.finish(ended);
  result.looks = std::move(seen);
  return result;
}

}  // namespace tcptwin::scenario
