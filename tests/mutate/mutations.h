// mutations.h: changes every value of a profile in turn and says which changes no play notices.
#pragma once

#include <string>
#include <vector>

namespace tcptwin::mutate {

struct Unnoticed {
  std::string pointer;  // of the value within the profile
  std::string changes;  // what was tried: "40ms -> 80ms, 20ms"
};

// All values that can have another value.
struct Survey {
  std::string profile;
  std::vector<std::string> noticed;  // pointers
  std::vector<Unnoticed> unnoticed;

  size_t values() const { return noticed.size() + unnoticed.size(); }
};

Survey survey(const std::string& profile);

// Lines of tests/mutate/unnoticed.tsv: a profile, a pointer, why it does not show. Both may end in
// "*".
struct Reason {
  std::string profile;
  std::string pointer;
  std::string reason;

  bool is_about(const std::string& of_profile) const;
  bool covers(const std::string& of_profile, const std::string& at) const;
};
std::vector<Reason> known_reasons();

}  // namespace tcptwin::mutate
