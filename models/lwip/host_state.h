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

class HostState;

// One build and the place that its hosts take turns in.
class BuildSlot {
 public:
  explicit BuildSlot(const LwipBuild& build);
  BuildSlot(const BuildSlot&) = delete;
  BuildSlot& operator=(const BuildSlot&) = delete;
  const LwipBuild& build() const { return *build_; }

 private:
  friend class HostState;
  const LwipBuild* build_;
  std::vector<char> untouched_;  // as lwIP is before anything has been called
  HostState* resident_ = nullptr;  // whose values lie in the variables; kept until another comes
  std::atomic_flag taken_;         // worlds of other threads wait
};

// The slot of the build of that name; null: there is none.
BuildSlot* find_slot(std::string_view build);
// "default", "debian", "large": as profiles and cmake/lwip.cmake name it.
std::string_view build_name(policy::UserStackConfig::Build build);
// What lwIP's variables are for one host.
class HostState {
 public:
  explicit HostState(BuildSlot& slot);
  ~HostState();
  HostState(const HostState&) = delete;
  HostState& operator=(const HostState&) = delete;

  // While it lives the host's values are in place, and no other host's lwIP may run: CHECKed.
  class Presence {
   public:
    explicit Presence(HostState& state);
    ~Presence();
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

   private:
    BuildSlot* slot_;
  };
  const LwipBuild& build() const { return slot_->build(); }
  size_t size() const { return saved_.size(); }

 private:
  BuildSlot* slot_;
  std::vector<char> saved_;
};

// True while a Presence lives in this thread.
bool somebody_is_present();

}  // namespace tcptwin::lwip
