# Compiles models/profiles/*.json into models_catalogue, so that the program needs no files.
file(GLOB profiles CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/models/profiles/*.json)
list(SORT profiles)
set(entries "")
foreach(profile ${profiles})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${profile})
  get_filename_component(name ${profile} NAME_WLE)
  file(READ ${profile} text)
  string(APPEND entries "    {\"${name}\", R\"__json__(${text})__json__\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/embedded_profiles.cc CONTENT
[[// Made by cmake/embed_profiles.cmake.
#include "models/catalogue/embedded.h"

namespace tcptwin::catalogue {

static constexpr EmbeddedProfile kProfiles[] = {
@entries@};

std::span<const EmbeddedProfile> embedded_profiles() { return kProfiles; }

}  // namespace tcptwin::catalogue
]] @ONLY)
target_sources(models_catalogue PRIVATE ${PROJECT_BINARY_DIR}/generated/embedded_profiles.cc)
