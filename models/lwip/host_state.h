// host_state.h: whose values lie in lwIP's variables. All hosts of a build share them: a host works
// only while its own values are there.
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>
#include <vector>

#include "models/lwip/glue/glue.h"
#include "stack/policy/user_stack.h"

namespace tcptwin::lwip {

// One build and the place that its hosts take turns in.
class BuildSlot {
 public:
  explicit BuildSlot(const LwipBuild& build);
  BuildSlot(const BuildSlot&) = delete;
  BuildSlot& operator=(const BuildSlot&) = delete;

  const LwipBuild& build() const { return *build_; }
  // As lwIP's variables are before anything has been called.
  const std::vector<char>& untouched() const { return untouched_; }
  // Puts `state` in their place and keeps everybody else out; nobody of this thread may be inside
  // any lwIP (CHECKed), and worlds of other threads are waited for.
  void enter(std::vector<char>& state);
  // `state` stays in place until another comes.
  void leave();
  // The host that is inside has no further use for its state.
  void forget() { resident_ = nullptr; }

 private:
  const LwipBuild* build_;
  std::vector<char> untouched_;
  std::vector<char>* resident_ = nullptr;  // whose values lie in the variables
  std::atomic_flag taken_;
};

// The slot of the build of that name; null: there is none.
BuildSlot* find_slot(std::string_view build);
// "default", "debian", "large": as profiles and cmake/lwip.cmake name it.
std::string_view build_name(policy::UserStackConfig::Build build);

// What lwIP's variables are for one host.
class HostState {
 public:
  explicit HostState(BuildSlot& slot) : slot_(&slot), saved_(slot.untouched()) {}
  ~HostState();
  HostState(const HostState&) = delete;
  HostState& operator=(const HostState&) = delete;

  // While it lives the host's values are in place, and no other host's lwIP can run.
  class Presence {
   public:
    explicit Presence(HostState& state) : slot_(state.slot_) { slot_->enter(state.saved_); }
    ~Presence() { slot_->leave(); }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

   private:
    BuildSlot* slot_;
  };

  const LwipBuild& build() const { return slot_->build(); }

 private:
  BuildSlot* slot_;
  std::vector<char> saved_;
};

// True while a Presence lives in this thread.
bool somebody_is_present();

}  // namespace tcptwin::lwip
