#include "sim/compare/fields.h"

#include <algorithm>
#include <span>

#include "models/json/units.h"
#include "stack/wire/text.h"

namespace tcptwin::compare {

namespace {

// One segment, or several that stand for one.
struct Run {
  const Segment& first;
  const Segment& last;
  uint32_t length = 0;
  std::string flags;  // with what only the last has, such as PSH
};

Run run_of(const std::vector<Segment>& all, uint32_t begin, uint32_t count) {
  const std::span<const Segment> segments = std::span(all).subspan(begin, count);
  Run run{segments.front(), segments.back(), 0, ""};
  wire::TcpFlags flags = segments.front().tcp().flags;
  for (const Segment& segment : segments) run.length += segment.length();
  flags.psh |= run.last.tcp().flags.psh;
  flags.fin |= run.last.tcp().flags.fin;
  run.flags = wire::flags_text(flags);
  return run;
}

std::string options_of(const Segment& segment) {
  const std::string text = wire::to_text(segment.tcp(), segment.sight->numbers);
  const size_t begin = text.find('<');
  return begin == std::string::npos ? "" : text.substr(begin + 1, text.size() - begin - 2);
}

// The options with the clock readings left out; whether there is an echo at all stays.
std::string without_readings(const std::string& options) {
  const size_t begin = options.find("TS ");
  if (begin == std::string::npos) return options;
  const size_t end = std::min(options.find(',', begin), options.size());
  const bool no_echo = options[end - 1] == '-';
  return options.substr(0, begin) + (no_echo ? "TS without echo" : "TS") + options.substr(end);
}

class FieldList {
 public:
  void add(Field field, std::string a, std::string b) {
    if (a != b) list_.push_back({field, std::move(a), std::move(b), {}});
  }
  void add(Field field, int64_t a, int64_t b) {
    if (a != b) add(field, std::to_string(a), std::to_string(b));
  }
  void add_age(Field field, const std::optional<Duration>& a, const std::optional<Duration>& b,
               Duration most) {
    if (!a || !b) return;
    const Duration by = *a > *b ? *a - *b : *b - *a;
    if (by <= most) return;
    list_.push_back(
        {field, json::pretty_duration(*a) + " old", json::pretty_duration(*b) + " old", by});
  }
  std::vector<FieldDifference> take() { return std::move(list_); }

 private:
  std::vector<FieldDifference> list_;
};

}  // namespace

std::vector<FieldDifference> compare_fields(const std::vector<Segment>& a,
                                            const std::vector<Segment>& b, const Pair& pair,
                                            Duration tolerance, Duration timestamp_tick) {
  const Run x = run_of(a, pair.a, pair.a_count);
  const Run y = run_of(b, pair.b, pair.b_count);
  FieldList fields;
  fields.add(Field::kFlags, x.flags, y.flags);
  fields.add(Field::kSeq, x.first.begin, y.first.begin);
  fields.add(Field::kLength, x.length, y.length);
  if (x.first.ack && y.first.ack) fields.add(Field::kAck, *x.first.ack, *y.first.ack);
  if (x.first.window && y.first.window) {
    fields.add(Field::kWindow, *x.first.window, *y.first.window);
  }
  const std::string own = options_of(x.first);
  const std::string other = options_of(y.first);
  if (without_readings(own) != without_readings(other)) fields.add(Field::kOptions, own, other);
  const Duration most = tolerance + 2 * timestamp_tick;
  fields.add_age(Field::kTimestamp, x.first.age, y.first.age, most);
  fields.add_age(Field::kEcho, x.first.echo_age, y.first.echo_age, most);
  return fields.take();
}

}  // namespace tcptwin::compare
