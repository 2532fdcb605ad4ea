// policy_samples.h: the built-in profiles, decoded once, and a host's ticks for tests of single
// policies.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "models/catalogue/catalogue.h"
#include "stack/policy/profile.h"

namespace tcptwin::policy {

inline Profile sample_profile(std::string_view name) {
  json::Context context;
  Profile profile = catalogue::decode_profile(*catalogue::profile_document(name), context);
  for (const json::Diagnostic& d : context.diagnostics()) ADD_FAILURE() << json::to_string(d);
  return profile;
}
inline const Profile& linux_sample() {
  static const Profile profile = sample_profile("linux-6.18");
  return profile;
}
inline const Profile& rfc_sample() {
  static const Profile profile = sample_profile("rfc");
  return profile;
}

}  // namespace tcptwin::policy
