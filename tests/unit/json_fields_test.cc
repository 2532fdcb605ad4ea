// Field tables: decoding, its errors, encoding, schema and manual.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "models/json/fields.h"
#include "models/json/parse.h"
#include "models/json/patch.h"
#include "models/json/pointer.h"

namespace tcptwin::json {
namespace {

enum class Mode : uint8_t { kOn, kOff };

struct Fixed {
  Duration delay = 100ms;
};
struct Adaptive {
  Duration min = 40ms;
  int32_t quick = 16;
};

const Fields<Fixed>& fixed_fields() {
  static const Fields<Fixed> fields =
      Fields<Fixed>("fixed", "Waits a fixed time.").duration("delay", &Fixed::delay, "how long");
  return fields;
}

const Fields<Adaptive>& adaptive_fields() {
  static const Fields<Adaptive> fields =
      Fields<Adaptive>("adaptive")
          .duration("min", &Adaptive::min, "shortest delay", {.at_least = 1ms, .at_most = 1s})
          .integer("quick", &Adaptive::quick, "ACKs at the start", {.at_least = 0});
  return fields;
}

struct Link {
  std::string from;
  uint64_t rate = 0;
  int64_t loss = 0;
};

const Fields<Link>& link_fields() {
  static const Fields<Link> fields =
      Fields<Link>("link", "A cable.")
          .text("from", &Link::from, "one end", {.required = true, .non_empty = true})
          .rate("rate", &Link::rate, "bits per second; 0: unlimited")
          .fraction("loss", &Link::loss, "share of packets lost");
  return fields;
}

struct Ports {
  uint16_t first = 1;
  uint16_t last = 65535;
};

const Fields<Ports>& ports_fields() {
  static const Fields<Ports> fields =
      Fields<Ports>("ports")
          .integer("first", &Ports::first, "lowest port", {.non_zero = true})
          .integer("last", &Ports::last, "highest port")
          .check([](const Ports& ports, const Node& at, Context& context) {
            if (ports.first > ports.last) context.error(at, "\"first\" is above \"last\"");
          });
  return fields;
}

// A program is a list of operations; "repeat" contains another program.
struct Operation;
using Program = std::vector<Operation>;
struct Send {
  int64_t send = 0;
};
struct Repeat {
  int32_t repeat = 0;
  Program body;
};
struct Operation {
  std::variant<Send, Repeat> action;
};

const Codec<Operation>& operation_codec();

const Fields<Send>& send_fields() {
  static const Fields<Send> fields =
      Fields<Send>("send").size("send", &Send::send, "bytes to send", {.required = true});
  return fields;
}

const Fields<Repeat>& repeat_fields() {
  static const Fields<Repeat> fields =
      Fields<Repeat>("repeat")
          .integer("repeat", &Repeat::repeat, "how often", {.required = true})
          .list("do", &Repeat::body, "what", link_to("operation", operation_codec),
                {.required = true});
  return fields;
}

const Codec<Operation>& operation_codec() {
  using Action = std::variant<Send, Repeat>;
  static const Codec<Operation> codec = mapped<Operation, Action>(
      choice_of<Action>(
          "", {{"send", send_fields, "sends"}, {"repeat", repeat_fields, "repeats a program"}}),
      [](const Action& action) { return Operation{action}; },
      [](const Operation& operation) { return operation.action; });
  return codec;
}

struct Host {
  std::string profile;
  Duration uptime = 1h;
  int64_t buffer = 65536;
  Mode mode = Mode::kOn;
  bool keep = true;
  std::optional<Duration> timeout;
  std::optional<Mode> other_mode;
  std::variant<Fixed, Adaptive> ack;
  Ports ports;
  std::vector<Link> links;
  std::vector<Mode> modes;
  Named<int64_t> sysctl;
  Named<Link> named_links;
  Node set;
  Program program;
  std::string custom;
};

const Fields<Host>& host_fields() {
  static const Fields<Host> fields =
      Fields<Host>("host", "A computer.")
          .text("profile", &Host::profile, "how it behaves", {.required = true})
          .duration("uptime", &Host::uptime, "time since boot")
          .size("buffer", &Host::buffer, "send buffer", {.at_least = 1, .at_most = 1 << 20})
          .enumeration("mode", &Host::mode, "state",
                       {{"on", Mode::kOn, "works"}, {"off", Mode::kOff, "does not"}})
          .boolean("keep", &Host::keep, "keep it")
          .duration("timeout", &Host::timeout, "absent: never")
          .enumeration("other_mode", &Host::other_mode, "state",
                       {{"on", Mode::kOn}, {"off", Mode::kOff}})
          .choice("ack", &Host::ack, "delayed ACK", "behaviour",
                  {{"fixed", fixed_fields, "always the same"},
                   {"adaptive", adaptive_fields, "as it goes"}})
          .object("ports", &Host::ports, "ephemeral ports", ports_fields)
          .list("links", &Host::links, "cables", link_fields, {.at_most = 2})
          .list("modes", &Host::modes, "a list of words",
                name_of<Mode>({{"on", Mode::kOn}, {"off", Mode::kOff}}))
          .map("sysctl", &Host::sysctl, "by name", int64_of())
          .map("named_links", &Host::named_links, "by name", link_fields)
          .raw("set", &Host::set, "a merge patch")
          .list("program", &Host::program, "operations", operation_codec())
          .custom("custom",
                  [](const Node& node, Host& host, Context& context) {
                    if (!node.is_string()) return context.expected(node, "something special");
                    host.custom = "<" + node.as_string() + ">";
                  },
                  "decoded by hand", {.schema = R"({"type": "string"})", .type = "special"})
          .allow_source();
  return fields;
}

Node parsed(std::string_view text) {
  Diagnostic error;
  auto node = parse("f.json", text, &error);
  EXPECT_TRUE(node.has_value()) << to_string(error);
  return node ? std::move(*node) : Node();
}

template <class T>
std::vector<std::string> errors_of(const Fields<T>& fields, const Node& node) {
  Context context;
  T value;
  decode(fields, node, value, context);
  std::vector<std::string> lines;
  for (const Diagnostic& diagnostic : context.diagnostics()) lines.push_back(to_string(diagnostic));
  return lines;
}

// The only error of a host with a profile and the given members.
std::string error_of(const std::string& members) {
  const auto errors = errors_of(host_fields(), parsed(R"({"profile":"p",)" + members + "}"));
  EXPECT_EQ(errors.size(), 1u) << members;
  if (errors.empty()) return "";
  return errors[0].substr(errors[0].find(": ") + 2);
}

Host decoded(const std::string& members) {
  Context context;
  Host host;
  decode(host_fields(), parsed(R"({"profile":"p",)" + members + "}"), host, context);
  for (const Diagnostic& diagnostic : context.diagnostics()) ADD_FAILURE() << to_string(diagnostic);
  return host;
}

TEST(JsonFields, DecodesEveryKindOfField) {
  const Host host = decoded(R"(
      "uptime": "1.5ms", "buffer": "2KiB", "mode": "off", "keep": false, "timeout": "3s",
      "other_mode": "off", "ports": {"first": 5}, "links": [{"from": "a", "rate": "1Mbit/s"}],
      "modes": ["off", "on"], "sysctl": {"b": 1, "a": -2}, "named_links": {"x": {"from": "y"}},
      "set": {"anything": []}, "custom": "c", "source": "s", "comment": "c")");
  EXPECT_EQ(host.profile, "p");
  EXPECT_EQ(host.uptime, 1500us);
  EXPECT_EQ(host.buffer, 2048);
  EXPECT_EQ(host.mode, Mode::kOff);
  EXPECT_FALSE(host.keep);
  EXPECT_EQ(host.timeout, Duration(3s));
  EXPECT_EQ(host.other_mode, Mode::kOff);
  EXPECT_EQ(host.ports.first, 5);
  EXPECT_EQ(host.ports.last, 65535);
  ASSERT_EQ(host.links.size(), 1u);
  EXPECT_EQ(host.links[0].rate, 1'000'000u);
  EXPECT_EQ(host.modes, (std::vector<Mode>{Mode::kOff, Mode::kOn}));
  EXPECT_EQ(host.sysctl, (Named<int64_t>{{"b", 1}, {"a", -2}}));
  EXPECT_EQ(host.named_links[0].second.from, "y");
  EXPECT_EQ(write(host.set, Style::kCompact), R"({"anything":[]})");
  EXPECT_EQ(host.set.origin().source, "f.json");
  EXPECT_EQ(host.custom, "<c>");
}

TEST(JsonFields, AbsentKeysLeaveTheValueOfTheStruct) {
  Context context;
  Host host;
  host.uptime = 5s;
  decode(host_fields(), parsed(R"({"profile": "p"})"), host, context);
  EXPECT_EQ(host.uptime, 5s);
  EXPECT_EQ(host.timeout, std::nullopt);
  EXPECT_TRUE(host.set.is_null());
}

TEST(JsonFields, ASizeMayBeANumberOfBytes) { EXPECT_EQ(decoded(R"("buffer": 1500)").buffer, 1500); }

TEST(JsonFields, AFractionIsANumberOrAPercentage) {
  const Host host =
      decoded(R"("links": [{"from": "a", "loss": 0.01}, {"from": "b", "loss": "2%"}])");
  EXPECT_EQ(host.links[0].loss, 10'000'000);
  EXPECT_EQ(host.links[1].loss, 20'000'000);
}

TEST(JsonFields, ATagPicksTheStruct) {
  const Host host = decoded(R"("ack": {"behaviour": "adaptive", "quick": 3})");
  ASSERT_TRUE(std::holds_alternative<Adaptive>(host.ack));
  EXPECT_EQ(std::get<Adaptive>(host.ack).quick, 3);
  EXPECT_EQ(std::get<Adaptive>(host.ack).min, 40ms);
}

TEST(JsonFields, AHeldAlternativeGivesTheDefaults) {
  Context context;
  Host host;
  host.ack = Fixed{.delay = 7ms};
  decode(host_fields(), parsed(R"({"profile": "p", "ack": {"behaviour": "fixed"}})"), host,
         context);
  EXPECT_EQ(std::get<Fixed>(host.ack).delay, 7ms);
}

TEST(JsonFields, AKeyPicksTheStructAndTypesMayContainThemselves) {
  const Host host = decoded(
      R"("program": [{"send": 1}, {"repeat": 2, "do": [{"repeat": 3, "do": [{"send": "1KiB"}]}]}])");
  ASSERT_EQ(host.program.size(), 2u);
  const auto& outer = std::get<Repeat>(host.program[1].action);
  const auto& inner = std::get<Repeat>(outer.body[0].action);
  EXPECT_EQ(inner.repeat, 3);
  EXPECT_EQ(std::get<Send>(inner.body[0].action).send, 1024);
}

TEST(JsonFieldErrors, UnknownKeysGetTheNearestOne) {
  EXPECT_EQ(error_of(R"("uptme": "1s")"),
            "/uptme: unknown key \"uptme\" (did you mean \"uptime\"?)");
  EXPECT_EQ(error_of(R"("Buffer": 5)"),
            "/Buffer: unknown key \"Buffer\" (did you mean \"buffer\"?)");
  EXPECT_EQ(error_of(R"("otherMode": "on")"),
            "/otherMode: unknown key \"otherMode\" (did you mean \"other_mode\"?)");
}

TEST(JsonFieldErrors, UnknownKeysWithoutANearOneGetTheList) {
  EXPECT_EQ(error_of(R"("ports": {"zzzz": 1})"),
            "/ports/zzzz: unknown key \"zzzz\": expected \"first\" or \"last\"");
}

// --set /ports/fist=1 puts the slip beside the key that it was meant to replace.
TEST(JsonFieldErrors, UnknownKeysAreToldTheNearestKeyEvenIfItIsThere) {
  EXPECT_EQ(error_of(R"("ports": {"first": 1, "fist": 1})"),
            "/ports/fist: unknown key \"fist\" (did you mean \"first\"?)");
}

TEST(JsonFieldErrors, UnknownKeysAreFoundAtTheKey) {
  EXPECT_EQ(errors_of(host_fields(), parsed("{\"profile\": \"p\",\n  \"uptme\": \"1s\"}"))[0],
            "f.json:2:3: /uptme: unknown key \"uptme\" (did you mean \"uptime\"?)");
}

TEST(JsonFieldErrors, MissingKeysNameTheirMeaning) {
  EXPECT_EQ(errors_of(host_fields(), parsed("{}")),
            std::vector<std::string>{"f.json:1:1: missing key \"profile\": how it behaves"});
}

TEST(JsonFieldErrors, AMisspeltRequiredKeyIsOneError) {
  EXPECT_EQ(errors_of(host_fields(), parsed(R"({"profle": "p"})")),
            std::vector<std::string>{
                "f.json:1:2: /profle: unknown key \"profle\" (did you mean \"profile\"?)"});
}

TEST(JsonFieldErrors, WrongTypesSayWhatWasExpected) {
  EXPECT_EQ(error_of(R"("uptime": 40)"),
            "/uptime: expected a duration such as \"40ms\", found the number 40");
  EXPECT_EQ(error_of(R"("buffer": true)"),
            "/buffer: expected a size such as \"64KiB\" or a number of bytes, found true");
  EXPECT_EQ(error_of(R"("keep": "true")"),
            "/keep: expected true or false, found the string \"true\"");
  EXPECT_EQ(error_of(R"("ports": [])"), "/ports: expected an object, found an empty array");
  EXPECT_EQ(error_of(R"("ports": {"first": "5"})"),
            "/ports/first: expected a whole number, found the string \"5\"");
  EXPECT_EQ(error_of(R"("ports": {"first": 0.5})"),
            "/ports/first: expected a whole number, found the number 0.5");
  EXPECT_EQ(error_of(R"("links": {})"), "/links: expected an array, found an empty object");
  EXPECT_EQ(error_of(R"("sysctl": [])"), "/sysctl: expected an object, found an empty array");
  EXPECT_EQ(error_of(R"("links": [{"from": 5}])"),
            "/links/0/from: expected a string, found the number 5");
  EXPECT_EQ(error_of(R"("links": [{"from": "a", "rate": 5}])"),
            "/links/0/rate: expected a rate such as \"100Mbit/s\", found the number 5");
  EXPECT_EQ(error_of(R"("custom": 5)"), "/custom: expected something special, found the number 5");
  EXPECT_EQ(error_of(R"("source": 5)"), "/source: expected a string, found the number 5");
  EXPECT_EQ(error_of(R"("timeout": null)"),
            "/timeout: expected a duration such as \"40ms\", found null");
}

TEST(JsonFieldErrors, BadUnitsListTheUnits) {
  EXPECT_EQ(error_of(R"("uptime": "40msec")"),
            "/uptime: expected a duration such as \"40ms\", found the string \"40msec\": unknown "
            "unit \"msec\": use ns, us, ms, s, min or h");
}

TEST(JsonFieldErrors, ValuesOutOfRangeSayTheRange) {
  EXPECT_EQ(error_of(R"("buffer": 0)"), "/buffer: 0B is out of range: 1B to 1MiB");
  EXPECT_EQ(error_of(R"("buffer": "2MiB")"), "/buffer: 2MiB is out of range: 1B to 1MiB");
  EXPECT_EQ(error_of(R"("uptime": "-1s")"), "/uptime: -1s is out of range: at least 0s");
  EXPECT_EQ(error_of(R"("ack": {"behaviour": "adaptive", "min": "2s"})"),
            "/ack/min: 2s is out of range: 1ms to 1s");
  EXPECT_EQ(error_of(R"("ports": {"first": 0})"),
            "/ports/first: 0 is out of range: more than 0, at most 65535");
  EXPECT_EQ(error_of(R"("ports": {"first": 70000})"),
            "/ports/first: 70000 is out of range: more than 0, at most 65535");
  EXPECT_EQ(error_of(R"("sysctl": {"a": 9223372036854775808})"),
            "/sysctl/a: the number 9223372036854775808 is out of range: it does not fit into 64 "
            "bits");
  EXPECT_EQ(error_of(R"("links": [{"from": "a", "loss": 1.5}])"),
            "/links/0/loss: 1.5 is out of range: 0 to 1");
  EXPECT_EQ(error_of(R"("links": [{"from": ""}])"), "/links/0/from: must not be empty");
  EXPECT_EQ(error_of(R"("links": [{"from": "a"}, {"from": "a"}, {"from": "a"}])"),
            "/links: expected at most 2 items, found 3");
}

TEST(JsonFieldErrors, UnknownWordsGetTheNearestOrTheList) {
  EXPECT_EQ(error_of(R"("mode": "On")"), "/mode: unknown value \"On\" (did you mean \"on\"?)");
  EXPECT_EQ(error_of(R"("modes": ["on", "half"])"),
            "/modes/1: unknown value \"half\": expected \"on\" or \"off\"");
  EXPECT_EQ(error_of(R"("mode": 1)"), "/mode: expected \"on\" or \"off\", found the number 1");
}

TEST(JsonFieldErrors, ChoicesNameTheirAlternatives) {
  EXPECT_EQ(error_of(R"("ack": {"delay": "1s"})"),
            "/ack: missing key \"behaviour\": expected \"fixed\" or \"adaptive\"");
  EXPECT_EQ(error_of(R"("ack": {"behaviour": "adaptve"})"),
            "/ack/behaviour: unknown behaviour \"adaptve\" (did you mean \"adaptive\"?)");
  EXPECT_EQ(error_of(R"("ack": {"behaviour": "fixed", "quick": 1})"),
            "/ack/quick: unknown key \"quick\": expected \"delay\"");
  EXPECT_EQ(error_of(R"("program": [{"snd": 1}])"),
            "/program/0/snd: unknown key \"snd\" (did you mean \"send\"?)");
  EXPECT_EQ(error_of(R"("program": [{}])"),
            "/program/0: expected an object with the key \"send\" or \"repeat\"");
  EXPECT_EQ(error_of(R"("program": [{"repeat": 1, "do": [{"send": "x"}]}])"),
            "/program/0/do/0/send: expected a size such as \"64KiB\" or a number of bytes, found "
            "the string \"x\": it must be digits, perhaps with decimals, and a unit");
}

TEST(JsonFieldErrors, ChecksOverSeveralKeysRunWhenAllElseIsWell) {
  EXPECT_EQ(error_of(R"("ports": {"first": 9, "last": 5})"), "/ports: \"first\" is above \"last\"");
  EXPECT_EQ(error_of(R"("ports": {"first": 9, "last": "x"})"),
            "/ports/last: expected a whole number, found the string \"x\"");
}

TEST(JsonFieldErrors, AllErrorsAreReportedInDocumentOrder) {
  EXPECT_EQ(errors_of(host_fields(),
                      parsed("{\"uptime\": 1,\n \"x1234\": 2,\n \"profile\": 3,\n \"mode\": 4}"))
                .size(),
            4u);
  const auto errors = errors_of(host_fields(), parsed("{\"mode\": 4,\n \"uptime\": 1}"));
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_EQ(errors[0].substr(0, 11), "f.json:1:1:");
  EXPECT_EQ(errors[1].substr(0, 11), "f.json:1:10");
  EXPECT_EQ(errors[2].substr(0, 11), "f.json:2:12");
}

TEST(JsonFieldErrors, AValueWithAnErrorKeepsWhatItWas) {
  Context context;
  Host host;
  decode(host_fields(), parsed(R"({"profile": "p", "uptime": "x", "timeout": "y"})"), host,
         context);
  EXPECT_EQ(host.uptime, 1h);
  EXPECT_EQ(host.timeout, std::nullopt);
}

TEST(JsonFieldErrors, OverriddenValuesNameTheOption) {
  Node doc = parsed(R"({"profile": "p"})");
  ASSERT_TRUE(set_at(doc, "/ports/first", from_command_line("x", "--set /ports/first=x"), nullptr));
  EXPECT_EQ(errors_of(host_fields(), doc),
            std::vector<std::string>{"--set /ports/first=x: /ports/first: expected a whole number, "
                                     "found the string \"x\""});
}

TEST(JsonFieldErrors, PatchedValuesNameTheVariant) {
  Node doc = parsed(R"({"profile": "p", "ports": {}})");
  const Node operations = parsed("[\n{\"op\": \"add\", \"path\": \"/ports/fist\", \"value\": 5}]");
  ASSERT_TRUE(apply_patch(doc, operations, "variant \"v\"", nullptr));
  EXPECT_EQ(errors_of(host_fields(), doc),
            std::vector<std::string>{
                "f.json:2:23: /ports/fist: unknown key \"fist\" (did you mean \"first\"?) [in "
                "variant \"v\", operation 0]"});
}

TEST(JsonFieldErrors, ThePointerStartsAtTheBase) {
  Context context("/hosts/a");
  Ports ports;
  decode(ports_fields(), parsed(R"({"first": "x"})"), ports, context);
  EXPECT_EQ(context.diagnostics()[0].pointer, "/hosts/a/first");
}

TEST(JsonFieldErrors, AfterAHundredErrorsTheyAreOnlyCounted) {
  std::string words = "\"x\"";
  for (int i = 1; i < 150; ++i) words += ", \"x\"";
  Context context;
  Host host;
  decode(host_fields(), parsed(R"({"profile": "p", "modes": [)" + words + "]}"), host, context);
  EXPECT_EQ(context.errors(), 150u);
  EXPECT_EQ(context.diagnostics().size(), 100u);
}

TEST(JsonFields, AnObjectMayBeOptional) {
  struct Outer {
    std::optional<Ports> ports;
  };
  const auto fields =
      Fields<Outer>("outer").object("ports", &Outer::ports, "absent: any", ports_fields);
  Context context;
  Outer outer;
  decode(fields, parsed("{}"), outer, context);
  EXPECT_FALSE(outer.ports.has_value());
  decode(fields, parsed(R"({"ports": {"first": 7}})"), outer, context);
  EXPECT_TRUE(context.ok());
  EXPECT_EQ(outer.ports->first, 7);
}

TEST(JsonFields, EncodesWhatItDecodes) {
  const std::string members =
      R"("uptime":"1.5ms","buffer":"2KiB","mode":"off","keep":false,)"
      R"("timeout":"3s","ack":{"behaviour":"adaptive","min":"50ms","quick":3},)"
      R"("ports":{"first":5,"last":6},)"
      R"("links":[{"from":"a","rate":"1Mbit/s","loss":0.5}],)"
      R"("modes":["off"],"sysctl":{"b":1},"named_links":{},"set":{"x":null},)"
      R"("program":[{"repeat":2,"do":[{"send":"1B"}]}])";
  EXPECT_EQ(write(encode(host_fields(), decoded(members)), Style::kCompact),
            R"({"profile":"p",)" + members + "}");
}

TEST(JsonFields, IncludesTheKeysOfAnotherTable) {
  struct Outer {
    Ports ports;
    bool flag = false;
  };
  const auto fields = Fields<Outer>("outer")
                          .include(&Outer::ports, ports_fields())
                          .boolean("flag", &Outer::flag, "a flag");
  Context context;
  Outer outer;
  decode(fields, parsed(R"({"first": 7, "flag": true})"), outer, context);
  EXPECT_TRUE(context.ok());
  EXPECT_EQ(outer.ports.first, 7);
  EXPECT_EQ(write(encode(fields, outer), Style::kCompact),
            R"({"first":7,"last":65535,"flag":true})");
}

TEST(JsonSchema, DescribesFieldsTypesAndRanges) {
  const Node expected = parsed(R"--({
      "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ports", "type": "object",
      "properties": {
        "first": {"description": "lowest port (more than 0, at most 65535)", "type": "integer",
                  "minimum": 0, "maximum": 65535, "not": {"const": 0}, "default": 1},
        "last": {"description": "highest port (0 to 65535)", "type": "integer",
                 "minimum": 0, "maximum": 65535, "default": 65535}},
      "additionalProperties": false})--");
  EXPECT_EQ(write(schema(ports_fields()), Style::kPretty), write(expected, Style::kPretty));
}

TEST(JsonSchema, RefersToSharedTables) {
  const Node doc = schema(host_fields());
  const auto at = [&doc](std::string_view pointer) {
    const Node* node = resolve(doc, *Pointer::parse(pointer));
    return node == nullptr ? "nothing" : write(*node, Style::kCompact);
  };
  EXPECT_EQ(at("/required"), R"(["profile"])");
  EXPECT_EQ(at("/properties/links/items"), R"({"$ref":"#/$defs/link"})");
  EXPECT_EQ(at("/properties/links/maxItems"), "2");
  EXPECT_EQ(at("/properties/named_links/additionalProperties"), R"({"$ref":"#/$defs/link"})");
  EXPECT_EQ(at("/$defs/link/required"), R"(["from"])");
  EXPECT_EQ(at("/properties/mode/enum"), R"(["on","off"])");
  EXPECT_EQ(at("/properties/ack/oneOf/1/properties/behaviour"), R"({"const":"adaptive"})");
  EXPECT_EQ(at("/properties/ack/oneOf/1/required"), R"(["behaviour"])");
  EXPECT_EQ(at("/properties/source/type"), R"("string")");
  EXPECT_EQ(at("/properties/set"), R"({"description":"a merge patch"})");
}

TEST(JsonSchema, TypesThatContainThemselvesReferToThemselves) {
  const Node doc = schema(host_fields());
  const Node* inner =
      resolve(doc, *Pointer::parse("/$defs/operation/oneOf/1/properties/do/items/$ref"));
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->as_string(), "#/$defs/operation");
}

TEST(JsonManual, HasARowForEachKey) {
  EXPECT_EQ(manual(link_fields(), "Links"),
            "# Links\n\n## link\n\nA cable.\n\n"
            "| key | type | default | range | meaning |\n|---|---|---|---|---|\n"
            "| `from` | string | required | not empty | one end |\n"
            "| `rate` | rate | `\"0bit/s\"` | | bits per second; 0: unlimited |\n"
            "| `loss` | fraction | `0` | 0 to 1 | share of packets lost |\n");
}

TEST(JsonManual, HasASectionForEachTable) {
  const std::string text = manual(host_fields(), "Hosts");
  for (const char* part :
       {"## host\n", "## link\n", "## ports\n", "## fixed\n", "## adaptive\n", "## operation\n",
        "## send\n", "## repeat\n", "| `links` | array of [link](#link) | `[]` | at most 2 items |",
        "| `mode` | \"on\" or \"off\" | `\"on\"` | | state. `on`: works; `off`: does not |",
        "object, by `behaviour`: [fixed](#fixed) or [adaptive](#adaptive)",
        "Chosen by `\"behaviour\": \"adaptive\"`: as it goes.",
        "| `source`, `comment` | string | | | for people; ignored |"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
  }
}

TEST(JsonNearest, FindsSlipsOfTheFinger) {
  const std::vector<std::string> known = {"profile", "program", "min", "max", "delayed_ack"};
  EXPECT_EQ(nearest("profle", known), "profile");
  EXPECT_EQ(nearest("progarm", known), "program");
  EXPECT_EQ(nearest("MIN", known), "min");
  EXPECT_EQ(nearest("mix", known), "min");
  EXPECT_EQ(nearest("delayedAck", known), "delayed_ack");
  EXPECT_EQ(nearest("delayed-ack", known), "delayed_ack");
}

TEST(JsonNearest, SaysNothingWhenNothingIsNear) {
  const std::vector<std::string> known = {"profile", "a"};
  EXPECT_EQ(nearest("hosts", known), "");
  EXPECT_EQ(nearest("b", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest("x", {}), "");
}

}  // namespace
}  // namespace tcptwin::json
