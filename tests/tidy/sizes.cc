// How long a function and a file may be. Functions are found by their braces, without knowing the
// grammar.
#include <algorithm>

#include "tests/tidy/rules.h"

namespace tcptwin::tidy {

namespace {

constexpr int kFunctionLinesMax = 70;
constexpr int kFileLinesMax = 600;

class FunctionScanner {
 public:
  FunctionScanner(const std::string& path, std::vector<Token> tokens)
      : path_(path), tokens_(std::move(tokens)) {
    std::erase_if(tokens_, [](const Token& token) { return token.directive; });
  }

  // Walks namespaces and classes; what else stands in braces is skipped as a whole.
  Findings run() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].is(";") || tokens_[i].is("}") || ends_access_label(i)) {
        head_ = i + 1;
      } else if (tokens_[i].is("{")) {
        i = open_brace(i);
      }
    }
    return std::move(findings_);
  }

 private:
  bool ends_access_label(size_t i) const {
    if (i == 0 || !tokens_[i].is(":")) return false;
    const Token& label = tokens_[i - 1];
    return label.is("public") || label.is("private") || label.is("protected");
  }

  // Returns the last token that belongs to the brace.
  size_t open_brace(size_t open) {
    if (head_is_scope(open)) {
      head_ = open + 1;
      return open;
    }
    size_t close = open;
    for (int depth = 0; close < tokens_.size(); ++close) {
      if (tokens_[close].is("{")) ++depth;
      if (tokens_[close].is("}") && --depth == 0) break;
    }
    if (close == tokens_.size()) return close;
    const bool more =
        close + 1 < tokens_.size() && (tokens_[close + 1].is(",") || tokens_[close + 1].is("{"));
    if (more || !head_is_function(open)) return close;  // an initialiser: the head goes on
    report(close);
    head_ = close + 1;
    return close;
  }

  // namespace, class, struct, union, enum, extern "C"; template<...> and attributes before them do
  // not count.
  bool head_is_scope(size_t open) const {
    size_t i = head_;
    while (i < open && (tokens_[i].is("template") || tokens_[i].is("["))) {
      const bool attribute = tokens_[i].is("[");
      int depth = 0;
      for (; i < open; ++i) {
        if (tokens_[i].is(attribute ? "[" : "<")) ++depth;
        if (tokens_[i].is(attribute ? "]" : ">") && --depth == 0) break;
      }
      ++i;
    }
    while (i < open && (tokens_[i].is("inline") || tokens_[i].is("typedef"))) ++i;
    if (i >= open) return false;
    const Token& first = tokens_[i];
    const bool linkage = first.is("extern") && tokens_[i + 1].kind == TokenKind::kString;
    return linkage || first.is("namespace") || first.is("class") || first.is("struct") ||
           first.is("union") || first.is("enum");
  }

  // Has parameters, and no '=' outside them unless an operator is declared.
  bool head_is_function(size_t open) const {
    bool parameters = false;
    int depth = 0;
    for (size_t i = head_; i < open; ++i) {
      if (tokens_[i].is("operator")) return true;
      if (tokens_[i].is("=") && depth == 0) return false;
      if (tokens_[i].is("(")) parameters = ++depth > 0;
      if (tokens_[i].is(")")) --depth;
    }
    return parameters;
  }

  void report(size_t close) {
    const int first = tokens_[head_].line;
    const int lines = tokens_[close].line - first + 1;
    if (lines <= kFunctionLinesMax) return;
    findings_.push_back({path_, first,
                         "function " + name() + " has " + std::to_string(lines) +
                             " lines, at most " + std::to_string(kFunctionLinesMax)});
  }
  // The word before the parameters.
  std::string name() const {
    size_t i = head_;
    while (!tokens_[i].is("(") && !tokens_[i].is("{")) ++i;
    return i == head_ ? "" : tokens_[i - 1].text;
  }

  std::string path_;
  std::vector<Token> tokens_;
  size_t head_ = 0;  // where the declaration began that the walk is in
  Findings findings_;
};

}  // namespace

Findings check_sizes(const SourceFile& file) {
  const bool ours = file.path.starts_with("stack/") || file.path.starts_with("models/") ||
                    file.path.starts_with("sim/") || file.path.starts_with("tun/");
  if (!ours) return {};
  Lexed lexed = lex(file.text);
  Findings findings = FunctionScanner(file.path, std::move(lexed.tokens)).run();
  if (lexed.lines > kFileLinesMax) {
    findings.push_back({file.path, 1,
                        "has " + std::to_string(lexed.lines) + " lines, at most " +
                            std::to_string(kFileLinesMax)});
  }
  return findings;
}

}  // namespace tcptwin::tidy
