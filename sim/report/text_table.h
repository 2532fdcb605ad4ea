// text_table.h: columns of text for a terminal: the first two to the left, the others to the right.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace tcptwin::report {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

  // As many cells as the header has.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  std::string render() const {
    std::vector<size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
      for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    }
    std::string out;
    for (const auto& row : rows_) {
      std::string line;
      for (size_t c = 0; c < row.size(); ++c) {
        const std::string padding(widths[c] - row[c].size(), ' ');
        if (c > 0) line += "  ";
        line += c < kLeftColumns ? row[c] + padding : padding + row[c];
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
    return out;
  }

 private:
  static constexpr size_t kLeftColumns = 2;
  std::vector<std::vector<std::string>> rows_;  // the header first
};

}  // namespace tcptwin::report
