// profile_page.h: the differences of two profiles as a page to read and as JSON: by axis, in the
// words of the reference, with what they mean in practice and where the values are from.
#pragma once

#include <string>
#include <vector>

#include "models/json/node.h"

namespace tcptwin::report {

struct ProfileDifference {
  struct Row {
    std::string pointer;  // empty: a consequence, no value
    std::string about;
    std::string values[2];  // "-" when a profile has none
  };
  struct Axis {
    std::string key;
    std::string about;
    std::vector<Row> rows;
    std::vector<std::string> words;  // "minshall: another small segment in flight"
    std::vector<Row> in_practice;
    std::string sources[2];
  };
  std::string names[2];
  std::string titles[2];
  std::vector<Axis> axes;  // those that differ
};

// Of two documents of the catalogue.
ProfileDifference compare_profiles(const json::Node& left, const json::Node& right);
std::string profile_page(const ProfileDifference& difference);
json::Node profile_json(const ProfileDifference& difference);

}  // namespace tcptwin::report
