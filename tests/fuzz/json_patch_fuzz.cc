// A document, a patch, and a pointer, separated by NUL bytes: patches leave a document that can be
// written and read, or leave it unchanged and say why; what set_at puts in is found where it was
// put.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/json/parse.h"
#include "models/json/patch.h"
#include "models/json/pointer.h"
#include "stack/base/check.h"

namespace {

using namespace tcptwin::json;

std::string_view take_part(std::string_view& rest) {
  const std::string_view part = rest.substr(0, rest.find('\0'));
  rest.remove_prefix(part.size() < rest.size() ? part.size() + 1 : part.size());
  return part;
}

void check_readable(const Node& doc) {
  constexpr size_t kLongest = 100'000;  // longer ones take too long
  const std::string text = write(doc, Style::kCompact);
  if (text.size() > kLongest) return;
  const auto again = parse("again.json", text, nullptr);
  CHECK(again.has_value() && *again == doc);
}

void check_patch(const Node& doc, const Node& operations) {
  Node patched = doc;
  Diagnostic error;
  if (apply_patch(patched, operations, "fuzz", &error)) {
    check_readable(patched);
  } else {
    CHECK(patched == doc && !error.message.empty());
  }
  Node merged = doc;
  merge(merged, operations);
  check_readable(merged);
}

void check_set(const Node& doc, std::string_view pointer_text) {
  Node changed = doc;
  Diagnostic error;
  if (!set_at(changed, pointer_text, Node::integer(7), &error)) {
    CHECK(changed == doc && !error.message.empty());
    return;
  }
  const auto pointer = Pointer::parse(pointer_text);
  CHECK(pointer.has_value() && pointer->to_string() == pointer_text);
  const Node* found = resolve(changed, *pointer);
  // "-" names the item behind the last, so that it never resolves.
  CHECK(found == nullptr ? pointer_text.find("/-") != std::string_view::npos
                         : *found == Node::integer(7));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto doc = parse("doc.json", take_part(rest), nullptr);
  if (!doc) return 0;
  if (const auto operations = parse("patch.json", take_part(rest), nullptr)) {
    check_patch(*doc, *operations);
  }
  check_set(*doc, rest);
  return 0;
}
