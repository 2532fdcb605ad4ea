#include "tests/lwip_package/fiber.h"

#include <cstdint>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::lwip_package {

namespace {

constexpr size_t kStackSize = 256 << 10;

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(kStackSize) {
  CHECK(getcontext(&own_) == 0);
  own_.uc_stack.ss_sp = stack_.data();
  own_.uc_stack.ss_size = stack_.size();
  own_.uc_link = &caller_;
  // makecontext hands over ints only.
  const auto self = reinterpret_cast<uintptr_t>(this);
  makecontext(&own_, reinterpret_cast<void (*)()>(enter), 2, static_cast<unsigned>(self >> 32),
              static_cast<unsigned>(self));
}

void Fiber::enter(unsigned high, unsigned low) {
  auto* self = reinterpret_cast<Fiber*>(uintptr_t{high} << 32 | low);
  self->body_();
  self->over_ = true;
}

void Fiber::resume() {
  CHECK(!over_);
  CHECK(swapcontext(&caller_, &own_) == 0);
}

void Fiber::suspend() { CHECK(swapcontext(&own_, &caller_) == 0); }

}  // namespace tcptwin::lwip_package
