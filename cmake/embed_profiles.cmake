# Compiles models/profiles/*.json and models/settings/*.json into models_catalogue, so that the
# program needs no files.
function(list_texts folder result)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/models/${folder}/*.json)
  list(SORT files)
  set(entries "")
  foreach(path ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    get_filename_component(name ${path} NAME_WLE)
    file(READ ${path} text)
    string(JSON ignored ERROR_VARIABLE no_lwip TYPE "${text}" lwip)
    set(runs_lwip true)
    if(no_lwip)
      set(runs_lwip false)
    endif()
    string(APPEND entries "    {\"${name}\", ${runs_lwip}, R\"__json__(${text})__json__\"},\n")
  endforeach()
  set(${result} "${entries}" PARENT_SCOPE)
endfunction()

list_texts(profiles profiles)
list_texts(settings settings)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/embedded_profiles.cc CONTENT
[[// Made by cmake/embed_profiles.cmake.
#include "models/catalogue/embedded.h"

namespace tcptwin::catalogue {

static constexpr EmbeddedText kProfiles[] = {
@profiles@};

static constexpr EmbeddedText kSettings[] = {
@settings@};

std::span<const EmbeddedText> embedded_profiles() { return kProfiles; }
std::span<const EmbeddedText> embedded_settings() { return kSettings; }

}  // namespace tcptwin::catalogue
]] @ONLY)
target_sources(models_catalogue PRIVATE ${PROJECT_BINARY_DIR}/generated/embedded_profiles.cc)
