// timer.h: one deadline and what set it. Its owner decides what happens when it is due.
#pragma once

#include "stack/base/record.h"
#include "stack/base/time.h"

namespace tcptwin {

class Timer {
 public:
  // `wish` is what the rule asked for; `due` is when the host's grain lets it fire (never before
  // the wish).
  void arm(Instant now, Duration wish, Instant due, RecordId cause) {
    armed_at_ = now;
    wish_ = wish;
    due_ = due;
    armed_by_ = cause;
  }
  void disarm() { due_ = Instant::never(); }

  bool armed() const { return !due_.is_never(); }
  bool due(Instant now) const { return due_ <= now; }
  Instant deadline() const { return due_; }
  Instant armed_at() const { return armed_at_; }
  Duration wish() const { return wish_; }
  RecordId armed_by() const { return armed_by_; }

 private:
  Instant due_ = Instant::never();
  Instant armed_at_;
  Duration wish_{};
  RecordId armed_by_ = RecordId::kNone;
};

}  // namespace tcptwin
