#include "sim/scenario/socket_names.h"

#include <algorithm>
#include <charconv>

#include "models/json/nearest.h"

namespace tcptwin::scenario {

using app::SocketRef;
using json::Node;

SocketNames::Parsed SocketNames::parse(const std::string& name, const Node& at, bool all_may) {
  const size_t open = name.find('[');
  if (open == std::string::npos) return {.base = name, .ref = {}};
  Parsed parsed{.base = name.substr(0, open) + "[]", .ref = {}};
  const std::string_view index = std::string_view(name).substr(open + 1);
  if (open == 0 || !index.ends_with(']')) {
    context_->error(at,
                    "\"" + name + "\" is no name: expected \"conn\", \"conn[3]\" or \"conn[i]\"");
    parsed.ok = false;
  } else if (index.size() > 1) {
    parsed.ok = parse_index(index.substr(0, index.size() - 1), at, parsed.ref);
  } else {
    parsed.ref.of = SocketRef::Of::kAll;
    parsed.ok = all_may;
    if (!all_may) context_->error(at, "\"" + name + "\" are all of them, and this takes one");
  }
  return parsed;
}

bool SocketNames::parse_index(std::string_view index, const Node& at, SocketRef& ref) {
  const auto [end, error] = std::from_chars(index.data(), index.data() + index.size(), ref.index);
  ref.of = SocketRef::Of::kElement;
  if (error == std::errc() && end == index.data() + index.size()) {
    if (ref.index < kMostElements) return true;
    context_->error(at, "more than " + std::to_string(kMostElements) + " sockets of one name");
    return false;
  }
  ref.of = SocketRef::Of::kCounter;
  for (size_t i = repeats_.size(); i-- > 0;) {
    if (repeats_[i].index != index) continue;
    ref.index = static_cast<uint32_t>(i);
    if (repeats_[i].rounds >= 0 && repeats_[i].rounds <= kMostElements) return true;
    context_->error(at, "the repeat that counts as \"" + std::string(index) + "\" does more than " +
                            std::to_string(kMostElements) + " rounds");
    return false;
  }
  std::vector<std::string> known;
  for (const Repeat& r : repeats_) {
    if (!r.index.empty()) known.push_back(r.index);
  }
  context_->error(at, "no repeat around this has the index \"" + std::string(index) + "\"",
                  json::nearest(std::string(index), known));
  return false;
}

SocketRef SocketNames::define(const std::string& name, const Node& at) {
  Parsed parsed = parse(name, at, false);
  const auto found = std::find(names_.begin(), names_.end(), parsed.base);
  parsed.ref.slot = static_cast<uint32_t>(found - names_.begin());
  if (found == names_.end()) names_.push_back(parsed.base);
  return parsed.ref;
}

SocketRef SocketNames::find(const std::string& name, const Node& at, bool all_may) {
  const std::string wanted = name.empty() ? "socket" : name;
  Parsed parsed = parse(wanted, at, all_may);
  if (!parsed.ok) return {};
  const auto found = std::find(names_.begin(), names_.end(), parsed.base);
  if (found == names_.end()) {
    context_->error(at, "no operation before this one makes a socket called \"" + wanted + "\"",
                    json::nearest(parsed.base, names_));
    return {};
  }
  parsed.ref.slot = static_cast<uint32_t>(found - names_.begin());
  return parsed.ref;
}

SocketRef SocketNames::use(const std::string& name, const Node& at) {
  return find(name, at, false);
}
SocketRef SocketNames::use_any(const std::string& name, const Node& at) {
  return find(name, at, true);
}

bool SocketNames::knows(const std::string& name) const {
  const std::string base = name.substr(0, name.find('[')) + (name.ends_with(']') ? "[]" : "");
  return std::find(names_.begin(), names_.end(), base) != names_.end();
}

void SocketNames::open_repeat(std::string index, int64_t rounds) {
  repeats_.push_back({std::move(index), rounds});
}

uint32_t SocketNames::places() const {
  return static_cast<uint32_t>(std::max<size_t>(names_.size(), 1));
}

}  // namespace tcptwin::scenario
