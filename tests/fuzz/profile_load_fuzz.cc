// Any text as a JSON Merge Patch of a profile: the result decodes or is refused with a message.
// The first byte picks the profile.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/catalogue/catalogue.h"
#include "models/json/context.h"
#include "models/json/parse.h"
#include "models/json/patch.h"
#include "stack/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tcptwin;
  if (size == 0) return 0;
  static const auto names = catalogue::profile_names();
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  json::Diagnostic error;
  const auto patch = json::parse("fuzz.json", text, &error);
  if (!patch) {
    CHECK(!json::to_string(error).empty());
    return 0;
  }
  json::Node document = *catalogue::profile_document(names[data[0] % names.size()]);
  json::merge(document, *patch);
  json::Context context;
  (void)catalogue::decode_profile(document, context);
  for (const json::Diagnostic& d : context.diagnostics()) CHECK(!json::to_string(d).empty());
  return 0;
}
