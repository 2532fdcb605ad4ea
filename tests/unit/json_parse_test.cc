// JSON text to nodes with places, and the one error of a text that is no JSON.
#include <gtest/gtest.h>

#include <string>

#include "models/json/parse.h"
#include "models/json/pointer.h"

namespace tcptwin::json {
namespace {

Node parsed(std::string_view text) {
  Diagnostic error;
  auto node = parse("f.json", text, &error);
  EXPECT_TRUE(node.has_value()) << to_string(error);
  return node ? std::move(*node) : Node();
}

std::string error_of(std::string_view text) {
  Diagnostic error;
  const auto node = parse("f.json", text, &error);
  EXPECT_FALSE(node.has_value()) << text;
  return to_string(error);
}

std::string place_of(const Origin& origin) {
  return origin.source + ":" + std::to_string(origin.line) + ":" + std::to_string(origin.column);
}

TEST(JsonParse, KnowsAllKindsOfValues) {
  const Node doc = parsed(R"([null, true, -5, 0.5, "a", [], {}])");
  using Kind = Node::Kind;
  const std::vector<Kind> expected = {Kind::kNull,   Kind::kBoolean, Kind::kInteger, Kind::kDecimal,
                                      Kind::kString, Kind::kArray,   Kind::kObject};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(doc.items()[i].kind(), expected[i]) << i;
}

TEST(JsonParse, KeepsTheOrderOfMembers) {
  const Node doc = parsed(R"({"z": 1, "a": 2, "m": 3})");
  EXPECT_EQ(write(doc, Style::kCompact), R"({"z":1,"a":2,"m":3})");
}

TEST(JsonParse, KeepsDecimalsAsTheirText) {
  EXPECT_EQ(parsed("0.10").as_decimal(), "0.10");
  EXPECT_EQ(parsed("1E+2").as_decimal(), "1E+2");
}

TEST(JsonParse, KeepsIntegersBeyond64BitsAsTheirText) {
  EXPECT_EQ(parsed("9223372036854775807").as_integer(), INT64_MAX);
  EXPECT_EQ(parsed("-9223372036854775808").as_integer(), INT64_MIN);
  EXPECT_EQ(parsed("9223372036854775808").as_decimal(), "9223372036854775808");
  EXPECT_EQ(parsed("123456789012345678901234567890").as_decimal(),
            "123456789012345678901234567890");
}

TEST(JsonParse, DecodesEscapes) {
  EXPECT_EQ(parsed(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00")").as_string(),
            "\"\\/\b\f\n\r\tA\xC3\xA9\xF0\x9F\x98\x80");
}

TEST(JsonParse, KnowsThePlaceOfEveryValue) {
  const Node doc = parsed("{\n  \"a\": [1,\n\t\"x\\\"]\", {\"b\": null}],\n  \"c\" : -0.5\n}");
  const auto place = [&doc](std::string_view pointer) {
    return place_of(resolve(doc, *Pointer::parse(pointer))->origin());
  };
  EXPECT_EQ(place(""), "f.json:1:1");
  EXPECT_EQ(place("/a"), "f.json:2:8");
  EXPECT_EQ(place("/a/0"), "f.json:2:9");
  EXPECT_EQ(place("/a/1"), "f.json:3:2");
  EXPECT_EQ(place("/a/2"), "f.json:3:10");
  EXPECT_EQ(place("/a/2/b"), "f.json:3:16");
  EXPECT_EQ(place("/c"), "f.json:4:9");
}

TEST(JsonParse, KnowsThePlaceOfEveryKey) {
  const Node doc = parsed("{\"a\": 1,\n \"b\": {\"c\": 2}}");
  EXPECT_EQ(place_of(doc.members()[0].key_origin), "f.json:1:2");
  EXPECT_EQ(place_of(doc.members()[1].key_origin), "f.json:2:2");
  EXPECT_EQ(place_of(doc.find("b")->members()[0].key_origin), "f.json:2:8");
}

TEST(JsonParse, CountsColumnsInBytes) {
  EXPECT_EQ(place_of(parsed("[\"\xC3\xA9\", 1]").items()[1].origin()), "f.json:1:8");
}

TEST(JsonParse, CountsLinesOfCarriageReturnLinefeed) {
  EXPECT_EQ(place_of(parsed("[\r\n 1]").items()[0].origin()), "f.json:2:2");
}

TEST(JsonParse, RefusesASecondKeyOfTheSameName) {
  EXPECT_EQ(error_of("{\"h\": [0, {\"x\": 1,\n \"y\": 2,\n  \"x\": 3}]}"),
            "f.json:3:3: /h/1/x: duplicate key \"x\": the first one is in line 1");
}

TEST(JsonParse, SeesDuplicatesThroughEscapes) {
  EXPECT_EQ(error_of(R"({"a": 1, "\u0061": 2})"),
            "f.json:1:10: /a: duplicate key \"a\": the first one is in line 1");
}

TEST(JsonParse, AllowsTheSameKeyInDifferentObjects) {
  EXPECT_EQ(parsed(R"([{"a": 1}, {"a": {"a": 2}}])").size(), 2u);
}

TEST(JsonParse, RefusesAnEmptyText) {
  EXPECT_EQ(error_of(""), "f.json:1:1: the text is empty: expected a JSON value");
  EXPECT_EQ(error_of(" \n "), "f.json:2:2: the text is empty: expected a JSON value");
}

TEST(JsonParse, RefusesAByteOrderMark) {
  EXPECT_EQ(error_of("\xEF\xBB\xBF{}"),
            "f.json:1:1: the text starts with a byte order mark: save it as UTF-8 without one");
}

TEST(JsonParse, SaysWhichBracketACutOffTextLeavesOpen) {
  EXPECT_EQ(error_of("{\n \"a\": [1,\n 2"),
            "f.json:3:3: the text ends before the '[' of line 2 is closed");
  EXPECT_EQ(error_of("{\n \"a\": [1,\n 2],"),
            "f.json:3:5: the text ends before the '{' of line 1 is closed");
  EXPECT_EQ(error_of("{"), "f.json:1:2: the text ends before the '{' of line 1 is closed");
  EXPECT_EQ(error_of("{\"a\""), "f.json:1:5: the text ends before the '{' of line 1 is closed");
  EXPECT_EQ(error_of("{\"a\": "), "f.json:1:7: the text ends before the '{' of line 1 is closed");
}

TEST(JsonParse, SaysWhereAStringStartsThatTheTextEndsIn) {
  EXPECT_EQ(error_of("[\n \"abc"),
            "f.json:2:6: the text ends within the string that starts at line 2, column 2");
  EXPECT_EQ(error_of("[\"abc\\"),
            "f.json:1:7: the text ends within the string that starts at line 1, column 2");
}

TEST(JsonParse, RefusesWhatFollowsTheDocument) {
  EXPECT_EQ(error_of("{}\n}"),
            "f.json:2:1: expected nothing after the end of the document, found '}'");
  EXPECT_EQ(error_of("1 2"),
            "f.json:1:3: expected nothing after the end of the document, found '2'");
}

TEST(JsonParse, RefusesANulByteAndWhatIsBehindIt) {
  EXPECT_EQ(error_of(std::string_view("{}\0x", 4)),
            "f.json:1:3: expected nothing after the end of the document, found a NUL byte");
  EXPECT_EQ(error_of(std::string_view("[\0]", 3)),
            "f.json:1:2: expected a value or ']', found a NUL byte");
}

TEST(JsonParse, PointsAtTheByteThatIsNotUtf8) {
  EXPECT_EQ(error_of("[\"ab\xFF\"]"), "f.json:1:5: invalid UTF-8: byte 0xFF");
  EXPECT_EQ(error_of("[\"\xC0\xAF\"]"), "f.json:1:3: invalid UTF-8: byte 0xC0");
  EXPECT_EQ(error_of("[\"\xED\xA0\x80\"]"), "f.json:1:3: invalid UTF-8: byte 0xED");
  EXPECT_EQ(error_of("\xFF\xFE"),
            "f.json:1:1: expected a value, found the byte 0xFF, which is not UTF-8");
}

TEST(JsonParse, RefusesMoreThanAHundredLevels) {
  const std::string hundred = std::string(100, '[') + std::string(100, ']');
  EXPECT_TRUE(parse("f", hundred, nullptr).has_value());
  EXPECT_EQ(error_of("[" + hundred + "]"), "f.json:1:101: nesting is deeper than 100 levels");
  EXPECT_EQ(error_of(std::string(1'000'000, '[')),
            "f.json:1:101: nesting is deeper than 100 levels");
}

TEST(JsonParse, SaysWhatIsMissingBetweenTokens) {
  EXPECT_EQ(error_of("{\"a\" 1}"), "f.json:1:6: expected ':' after the key, found '1'");
  EXPECT_EQ(error_of("{\"a\": 1 \"b\": 2}"), "f.json:1:9: expected ',' or '}', found a string");
  EXPECT_EQ(error_of("[1 x]"), "f.json:1:4: expected ',' or ']', found \"x\"");
  EXPECT_EQ(error_of("{a: 1}"), "f.json:1:2: expected a key in double quotes or '}', found \"a\"");
  EXPECT_EQ(error_of("{\"a\": }"), "f.json:1:7: expected a value, found '}'");
  EXPECT_EQ(error_of("[1,,2]"), "f.json:1:4: expected a value, found ','");
  EXPECT_EQ(error_of("[1}"), "f.json:1:3: expected ',' or ']', found '}'");
}

TEST(JsonParse, NamesACommaTooMany) {
  EXPECT_EQ(error_of("[1,\n]"), "f.json:2:1: the comma before this ']' must go");
  EXPECT_EQ(error_of("{\"a\": 1, }"), "f.json:1:10: the comma before this '}' must go");
}

TEST(JsonParse, ExplainsHabitsOfOtherLanguages) {
  EXPECT_EQ(error_of("['a']"), "f.json:1:2: strings are written in double quotes");
  EXPECT_EQ(error_of("{'a': 1}"), "f.json:1:2: keys are written in double quotes");
  EXPECT_EQ(error_of("[1, // one\n 2]"),
            "f.json:1:5: JSON has no comments: use a key such as \"comment\" where it is allowed");
  EXPECT_EQ(error_of("[True]"),
            "f.json:1:2: unknown word True; strings need double quotes (did you mean \"true\"?)");
  EXPECT_EQ(error_of("[40ms]"), "f.json:1:2: malformed number 40ms");
  EXPECT_EQ(error_of("{\"a\": client}"),
            "f.json:1:7: unknown word client; strings need double quotes");
}

TEST(JsonParse, RefusesMalformedNumbers) {
  for (const char* number : {"01", "1.", "-", "+1", ".5", "1e", "0x10", "1.2.3", "-Infinity"}) {
    EXPECT_EQ(error_of("[" + std::string(number) + "]"),
              "f.json:1:2: malformed number " + std::string(number));
  }
  EXPECT_EQ(error_of("[1e999]"), "f.json:1:2: the number 1e999 is too large");
}

TEST(JsonParse, RefusesMalformedStrings) {
  EXPECT_EQ(error_of("[\"a\nb\"]"),
            "f.json:1:4: line break within the string that starts at line 1, column 2");
  EXPECT_EQ(error_of("[\"a\tb\"]"),
            "f.json:1:4: control character in a string: write it as \\u0009");
  EXPECT_EQ(error_of(R"(["a\x"])"), "f.json:1:4: unknown escape \\x");
  EXPECT_EQ(error_of(R"(["\u12g4"])"), "f.json:1:3: four hexadecimal digits must follow \\u");
  EXPECT_EQ(error_of(R"(["\ud800x"])"), "f.json:1:3: \\ud800 is half of a surrogate pair");
  EXPECT_EQ(error_of(R"(["\udc00"])"), "f.json:1:3: \\udc00 is half of a surrogate pair");
}

TEST(JsonParse, TakesCommandLineTextAsJsonOrElseAsAString) {
  EXPECT_EQ(from_command_line("5", "--set /a=5"), Node::integer(5));
  EXPECT_EQ(from_command_line("true", "--set /a=true"), Node::boolean(true));
  EXPECT_EQ(from_command_line("40ms", "--set /a=40ms"), Node::string("40ms"));
  EXPECT_EQ(from_command_line("", "--set /a="), Node::string(""));
  EXPECT_EQ(from_command_line("\"5\"", "--set /a=\"5\""), Node::string("5"));
}

TEST(JsonParse, CommandLineValuesComeFromTheirOption) {
  const Node node = from_command_line("{\"b\": [1]}", "--set /a={\"b\": [1]}");
  const Origin expected{.source = "--set /a={\"b\": [1]}", .line = 0, .column = 0, .note = ""};
  EXPECT_EQ(node.origin(), expected);
  EXPECT_EQ(node.members()[0].key_origin, expected);
  EXPECT_EQ(node.find("b")->items()[0].origin(), expected);
}

TEST(JsonDiagnostic, LeavesOutAbsentParts) {
  EXPECT_EQ(to_string({.message = "m"}), "m");
  EXPECT_EQ(to_string({.file = "--set /a=1", .pointer = "/a", .message = "m"}),
            "--set /a=1: /a: m");
  EXPECT_EQ(to_string({.file = "wwr.json",
                       .line = 12,
                       .column = 9,
                       .pointer = "/hosts/client/profle",
                       .message = "unknown key \"profle\"",
                       .suggestion = "profile",
                       .note = "in variant \"v\", operation 2"}),
            "wwr.json:12:9: /hosts/client/profle: unknown key \"profle\" (did you mean "
            "\"profile\"?) [in variant \"v\", operation 2]");
}

TEST(JsonDiagnostic, StaysOneLineWhateverTheKeysHold) {
  EXPECT_EQ(
      error_of(R"({"a\nb\u001b": 1, "a\nb\u001b": 2})"),
      "f.json:1:19: /a\\nb\\u001b: duplicate key \"a\\nb\\u001b\": the first one is in line 1");
}

}  // namespace
}  // namespace tcptwin::json
