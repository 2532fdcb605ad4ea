#include "tests/parity/group.h"

#include <algorithm>

namespace tcptwin::parity {

namespace {

template <class Entry>
std::vector<Entry> of_capture(const std::vector<Entry>& all, const std::string& name) {
  std::vector<Entry> chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
               [&](const Entry& entry) { return entry.capture == name; });
  return chosen;
}

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  constexpr size_t kEnough = 10;
  for (size_t i = 0; i < std::min(lines.size(), kEnough); ++i) text += "\n  " + lines[i];
  if (lines.size() > kEnough) text += "\n  and " + std::to_string(lines.size() - kEnough) + " more";
  return text;
}

}  // namespace

std::vector<std::string> differences(const Group& group, const std::string& name) {
  const support::Capture capture = support::read_capture(group.folder + '/' + name);
  const Replayed ours = replay(capture, programs_of(capture), name.ends_with(".B") ? 1 : 0);
  std::vector<std::string> found = compare_packets(capture, ours, of_capture(group.late, name));
  if (group.calls && ours.errors.empty()) append(found, compare_calls(capture, ours));
  return found;
}

void judge(const Group& group, const std::string& name, const std::vector<std::string>& found) {
  const auto pending = of_capture(group.pending, name);
  if (pending.empty()) {
    EXPECT_TRUE(found.empty()) << joined(found);
  } else {
    EXPECT_FALSE(found.empty()) << "comes out now: take it off the list (" << pending.front().why
                                << ')';
  }
}

void expect_parity(const Group& group, const std::string& name) {
  judge(group, name, differences(group, name));
}

std::string test_name(const testing::TestParamInfo<std::string>& tested) {
  std::string name = tested.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '/'; }, '_');
  return name;
}

}  // namespace tcptwin::parity
