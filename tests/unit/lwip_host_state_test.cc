// Hosts that share the variables of one build of lwIP.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "models/lwip/builds.h"
#include "models/lwip/host_memory.h"
#include "models/lwip/host_state.h"

namespace tcptwin::lwip {
namespace {

class LwipHostState : public testing::Test {
 protected:
  void SetUp() override {
    if (builds().empty()) GTEST_SKIP() << "lwIP is not in this program: " << absence();
  }
};

// A host without wires: only its memory is real.
class Lone {
 public:
  explicit Lone(const Build& build) : state_(*find_slot(build.name)) {
    settings_.window = settings_.send_buffer = 4096;
    settings_.queue_length = 16;
    settings_.msl = 60000;
    settings_.slow_interval = 500;
    settings_.ttl = 255;
    hooks_.allocate = [](void* self, size_t size) { return of(self).memory_.allocate(size); };
    hooks_.release = [](void* self, void* memory) { of(self).memory_.release(memory); };
    hooks_.random = [](void*) { return uint32_t{0}; };
    hooks_.pool_empty = [](void* self, const char* pool) { of(self).empty_.insert(pool); };
    hooks_.timer_needed = [](void*) {};
    const HostState::Presence presence(state_);
    build.code->start(this, &hooks_, &settings_);
  }
  LwipSettings& settings() { return settings_; }
  // Null: lwIP had no memory for it.
  LwipConnection* open() {
    const HostState::Presence presence(state_);
    return state_.build().tcp_open(1);
  }
  // The port that lwIP picks for a connection.
  uint16_t pick_port() {
    const HostState::Presence presence(state_);
    LwipConnection* c = state_.build().tcp_open(1);
    const LwipAddress any{};
    state_.build().tcp_bind(c, &any, 0);
    LwipView view;
    state_.build().look(c, &view);
    return view.local_port;
  }
  HostState& state() { return state_; }
  const std::set<std::string>& empty_pools() const { return empty_; }

 private:
  static Lone& of(void* self) { return *static_cast<Lone*>(self); }

  LwipSettings settings_{};
  LwipHooks hooks_{};
  HostMemory memory_;
  std::set<std::string> empty_;
  HostState state_;
};

TEST_F(LwipHostState, EveryBuildThatProfilesNameIsThere) {
  using Named = policy::UserStackConfig::Build;
  for (const Named build : {Named::kDefault, Named::kPackaged, Named::kLarge}) {
    ASSERT_NE(find_slot(build_name(build)), nullptr) << build_name(build);
    EXPECT_EQ(find_slot(build_name(build))->build().name, build_name(build));
  }
  EXPECT_EQ(find_slot("other"), nullptr);
}

TEST_F(LwipHostState, TwoHostsOfABuildShareNothing) {
  for (const Build& build : builds()) {
    Lone a(build), b(build);
    const uint16_t first = a.pick_port();
    EXPECT_EQ(a.pick_port(), first + 1) << build.name;
    EXPECT_EQ(b.pick_port(), first) << build.name;
    EXPECT_EQ(a.pick_port(), first + 2) << build.name;
    EXPECT_EQ(b.pick_port(), first + 1) << build.name;
  }
}

TEST_F(LwipHostState, AHostThatComesLaterFindsLwipUntouched) {
  Lone a(builds()[0]);
  const uint16_t first = a.pick_port();
  Lone b(builds()[0]);
  EXPECT_EQ(b.pick_port(), first);
}

TEST_F(LwipHostState, AHostThatHasGoneLeavesNothing) {
  uint16_t first = 0;
  {
    Lone a(builds()[0]);
    first = a.pick_port();
  }
  Lone b(builds()[0]);
  EXPECT_EQ(b.pick_port(), first);
}

TEST_F(LwipHostState, NobodyIsPresentBetweenPiecesOfWork) {
  Lone a(builds()[0]);
  EXPECT_FALSE(somebody_is_present());
  {
    const HostState::Presence presence(a.state());
    EXPECT_TRUE(somebody_is_present());
  }
  EXPECT_FALSE(somebody_is_present());
}

using LwipHostStateDeathTest = LwipHostState;

TEST_F(LwipHostStateDeathTest, NoHostWorksInsideAnother) {
  Lone a(builds()[0]), b(builds()[0]);
  const HostState::Presence presence(a.state());
  EXPECT_DEATH(b.pick_port(), "CHECK failed");
}

TEST_F(LwipHostStateDeathTest, NorInsideOneOfAnotherBuild) {
  Lone a(builds()[0]), b(builds()[1]);
  const HostState::Presence presence(a.state());
  EXPECT_DEATH(b.pick_port(), "CHECK failed");
}

TEST_F(LwipHostState, APoolHasAsManyAsItsSettingSays) {
  Lone a(builds()[0]);
  a.settings().connections = 3;
  for (int i = 0; i < 3; ++i) EXPECT_NE(a.open(), nullptr);
  EXPECT_TRUE(a.empty_pools().empty());
  EXPECT_EQ(a.open(), nullptr);
  EXPECT_TRUE(a.empty_pools().contains("TCP_PCB"));
}

TEST_F(LwipHostState, APoolOfNoneHasNoLimit) {
  Lone a(builds()[0]);
  a.settings().connections = 0;
  for (int i = 0; i < 100; ++i) ASSERT_NE(a.open(), nullptr);
}

TEST(LwipHostMemory, CountsWhatIsOut) {
  HostMemory memory;
  void* first = memory.allocate(100);
  void* second = memory.allocate(1);
  EXPECT_EQ(memory.blocks(), 2);
  memory.release(first);
  memory.release(nullptr);
  memory.release(second);
  EXPECT_EQ(memory.blocks(), 0);
}

TEST(LwipHostMemory, IsAlignedForEveryType) {
  HostMemory memory;
  for (const size_t size : {size_t{1}, size_t{7}, size_t{24}, size_t{100}}) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.allocate(size)) % alignof(std::max_align_t), 0u);
  }
}  // and a leak checker sees that all of it goes with the host

}  // namespace
}  // namespace tcptwin::lwip
