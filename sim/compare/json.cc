// A comparison for programs.
#include "models/json/units.h"
#include "sim/compare/compare.h"
#include "sim/trace/reason_text.h"
#include "stack/base/check.h"

namespace tcptwin::compare {

namespace {

using json::Node;

Node number(uint64_t value) { return Node::integer(static_cast<int64_t>(value)); }

Node input_json(const Input& input) {
  Node remarks = Node::array();
  for (const std::string& remark : input.remarks) remarks.push(Node::string(remark));
  return Node::object()
      .set("name", Node::string(input.name))
      .set("host", Node::string(input.host))
      .set("picked", Node::string(input.picked))
      .set("packets", number(input.packets))
      .set("remarks", std::move(remarks));
}

const char* kind_text(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::kDiffers: return "differs";
    case Difference::Kind::kElsewhere: return "in another order";
    case Difference::Kind::kOnlyA: return "only in A";
    case Difference::Kind::kOnlyB: return "only in B";
  }
  CHECK(false);
}

Node side_json(const std::optional<Side>& side, const Input& input) {
  if (!side) return Node::null();
  Node node = Node::object();
  node.set(input.is_text ? "line" : "packet", number(side->number))
      .set("at_ns", Node::integer(side->at.count()))
      .set("text", Node::string(side->line))
      .set("why", Node::string(side->why));
  if (trace::says_inferred(side->why)) node.set("inferred", Node::boolean(true));
  return node;
}

Node difference_json(const Comparison& c, const Difference& difference) {
  Node fields = Node::array();
  for (const FieldDifference& f : difference.fields) {
    Node field = Node::object();
    field.set("field", Node::string(field_text(f.field)));
    field.set("a", Node::string(f.a)).set("b", Node::string(f.b));
    if (f.by != Duration(0)) field.set("by_ns", Node::integer(f.by.count()));
    fields.push(std::move(field));
  }
  const auto connection = difference.connection;
  return Node::object()
      .set("kind", Node::string(kind_text(difference.kind)))
      .set("connection", connection ? number(*connection + 1) : Node::null())
      .set("a", side_json(difference.a, c.a))
      .set("b", side_json(difference.b, c.b))
      .set("fields", std::move(fields));
}

Node tally_json(const Tally& tally) {
  return Node::object()
      .set("equal", number(tally.equal))
      .set("differing", number(tally.differing))
      .set("elsewhere", number(tally.elsewhere))
      .set("only_a", number(tally.only_a))
      .set("only_b", number(tally.only_b))
      .set("joined", number(tally.joined))
      .set("crossed", number(tally.crossed))
      .set("score_permille", number(tally.score()));
}

}  // namespace

Node json(const Comparison& c) {
  Node connections = Node::array();
  for (const ConnectionTally& connection : c.connections) {
    connections.push(Node::object()
                         .set("a", Node::string(connection.name_a))
                         .set("b", Node::string(connection.name_b))
                         .set("tally", tally_json(connection.tally))
                         .set("behind_end_of_a", number(connection.behind_end_of_a))
                         .set("behind_end_of_b", number(connection.behind_end_of_b)));
  }
  Node differences = Node::array();
  for (const Difference& d : c.differences) differences.push(difference_json(c, d));
  return Node::object()
      .set("schema", Node::string("tcptwin/diff/1"))
      .set("a", input_json(c.a))
      .set("b", input_json(c.b))
      .set("tick_ns", Node::integer(c.tick.count()))
      .set("lateness_ns", Node::integer(c.lateness.count()))
      .set("same", Node::boolean(c.same()))
      .set("differences", std::move(differences))
      .set("connections", std::move(connections))
      .set("no_tcp", tally_json(c.others))
      .set("all", tally_json(c.all));
}

}  // namespace tcptwin::compare
