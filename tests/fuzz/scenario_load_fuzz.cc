// Any text as a scenario file: it loads or is refused with a message, and a loaded one can be
// checked.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/json/diagnostic.h"
#include "sim/scenario/load.h"
#include "stack/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tcptwin;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const scenario::Loaded loaded = scenario::load("fuzz.json", text, {});
  for (const json::Diagnostic& d : loaded.diagnostics) CHECK(!json::to_string(d).empty());
  if (loaded.ok()) (void)scenario::demand_expectations("fuzz.json", loaded);
  return 0;
}
