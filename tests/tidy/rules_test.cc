// Each rule finds its violation, at its line, and leaves alone what only looks like one.
#include "tests/tidy/rules.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/tidy/tree.h"

namespace tcptwin::tidy {

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<int> lines(const Findings& findings) {
  std::vector<int> result;
  for (const Finding& finding : findings) result.push_back(finding.line);
  return result;
}
std::string repeat(int times, const std::string& text) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST(IncludeRule, FindsAFolderToTheRight) {
  const std::string text = "\n#include \"stack/tcp/connection.h\"\n";
  EXPECT_THAT(lines(check_includes({"stack/wire/tcp.h", text})), ElementsAre(2));
  EXPECT_THAT(check_includes({"stack/tcp/plan.h", text}), IsEmpty());
  EXPECT_THAT(check_includes({"sim/net/link.h", text}), IsEmpty());
  EXPECT_THAT(check_includes({"tests/unit/tcp_test.cc", text}), IsEmpty());
}

TEST(IncludeRule, KeepsTheOrderWithinSimAndModels) {
  EXPECT_THAT(check_includes({"sim/net/link.h", "#include \"sim/trace/trace.h\""}), IsEmpty());
  EXPECT_THAT(lines(check_includes({"sim/net/link.h", "#include \"sim/host/node.h\""})),
              ElementsAre(1));
  EXPECT_THAT(lines(check_includes({"sim/report/table.h", "#include \"sim/cli/options.h\""})),
              ElementsAre(1));
  EXPECT_THAT(check_includes({"tun/device.h", "#include \"sim/cli/options.h\""}), IsEmpty());
  EXPECT_THAT(check_includes({"models/catalogue/a.cc", "#include \"models/lwip/a.h\""}), IsEmpty());
  EXPECT_THAT(lines(check_includes({"models/lwip/a.cc", "#include \"models/catalogue/a.h\""})),
              ElementsAre(1));
}

TEST(IncludeRule, LetsModelsJsonSeeOnlyTheBase) {
  EXPECT_THAT(check_includes({"models/json/value.h", "#include \"stack/base/time.h\""}), IsEmpty());
  EXPECT_THAT(lines(check_includes({"models/json/value.h", "#include \"stack/wire/tcp.h\""})),
              ElementsAre(1));
}

TEST(IncludeRule, FindsAFolderWithoutAPlace) {
  EXPECT_THAT(lines(check_includes({"sim/new/a.h", "#include \"stack/base/time.h\""})),
              ElementsAre(1));
  EXPECT_THAT(lines(check_includes({"sim/net/a.h", "#include \"tests/unit/a.h\""})),
              ElementsAre(1));
}

TEST(IncludeRule, KeepsLibrariesInTheirPlace) {
  EXPECT_THAT(lines(check_includes({"models/json/write.cc", "#include <nlohmann/json.hpp>"})),
              ElementsAre(1));
  EXPECT_THAT(check_includes({"models/json/parse.cc", "#include <nlohmann/json.hpp>"}), IsEmpty());
  EXPECT_THAT(lines(check_includes({"sim/report/a.cc", "#include <boost/program_options.hpp>"})),
              ElementsAre(1));
  EXPECT_THAT(check_includes({"sim/cli/main.cc", "#include <boost/program_options.hpp>"}),
              IsEmpty());
  EXPECT_THAT(lines(check_includes({"stack/wire/text.cc", "#include <fmt/format.h>"})),
              ElementsAre(1));
  EXPECT_THAT(check_includes({"sim/report/a.cc", "#include <fmt/format.h>"}), IsEmpty());
}

TEST(OsNameRule, FindsNamesInIdentifiersAndStrings) {
  const std::string text =
      "bool is_linux;\nint kMacosGrain;\nauto s = \"like Windows 10\";\nDARWIN x;\n";
  EXPECT_THAT(lines(check_os_names({"stack/policy/a.h", text})), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(check_os_names({"models/catalogue/a.cc", text}), IsEmpty());
}

TEST(OsNameRule, AllowsCommentsAndWindowsOfTcp) {
  EXPECT_THAT(
      check_os_names({"stack/policy/a.h", "// Linux tcp_input.c\nint window, rcv_window_;"}),
      IsEmpty());
}

TEST(FloatRule, FindsTypesNumbersAndFunctions) {
  const std::string text =
      "float a;\nlong double b;\nauto c = 1.5;\nauto d = 1e9;\nauto e = .5s;\nauto f = "
      "std::pow(2, 3);\n#include <cmath>\n";
  EXPECT_THAT(lines(check_floating_point({"sim/net/link.cc", text})),
              ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(check_floating_point({"sim/report/table.cc", text}), IsEmpty());
}

TEST(FloatRule, AllowsIntegersInAllTheirForms) {
  const std::string text =
      "// 1.5 times\nauto a = 0x1e5 + 1'000'000ns + 5ms + 7u; log(\"1.5\"); x.floor();";
  EXPECT_THAT(check_floating_point({"stack/tcp/a.cc", text}), IsEmpty());
}

TEST(RandomRule, FindsTheHeaderAndTheDistributions) {
  const std::string text = "#include <random>\nstd::uniform_int_distribution<int> d;\n";
  EXPECT_THAT(lines(check_randomness({"sim/engine/a.cc", text})), ElementsAre(1, 2));
  EXPECT_THAT(check_randomness({"sim/engine/a.cc", "// <random>\nint delay_distribution;"}),
              IsEmpty());
}

TEST(ClockRule, FindsChronoClocks) {
  const std::string text = "\nauto t = std::chrono::steady_clock::now();";
  EXPECT_THAT(lines(check_clocks({"sim/cli/main.cc", text})), ElementsAre(2));
  EXPECT_THAT(lines(check_clocks({"tests/unit/a_test.cc", text})), ElementsAre(2));
  EXPECT_THAT(check_clocks({"tun/pace.cc", text}), IsEmpty());
  EXPECT_THAT(check_clocks({"sim/cli/main.cc", "// steady_clock\nf(\"steady_clock\");"}),
              IsEmpty());
}

TEST(HashMapRule, FindsAMapWithoutAMark) {
  const std::vector<SourceFile> unit = {
      {"sim/host/a.h", "#include <unordered_map>\nstd::unordered_map<int, int> ports_;"}};
  EXPECT_THAT(lines(check_hash_maps(unit)), ElementsAre(2));
}

TEST(HashMapRule, AllowsAMarkedMapThatIsLookedUp) {
  const std::vector<SourceFile> unit = {
      {"sim/host/a.h", "std::unordered_map<int, std::vector<int>> ports_;  // look-up only"},
      {"sim/host/a.cc",
       "auto it = ports_.find(1);\nreturn it != ports_.end();\nfor (int p : other_) f(p);"}};
  EXPECT_THAT(check_hash_maps(unit), IsEmpty());
}

TEST(HashMapRule, FindsIterationOverAMarkedMap) {
  const std::vector<SourceFile> unit = {
      {"sim/host/a.h", "std::vector<std::unordered_map<int, int>> ports_;  // look-up only"},
      {"sim/host/a.cc",
       "for (const auto& [k, v] : ports_) f(k);\nauto i = "
       "ports_[0].begin();\nstd::begin(ports_);\n"}};
  EXPECT_THAT(lines(check_hash_maps(unit)), ElementsAre(1, 2, 3));
}

TEST(HashMapRule, FindsAMarkedAlias) {
  const std::vector<SourceFile> unit = {
      {"stack/host/a.h", "using Ports = std::unordered_map<int, int>;  // look-up only"}};
  EXPECT_THAT(lines(check_hash_maps(unit)), ElementsAre(1));
}

TEST(OwnershipRule, FindsSharedPointersAndFriends) {
  const std::string text = "std::shared_ptr<int> p;\nfriend class X;\nint friendly;  // a friend\n";
  EXPECT_THAT(lines(check_ownership({"stack/tcp/a.h", text})), ElementsAre(1, 2));
}

TEST(ExceptionRule, FindsThrowAndTry) {
  const std::string text = "try {\n  throw 1;\n} catch (...) {\n}\nint retry;  // try again\n";
  EXPECT_THAT(lines(check_exceptions({"stack/wire/a.cc", text})), ElementsAre(1, 2, 3));
  EXPECT_THAT(check_exceptions({"models/json/parse.cc", text}), IsEmpty());
}

TEST(TodoRule, FindsATodoWithoutOwner) {
  const std::string text =
      "/*\n TODO: later */\n// TODO(): who?\n// TODO(ann): soon\nf(\"TODO\");\n// FIXME\n";
  EXPECT_THAT(lines(check_todos({"tests/unit/a.cc", text})), ElementsAre(2, 3, 6));
}

TEST(SizeRule, FindsALongFunctionWhereverItStands) {
  const std::string body = "{\n" + repeat(70, "  if (a) { b(); }\n") + "}\n";
  EXPECT_THAT(lines(check_sizes({"stack/tcp/a.cc", "int f(int a) " + body})), ElementsAre(1));
  EXPECT_THAT(lines(check_sizes(
                  {"stack/tcp/a.cc",
                   "namespace a {\nclass B : C {\n public:\n  int f() const " + body + "};\n}\n"})),
              ElementsAre(4));
  EXPECT_THAT(lines(check_sizes({"sim/net/a.cc", "\nA::A(int x) : b_{x}, c_(x) " + body})),
              ElementsAre(2));
  EXPECT_THAT(
      lines(check_sizes({"sim/net/a.cc", "template <class T>\nauto f(T t) -> int " + body})),
      ElementsAre(1));
  EXPECT_THAT(lines(check_sizes({"sim/net/a.cc", "bool A::operator==(const A& o) const " + body})),
              ElementsAre(1));
  EXPECT_THAT(check_sizes({"sim/net/a.cc", "int f() " + body})[0].what,
              HasSubstr("function f has 72 lines"));
}

TEST(SizeRule, CountsEachFunctionByItself) {
  const std::string function = "int f() {\n" + repeat(60, "  x();\n") + "}\n";
  EXPECT_THAT(
      check_sizes({"stack/tcp/a.cc", "struct A {\n" + function + function + "};\n" + function}),
      IsEmpty());
}

TEST(SizeRule, LeavesTablesAndOtherFoldersAlone) {
  const std::string table = "const int kTable[] = {\n" + repeat(90, "  1,\n") + "};\n";
  EXPECT_THAT(check_sizes({"models/catalogue/a.cc", table}), IsEmpty());
  EXPECT_THAT(check_sizes({"models/catalogue/a.cc",
                           "enum class E : int {\n" + repeat(90, "  k,\n") + "};\n"}),
              IsEmpty());
  EXPECT_THAT(check_sizes({"tests/unit/a.cc", "int f() {\n" + repeat(90, "x();\n") + "}\n"}),
              IsEmpty());
}

TEST(SizeRule, FindsALongFile) {
  EXPECT_THAT(lines(check_sizes({"sim/net/a.cc", repeat(601, "// x\n")})), ElementsAre(1));
  EXPECT_THAT(check_sizes({"sim/net/a.cc", repeat(600, "// x\n")}), IsEmpty());
}

TEST(WorkplaceRule, FindsPathsAndPhrases) {
  const std::string text =
      "see /wo"
      "rk/notes\nsee Issue"
      " #2\nthe far"
      "m-17\na ses"
      "sion of ours\nissues"
      " 3\n/tmp/b"
      "ash_jobs\n";
  EXPECT_THAT(lines(check_workplace({"README.md", text})),
              testing::UnorderedElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(WorkplaceRule, AllowsWordsThatOnlyLookAlike) {
  EXPECT_THAT(
      check_workplace({"README.md", "network/link, tissue 2, issue two, an issue, possession of"}),
      IsEmpty());
}

TEST(SymbolRule, FindsFunctionsByTheirWholeName) {
  const std::string nm =
      "\nlink.cc.o:\n                 U clock_gettime\n                 U "
      "tcptwin::sim::connect(int)\n"
      "                 U open_nothing\n                 w pthread_create\n";
  const Findings findings = check_symbols("libsim_net.a", nm);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].path, "libsim_net.a(link.cc.o)");
  EXPECT_THAT(findings[0].what, HasSubstr("clock_gettime"));
  EXPECT_THAT(findings[1].what, HasSubstr("pthread_create"));
}

TEST(SymbolRule, FindsPartsOfTheCppLibrary) {
  for (const char* symbol :
       {"std::chrono::_V2::steady_clock::now()", "std::thread::_M_start_thread(a, void (*)())",
        "std::basic_ifstream<char, std::char_traits<char> >::basic_ifstream()",
        "vtable for std::basic_filebuf<char, std::char_traits<char> >",
        "std::random_device::_M_getval()",
        "std::filesystem::status(std::filesystem::__cxx11::path const&)"}) {
    EXPECT_EQ(check_symbols("a.a", std::string("a.cc.o:\n U ") + symbol + "\n").size(), 1u)
        << symbol;
  }
  EXPECT_THAT(check_symbols("a.a", "a.cc.o:\n U std::ostream::write(char const*, long)\n"),
              IsEmpty());
}

TEST(SymbolRule, FindsWhatARealArchiveAsksFor) {
  const auto symbols = undefined_symbols(TCPTWIN_NM, TCPTWIN_FORBIDDEN_EXAMPLE);
  ASSERT_TRUE(symbols) << TCPTWIN_NM << " cannot read " << TCPTWIN_FORBIDDEN_EXAMPLE;
  std::vector<std::string> whats;
  for (const Finding& finding : check_symbols("example.a", *symbols)) whats.push_back(finding.what);
  EXPECT_THAT(whats, Contains("references time"));
  EXPECT_THAT(whats, Contains(HasSubstr("std::basic_ifstream")));
}

TEST(SymbolRule, SaysWhenNmFails) {
  EXPECT_FALSE(undefined_symbols(TCPTWIN_NM, "no such archive"));
}

}  // namespace

}  // namespace tcptwin::tidy
