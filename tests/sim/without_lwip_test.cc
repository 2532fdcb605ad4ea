// The program as it is where there was no source of lwIP when it was built: what it lacks, it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "tests/support/command.h"
#include "tests/support/paths.h"

namespace tcptwin {
namespace {

using support::Ran;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

const std::string kProgram = TCPTWIN_WITHOUT_LWIP;
const std::string kWhy =
    "this program was built without lwIP: there was no source of lwIP in /nonexistent; run "
    "tools/install and build again";

// The profiles that run lwIP, also where these tests themselves are without it.
std::vector<std::string> lwip_profiles() {
  std::vector<std::string> names = catalogue::absent_profile_names();
  for (const std::string& name : catalogue::profile_names()) {
    if (catalogue::profile_document(name)->find("lwip") != nullptr) names.push_back(name);
  }
  return names;
}

class WithoutLwip : public support::CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    if (profiles_.empty()) GTEST_SKIP() << "no profile runs lwIP";
  }
  const std::vector<std::string> profiles_ = lwip_profiles();
};

TEST_F(WithoutLwip, TheListOfProfilesEndsWithWhatIsMissingAndWhy) {
  const Ran ran = support::run(kProgram + " profile list");
  EXPECT_EQ(ran.status, 0);
  std::string line = "\nnot here:";
  for (const std::string& name : profiles_) line += " " + name;
  EXPECT_THAT(ran.output, EndsWith(line + "; " + kWhy + "\n"));
  EXPECT_THAT(ran.output, HasSubstr("\nrfc "));
}

TEST_F(WithoutLwip, TheListAsJsonSaysItOnStandardError) {
  const std::string command = kProgram + " profile list --json";
  EXPECT_THAT(support::run(command + " 2>/dev/null").output, Not(HasSubstr("lwip")));
  EXPECT_THAT(support::run(command + " >/dev/null").output, EndsWith(kWhy + "\n"));
}

TEST_F(WithoutLwip, SuchAProfileCannotBeShown) {
  const Ran ran = support::run(kProgram + " profile show " + profiles_[0]);
  EXPECT_EQ(ran.status, 3);
  EXPECT_EQ(ran.output, "tcptwin: there is no profile \"" + profiles_[0] + "\": " + kWhy + "\n");
}

// One host with the profile rfc, and with another one in the variant "other".
std::string scenario_of(const std::string& profile, const std::string& variants_profile) {
  return R"({"schema": "tcptwin/scenario/1", "name": "lwip",
  "hosts": {"a": {"profile": ")" +
         profile + R"("}}, "processes": [{"name": "p", "host": "a", "program": [{"sleep": "1s"}]}],
  "variants": {"other": [{"op": "replace", "path": "/hosts/a/profile", "value": ")" +
         variants_profile + R"("}]},
  "expect": [{"metric": "p.elapsed", "at_most": "2s"}, {"metric": "other/p.elapsed", "at_most": "2s"}]
})";
}

TEST_F(WithoutLwip, AScenarioWithSuchAHostIsInvalidAndSaysWhatToDo) {
  const Ran ran =
      support::run(kProgram + " run " + file("lwip.json", scenario_of(profiles_[0], "rfc")));
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.output, EndsWith("lwip.json:2:30: /hosts/a/profile: no profile \"" +
                                   profiles_[0] + "\": " + kWhy + "\n"));
}

TEST_F(WithoutLwip, AVariantWithSuchAHostIsLeftOutUnlessItIsAskedFor) {
  const std::string scenario = file("lwip.json", scenario_of("rfc", profiles_[0]));
  const Ran all = support::run(kProgram + " run " + scenario);
  EXPECT_EQ(all.status, 0) << all.output;
  EXPECT_THAT(all.output, HasSubstr("left out, because a profile is absent: other\n"));
  EXPECT_THAT(all.output, HasSubstr(kWhy));
  const Ran one = support::run(kProgram + " run " + scenario + " --variant other");
  EXPECT_EQ(one.status, 3);
  EXPECT_THAT(one.output, HasSubstr(kWhy));
}

TEST_F(WithoutLwip, TheResultSaysWhichVariantsAreLeftOutAndWhy) {
  const std::string scenario = file("lwip.json", scenario_of("rfc", profiles_[0]));
  const Ran ran = support::run(kProgram + " run " + scenario + " --json - 2>/dev/null");
  EXPECT_THAT(ran.output, HasSubstr("\"left_out\": {\n    \"other\": \""));
  EXPECT_THAT(ran.output, HasSubstr(kWhy));
}

TEST_F(WithoutLwip, ADocumentThatHasSuchVariantsHasNoMistake) {
  const Ran ran =
      support::run(kProgram + " check " +
                   support::source_path("traces/documents/write-write-read/scenario.json"));
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("cannot check the variant lwip: "));
}

TEST_F(WithoutLwip, AVariantWithSuchAHostIsNoMistake) {
  const Ran ran =
      support::run(kProgram + " check " + file("lwip.json", scenario_of("rfc", profiles_[0])));
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.output, HasSubstr("cannot check the variant other: "));
}

}  // namespace
}  // namespace tcptwin
