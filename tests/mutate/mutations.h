// mutations.h: changes every value of a profile in turn and says which changes no play notices.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tcptwin::mutate {

struct Unnoticed {
  std::string pointer;  // of the value within the profile
  std::string changes;  // what was tried: "40ms -> 80ms, 20ms"
};

struct Survey {
  std::string profile;
  int values = 0;  // that were changed
  std::vector<Unnoticed> unnoticed;
};

// `wanted`: which pointers to change; null: all.
Survey survey(const std::string& profile,
              const std::function<bool(const std::string& pointer)>& wanted = nullptr);

// Lines of tests/mutate/unnoticed.tsv: profile or "*", pointer or its beginning and "*", reason.
struct Reason {
  std::string profile;
  std::string pointer;
  std::string reason;

  bool covers(const std::string& of_profile, const std::string& at) const;
};
std::vector<Reason> known_reasons();

}  // namespace tcptwin::mutate
