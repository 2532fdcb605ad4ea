// JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386).
#include <gtest/gtest.h>

#include <string>

#include "models/json/parse.h"
#include "models/json/patch.h"
#include "models/json/pointer.h"

namespace tcptwin::json {
namespace {

Node parsed(std::string_view text) { return parse("f.json", text, nullptr).value(); }

std::string merged(std::string_view target, std::string_view patch) {
  Node doc = parsed(target);
  merge(doc, parsed(patch));
  return write(doc, Style::kCompact);
}

// The document after the patch, or the error.
std::string patched(std::string_view doc_text, std::string_view operations) {
  Node doc = parsed(doc_text);
  Diagnostic error;
  if (!apply_patch(doc, parsed(operations), "", &error)) {
    EXPECT_EQ(write(doc, Style::kCompact), write(parsed(doc_text), Style::kCompact));
    return to_string(error);
  }
  return write(doc, Style::kCompact);
}

TEST(Rfc7386_A, ExamplesMerge) {
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"b":"c"})"), R"({"a":"b","b":"c"})");
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"a":null})"), R"({})");
  EXPECT_EQ(merged(R"({"a":"b","b":"c"})", R"({"a":null})"), R"({"b":"c"})");
  EXPECT_EQ(merged(R"({"a":["b"]})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merged(R"({"a":"c"})", R"({"a":["b"]})"), R"({"a":["b"]})");
  EXPECT_EQ(merged(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})"), R"({"a":{"b":"d"}})");
  EXPECT_EQ(merged(R"({"a":[{"b":"c"}]})", R"({"a":[1]})"), R"({"a":[1]})");
  EXPECT_EQ(merged(R"(["a","b"])", R"(["c","d"])"), R"(["c","d"])");
  EXPECT_EQ(merged(R"({"a":"b"})", R"(["c"])"), R"(["c"])");
  EXPECT_EQ(merged(R"({"a":"foo"})", R"(null)"), R"(null)");
  EXPECT_EQ(merged(R"({"a":"foo"})", R"("bar")"), R"("bar")");
  EXPECT_EQ(merged(R"({"e":null})", R"({"a":1})"), R"({"e":null,"a":1})");
  EXPECT_EQ(merged(R"([1,2])", R"({"a":"b","c":null})"), R"({"a":"b"})");
  EXPECT_EQ(merged(R"({})", R"({"a":{"bb":{"ccc":null}}})"), R"({"a":{"bb":{}}})");
}

TEST(JsonMerge, WhatIsPutInKeepsItsPlaceInThePatch) {
  Node doc = parsed(R"({"a": {"b": 1}})");
  const auto patch = parse("patch.json", "{\n\"a\": {\"b\": 2, \"c\": {\"d\": 3}}}", nullptr);
  merge(doc, *patch);
  EXPECT_EQ(doc.find("a")->origin().source, "f.json");
  EXPECT_EQ(doc.find("a")->find("b")->origin().source, "patch.json");
  const Member* c = doc.find("a")->member("c");
  EXPECT_EQ(c->key_origin.source, "patch.json");
  EXPECT_EQ(c->key_origin.line, 2);
  EXPECT_EQ(c->value.origin().column, 20);
}

TEST(Rfc6902_A, ExamplesApply) {
  EXPECT_EQ(patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])"),
            R"({"foo":"bar","baz":"qux"})");
  EXPECT_EQ(patched(R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])"),
            R"({"foo":["bar","qux","baz"]})");
  EXPECT_EQ(patched(R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])"),
            R"({"foo":"bar"})");
  EXPECT_EQ(patched(R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])"),
            R"({"foo":["bar","baz"]})");
  EXPECT_EQ(
      patched(R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])"),
      R"({"baz":"boo","foo":"bar"})");
  EXPECT_EQ(patched(R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
                    R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])"),
            R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})");
  EXPECT_EQ(patched(R"({"foo":["all","grass","cows","eat"]})",
                    R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])"),
            R"({"foo":["all","cows","eat","grass"]})");
  EXPECT_EQ(patched(R"({"baz":"qux","foo":["a",2,"c"]})",
                    R"([{"op":"test","path":"/baz","value":"qux"},
                        {"op":"test","path":"/foo/1","value":2}])"),
            R"({"baz":"qux","foo":["a",2,"c"]})");
  EXPECT_EQ(
      patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])"),
      R"({"foo":"bar","child":{"grandchild":{}}})");
  EXPECT_EQ(patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])"),
            R"({"foo":"bar","baz":"qux"})");
  EXPECT_EQ(patched(R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])"),
            R"({"/":9,"~1":10})");
  EXPECT_EQ(
      patched(R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])"),
      R"({"foo":["bar",["abc","def"]]})");
}

TEST(JsonPatch, AddReplacesAnExistingMember) {
  EXPECT_EQ(patched(R"({"a":1,"b":2})", R"([{"op":"add","path":"/a","value":3}])"),
            R"({"a":3,"b":2})");
}

TEST(JsonPatch, ReplacesTheWholeDocument) {
  EXPECT_EQ(patched("{}", R"([{"op":"replace","path":"","value":[1]}])"), "[1]");
  EXPECT_EQ(patched("{}", R"([{"op":"add","path":"","value":[1]}])"), "[1]");
}

TEST(JsonPatch, CopyLeavesTheSource) {
  EXPECT_EQ(patched(R"({"a":[1]})", R"([{"op":"copy","from":"/a","path":"/b"}])"),
            R"({"a":[1],"b":[1]})");
}

TEST(JsonPatch, MovesToTheSamePlaceAreNothing) {
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"move","from":"/a","path":"/a"}])"), R"({"a":1})");
}

TEST(JsonPatch, AppliesAllOperationsOrNone) {
  EXPECT_EQ(
      patched(R"({"a":1})", R"([{"op":"add","path":"/b","value":2}, {"op":"remove","path":"/c"}])"),
      "f.json:1:60: /c: does not exist; the document has \"a\" and \"b\" [in operation 1]");
}

TEST(JsonPatch, NamesOperationPlaceAndWhatExistsInstead) {
  Node doc = parsed(R"({"processes": [{"name": "a", "program": []}]})");
  const Node operations = parsed(
      "[{\"op\": \"test\", \"path\": \"\", \"value\": {\"processes\": [{\"name\": \"a\", "
      "\"program\": []}]}},\n"
      " {\"op\": \"add\", \"path\": \"/processes/0/progam/1\", \"value\": 1}]");
  Diagnostic error;
  ASSERT_FALSE(apply_patch(doc, operations, "variant \"nodelay\"", &error));
  EXPECT_EQ(to_string(error),
            "f.json:2:24: /processes/0/progam: does not exist; /processes/0 has \"name\" and "
            "\"program\" (did you mean \"program\"?) [in variant \"nodelay\", operation 1]");
}

TEST(JsonPatch, SaysWhatATestFound) {
  EXPECT_EQ(
      patched(R"({"a":{"b":1}})", R"([{"op":"test","path":"/a","value":{"b":2}}])"),
      "f.json:1:35: /a: the test failed: expected {\"b\":2}, found {\"b\":1} [in operation 0]");
}

TEST(JsonPatch, RefusesMalformedOperations) {
  EXPECT_EQ(patched("{}", "{}"),
            "f.json:1:1: expected an array of patch operations, found an empty object");
  EXPECT_EQ(patched("{}", "[5]"),
            "f.json:1:2: expected a patch operation, found the number 5 [in operation 0]");
  EXPECT_EQ(patched("{}", "[{}]"),
            "f.json:1:2: the operation lacks the key \"op\" [in operation 0]");
  EXPECT_EQ(patched("{}", R"([{"op":"ad","path":"/a","value":1}])"),
            "f.json:1:8: unknown operation \"ad\"; known are \"add\", \"remove\", \"replace\", "
            "\"move\", \"copy\" and \"test\" (did you mean \"add\"?) [in operation 0]");
  EXPECT_EQ(patched("{}", R"([{"op":"add","path":"/a"}])"),
            "f.json:1:2: the operation lacks the key \"value\" [in operation 0]");
  EXPECT_EQ(patched("{}", R"([{"op":"copy","path":"/a"}])"),
            "f.json:1:2: the operation lacks the key \"from\" [in operation 0]");
  EXPECT_EQ(patched("{}", R"([{"op":"remove","path":5}])"),
            "f.json:1:24: \"path\" must be a string, found the number 5 [in operation 0]");
  EXPECT_EQ(patched("{}", R"([{"op":"remove","path":"a"}])"),
            "f.json:1:24: \"path\" is no JSON Pointer: it starts with \"/\", and \"~\" is followed "
            "by 0 or 1, found the string \"a\" [in operation 0]");
}

TEST(JsonPatch, RefusesImpossiblePlaces) {
  const auto message = [](std::string_view doc, std::string_view operation) {
    const std::string text = patched(doc, "[" + std::string(operation) + "]");
    const size_t start = text.find(": ") + 2;
    return text.substr(start, text.rfind(" [") - start);
  };
  EXPECT_EQ(message(R"({"a":[1,2]})", R"({"op":"add","path":"/a/3","value":1})"),
            "/a/3: does not exist; /a is an array with indices 0 to 1");
  EXPECT_EQ(message(R"({"a":[1,2]})", R"({"op":"remove","path":"/a/-"})"),
            "/a/-: does not exist; /a is an array with indices 0 to 1");
  EXPECT_EQ(message(R"({"a":"s"})", R"({"op":"add","path":"/a/b","value":1})"),
            "/a/b: does not exist; /a is the string \"s\"");
  EXPECT_EQ(message(R"({"a":{}})", R"({"op":"replace","path":"/a/b","value":1})"),
            "/a/b: does not exist; /a is an empty object");
  EXPECT_EQ(message("{}", R"({"op":"remove","path":""})"), "the whole document cannot be removed");
  EXPECT_EQ(message(R"({"a":{}})", R"({"op":"move","from":"/a","path":"/a/b"})"),
            "/a/b: a value cannot be moved into itself");
}

TEST(JsonPatch, StopsCopiesThatDoubleTheDocument) {
  std::string operations = "[";
  for (int i = 0; i < 120; ++i) {
    operations += std::string(i > 0 ? "," : "") + R"({"op":"copy","from":"","path":"/a"})";
  }
  EXPECT_NE(patched("{}", operations + "]").find("nesting would be deeper than 100 levels"),
            std::string::npos)
      << "each copy adds a level";
  operations = "[";
  for (int i = 0; i < 60; ++i) {
    operations += std::string(i > 0 ? "," : "") + R"({"op":"copy","from":"","path":"/-"})";
  }
  EXPECT_NE(patched("[1, 2, 3]", operations + "]").find("the patch copies more than 64 MiB"),
            std::string::npos)
      << "each copy doubles the document";
}

TEST(JsonPatch, WhatIsAddedKeepsItsPlaceAndNamesTheOperation) {
  Node doc = parsed(R"({"hosts": {"a": {}}})");
  const auto operations =
      parse("v.json", "[\n {\"op\": \"add\", \"path\": \"/hosts/a/x\",\n  \"value\": {\"y\": 1}}]",
            nullptr);
  ASSERT_TRUE(apply_patch(doc, *operations, "variant \"v\"", nullptr));
  const Member* added = resolve(doc, *Pointer::parse("/hosts/a"))->member("x");
  const std::string note = "in variant \"v\", operation 0";
  EXPECT_EQ(added->key_origin, (Origin{.source = "v.json", .line = 2, .column = 24, .note = note}));
  EXPECT_EQ(added->value.origin(),
            (Origin{.source = "v.json", .line = 3, .column = 12, .note = note}));
  EXPECT_EQ(added->value.find("y")->origin(),
            (Origin{.source = "v.json", .line = 3, .column = 18, .note = note}));
  EXPECT_EQ(doc.find("hosts")->origin().note, "");
}

TEST(JsonPatch, AContainerThatLostAMemberNamesTheOperation) {
  Node doc = parsed(R"({"a": {"b": 1}})");
  ASSERT_TRUE(
      apply_patch(doc, parsed(R"([{"op": "remove", "path": "/a/b"}])"), "variant \"v\"", nullptr));
  EXPECT_EQ(doc.find("a")->origin().note, "in variant \"v\", operation 0");
  EXPECT_EQ(doc.find("a")->origin().line, 1);
}

}  // namespace
}  // namespace tcptwin::json
