// The rules that ban a word, a number or a phrase.
#include <algorithm>
#include <array>
#include <cctype>

#include "tests/tidy/rules.h"

namespace tcptwin::tidy {

namespace {

template <size_t kSize>
bool is_one_of(std::string_view text, const std::array<std::string_view, kSize>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool lies_in(const SourceFile& file, std::initializer_list<std::string_view> folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](std::string_view folder) { return file.path.starts_with(folder); });
}

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)); }
bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)); }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }
std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// The words of an identifier or a sentence, in lower case: "kLinuxAck" gives k, linux, ack.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!is_letter(text[i])) continue;
    const bool after_letter = i > 0 && is_letter(text[i - 1]);
    const bool hump = after_letter && is_upper(text[i]) &&
                      (!is_upper(text[i - 1]) ||
                       (i + 1 < text.size() && is_letter(text[i + 1]) && !is_upper(text[i + 1])));
    if (!after_letter || hump) words.emplace_back();
    words.back() += lower(text.substr(i, 1));
  }
  return words;
}

bool is_floating(std::string_view number) {
  if (number.starts_with("0x") || number.starts_with("0X")) {
    return number.find_first_of("pP.") != std::string_view::npos;
  }
  const size_t after = std::min(number.find_first_not_of("0123456789'"), number.size());
  const auto rest = number.substr(after);
  if (rest.starts_with('.')) return true;
  if (!rest.starts_with('e') && !rest.starts_with('E')) return false;
  return rest.size() > 1 && (is_digit(rest[1]) || rest[1] == '+' || rest[1] == '-');
}

bool stands_in_std(const std::vector<Token>& tokens, size_t i) {
  return i >= 2 && tokens[i - 1].is("::") && tokens[i - 2].is("std");
}

// Calls visit(begin, line) for every place where `phrase` stands in `text`.
template <class Visit>
void for_each_match(std::string_view text, std::string_view phrase, Visit visit) {
  for (size_t at = text.find(phrase); at != text.npos; at = text.find(phrase, at + 1)) {
    visit(at, 1 + static_cast<int>(
                      std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n')));
  }
}

// The word issue and a number: the number of a discussion that a reader of the project cannot see.
bool is_numbered_issue(std::string_view text, size_t at) {
  if (at > 0 && is_letter(text[at - 1])) return false;
  auto rest = text.substr(at + std::string_view("issue").size());
  if (rest.starts_with('s')) rest.remove_prefix(1);
  if (!rest.starts_with(' ')) return false;
  rest.remove_prefix(1);
  if (rest.starts_with('#')) rest.remove_prefix(1);
  return !rest.empty() && is_digit(rest[0]);
}

}  // namespace

Findings check_os_names(const SourceFile& file) {
  constexpr std::array<std::string_view, 6> kNames = {"linux",   "macos",   "darwin",
                                                      "windows", "freebsd", "winsock"};
  Findings findings;
  if (!lies_in(file, {"stack/"})) return findings;
  for (const Token& token : lex(file.text).tokens) {
    for (const std::string& word : words_of(token.text)) {
      if (!is_one_of<kNames.size()>(word, kNames)) continue;
      findings.push_back({file.path, token.line, "names an operating system: " + token.text});
      break;
    }
  }
  return findings;
}

Findings check_floating_point(const SourceFile& file) {
  constexpr std::array<std::string_view, 2> kTypes = {"float", "double"};
  constexpr std::array<std::string_view, 24> kFunctions = {
      "pow",   "sqrt", "cbrt",  "exp",    "exp2",    "log",   "log2",   "log10",
      "floor", "ceil", "round", "lround", "llround", "trunc", "fmod",   "sin",
      "cos",   "tan",  "hypot", "stof",   "stod",    "stold", "strtod", "lerp"};
  Findings findings;
  if (!lies_in(file,
               {"stack/", "sim/engine/", "sim/net/", "sim/app/", "sim/programs/", "sim/host/"}))
    return findings;
  const Lexed lexed = lex(file.text);
  for (size_t i = 0; i < lexed.tokens.size(); ++i) {
    const Token& token = lexed.tokens[i];
    const bool type = token.is_word() && is_one_of(token.text, kTypes);
    const bool number = token.kind == TokenKind::kNumber && is_floating(token.text);
    const bool function =
        token.is_word() && is_one_of(token.text, kFunctions) && stands_in_std(lexed.tokens, i);
    if (type || number || function) {
      findings.push_back({file.path, token.line, "floating point: " + token.text});
    }
  }
  for (const Include& include : lexed.includes) {
    if (include.target == "cmath" || include.target == "math.h") {
      findings.push_back({file.path, include.line, "floating point: <" + include.target + ">"});
    }
  }
  return findings;
}

Findings check_randomness(const SourceFile& file) {
  Findings findings;
  if (!lies_in(file, {"stack/", "models/", "sim/", "tun/"})) return findings;
  const Lexed lexed = lex(file.text);
  for (const Include& include : lexed.includes) {
    if (include.target != "random") continue;
    findings.push_back({file.path, include.line, "includes <random>; use Rng::stream"});
  }
  for (size_t i = 0; i < lexed.tokens.size(); ++i) {
    const Token& token = lexed.tokens[i];
    if (!token.is_word() || !token.text.ends_with("_distribution")) continue;
    if (!stands_in_std(lexed.tokens, i)) continue;
    findings.push_back({file.path, token.line, "std::" + token.text + "; use Rng::below"});
  }
  return findings;
}

Findings check_clocks(const SourceFile& file) {
  constexpr std::array<std::string_view, 7> kClocks = {
      "system_clock", "steady_clock", "high_resolution_clock", "utc_clock", "tai_clock",
      "gps_clock",    "file_clock"};
  Findings findings;
  if (lies_in(file, {"tun/", "tests/bench/"})) return findings;
  for (const Token& token : lex(file.text).tokens) {
    if (!token.is_word() || !is_one_of(token.text, kClocks)) continue;
    findings.push_back(
        {file.path, token.line, token.text + "; time is virtual, now is a parameter"});
  }
  return findings;
}

Findings check_ownership(const SourceFile& file) {
  constexpr std::array<std::string_view, 4> kShared = {"shared_ptr", "make_shared", "weak_ptr",
                                                       "enable_shared_from_this"};
  Findings findings;
  if (!lies_in(file, {"stack/", "models/", "sim/"})) return findings;
  for (const Token& token : lex(file.text).tokens) {
    if (!token.is_word()) continue;
    if (is_one_of(token.text, kShared)) {
      findings.push_back(
          {file.path, token.line, token.text + "; one owner: a value or a unique_ptr"});
    } else if (token.text == "friend") {
      findings.push_back({file.path, token.line, "friend; give the class the function it lacks"});
    }
  }
  return findings;
}

Findings check_exceptions(const SourceFile& file) {
  constexpr std::array<std::string_view, 3> kWords = {"throw", "try", "catch"};
  Findings findings;
  if (!lies_in(file, {"stack/"})) return findings;
  for (const Token& token : lex(file.text).tokens) {
    if (!token.is_word() || !is_one_of(token.text, kWords)) continue;
    findings.push_back(
        {file.path, token.line, token.text + "; stack/ returns a Result or an optional"});
  }
  return findings;
}

Findings check_todos(const SourceFile& file) {
  Findings findings;
  for (const Comment& comment : lex(file.text).comments) {
    for (const std::string_view mark : {"TODO", "FIXME"}) {
      for_each_match(comment.text, mark, [&](size_t at, int line) {
        const auto rest = std::string_view(comment.text).substr(at + mark.size());
        if (rest.starts_with('(') && rest.find(')') > 1 && rest.find(')') != rest.npos) return;
        findings.push_back(
            {file.path, comment.line + line - 1,
             std::string(mark) + " without an owner; write " + std::string(mark) + "(name)"});
      });
    }
  }
  return findings;
}

Findings check_workplace(const SourceFile& file) {
  // Split, so that this file does not hold what it looks for.
  constexpr std::array<std::string_view, 4> kPhrases = {
      "/wo"
      "rk/",
      "/tmp/b"
      "ash",
      "far"
      "m-",
      "ses"
      "sion of"};
  Findings findings;
  const std::string text = lower(file.text);
  for (const std::string_view phrase : kPhrases) {
    for_each_match(text, phrase, [&](size_t at, int line) {
      if (at > 0 && is_letter(phrase[0]) && is_letter(text[at - 1])) return;
      findings.push_back(
          {file.path, line, "speaks of the place it was written at: " + std::string(phrase)});
    });
  }
  for_each_match(text, "issue", [&](size_t at, int line) {
    if (!is_numbered_issue(text, at)) return;
    findings.push_back({file.path, line, "cites a numbered issue; say what it was about"});
  });
  return findings;
}

}  // namespace tcptwin::tidy
