#include "models/json/parse.h"

#include <charconv>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "models/json/number.h"
#include "models/json/pointer.h"
#include "models/json/syntax_error.h"
#include "models/json/text_cursor.h"

namespace tcptwin::json {
namespace {

using Library = nlohmann::json;

Node number_node(std::string_view text) {
  int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return whole ? Node::integer(value) : Node::decimal(std::string(text));
}

// Receives the library's SAX events. The library checks the grammar and decodes strings; places and
// the text of numbers are taken from the text itself, which is walked along, one token for each
// event.
class Builder {
 public:
  Builder(const std::string& name, std::string_view text)
      : name_(name), last_(text), after_last_(text) {}

  bool null() { return add_word(Node::null(), "null"); }
  bool boolean(bool value) { return add_word(Node::boolean(value), value ? "true" : "false"); }
  bool number_integer(Library::number_integer_t) { return add_number(); }
  bool number_unsigned(Library::number_unsigned_t) { return add_number(); }
  bool number_float(Library::number_float_t, const std::string&) { return add_number(); }
  bool string(std::string& value) {
    next_token();
    return add(Node::string(std::move(value)));
  }
  bool binary(Library::binary_t&) { return false; }  // never in JSON text
  bool start_object(size_t) { return open(Node::object()); }
  bool start_array(size_t) { return open(Node::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(size_t, const std::string&, const Library::exception&) { return false; }

  bool key(std::string& text) {
    next_token();
    Frame& frame = frames_.back();
    const auto [known, is_new] = frame.lines.emplace(text, last_.line());
    if (!is_new) {
      error_ = diagnostic_at(here(), pointer().child(text).to_string(),
                             "duplicate key \"" + text + "\": the first one is in line " +
                                 std::to_string(known->second));
      return false;
    }
    frame.key = std::move(text);
    frame.key_origin = here();
    frame.after_key = true;
    return true;
  }

  // The library takes a NUL byte for the end of the text.
  bool reached_end() const {
    TextCursor cursor = after_last_;
    cursor.skip_spaces();
    return root_.has_value() && cursor.at_end();
  }

  Node take_root() { return std::move(*root_); }

  Diagnostic error() const {
    return error_ ? *error_ : explain_syntax_error(name_, syntax_state());
  }

 private:
  // An array or object whose end is still to come.
  struct Frame {
    Node node;
    std::map<std::string, int> lines{};  // of the keys
    std::string key{};
    Origin key_origin{};
    bool after_key = false;
  };

  // Behind a number or word may follow directly what the library has not judged yet: "01", "truex".
  void next_token() {
    last_ = after_last_;
    last_.skip_spaces_and(",:");
    after_last_ = last_;
    const std::string_view rest = last_.rest();
    const size_t number = number_length(rest);
    after_last_.advance(number > 0 ? number : token_length(rest));
  }

  Origin here() const {
    return {.source = name_, .line = last_.line(), .column = last_.column(), .note = ""};
  }

  // Of the innermost array or object that is open.
  Pointer pointer() const {
    std::vector<std::string> tokens;
    for (size_t i = 0; i + 1 < frames_.size(); ++i) {
      const Node& node = frames_[i].node;
      tokens.push_back(node.is_array() ? std::to_string(node.size()) : frames_[i].key);
    }
    return Pointer(std::move(tokens));
  }

  bool add(Node node) {
    node.set_origin(here());
    put(std::move(node));
    return true;
  }

  bool add_word(Node node, std::string_view word) {
    next_token();
    after_last_ = last_;
    after_last_.advance(word.size());
    return add(std::move(node));
  }

  bool add_number() {
    next_token();
    return add(number_node(last_.rest().substr(0, after_last_.offset() - last_.offset())));
  }

  bool open(Node node) {
    next_token();
    if (frames_.size() == kMaxDepth) {
      error_ = diagnostic_at(here(), "",
                             "nesting is deeper than " + std::to_string(kMaxDepth) + " levels");
      return false;
    }
    node.set_origin(here());
    frames_.push_back({.node = std::move(node)});
    return true;
  }

  bool close() {
    next_token();
    Node node = std::move(frames_.back().node);
    frames_.pop_back();
    put(std::move(node));
    return true;
  }

  void put(Node node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.is_array()) {
      frame.node.push(std::move(node));
      return;
    }
    frame.node.members().push_back(
        {std::move(frame.key), std::move(frame.key_origin), std::move(node)});
    frame.after_key = false;
  }

  SyntaxState syntax_state() const {
    using Expects = SyntaxState::Expects;
    SyntaxState state{.last = last_, .after_last = after_last_};
    if (frames_.empty()) {
      state.expects = root_ ? Expects::kEnd : Expects::kValue;
      return state;
    }
    const Frame& frame = frames_.back();
    const bool first = frame.node.size() == 0;
    state.open_line = frame.node.origin().line;
    if (frame.node.is_array()) {
      state.open_bracket = '[';
      state.expects = first ? Expects::kFirstItem : Expects::kItemEnd;
    } else {
      state.open_bracket = '{';
      state.expects = frame.after_key ? Expects::kColon
                      : first         ? Expects::kFirstKey
                                      : Expects::kMemberEnd;
    }
    return state;
  }

  std::string name_;
  TextCursor last_;        // at the token of the last event
  TextCursor after_last_;  // behind it
  std::vector<Frame> frames_;
  std::optional<Node> root_;
  std::optional<Diagnostic> error_;
};

}  // namespace

std::optional<Node> parse(std::string name, std::string_view text, Diagnostic* error) {
  const auto fail = [error](Diagnostic diagnostic) {
    if (error != nullptr) *error = std::move(diagnostic);
    return std::nullopt;
  };
  const Origin start{.source = name, .line = 1, .column = 1, .note = ""};
  if (text.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return fail(diagnostic_at(start, "", "the text is longer than 2 GiB"));
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    return fail(diagnostic_at(
        start, "", "the text starts with a byte order mark: save it as UTF-8 without one"));
  }
  Builder builder(name, text);
  if (!Library::sax_parse(text.begin(), text.end(), &builder) || !builder.reached_end()) {
    return fail(builder.error());
  }
  return builder.take_root();
}

Node from_command_line(std::string_view text, std::string_view option_text) {
  std::optional<Node> parsed = parse(std::string(option_text), text, nullptr);
  Node node = parsed ? std::move(*parsed) : Node::string(std::string(text));
  node.set_origin_of_all({.source = std::string(option_text), .line = 0, .column = 0, .note = ""});
  return node;
}

}  // namespace tcptwin::json
