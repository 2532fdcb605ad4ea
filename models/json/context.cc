#include "models/json/context.h"

#include <utility>

#include "models/json/nearest.h"
#include "models/json/pointer.h"

namespace tcptwin::json {

Context::Scope::Scope(Context& context, std::string_view token)
    : context_(&context), length_before_(context.pointer_.size()) {
  context.pointer_ += '/';
  context.pointer_ += escape_token(token);
}

Context::Scope::~Scope() { context_->pointer_.resize(length_before_); }

Context::Scope Context::enter(size_t index) { return Scope(*this, std::to_string(index)); }

void Context::error(const Node& at, std::string message, std::string suggestion) {
  error(at.origin(), std::move(message), std::move(suggestion));
}

void Context::error(const Origin& at, std::string message, std::string suggestion) {
  ++errors_;
  if (diagnostics_.size() == kMaxDiagnostics) return;
  diagnostics_.push_back(diagnostic_at(at, pointer_, std::move(message), std::move(suggestion)));
}

void Context::unknown(const Origin& at, std::string_view what, std::string_view word,
                      std::span<const std::string> known) {
  std::string message = "unknown ";
  message.append(what).append(" ").append(write(Node::string(std::string(word)), Style::kCompact));
  std::string suggestion = nearest(word, known);
  if (suggestion.empty() && !known.empty()) message += ": expected " + quoted_list(known);
  error(at, std::move(message), std::move(suggestion));
}

void Context::expected(const Node& at, std::string_view expected) {
  error(at, "expected " + std::string(expected) + ", found " + describe(at));
}

}  // namespace tcptwin::json
