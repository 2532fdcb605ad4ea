// The real kernel against every simulated system, over a link that loses, doubles and reorders.
#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "models/catalogue/catalogue.h"
#include "tests/live/machine.h"

namespace tcptwin::live {
namespace {

using testing::HasSubstr;

class Profiles : public LiveTest, public testing::WithParamInterface<std::string> {
 protected:
  void expect_back(const std::string& bytes) const;
};
class AllProfiles : public Profiles {};

// All that the simulated host gets it sends back: what comes has passed the link both ways.
std::string echo(const std::string& profile) {
  return R"({"schema": "tcptwin/scenario/1", "name": "echo",
    "hosts": {"outside": {"kind": "real"}, "server": {"profile": ")" +
         profile + R"("}},
    "links": [{"between": ["outside", "server"], "delay": "1ms", "directions": [
      {"loss": "1%", "duplication": "1%", "reordering": {"probability": "1%", "delay": "3ms"}}]}],
    "processes": [{"name": "server", "host": "server",
                   "run": {"program": "bulk_receive", "port": 7, "echo": true}}]})";
}

void Profiles::expect_back(const std::string& bytes) const {
  const Ended ended = shell(tcptwin() + " bridge " + file("echo.json", echo(GetParam())) +
                            " --quiet -- " + peer() + " tcp-through server 7 " + bytes);
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr(" of " + bytes + " bytes"));
}

TEST_P(Profiles, AMegabyteComesThroughBothWays) { expect_back("1000000"); }
TEST_P(AllProfiles, TenMegabytesComeThroughBothWays) { expect_back("10485760"); }

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Some, Profiles, testing::Values("linux-6.18", "macos-14", "windows-11"),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Long, AllProfiles, testing::ValuesIn(catalogue::profile_names()),
                         test_name);

}  // namespace
}  // namespace tcptwin::live
