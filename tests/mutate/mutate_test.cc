// Every value of every profile shows in some play when it is changed, or stands in unnoticed.tsv
// with the reason why it does not.
#include <gtest/gtest.h>

#include <algorithm>

#include "models/catalogue/catalogue.h"
#include "tests/mutate/behaviours.h"
#include "tests/mutate/mutations.h"

namespace tcptwin::mutate {
namespace {

class EveryProfile : public testing::TestWithParam<std::string> {};

bool covers_any(const Reason& reason, const Survey& survey) {
  return std::any_of(survey.unnoticed.begin(), survey.unnoticed.end(), [&](const Unnoticed& value) {
    return reason.covers(survey.profile, value.pointer);
  });
}

TEST_P(EveryProfile, ShowsEveryValueThatIsNotListed) {
  const std::vector<Reason> reasons = known_reasons();
  const Survey found = survey(GetParam());
  for (const Unnoticed& value : found.unnoticed) {
    const bool known = std::any_of(reasons.begin(), reasons.end(), [&](const Reason& r) {
      return r.covers(GetParam(), value.pointer);
    });
    EXPECT_TRUE(known) << "nothing notices " << value.pointer << ' ' << value.changes;
  }
  for (const Reason& reason : reasons) {
    for (const std::string& pointer : found.noticed) {
      EXPECT_FALSE(reason.covers(GetParam(), pointer)) << "listed, but it shows: " << pointer;
    }
    if (reason.is_about(GetParam())) {
      EXPECT_TRUE(covers_any(reason, found)) << "listed, but no value: " << reason.pointer;
    }
  }
  EXPECT_LT(found.unnoticed.size() * 10, found.unnoticed.size() + found.noticed.size());
}

TEST_P(EveryProfile, LeavesTheSameTrailAgain) {
  json::Context context;
  const policy::Profile profile =
      catalogue::decode_profile(*catalogue::profile_document(GetParam()), context);
  for (const Play& play : plays()) {
    Trail first;
    play.perform({profile, profile, &first});
    Trail second(&first);
    play.perform({profile, profile, &second});
    EXPECT_FALSE(second.differs()) << play.name;
  }
}

TEST(Reasons, NameAProfileAPlaceAndAReason) {
  for (const Reason& reason : known_reasons()) {
    EXPECT_TRUE(reason.pointer.starts_with('/')) << reason.pointer;
    EXPECT_FALSE(reason.reason.empty()) << reason.pointer;
    const std::vector<std::string> names = catalogue::native_profile_names();
    EXPECT_TRUE(std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return reason.is_about(name);
    })) << reason.profile;
  }
}

INSTANTIATE_TEST_SUITE_P(Profiles, EveryProfile, testing::ValuesIn(catalogue::native_profile_names()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace tcptwin::mutate
