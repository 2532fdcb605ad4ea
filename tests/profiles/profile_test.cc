// The built-in profiles: each decodes, each value has a source, and no key of a document goes
// unread.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "models/json/parse.h"
#include "models/json/patch.h"
#include "models/json/units.h"
#include "tests/support/paths.h"

namespace tcptwin::catalogue {
namespace {

class EveryProfile : public testing::TestWithParam<std::string> {
 protected:
  json::Node document() const { return *profile_document(GetParam()); }
};

policy::Profile decoded(const json::Node& document) {
  json::Context context;
  policy::Profile profile = decode_profile(document, context);
  for (const json::Diagnostic& d : context.diagnostics()) ADD_FAILURE() << json::to_string(d);
  return profile;
}

std::vector<json::Diagnostic> errors_of(const json::Node& document) {
  json::Context context;
  decode_profile(document, context);
  return context.diagnostics();
}

void remove_sources(json::Node& node) {
  if (node.is_array()) {
    for (json::Node& item : node.items()) remove_sources(item);
  }
  if (!node.is_object()) return;
  node.remove("source");
  for (json::Member& member : node.members()) remove_sources(member.value);
}

// Whether two scalars say the same: "64KiB" is 65536, "120s" is "2min".
bool same_value(const json::Node& a, const json::Node& b) {
  if (a == b) return true;
  if (!a.is_string()) return false;
  if (b.is_integer()) return json::parse_size(a.as_string()) == b.as_integer();
  if (!b.is_string()) return false;
  const auto duration = json::parse_duration(a.as_string());
  return duration && duration == json::parse_duration(b.as_string());
}

// Every key of `part` is in `whole`, with the same value.
void expect_contains(const json::Node& whole, const json::Node& part, const std::string& where) {
  if (!part.is_object() || !whole.is_object()) {
    EXPECT_TRUE(same_value(whole, part))
        << where << ": " << json::write(whole, json::Style::kCompact) << " for "
        << json::write(part, json::Style::kCompact);
    return;
  }
  for (const json::Member& member : part.members()) {
    const json::Node* found = whole.find(member.key);
    ASSERT_NE(found, nullptr) << where << '/' << member.key << " is not read";
    expect_contains(*found, member.value, where + '/' + member.key);
  }
}

TEST_P(EveryProfile, Decodes) { EXPECT_EQ(decoded(document()).name, GetParam()); }

TEST_P(EveryProfile, EveryObjectNamesItsSource) {
  const json::Node written = document();
  for (const json::Member& member : written.members()) {
    if (!member.value.is_object()) continue;
    const json::Node* source = member.value.find("source");
    ASSERT_NE(source, nullptr) << member.key;
    EXPECT_FALSE(source->as_string().empty()) << member.key;
  }
}

TEST_P(EveryProfile, WhatItChangesOfItsBaseHasItsOwnSource) {
  const json::Node written = *profile_as_written(GetParam());
  const json::Node* base = written.find("base");
  if (base == nullptr) return;
  ASSERT_TRUE(profile_document(base->as_string())) << base->as_string();
  for (const json::Member& member : written.members()) {
    if (!member.value.is_object()) continue;
    EXPECT_NE(member.value.find("source"), nullptr) << member.key;
  }
}

TEST_P(EveryProfile, HasNoBaseLeftOnceItIsResolved) { EXPECT_EQ(document().find("base"), nullptr); }

TEST_P(EveryProfile, WhatIsWrittenBackIsTheDocument) {
  json::Node bare = document();
  remove_sources(bare);
  bare.remove("socket_options");   // decoded by hand; has a test of its own
  bare.remove("message_flags");    // likewise
  bare.remove("socket_requests");  // likewise
  expect_contains(json::encode(profile_fields(), decoded(document())), bare, "");
}

TEST_P(EveryProfile, DecodingWhatIsWrittenBackGivesTheSameAgain) {
  const json::Node once = json::encode(profile_fields(), decoded(document()));
  const json::Node twice = json::encode(profile_fields(), decoded(once));
  EXPECT_EQ(once, twice);
}

TEST_P(EveryProfile, EveryAxisIsNamed) {  // no value is left to a default of the program
  json::Node written = json::encode(profile_fields(), policy::Profile());
  for (const json::Member& member : written.members()) {
    EXPECT_TRUE(document().find(member.key)) << member.key;
  }
}

TEST_P(EveryProfile, AnUnknownKeyIsRejectedWithWhatWasMeant) {
  json::Node changed = document();
  json::merge(changed, *json::parse("patch", R"({"rto": {"data_retris": 3}})", nullptr));
  const auto errors = errors_of(changed);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].suggestion, "data_retries");
  EXPECT_EQ(errors[0].pointer, "/rto/data_retris");
}

TEST_P(EveryProfile, AnUnknownAxisIsRejectedWithWhatWasMeant) {
  json::Node changed = document();
  json::merge(changed, *json::parse("patch", R"({"delayed_akc": {}})", nullptr));
  const auto errors = errors_of(changed);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].suggestion, "delayed_ack");
}

TEST_P(EveryProfile, AnUnknownBehaviourIsRejectedWithWhatWasMeant) {
  json::Node changed = document();
  json::merge(changed, *json::parse("patch", R"({"nagle": {"behaviour": "minshal"}})", nullptr));
  const auto errors = errors_of(changed);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].suggestion, "minshall");
}

TEST_P(EveryProfile, AValueOutOfRangeIsRejected) {
  for (const char* patch : {R"({"rto": {"initial": "0s"}})", R"({"ip": {"ttl": 256}})",
                            R"({"ports": {"first": 50000, "last": 40000}})",
                            R"({"timer_grain": {"hz": 0}})", R"({"syn": {"default_mss": 0}})"}) {
    json::Node changed = document();
    json::merge(changed, *json::parse("patch", patch, nullptr));
    EXPECT_EQ(errors_of(changed).size(), 1u) << patch;
  }
}

TEST_P(EveryProfile, EverySocketOptionIsRead) {
  const json::Node written = document();
  const std::vector<json::Node>& items = written.find("socket_options")->find("options")->items();
  const policy::Profile profile = decoded(written);
  ASSERT_EQ(profile.socket_options.size(), items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    const policy::SocketOption& option = profile.socket_options[i];
    EXPECT_EQ(option.level_name, items[i].find("level")->as_string());
    EXPECT_EQ(option.level, items[i].find("level_number")->as_integer());
    EXPECT_EQ(option.name, items[i].find("name")->as_string());
    EXPECT_EQ(option.number, items[i].find("number")->as_integer());
  }
}

TEST_P(EveryProfile, HasTheRequestsOfIoctlThatItNames) {
  const json::Node written = document();
  const auto& items = written.find("socket_requests")->find("requests")->items();
  const policy::Profile profile = decoded(written);
  ASSERT_EQ(profile.socket_requests.size(), items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(profile.socket_requests[i].name, items[i].find("name")->as_string());
  }
}

TEST_P(EveryProfile, NoTwoOptionsHaveOneNumber) {
  std::vector<std::pair<int32_t, int32_t>> numbers;
  for (const policy::SocketOption& option : decoded(document()).socket_options) {
    numbers.emplace_back(option.level, option.number);
  }
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(std::adjacent_find(numbers.begin(), numbers.end()), numbers.end());
}

TEST(Catalogue, HasAProfileForEveryFile) {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(support::source_path("models/profiles"))) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().stem().string());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> names = profile_names();
  const std::vector<std::string> absent = absent_profile_names();
  names.insert(names.end(), absent.begin(), absent.end());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, files);
}

TEST(Catalogue, HasNoProfileOfAnotherName) {
  EXPECT_FALSE(profile_document("linux").has_value());
  EXPECT_FALSE(profile_document("").has_value());
}

TEST(Base, FillsInWhatAProfileLeavesOut) {
  const json::Node document = *profile_document("macos-15");
  EXPECT_EQ(document.find("nagle")->find("behaviour")->as_string(), "full_segment_before");
  EXPECT_EQ(document.find("isn")->find("behaviour")->as_string(), "hash_and_clock");
  EXPECT_EQ(document.find("name")->as_string(), "macos-15");
}

TEST(Base, MayHaveABaseItself) {  // linux-2.6.31 on linux-2.6.32 on linux-6.18
  const json::Node document = *profile_document("linux-2.6.31");
  EXPECT_EQ(document.find("timer_grain")->find("hz")->as_integer(), 250);
  EXPECT_EQ(document.find("rto")->find("initial")->as_string(), "3s");
  EXPECT_EQ(document.find("nagle")->find("behaviour")->as_string(), "minshall");
}

INSTANTIATE_TEST_SUITE_P(Profiles, EveryProfile, testing::ValuesIn(native_profile_names()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace tcptwin::catalogue
