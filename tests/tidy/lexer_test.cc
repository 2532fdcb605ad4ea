// The lexer tells code from comments and strings.
#include "tests/tidy/lexer.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tcptwin::tidy {

namespace {

using ::testing::ElementsAre;

std::vector<std::string> texts(TokenKind kind, std::string_view source) {
  std::vector<std::string> result;
  for (const Token& token : lex(source).tokens) {
    if (token.kind == kind) result.push_back(token.text);
  }
  return result;
}
std::vector<std::string> words(std::string_view source) { return texts(TokenKind::kWord, source); }
std::vector<std::string> strings(std::string_view source) {
  return texts(TokenKind::kString, source);
}

TEST(Lexer, CommentsAreNotCode) {
  EXPECT_THAT(words("a // b\nc /* d\n e */ f"), ElementsAre("a", "c", "f"));
}

TEST(Lexer, ALineCommentGoesOnAfterABackslash) {
  EXPECT_THAT(words("// a \\\n b\nc"), ElementsAre("c"));
}

TEST(Lexer, StringsAreNotWords) {
  const char* source = R"(f("a // \" b", L"c", '"', u8"d"); g)";
  EXPECT_THAT(words(source), ElementsAre("f", "g"));
  EXPECT_THAT(strings(source), ElementsAre(R"(a // \" b)", "c", "d"));
}

TEST(Lexer, ARawStringEndsAtItsDelimiterOnly) {
  const char* source = "a(R\"x( \" )\" // )x\"); b";
  EXPECT_THAT(words(source), ElementsAre("a", "b"));
  EXPECT_THAT(strings(source), ElementsAre(" \" )\" // "));
}

TEST(Lexer, ASeparatorOfDigitsIsNoCharacter) {
  const char* source = "x = 1'000'000ns + 0x1p-3 + 1.5e+9 + .5 + 0x1e-1 - 'a'";
  EXPECT_THAT(texts(TokenKind::kNumber, source),
              ElementsAre("1'000'000ns", "0x1p-3", "1.5e+9", ".5", "0x1e", "1"));
  EXPECT_THAT(texts(TokenKind::kCharacter, source), ElementsAre("a"));
}

TEST(Lexer, IncludesKeepTheirLine) {
  const Lexed lexed = lex("// first\n#include <a/b.h>\n#  include \"c.h\"\n");
  ASSERT_EQ(lexed.includes.size(), 2u);
  EXPECT_EQ(lexed.includes[0].target, "a/b.h");
  EXPECT_EQ(lexed.includes[0].line, 2);
  EXPECT_EQ(lexed.includes[1].target, "c.h");
  EXPECT_EQ(lexed.includes[1].line, 3);
}

TEST(Lexer, ADirectiveEndsWithItsLastSplicedLine) {
  const Lexed lexed = lex("#define A { \\\n  b\nc");
  ASSERT_EQ(lexed.tokens.back().text, "c");
  EXPECT_FALSE(lexed.tokens.back().directive);
  EXPECT_TRUE(lexed.tokens[lexed.tokens.size() - 2].directive);
}

TEST(Lexer, TokensKnowTheirLineAfterLongTokens) {
  const Lexed lexed = lex("R\"(\n\n)\"\n/*\n*/ a");
  EXPECT_EQ(lexed.tokens.back().line, 5);
  EXPECT_EQ(lexed.lines, 5);
}

TEST(Lexer, UnclosedTextEndsWithTheFile) {
  for (const char* source :
       {"\"a", "'a", "/* a", "R\"(a", "R\"a", "\"\\", "#include <a", "#include"}) {
    EXPECT_GE(lex(source).lines, 1) << source;
  }
}

}  // namespace

}  // namespace tcptwin::tidy
