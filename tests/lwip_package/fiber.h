// fiber.h: a thread of a program that gives up the processor only where it says so.
#pragma once

#include <ucontext.h>

#include <functional>
#include <vector>

namespace tcptwin::lwip_package {

class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Runs until it suspends itself or is over. Not from inside a fiber.
  void resume();
  // Back to who resumed it. From inside it.
  void suspend();
  bool is_over() const { return over_; }

 private:
  static void enter(unsigned high, unsigned low);

  std::function<void()> body_;
  std::vector<char> stack_;
  ucontext_t own_{};
  ucontext_t caller_{};
  bool over_ = false;
};

}  // namespace tcptwin::lwip_package
