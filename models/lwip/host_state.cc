#include "models/lwip/host_state.h"

#include <cstring>
#include <deque>

#include "models/lwip/builds.h"
#include "stack/base/check.h"

namespace tcptwin::lwip {

namespace {

// One for each build, at a fixed place.
std::deque<BuildSlot>& slots() {
  static std::deque<BuildSlot> all = [] {
    std::deque<BuildSlot> made;
    for (const Build& build : builds()) made.emplace_back(*build.code);
    return made;
  }();
  return all;
}

thread_local bool present = false;

}  // namespace

BuildSlot::BuildSlot(const LwipBuild& build)
    : build_(&build), untouched_(build.state_begin, build.state_end) {}

BuildSlot* find_slot(std::string_view build) {
  for (BuildSlot& slot : slots()) {
    if (build == slot.build().name) return &slot;
  }
  return nullptr;
}

std::string_view build_name(policy::UserStackConfig::Build build) {
  using Named = policy::UserStackConfig::Build;
  switch (build) {
    case Named::kDefault: return "default";
    case Named::kPackaged: return "debian";
    case Named::kLarge: return "large";
  }
  CHECK(false);
}

bool somebody_is_present() { return present; }

void BuildSlot::enter(std::vector<char>& state) {
  CHECK(!present);  // lwIP was entered from inside lwIP
  while (taken_.test_and_set(std::memory_order_acquire)) {
    while (taken_.test(std::memory_order_relaxed)) continue;
  }
  present = true;
  if (resident_ == &state) return;
  if (resident_ != nullptr) std::memcpy(resident_->data(), build_->state_begin, resident_->size());
  std::memcpy(build_->state_begin, state.data(), state.size());
  resident_ = &state;
}

void BuildSlot::leave() {
  present = false;
  taken_.clear(std::memory_order_release);
}

HostState::~HostState() {
  const Presence last(*this);  // another thread may be about to save what lies in the slot
  slot_->forget();
}

}  // namespace tcptwin::lwip
