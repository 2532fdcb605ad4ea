// context.h: what is carried along while a document is decoded: the place in it and the errors so
// far.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/diagnostic.h"
#include "models/json/node.h"

namespace tcptwin::json {

class Context {
 public:
  // Enters a key or an index for as long as it lives.
  class Scope {
   public:
    Scope(Context& context, std::string_view token);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Context* context_;
    size_t length_before_;
  };

  // `base`: JSON Pointer of the decoded node within its document; "" when it is the document.
  explicit Context(std::string base = "") : pointer_(std::move(base)) {}

  [[nodiscard]] Scope enter(std::string_view token) { return Scope(*this, token); }
  [[nodiscard]] Scope enter(size_t index);

  // Records an error at the current pointer, with the text position of `at`. Decoding goes on.
  void error(const Node& at, std::string message, std::string suggestion = "");
  void error(const Origin& at, std::string message, std::string suggestion = "");
  // `unknown WHAT "word"`, with the nearest known word, or all of them when none is near.
  void unknown(const Origin& at, std::string_view what, std::string_view word,
               std::span<const std::string> known);
  // `expected EXPECTED, found the number 40`.
  void expected(const Node& at, std::string_view expected);

  const std::string& pointer() const { return pointer_; }
  bool ok() const { return diagnostics_.empty(); }
  // In the order of decoding, which is the order of the document. At most kMaxDiagnostics; later
  // ones are counted only.
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  size_t errors() const { return errors_; }

  static constexpr size_t kMaxDiagnostics = 100;

 private:
  std::string pointer_;
  std::vector<Diagnostic> diagnostics_;
  size_t errors_ = 0;
};

}  // namespace tcptwin::json
