// Ring: first in, first out, and nothing lost where it wraps or grows.
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <utility>

#include "stack/base/ring.h"
#include "stack/base/rng.h"

namespace tcptwin {
namespace {

TEST(Ring, ANewOneIsEmpty) {
  const Ring<int> ring;
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(ring.size(), 0u);
}

TEST(Ring, FirstInIsFirstOut) {
  Ring<int> ring;
  for (int i = 0; i < 100; ++i) ring.push_back(i);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ring.pop_front(), i);
  EXPECT_TRUE(ring.empty());
}

TEST(Ring, FrontBackAndIndexSeeTheOrder) {
  Ring<int> ring;
  for (int i = 0; i < 6; ++i) ring.push_back(i);
  ring.pop_front();
  EXPECT_EQ(ring.front(), 1);
  EXPECT_EQ(ring.back(), 5);
  EXPECT_EQ(ring[2], 3);
  const Ring<int>& view = ring;
  EXPECT_EQ(view.front() + view.back() + view[2], 9);
}

TEST(Ring, ElementsMayBeMoveOnly) {
  Ring<std::unique_ptr<int>> ring;
  for (int i = 0; i < 10; ++i) ring.push_back(std::make_unique<int>(i));
  EXPECT_EQ(*ring.pop_front(), 0);
  const Ring<std::unique_ptr<int>> moved = std::move(ring);
  EXPECT_EQ(*moved.back(), 9);
}

TEST(Ring, WhatIsPoppedIsReleased) {
  const auto watched = std::make_shared<int>(1);
  Ring<std::shared_ptr<int>> ring;
  ring.push_back(watched);
  ring.pop_front();
  EXPECT_EQ(watched.use_count(), 1);
}

TEST(Ring, ClearReleasesEverything) {
  const auto watched = std::make_shared<int>(1);
  Ring<std::shared_ptr<int>> ring;
  for (int i = 0; i < 10; ++i) ring.push_back(watched);
  ring.pop_front();
  ring.clear();
  EXPECT_EQ(watched.use_count(), 1);
  EXPECT_TRUE(ring.empty());
  ring.push_back(nullptr);
  EXPECT_EQ(ring.size(), 1u);
}

TEST(Ring, WhatWasMovedFromIsEmptyAndUsable) {
  Ring<int> ring;
  for (int i = 0; i < 7; ++i) ring.push_back(i);
  ring.pop_front();
  Ring<int> other = std::move(ring);
  EXPECT_EQ(other.size(), 6u);
  EXPECT_EQ(other.front(), 1);
  EXPECT_TRUE(ring.empty());
  ring.push_back(42);
  EXPECT_EQ(ring.front(), 42);
  other = std::move(ring);
  EXPECT_EQ(other.size(), 1u);
  EXPECT_EQ(other.back(), 42);
}

TEST(Ring, ACopyIsItsOwn) {
  Ring<int> ring;
  ring.push_back(1);
  const Ring<int> copy = ring;
  ring.front() = 2;
  EXPECT_EQ(copy.front(), 1);
}

TEST(Ring, InsertPutsBeforeTheIndex) {
  Ring<int> ring;
  ring.insert(0, 2);
  ring.insert(1, 4);
  ring.insert(0, 1);
  ring.insert(2, 3);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ring[static_cast<size_t>(i)], i + 1);
}

TEST(Ring, EraseTakesOutTheIndex) {
  Ring<int> ring;
  for (int i = 0; i < 6; ++i) ring.push_back(i);
  ring.erase(4);
  ring.erase(1);
  ring.erase(0);
  EXPECT_EQ(ring.pop_front(), 2);
  EXPECT_EQ(ring.pop_front(), 3);
  EXPECT_EQ(ring.pop_front(), 5);
  EXPECT_TRUE(ring.empty());
}

TEST(Ring, WhatIsErasedIsReleased) {
  const auto watched = std::make_shared<int>(1);
  Ring<std::shared_ptr<int>> ring;
  for (int i = 0; i < 3; ++i) ring.push_back(watched);
  ring.erase(0);
  ring.erase(1);
  EXPECT_EQ(watched.use_count(), 2);
}

TEST(Ring, AnySequenceOfChangesIsThatOfADeque) {
  Rng rng = Rng::stream(1, "ring");
  Ring<int> ring;
  std::deque<int> model;
  for (int i = 0; i < 20000; ++i) {
    const uint64_t choice = rng.below(100);
    if (choice < 45) {
      ring.push_back(i);
      model.push_back(i);
    } else if (choice < 55) {
      const size_t at = rng.below(model.size() + 1);
      ring.insert(at, i);
      model.insert(model.begin() + static_cast<ptrdiff_t>(at), i);
    } else if (choice < 65 && !model.empty()) {
      const size_t at = rng.below(model.size());
      ring.erase(at);
      model.erase(model.begin() + static_cast<ptrdiff_t>(at));
    } else if (choice < 99 && !model.empty()) {
      ASSERT_EQ(ring.pop_front(), model.front());
      model.pop_front();
    } else if (rng.below(20) == 0) {
      ring.clear();
      model.clear();
    }
    ASSERT_EQ(ring.size(), model.size());
    for (size_t k = 0; k < model.size(); ++k) ASSERT_EQ(ring[k], model[k]);
  }
}

TEST(RingDeathTest, PoppingFromAnEmptyOneIsABug) {
  Ring<int> ring;
  EXPECT_DEATH(ring.pop_front(), "CHECK failed");
}

}  // namespace
}  // namespace tcptwin
