// metrics.h: what programs measured, by name: times, or numbers such as bytes and errors.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stack/base/record.h"
#include "stack/base/time.h"

namespace tcptwin::app {

// All values of one measure, in the order in which they were taken, and where the longest time
// lies.
struct Measure {
  enum class Unit : uint8_t { kTime, kNumber };
  std::vector<int64_t> values;  // kTime: nanoseconds of virtual time
  Unit unit = Unit::kTime;
  Instant longest_start;
  Instant longest_end;
  RecordId longest_record = RecordId::kNone;  // the call whose return ended it
  int64_t longest_index = 0;                  // from 1

  bool is_time() const { return unit == Unit::kTime; }
  // The first of equal ones counts as the longest.
  void add(Instant start, Instant end, RecordId record) {
    values.push_back((end - start).count());
    if (values.size() > 1 && end - start <= longest_end - longest_start) return;
    longest_start = start;
    longest_end = end;
    longest_record = record;
    longest_index = static_cast<int64_t>(values.size());
  }
  void add_number(int64_t value) {
    unit = Unit::kNumber;
    values.push_back(value);
  }
};

// "process.measure" -> values; sorted by name.
using Metrics = std::map<std::string, Measure>;

}  // namespace tcptwin::app
