// The short form of the program `unnoticed`: the numbers of the axes that people look at first are
// noticed when they change.
#include <gtest/gtest.h>

#include <algorithm>

#include "models/catalogue/catalogue.h"
#include "tests/mutate/mutations.h"

namespace tcptwin::mutate {
namespace {

class EveryProfile : public testing::TestWithParam<std::string> {};

TEST_P(EveryProfile, ShowsItsDelaysAndItsOptions) {
  const std::vector<Reason> reasons = known_reasons();
  const Survey found = survey(GetParam(), [](const std::string& pointer) {
    return pointer == "/delayed_ack/delay" || pointer == "/delayed_ack/min" ||
           pointer == "/rto/min" || pointer == "/nagle/behaviour" || pointer == "/close/msl" ||
           pointer == "/syn/options" || pointer == "/ip/ttl";
  });
  EXPECT_GE(found.values, 6);
  for (const Unnoticed& value : found.unnoticed) {
    const bool known = std::any_of(reasons.begin(), reasons.end(), [&](const Reason& r) {
      return r.covers(GetParam(), value.pointer);
    });
    EXPECT_TRUE(known) << value.pointer << ' ' << value.changes;
  }
}

TEST(Reasons, NameAProfileAPlaceAndAReason) {
  for (const Reason& reason : known_reasons()) {
    EXPECT_FALSE(reason.profile.empty());
    EXPECT_TRUE(reason.pointer.starts_with('/')) << reason.pointer;
    EXPECT_FALSE(reason.reason.empty()) << reason.pointer;
  }
}

INSTANTIATE_TEST_SUITE_P(Profiles, EveryProfile, testing::ValuesIn(catalogue::profile_names()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace tcptwin::mutate
