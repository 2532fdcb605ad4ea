// The project as it stands keeps its own rules. A failure names file, line and what to do.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <span>
#include <vector>

#include "tests/tidy/rules.h"
#include "tests/tidy/tree.h"

namespace tcptwin::tidy {

namespace {

constexpr const char* kRoot = TCPTWIN_SOURCE_DIR;

void expect_none(const Findings& findings) {
  for (const Finding& f : findings) {
    testing::Message place;
    place << f.path;
    if (f.line > 0) place << ':' << f.line;
    ADD_FAILURE() << place << ": " << f.what;
  }
}

void expect_clean(Findings (*check)(const SourceFile&)) {
  const auto files = cpp_files(kRoot);
  ASSERT_FALSE(files.empty()) << "no sources below " << kRoot;
  for (const SourceFile& file : files) expect_none(check(file));
}

TEST(Architecture, AFolderIncludesOnlyWhatLiesToItsLeft) { expect_clean(check_includes); }
TEST(Architecture, TheStackNamesNoOperatingSystem) { expect_clean(check_os_names); }
TEST(Architecture, ResultsDoNotDependOnFloatingPoint) { expect_clean(check_floating_point); }
TEST(Architecture, RandomNumbersComeFromOurStreams) { expect_clean(check_randomness); }
TEST(Architecture, OnlyTheBridgeReadsAClock) { expect_clean(check_clocks); }
TEST(Architecture, NothingIsSharedOrBefriended) { expect_clean(check_ownership); }
TEST(Architecture, TheStackThrowsNothing) { expect_clean(check_exceptions); }
TEST(Architecture, EveryTodoHasAnOwner) { expect_clean(check_todos); }
TEST(Architecture, FunctionsAndFilesAreShort) { expect_clean(check_sizes); }

TEST(Architecture, HashMapsAreForLookUpOnly) {
  const auto files = cpp_files(kRoot);
  const auto stem = [](const SourceFile& file) {
    return file.path.substr(0, file.path.rfind('.'));
  };
  for (auto first = files.begin(); first != files.end();) {
    const auto last = std::find_if(
        first, files.end(), [&](const SourceFile& file) { return stem(file) != stem(*first); });
    expect_none(check_hash_maps(std::span(first, last)));
    first = last;
  }
}

TEST(Architecture, NoTextSpeaksOfThePlaceItWasWrittenAt) {
  for (const SourceFile& file : text_files(kRoot)) expect_none(check_workplace(file));
}

TEST(Architecture, TheLibrariesAskTheSystemForNothing) {
  for (const std::string& archive : pure_archives(TCPTWIN_LIB_DIR)) {
    const auto symbols = undefined_symbols(TCPTWIN_NM, archive);
    ASSERT_TRUE(symbols) << TCPTWIN_NM << " cannot read " << archive;
    expect_none(check_symbols(std::filesystem::path(archive).filename(), *symbols));
  }
}

// Otherwise the test above would pass by looking at nothing.
TEST(Architecture, EveryFolderOfSourcesHasItsArchive) {
  std::set<std::string> built;
  for (const std::string& archive : pure_archives(TCPTWIN_LIB_DIR)) {
    built.insert(std::filesystem::path(archive).filename());
  }
  std::set<std::string> missing;
  for (const SourceFile& file : cpp_files(kRoot)) {
    const std::string folder = folder_of(file.path);
    const bool pure = !file.path.starts_with("tests/") && folder != "tun" && folder != "sim/cli";
    if (!pure || !file.path.ends_with(".cc")) continue;
    if (!built.contains(archive_name(folder))) missing.insert(archive_name(folder));
  }
  EXPECT_THAT(missing, testing::IsEmpty()) << "not in " << TCPTWIN_LIB_DIR;
}

}  // namespace

}  // namespace tcptwin::tidy
