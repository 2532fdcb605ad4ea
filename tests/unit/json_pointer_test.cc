// JSON Pointer (RFC 6901) and --set.
#include <gtest/gtest.h>

#include <string>

#include "models/json/parse.h"
#include "models/json/pointer.h"

namespace tcptwin::json {
namespace {

Node parsed(std::string_view text) { return parse("f.json", text, nullptr).value(); }

const Node* at(const Node& doc, std::string_view pointer) {
  return resolve(doc, *Pointer::parse(pointer));
}

// The document after set_at, or the error.
std::string after_set(std::string_view doc_text, std::string_view pointer, std::string_view value) {
  Node doc = parsed(doc_text);
  Diagnostic error;
  const std::string option = "--set " + std::string(pointer) + "=" + std::string(value);
  if (!set_at(doc, pointer, from_command_line(value, option), &error)) {
    EXPECT_EQ(doc, parsed(doc_text));
    return to_string(error);
  }
  return write(doc, Style::kCompact);
}

TEST(Rfc6901_5, ExamplesResolve) {
  const Node doc = parsed(
      R"({"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
          "k\"l": 6, " ": 7, "m~n": 8})");
  EXPECT_EQ(at(doc, ""), &doc);
  EXPECT_EQ(at(doc, "/foo")->size(), 2u);
  EXPECT_EQ(*at(doc, "/foo/0"), Node::string("bar"));
  int64_t expected = 0;
  for (const char* pointer :
       {"/", "/a~1b", "/c%d", "/e^f", "/g|h", "/i\\j", "/k\"l", "/ ", "/m~0n"}) {
    EXPECT_EQ(*at(doc, pointer), Node::integer(expected++)) << pointer;
  }
}

TEST(JsonPointer, FormatsWhatItParsed) {
  for (const char* text : {"", "/", "/a~1b/~0~1/0/-", "//"}) {
    EXPECT_EQ(Pointer::parse(text)->to_string(), text);
  }
}

TEST(JsonPointer, RefusesMalformedText) {
  for (const char* text : {"a", "a/b", "/~", "/~2", "/a~"}) {
    EXPECT_FALSE(Pointer::parse(text).has_value()) << text;
  }
}

TEST(JsonPointer, KnowsThatTilde01IsTilde1) {
  EXPECT_EQ(Pointer::parse("/~01")->tokens()[0], "~1");
}

TEST(JsonPointer, TakesOnlyPlainIndices) {
  const Node doc = parsed("[1, 2]");
  EXPECT_EQ(*at(doc, "/1"), Node::integer(2));
  for (const char* pointer :
       {"/2", "/01", "/-1", "/+1", "/-", "/1x", "/", "/99999999999999999999"}) {
    EXPECT_EQ(at(doc, pointer), nullptr) << pointer;
  }
}

TEST(JsonPointer, ExplainsTheFirstPartThatIsMissing) {
  const Node doc = parsed(R"({"processes": [{"name": "a", "program": []}], "n": 5})");
  const auto explain = [&doc](std::string_view pointer) {
    Diagnostic diagnostic = explain_missing(doc, *Pointer::parse(pointer));
    diagnostic.file.clear();
    diagnostic.line = 0;
    return to_string(diagnostic);
  };
  EXPECT_EQ(explain("/processes/0/progam/3"),
            "/processes/0/progam: does not exist; /processes/0 has \"name\" and \"program\" (did "
            "you mean \"program\"?)");
  EXPECT_EQ(explain("/processes/1"),
            "/processes/1: does not exist; /processes is an array with the only index 0");
  EXPECT_EQ(explain("/processes/0/program/0"),
            "/processes/0/program/0: does not exist; /processes/0/program is an empty array");
  EXPECT_EQ(explain("/n/x"), "/n/x: does not exist; /n is the number 5");
  EXPECT_EQ(explain("/x"), "/x: does not exist; the document has \"processes\" and \"n\"");
}

TEST(JsonSetAt, ReplacesAnExistingValue) {
  EXPECT_EQ(after_set(R"({"a": {"b": [1, 2]}})", "/a/b/1", "x"), R"({"a":{"b":[1,"x"]}})");
  EXPECT_EQ(after_set("{}", "", "[1]"), "[1]");
}

TEST(JsonSetAt, CreatesMissingParentsAsObjects) {
  EXPECT_EQ(after_set(R"({"a": {}})", "/a/b/c/0", "1"), R"({"a":{"b":{"c":{"0":1}}}})");
}

TEST(JsonSetAt, AppendsToArraysWithAMinus) {
  EXPECT_EQ(after_set(R"({"a": [1]})", "/a/-", "2"), R"({"a":[1,2]})");
  EXPECT_EQ(after_set(R"({"a": [1]})", "/a/-/b", "2"), R"({"a":[1,{"b":2}]})");
  EXPECT_EQ(after_set("{}", "/a/-", "2"), R"({"a":[2]})");
}

TEST(JsonSetAt, SaysWhyItCannot) {
  EXPECT_EQ(after_set(R"({"a": "s"})", "/a/b", "1"),
            "--set /a/b=1: /a/b: cannot be set: /a is the string \"s\"");
  EXPECT_EQ(
      after_set(R"({"a": [1]})", "/a/1", "1"),
      "--set /a/1=1: /a/1: cannot be set: /a is an array with the only index 0; \"-\" appends");
  EXPECT_EQ(after_set(R"({"a": null})", "/a/b", "1"),
            "--set /a/b=1: /a/b: cannot be set: /a is null");
  EXPECT_EQ(after_set("{}", "a", "1"),
            "--set a=1: a: malformed JSON Pointer: it must start with \"/\"");
  EXPECT_EQ(after_set("{}", "/~", "1"),
            "--set /~=1: /~: malformed JSON Pointer: \"~\" must be followed by 0 or 1");
}

TEST(JsonSetAt, RefusesToNestDeeperThanAHundredLevels) {
  std::string pointer;
  for (int i = 0; i < 100; ++i) pointer += "/a";
  Node doc = Node::object();
  EXPECT_TRUE(set_at(doc, pointer, Node::integer(1), nullptr));
  EXPECT_FALSE(set_at(doc, pointer, Node::array(), nullptr));
}

TEST(JsonSetAt, WhatItAddsComesFromTheOption) {
  Node doc = parsed(R"({"a": {"old": 1}})");
  ASSERT_TRUE(set_at(doc, "/a/b/c", from_command_line("1", "--set /a/b/c=1"), nullptr));
  EXPECT_EQ(doc.origin().source, "f.json");
  EXPECT_EQ(doc.find("a")->origin().source, "f.json");
  const Member& added = doc.find("a")->members()[1];
  EXPECT_EQ(added.key_origin.source, "--set /a/b/c=1");
  EXPECT_EQ(added.value.origin().source, "--set /a/b/c=1");
  EXPECT_EQ(added.value.find("c")->origin().source, "--set /a/b/c=1");
}

}  // namespace
}  // namespace tcptwin::json
