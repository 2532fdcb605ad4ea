#include "models/lwip/host_state.h"

#include <cstring>
#include <deque>
#include <thread>

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
  using Build = policy::UserStackConfig::Build;
  switch (build) {
    case Build::kDefault: return "default";
    case Build::kPackaged: return "debian";
    case Build::kLarge: return "large";
  }
  CHECK(false);
}

bool somebody_is_present() { return present; }

HostState::HostState(BuildSlot& slot) : slot_(&slot), saved_(slot.untouched_) {}

HostState::~HostState() {
  const Presence last(*this);  // another thread may be about to save what lies in the slot
  slot_->resident_ = nullptr;
}

HostState::Presence::Presence(HostState& state) : slot_(state.slot_) {
  CHECK(!present);  // lwIP was entered from inside lwIP
  while (slot_->taken_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
  present = true;
  HostState*& resident = slot_->resident_;
  if (resident == &state) return;
  char* const place = slot_->build_->state_begin;
  if (resident != nullptr) std::memcpy(resident->saved_.data(), place, resident->saved_.size());
  std::memcpy(place, state.saved_.data(), state.saved_.size());
  resident = &state;
}

HostState::Presence::~Presence() {
  present = false;
  slot_->taken_.clear(std::memory_order_release);
}

}  // namespace tcptwin::lwip
