// lexer.h: a C++ file as tokens, includes and comments, so that no rule takes a comment or a string
// for code. It expands no macro and knows no grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tcptwin::tidy {

struct SourceFile {
  std::string path;  // from the root of the project: "stack/tcp/connection.cc"
  std::string text;
};

enum class TokenKind : uint8_t { kWord, kNumber, kString, kCharacter, kPunctuation };

// Punctuation is one character a token, "::" and "->" apart. Strings and characters stand without
// quotes.
struct Token {
  TokenKind kind;
  std::string text;
  int line;
  bool directive;  // part of a line that begins with '#'

  bool is(std::string_view word) const {
    return (kind == TokenKind::kWord || kind == TokenKind::kPunctuation) && text == word;
  }
  bool is_word() const { return kind == TokenKind::kWord; }
};

struct Include {
  std::string target;  // without <> or ""
  int line;
};

struct Comment {
  std::string text;
  int line;  // of its first character
};

struct Lexed {
  std::vector<Token> tokens;
  std::vector<Include> includes;
  std::vector<Comment> comments;
  int lines = 0;
};

Lexed lex(std::string_view text);

}  // namespace tcptwin::tidy
