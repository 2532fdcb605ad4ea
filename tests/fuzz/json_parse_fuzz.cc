// Any bytes: they parse to a document that reads back equal from its own text, or give one error on
// one line.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/json/parse.h"
#include "stack/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tcptwin::json;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Diagnostic error;
  const auto doc = parse("fuzz.json", text, &error);
  if (!doc) {
    CHECK(error.line >= 1 && error.column >= 1 && !error.message.empty());
    CHECK(error.message != "malformed JSON" && error.message != "malformed string");
    CHECK(to_string(error).find('\n') == std::string::npos);
    return 0;
  }
  for (const Style style : {Style::kPretty, Style::kCompact}) {
    const std::string written = write(*doc, style);
    const auto again = parse("again.json", written, &error);
    CHECK(again.has_value());
    CHECK(*again == *doc);
    CHECK(write(*again, style) == written);
  }
  return 0;
}
