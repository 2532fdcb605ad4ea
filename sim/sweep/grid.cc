#include "sim/sweep/grid.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tcptwin::sweep {

bool parse_axis(std::string_view text, Axis* out) {
  scenario::Override whole;
  if (!scenario::parse_override(text, &whole)) return false;
  out->pointer = whole.pointer;
  out->values.assign(1, "");
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < whole.value.size(); ++i) {
    const char c = whole.value[i];
    std::string& value = out->values.back();
    if (c == ',' && depth == 0 && !quoted) {
      out->values.emplace_back();
      continue;
    }
    value += c;
    if (quoted && c == '\\' && i + 1 < whole.value.size()) {
      value += whole.value[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '[' || c == '{')) {
      ++depth;
    } else if (!quoted && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return std::none_of(out->values.begin(), out->values.end(),
                      [](const std::string& value) { return value.empty(); });
}

Grid::Grid(std::vector<Axis> axes, std::string option)
    : axes_(std::move(axes)), option_(std::move(option)) {
  for (const Axis& axis : axes_) {
    size_ = size_ > kLargest / axis.values.size() ? kLargest + 1 : size_ * axis.values.size();
  }
}

std::vector<scenario::Override> Grid::at(size_t index) const {
  std::vector<scenario::Override> overrides(axes_.size());
  for (size_t a = axes_.size(); a-- > 0;) {
    const Axis& axis = axes_[a];
    overrides[a] = {axis.pointer, axis.values[index % axis.values.size()], option_};
    index /= axis.values.size();
  }
  return overrides;
}

std::vector<size_t> Grid::samples() const {
  std::set<size_t> indices = {0};
  size_t stride = 1;
  for (size_t a = axes_.size(); a-- > 0;) {
    for (size_t v = 1; v < axes_[a].values.size(); ++v) indices.insert(v * stride);
    stride *= axes_[a].values.size();
  }
  return {indices.begin(), indices.end()};
}

}  // namespace tcptwin::sweep
