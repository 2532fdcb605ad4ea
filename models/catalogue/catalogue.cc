#include "models/catalogue/catalogue.h"

#include <algorithm>
#include <set>

#include "models/catalogue/embedded.h"
#include "models/json/parse.h"
#include "models/json/patch.h"
#include "models/lwip/builds.h"
#include "models/lwip/lwip_stack.h"
#include "stack/base/check.h"

namespace tcptwin::catalogue {

namespace {

bool is_absent(const EmbeddedText& profile) { return profile.runs_lwip && lwip::builds().empty(); }

std::vector<std::string> names_of(bool absent) {
  std::vector<std::string> names;
  for (const EmbeddedText& profile : embedded_profiles()) {
    if (is_absent(profile) == absent) names.emplace_back(profile.name);
  }
  return names;
}

}  // namespace

std::vector<std::string> profile_names() { return names_of(false); }
std::vector<std::string> absent_profile_names() { return names_of(true); }

std::string why_absent(std::string_view name) {
  const std::vector<std::string> absent = absent_profile_names();
  if (std::find(absent.begin(), absent.end(), name) == absent.end()) return "";
  return "this program was built without lwIP: " + std::string(lwip::absence());
}

std::optional<json::Node> profile_as_written(std::string_view name) {
  for (const EmbeddedText& profile : embedded_profiles()) {
    if (profile.name != name || is_absent(profile)) continue;
    json::Diagnostic error;
    auto document = json::parse("profile " + std::string(name), profile.text, &error);
    CHECK(document.has_value());  // a test decodes every profile
    return document;
  }
  return std::nullopt;
}

namespace {

constexpr int kMostBases = 8;

json::Node on_its_base(json::Node document, int bases_left) {
  const json::Node* base = document.find("base");
  if (base == nullptr) return document;
  CHECK(bases_left > 0);  // a test resolves every profile
  auto below = profile_as_written(base->as_string());
  CHECK(below.has_value());
  document.remove("base");
  json::Node whole = on_its_base(*std::move(below), bases_left - 1);
  json::merge(whole, document);
  return whole;
}

}  // namespace

std::optional<json::Node> profile_document(std::string_view name) {
  auto document = profile_as_written(name);
  if (document) document = on_its_base(*std::move(document), kMostBases);
  return document;
}

namespace {

// What lwIP decides itself cannot be set beside it. True: something of it is there, and said.
bool has_axes_of_ours(const json::Node& document, json::Context& context) {
  static const std::set<std::string> kCount = {
      "name", "title", "lwip", "time_model", "socket_options", "message_flags", "socket_requests"};
  bool found = false;
  const json::Node* lwip = document.find("lwip");
  if (lwip == nullptr) return found;
  if (lwip->find("build") == nullptr && document.find("delayed_ack") != nullptr) {
    context.error(*lwip,
                  "\"lwip\" is for profiles whose hosts run lwIP; this one runs our own stack");
    return true;
  }
  for (const json::Member& member : document.members()) {
    if (kCount.contains(member.key) || profile_fields().table().find(member.key) == nullptr)
      continue;
    context.error(member.value,
                  "a host with \"lwip\" has no \"" + member.key +
                      "\": lwIP's own code decides that; what can be set is in \"lwip\"");
    found = true;
  }
  return found;
}

}  // namespace

policy::Profile decode_profile(const json::Node& document, json::Context& context) {
  policy::Profile profile;
  if (has_axes_of_ours(document, context)) return profile;
  json::decode(profile_fields(), document, profile, context);
  return profile;
}

std::vector<std::string> native_profile_names() {
  std::vector<std::string> names;
  for (const EmbeddedText& profile : embedded_profiles()) {
    if (!profile.runs_lwip) names.emplace_back(profile.name);
  }
  return names;
}

std::unique_ptr<host::HostStack> make_stack(const host::NativeStackSetup& setup) {
  if (setup.profile->user_stack) return std::make_unique<lwip::LwipStack>(setup);
  return std::make_unique<host::NativeStack>(setup);
}

}  // namespace tcptwin::catalogue
