#include "tests/tidy/lexer.h"

#include <algorithm>
#include <cctype>

namespace tcptwin::tidy {

namespace {

bool is_word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }
bool is_word_part(char c) { return is_word_start(c) || is_digit(c); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Lexed run() {
    while (at_ < text_.size()) step();
    result_.lines = line_ - (text_.empty() || text_.back() == '\n' ? 1 : 0);
    return std::move(result_);
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool starts_with(std::string_view s) const { return text_.substr(at_).starts_with(s); }

  // Takes n characters and counts the lines in them.
  std::string_view take(size_t n) {
    const auto taken = text_.substr(at_, n);
    line_ += static_cast<int>(std::count(taken.begin(), taken.end(), '\n'));
    at_ += taken.size();
    return taken;
  }
  void add(TokenKind kind, std::string_view text, int line) {
    result_.tokens.push_back({kind, std::string(text), line, directive_});
    line_has_token_ = true;
  }

  void step() {
    const char c = peek();
    if (c == '\n') {
      take(1);
      directive_ = line_has_token_ = false;
    } else if (is_blank(c)) {
      take(1);
    } else if (starts_with("\\\n")) {
      take(2);  // a spliced line: a directive goes on
    } else if (starts_with("//")) {
      line_comment();
    } else if (starts_with("/*")) {
      block_comment();
    } else if (c == '#' && !line_has_token_) {
      directive();
    } else if (c == '"') {
      quoted(TokenKind::kString);
    } else if (c == '\'') {
      quoted(TokenKind::kCharacter);
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      number();
    } else if (is_word_start(c)) {
      word();
    } else {
      const size_t size = starts_with("::") || starts_with("->") ? 2 : 1;
      const int line = line_;
      add(TokenKind::kPunctuation, take(size), line);
    }
  }

  void line_comment() {
    const int line = line_;
    size_t end = at_;
    while (end < text_.size() && (text_[end] != '\n' || text_[end - 1] == '\\')) ++end;
    result_.comments.push_back({std::string(take(end - at_)), line});
  }
  void block_comment() {
    const int line = line_;
    const size_t close = text_.find("*/", at_ + 2);
    const size_t end = close == std::string_view::npos ? text_.size() : close + 2;
    result_.comments.push_back({std::string(take(end - at_)), line});
  }

  // Takes '#', and of #include the target too.
  void directive() {
    directive_ = true;
    add(TokenKind::kPunctuation, take(1), line_);
    while (is_blank(peek())) take(1);
    if (!starts_with("include") || is_word_part(peek(7))) return;
    take(7);
    while (is_blank(peek())) take(1);
    const char close = peek() == '<' ? '>' : '"';
    if (peek() != '<' && peek() != '"') return;  // a macro names the file
    const size_t end = std::min(text_.find(close, at_ + 1), text_.size());
    result_.includes.push_back({std::string(text_.substr(at_ + 1, end - at_ - 1)), line_});
    take(end + 1 - at_);
  }

  // A string or character with escapes; an unclosed one ends with its line.
  void quoted(TokenKind kind) {
    const char quote = peek();
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, text_.size());
    const int line = line_;
    add(kind, text_.substr(at_ + 1, end - at_ - 1), line);
    take(end + 1 - at_);
  }
  // at_ stands on the quote of R"delimiter( ... )delimiter".
  void raw_string() {
    const int line = line_;
    const size_t open = std::min(text_.find('(', at_), text_.size() - 1);
    std::string close = ")";
    close.append(text_.substr(at_ + 1, open - at_ - 1)).append("\"");
    const size_t end = std::min(text_.find(close, open), text_.size());
    add(TokenKind::kString, text_.substr(open + 1, end - std::min(end, open + 1)), line);
    take(end + close.size() - at_);
  }
  // 0x1p-3, 1'000ns, 1.5e+9: the preprocessor's idea of a number.
  void number() {
    size_t end = at_ + 1;
    while (end < text_.size()) {
      const char c = text_[end];
      const bool sign_of_exponent =
          (c == '+' || c == '-') &&
          std::string_view("eEpP").find(text_[end - 1]) != std::string_view::npos &&
          !(text_.substr(at_).starts_with("0x") && std::tolower(text_[end - 1]) == 'e');
      const bool separator = c == '\'' && end + 1 < text_.size() && is_word_part(text_[end + 1]);
      if (!is_word_part(c) && c != '.' && !sign_of_exponent && !separator) break;
      ++end;
    }
    const int line = line_;
    add(TokenKind::kNumber, take(end - at_), line);
  }
  void word() {
    size_t end = at_;
    while (end < text_.size() && is_word_part(text_[end])) ++end;
    const auto word = text_.substr(at_, end - at_);
    const char next = end < text_.size() ? text_[end] : '\0';
    if (next == '"' &&
        (word == "R" || word == "u8R" || word == "uR" || word == "UR" || word == "LR")) {
      take(word.size());
      raw_string();
    } else if ((next == '"' || next == '\'') &&
               (word == "u8" || word == "u" || word == "U" || word == "L")) {
      take(word.size());
      quoted(next == '"' ? TokenKind::kString : TokenKind::kCharacter);
    } else {
      const int line = line_;
      add(TokenKind::kWord, take(word.size()), line);
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  bool line_has_token_ = false;
  bool directive_ = false;
  Lexed result_;
};

}  // namespace

Lexed lex(std::string_view text) { return Lexer(text).run(); }

}  // namespace tcptwin::tidy
