#include "models/json/nearest.h"

#include <algorithm>
#include <vector>

namespace tcptwin::json {
namespace {

// What is left of a word when case and separators do not count.
std::string folded(std::string_view word) {
  std::string result;
  for (const char c : word) {
    if (c == '-' || c == '_' || c == '.' || c == ' ') continue;
    result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

// Optimal string alignment: insert, delete, replace, or swap neighbours; each costs 1.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last;
  std::vector<size_t> last(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::vector<size_t> row(b.size() + 1, i);
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last = std::move(last);
    last = std::move(row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> known) {
  constexpr size_t kLongest = 64;  // what is longer is no slip of the finger
  if (word.empty() || word.size() > kLongest) return "";
  const std::string wanted = folded(word);
  for (const std::string& candidate : known) {
    if (folded(candidate) == wanted) return candidate;
  }
  std::string best;
  size_t best_distance = std::max(wanted.size() / 3, size_t{1}) + 1;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongest) continue;
    const size_t distance = edit_distance(wanted, folded(candidate));
    // As many edits as letters would turn anything into anything.
    if (distance < best_distance && distance < wanted.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string quoted_list(std::span<const std::string> words, std::string_view last, size_t limit) {
  std::string list;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i == limit) return list + ", ...";
    const bool is_last = i > 0 && i + 1 == words.size();
    if (is_last) {
      list.append(" ").append(last).append(" ");
    } else if (i > 0) {
      list += ", ";
    }
    list.append("\"").append(words[i]).append("\"");
  }
  return list;
}

}  // namespace tcptwin::json
