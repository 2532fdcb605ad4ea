// unnoticed [PROFILE...]: lists the values of profiles that no play notices when they change: the
// profile, the place, what was tried, the reason; then how many there are. Those without a reason
// in unnoticed.tsv make the exit status 1.
#include <algorithm>
#include <iostream>

#include "models/catalogue/catalogue.h"
#include "tests/mutate/mutations.h"

namespace {

void tell(const std::string& whose, size_t silent, size_t values) {
  const size_t tenths = values == 0 ? 0 : silent * 1000 / values;
  std::cout << whose << silent << " of " << values << " values go unnoticed, " << tenths / 10 << '.'
            << tenths % 10 << " %" << std::endl;
}

}  // namespace

int main(int count, char** words) {
  using namespace tcptwin;
  std::vector<std::string> profiles(words + 1, words + count);
  if (profiles.empty()) profiles = catalogue::native_profile_names();
  const std::vector<mutate::Reason> reasons = mutate::known_reasons();
  size_t values = 0;
  size_t silent = 0;
  bool all_explained = true;
  for (const std::string& profile : profiles) {
    const mutate::Survey survey = mutate::survey(profile);
    values += survey.values();
    silent += survey.unnoticed.size();
    for (const mutate::Unnoticed& value : survey.unnoticed) {
      const auto reason = std::find_if(reasons.begin(), reasons.end(), [&](const auto& r) {
        return r.covers(profile, value.pointer);
      });
      all_explained = all_explained && reason != reasons.end();
      std::cout << profile << '\t' << value.pointer << '\t' << value.changes << '\t'
                << (reason == reasons.end() ? "NO REASON" : reason->reason) << '\n';
    }
    tell(profile + ": ", survey.unnoticed.size(), survey.values());
  }
  tell("", silent, values);
  return all_explained ? 0 : 1;
}
