// explain_text.h: a chain of causes as a page for people: a line a step, the longest wait marked,
// one sentence at the end that says where the time went.
#pragma once

#include <cstddef>
#include <string>

#include "sim/trace/explain.h"
#include "sim/trace/explain_words.h"

namespace tcptwin::trace {

struct ExplainOptions {
  Ticks ticks{};  // of the hosts' timers, for the words
  // Steps shown; of a longer chain its ends and the steps around its longest wait.
  size_t lines_max = 60;
};

// Made once for a journal that no longer grows; explains any number of its intervals.
class Explainer {
 public:
  explicit Explainer(const Journal& journal, const ExplainOptions& options = {});

  // The steps, each as "SECONDS since the start, time WAITED for it, WHO, WHAT", then summary().
  std::string render(const Chain& chain) const;
  // "43.9 ms of 44 ms: client held 10 bytes by Nagle (...) while server delayed the ACK of that
  // segment (...)." Names every wait or kind of wait that makes up a twentieth of the interval, the
  // longest first.
  std::string summary(const Chain& chain) const;

 private:
  struct Story {  // waits that are told together
    Wait longest;
    Duration total{};
    size_t count = 0;
  };
  std::vector<Story> stories(const Chain& chain, const std::vector<Wait>& waits) const;
  std::vector<bool> shown(const Chain& chain, size_t longest) const;
  std::string before_text(const Chain& chain) const;

  const Journal* journal_;
  size_t lines_max_;
  ExplainWords words_;
};

}  // namespace tcptwin::trace
