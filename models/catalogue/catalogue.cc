#include "models/catalogue/catalogue.h"

#include "models/catalogue/embedded.h"
#include "models/json/parse.h"
#include "stack/base/check.h"

namespace tcptwin::catalogue {

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const EmbeddedProfile& profile : embedded_profiles()) names.emplace_back(profile.name);
  return names;
}

std::optional<json::Node> profile_document(std::string_view name) {
  for (const EmbeddedProfile& profile : embedded_profiles()) {
    if (profile.name != name) continue;
    json::Diagnostic error;
    auto document = json::parse("profile " + std::string(name), profile.text, &error);
    CHECK(document.has_value());  // a test decodes every profile
    return document;
  }
  return std::nullopt;
}

policy::Profile decode_profile(const json::Node& document, json::Context& context) {
  policy::Profile profile;
  json::decode(profile_fields(), document, profile, context);
  return profile;
}

std::unique_ptr<host::HostStack> make_stack(const host::NativeStackSetup& setup) {
  return std::make_unique<host::NativeStack>(setup);
}

}  // namespace tcptwin::catalogue
