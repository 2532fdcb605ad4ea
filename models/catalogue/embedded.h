// embedded.h: the texts of models/profiles/*.json; the build makes the definition.
#pragma once

#include <span>
#include <string_view>

namespace tcptwin::catalogue {

struct EmbeddedProfile {
  std::string_view name;  // the file's, without .json
  std::string_view text;
};

std::span<const EmbeddedProfile> embedded_profiles();  // sorted by name

}  // namespace tcptwin::catalogue
