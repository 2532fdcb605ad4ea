// embedded.h: the texts of models/profiles/*.json and models/settings/*.json; the build makes the
// definitions.
#pragma once

#include <span>
#include <string_view>

namespace tcptwin::catalogue {

struct EmbeddedText {
  std::string_view name;  // the file's, without .json
  bool runs_lwip;         // a profile with the key "lwip"
  std::string_view text;
};

std::span<const EmbeddedText> embedded_profiles();  // sorted by name
std::span<const EmbeddedText> embedded_settings();  // likewise

}  // namespace tcptwin::catalogue
