// requirements.tsv says which test covers which requirement of which RFC; here it is held to the
// tests that exist. A name without a folder is one of this program; "unit/A.B" is TEST(A, B) in
// tests/unit.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/paths.h"

namespace tcptwin::rfc {
namespace {

struct Requirement {
  std::string rfc, section, id, text, how;
  std::string name() const { return "RFC " + rfc + ' ' + section + ' ' + id; }
  bool is_tested() const {
    return !how.starts_with("not modelled: ") && !how.starts_with("no test yet: ");
  }
};

const std::vector<Requirement>& requirements() {
  static const std::vector<Requirement> kRows = [] {
    std::vector<Requirement> rows;
    std::ifstream file(support::source_path("tests/rfc/requirements.tsv"));
    std::string line;
    std::getline(file, line);  // the heading
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      Requirement row;
      std::getline(fields, row.rfc, '\t');
      std::getline(fields, row.section, '\t');
      std::getline(fields, row.id, '\t');
      std::getline(fields, row.text, '\t');
      std::getline(fields, row.how, '\t');
      rows.push_back(row);
    }
    return rows;
  }();
  return kRows;
}

// "Suite.Name" of every test of this program.
std::set<std::string> own_tests() {
  std::set<std::string> names;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int s = 0; s < all.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *all.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      names.insert(std::string(suite.name()) + '.' + suite.GetTestInfo(t)->name());
    }
  }
  return names;
}

// All sources of tests/`folder`, of which the build makes one program.
const std::string& sources(const std::string& folder) {
  static std::map<std::string, std::string> texts;
  auto [found, is_new] = texts.try_emplace(folder);
  if (!is_new) return found->second;
  for (const auto& entry :
       std::filesystem::directory_iterator(support::source_path("tests/" + folder))) {
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    found->second += text.str();
  }
  return found->second;
}

bool exists(const std::string& name, const std::set<std::string>& own) {
  const size_t slash = name.find('/');
  if (slash == std::string::npos) return own.contains(name);
  const size_t dot = name.find('.', slash);
  if (dot == std::string::npos) return false;
  const std::string& text = sources(name.substr(0, slash));
  const std::string call =
      '(' + name.substr(slash + 1, dot - slash - 1) + ", " + name.substr(dot + 1) + ')';
  return text.find("TEST" + call) != std::string::npos ||
         text.find("TEST_F" + call) != std::string::npos;
}

std::set<std::string> ids_of_9293() {
  std::set<std::string> ids;
  for (const Requirement& r : requirements()) {
    if (r.rfc == "9293") ids.insert(r.id);
  }
  return ids;
}

TEST(Requirements, EveryRowHasFiveFields) {
  EXPECT_GT(requirements().size(), 200u);
  for (const Requirement& r : requirements()) {
    EXPECT_FALSE(r.rfc.empty() || r.section.empty() || r.id.empty() || r.text.empty() ||
                 r.how.empty())
        << r.name();
    EXPECT_EQ(r.how.find('\t'), std::string::npos) << r.name();
  }
}

TEST(Requirements, NoRowStandsTwice) {
  std::set<std::string> seen;
  for (const Requirement& r : requirements()) EXPECT_TRUE(seen.insert(r.name()).second) << r.name();
}

TEST(Requirements, EveryTestThatIsNamedExists) {
  const std::set<std::string> own = own_tests();
  for (const Requirement& r : requirements()) {
    if (!r.is_tested()) continue;
    std::istringstream names(r.how);
    for (std::string name; names >> name;) {
      EXPECT_TRUE(exists(name, own)) << r.name() << ": there is no test " << name;
    }
  }
}

TEST(Requirements, EveryNumberOfRfc9293AppendixBIsThere) {
  struct Series {
    const char* name;
    int count;
  };
  const std::set<std::string> ids = ids_of_9293();
  for (const Series series : {Series{"MUST-", 69}, {"SHLD-", 31}, {"MAY-", 18}, {"REC-", 1}}) {
    for (int n = 1; n <= series.count; ++n) {
      const std::string id = series.name + std::to_string(n);
      EXPECT_TRUE(ids.contains(id)) << id;
    }
  }
}

TEST(Requirements, EveryEventOfRfc9293HasARowForEveryState) {  // 3.10.1 to 3.10.8
  constexpr std::array kEvents = {"OPEN",  "SEND",   "RECEIVE", "CLOSE",
                                  "ABORT", "STATUS", "SEGMENT", "TIMEOUT"};
  constexpr std::array kStates = {"CLOSED",      "LISTEN",     "SYN-SENT",   "SYN-RECEIVED",
                                  "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
                                  "CLOSING",     "LAST-ACK",   "TIME-WAIT"};
  const std::set<std::string> ids = ids_of_9293();
  for (const std::string event : kEvents) {
    for (const char* state : kStates) {
      EXPECT_TRUE(ids.contains(event + '/' + state)) << event << " in " << state;
    }
  }
}

}  // namespace
}  // namespace tcptwin::rfc
