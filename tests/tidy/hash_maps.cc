// Hash maps are for look-up: their order differs from one standard library to the next.
#include <algorithm>
#include <optional>
#include <set>

#include "tests/tidy/rules.h"

namespace tcptwin::tidy {

namespace {

bool is_hash_map(const Token& token) {
  return token.is("unordered_map") || token.is("unordered_set") || token.is("unordered_multimap") ||
         token.is("unordered_multiset");
}

// Index after the bracket that closes the one at `open`; the end when there is none.
size_t after_closing(const std::vector<Token>& tokens, size_t open, std::string_view opener,
                     std::string_view closer) {
  int depth = 0;
  for (size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i].is(opener)) ++depth;
    if (tokens[i].is(closer) && --depth == 0) return i + 1;
  }
  return tokens.size();
}

// The variable declared by `unordered_map<...> name`, also inside `vector<unordered_map<...>>
// name`.
std::optional<std::string> declared_name(const std::vector<Token>& tokens, size_t map) {
  if (map + 1 >= tokens.size() || !tokens[map + 1].is("<")) return std::nullopt;
  size_t i = after_closing(tokens, map + 1, "<", ">");
  while (i < tokens.size() && (tokens[i].is(">") || tokens[i].is("&") || tokens[i].is("*"))) ++i;
  if (i >= tokens.size() || !tokens[i].is_word()) return std::nullopt;
  return tokens[i].text;
}

// The names that a range-for at tokens[at] ("for") runs over.
std::set<std::string> range_of(const std::vector<Token>& tokens, size_t at) {
  std::set<std::string> names;
  if (at + 1 >= tokens.size() || !tokens[at + 1].is("(")) return names;
  const size_t end = after_closing(tokens, at + 1, "(", ")");
  bool after_colon = false;
  for (size_t i = at + 2; i < end; ++i) {
    if (after_colon && tokens[i].is_word()) names.insert(tokens[i].text);
    if (tokens[i].is(":")) after_colon = true;
    if (tokens[i].is("?") && !after_colon) break;  // a classic for with a conditional
  }
  return names;
}

// The container whose begin() is called at tokens[at]: `maps_[i].begin()`, `begin(map)`.
std::optional<std::string> begun(const std::vector<Token>& tokens, size_t at) {
  if (at + 2 < tokens.size() && tokens[at + 1].is("(") && tokens[at + 2].is_word()) {
    return tokens[at + 2].text;
  }
  if (at < 2 || !(tokens[at - 1].is(".") || tokens[at - 1].is("->"))) return std::nullopt;
  size_t i = at - 2;
  int depth = 0;
  while (i > 0 && (depth > 0 || tokens[i].is("]"))) {
    if (tokens[i].is("]")) ++depth;
    if (tokens[i].is("[")) --depth;
    --i;
  }
  return tokens[i].text;
}

void find_iteration(const SourceFile& file, const std::set<std::string>& maps, Findings& findings) {
  const std::vector<Token> tokens = lex(file.text).tokens;
  for (size_t i = 0; i < tokens.size(); ++i) {
    std::set<std::string> iterated;
    if (tokens[i].is("for")) iterated = range_of(tokens, i);
    if (tokens[i].is("begin") || tokens[i].is("cbegin"))
      iterated.insert(begun(tokens, i).value_or(""));
    for (const std::string& name : iterated) {
      if (!maps.contains(name)) continue;
      findings.push_back({file.path, tokens[i].line, "iterates over the hash map " + name});
    }
  }
}

// Reports the hash maps without a mark; adds the names of the others to `maps`.
void find_declarations(const SourceFile& file, std::set<std::string>& maps, Findings& findings) {
  const Lexed lexed = lex(file.text);
  for (size_t i = 0; i < lexed.tokens.size(); ++i) {
    const Token& token = lexed.tokens[i];
    if (!is_hash_map(token)) continue;
    const bool marked =
        std::any_of(lexed.comments.begin(), lexed.comments.end(), [&](const Comment& comment) {
          return comment.line == token.line &&
                 comment.text.find("look-up only") != std::string::npos;
        });
    const auto name = declared_name(lexed.tokens, i);
    if (!marked) {
      findings.push_back(
          {file.path, token.line,
           "std::" + token.text + "; use an ordered container, or say // look-up only"});
    } else if (!name) {
      findings.push_back(
          {file.path, token.line,
           "std::" + token.text + " without a name to follow; mark the variable's line"});
    } else {
      maps.insert(*name);
    }
  }
}

}  // namespace

Findings check_hash_maps(std::span<const SourceFile> unit) {
  Findings findings;
  std::set<std::string> maps;
  for (const SourceFile& file : unit) {
    const bool ours = file.path.starts_with("stack/") || file.path.starts_with("models/") ||
                      file.path.starts_with("sim/");
    if (ours) find_declarations(file, maps, findings);
  }
  for (const SourceFile& file : unit) find_iteration(file, maps, findings);
  return findings;
}

}  // namespace tcptwin::tidy
