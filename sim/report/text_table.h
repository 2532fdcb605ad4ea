// text_table.h: columns of text for a terminal: the first ones to the left, the others to the
// right.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace tcptwin::report {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header, size_t left_columns = 2,
                     std::string gap = "  ")
      : left_columns_(left_columns), gap_(std::move(gap)) {
    rows_.push_back(std::move(header));
  }

  // This column goes to the left, too.
  void also_left(size_t column) { also_left_ = column; }

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
        if (c > 0) line += gap_;
        line += c < left_columns_ || c == also_left_ ? row[c] + padding : padding + row[c];
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
    return out;
  }

 private:
  size_t left_columns_;
  size_t also_left_ = 0;
  std::string gap_;
  std::vector<std::vector<std::string>> rows_;  // the header first
};

}  // namespace tcptwin::report
