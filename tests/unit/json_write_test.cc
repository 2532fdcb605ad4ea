// Nodes: content, equality, and their text.
#include <gtest/gtest.h>

#include <string>

#include "models/json/node.h"
#include "models/json/parse.h"

namespace tcptwin::json {
namespace {

Node parsed(std::string_view text) { return parse("f", text, nullptr).value(); }

std::string pretty(std::string_view text) { return write(parsed(text), Style::kPretty); }

TEST(JsonWrite, CompactHasNoSpaces) {
  EXPECT_EQ(write(parsed(R"({"a": [1, 2.50, "x"], "b": {}, "c": null})"), Style::kCompact),
            R"({"a":[1,2.50,"x"],"b":{},"c":null})");
}

TEST(JsonWrite, PrettyKeepsScalarsInOneLine) {
  EXPECT_EQ(pretty(R"({"a":[1,2],"b":{"c":"d"},"e":[],"f":{}})"),
            "{\n  \"a\": [1, 2],\n  \"b\": {\"c\": \"d\"},\n  \"e\": [],\n  \"f\": {}\n}");
}

TEST(JsonWrite, PrettyOpensWhatContainsContainers) {
  EXPECT_EQ(pretty("[[1],[2,[]]]"), "[\n  [1],\n  [\n    2,\n    []\n  ]\n]");
}

TEST(JsonWrite, PrettyBreaksLinesThatWouldPass100Columns) {
  // "[" + string + "]" and room for a comma: 100 columns.
  const std::string fits(95, 'x');
  EXPECT_EQ(pretty("[\"" + fits + "\"]"), "[\"" + fits + "\"]");
  const std::string too_long(96, 'x');
  EXPECT_EQ(pretty("[\"" + too_long + "\"]"), "[\n  \"" + too_long + "\"\n]");
}

TEST(JsonWrite, PrettyCountsCharactersNotBytes) {
  std::string text;
  for (int i = 0; i < 95; ++i) text += "\xC3\xA9";
  EXPECT_EQ(pretty("[\"" + text + "\"]"), "[\"" + text + "\"]");
}

TEST(JsonWrite, EscapesWhatJsonDemands) {
  EXPECT_EQ(write(Node::string("\"\\\n\r\t\b\f\x01\x1f\x7f/"), Style::kCompact),
            "\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u001f\x7f/\"");
}

TEST(JsonWrite, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(write(Node::string("a\xFF\xC3"), Style::kCompact), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWrite, ReadsBackAsTheSameDocument) {
  const Node doc =
      parsed(R"({"a": [1, -2, 0.5, 1e10, {"b": [[], {}]}], "c": "\u0000\ud83d\ude00"})");
  EXPECT_EQ(parsed(write(doc, Style::kCompact)), doc);
  EXPECT_EQ(parsed(write(doc, Style::kPretty)), doc);
}

TEST(JsonNode, EqualityIgnoresTheOrderOfMembers) {
  EXPECT_EQ(parsed(R"({"a": 1, "b": [2]})"), parsed(R"({"b": [2], "a": 1})"));
  EXPECT_NE(parsed(R"({"a": 1})"), parsed(R"({"a": 1, "b": 1})"));
  EXPECT_NE(parsed("[1, 2]"), parsed("[2, 1]"));
}

TEST(JsonNode, EqualityComparesNumbersByValue) {
  EXPECT_EQ(parsed("1"), parsed("1.0"));
  EXPECT_EQ(parsed("100"), parsed("1e2"));
  EXPECT_EQ(parsed("0.50"), parsed("5e-1"));
  EXPECT_EQ(parsed("0"), parsed("-0.0e5"));
  EXPECT_NE(parsed("0.5"), parsed("-0.5"));
  EXPECT_NE(parsed("9223372036854775807"), parsed("9223372036854775808"));
  EXPECT_NE(parsed("1"), parsed("\"1\""));
}

TEST(JsonNode, EqualityDoesNotOverflowOnHugeExponents) {
  EXPECT_EQ(parsed("0e-99999999999999999999999"), parsed("0"));
  EXPECT_NE(parsed("1e-99999999999999999999999"), parsed("1"));
}

TEST(JsonNode, SetReplacesInPlaceAndAppendsAtTheEnd) {
  Node node = Node::object();
  node.set("a", Node::integer(1)).set("b", Node::integer(2)).set("a", Node::boolean(false));
  EXPECT_EQ(write(node, Style::kCompact), R"({"a":false,"b":2})");
}

TEST(JsonNode, RemoveSaysWhetherTheKeyWasThere) {
  Node node = Node::object();
  node.set("a", Node::null());
  EXPECT_TRUE(node.remove("a"));
  EXPECT_FALSE(node.remove("a"));
}

TEST(JsonNode, CopiesAreIndependent) {
  Node node = parsed(R"({"a": [1]})");
  const Node copy = node;
  node.find("a")->push(Node::integer(2));
  EXPECT_EQ(copy.find("a")->size(), 1u);
}

TEST(JsonNode, DescribesItselfForMessages) {
  EXPECT_EQ(describe(Node::integer(40)), "the number 40");
  EXPECT_EQ(describe(Node::string("40")), "the string \"40\"");
  EXPECT_EQ(describe(Node::boolean(true)), "true");
  EXPECT_EQ(describe(Node::array()), "an empty array");
  EXPECT_EQ(describe(Node::string(std::string(50, 'x'))),
            "the string \"" + std::string(40, 'x') + "...\"");
}

}  // namespace
}  // namespace tcptwin::json
