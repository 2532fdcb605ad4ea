#include "sim/trace/explain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "models/json/units.h"

namespace tcptwin::trace {

namespace {

using json::pretty_duration;

constexpr int64_t kSmallestShare = 20;  // a story is told from 1/20 of the interval on
constexpr size_t kMostStories = 4;

struct Columns {
  size_t time = 8;
  size_t who = 3;
};

struct Line {
  Duration time{};
  Duration waited{};
  std::string who;
  std::string what;
};

std::string line_text(const Line& line, const Columns& columns) {
  return fmt::format("{:>{}}  {:>12}  {:<{}}  {}\n", seconds_text(line.time), columns.time,
                     '+' + pretty_duration(line.waited), line.who, columns.who, line.what);
}

size_t longest_of(const std::vector<Wait>& waits) {
  const auto longest =
      std::max_element(waits.begin(), waits.end(),
                       [](const Wait& a, const Wait& b) { return a.length() < b.length(); });
  return static_cast<size_t>(longest - waits.begin());
}

}  // namespace

Explainer::Explainer(const Journal& journal, const ExplainOptions& options)
    : journal_(&journal), lines_max_(options.lines_max), words_(journal, options.ticks) {}

// A sixth of the lines for the beginning and the end each, the rest around the longest wait.
std::vector<bool> Explainer::shown(const Chain& chain, size_t longest) const {
  const size_t count = chain.steps.size();
  std::vector<bool> shown(count, count <= lines_max_);
  if (count <= lines_max_) return shown;
  const size_t edge = lines_max_ / 6;
  const size_t around = lines_max_ / 3;
  for (size_t i = 0; i < count; ++i) {
    shown[i] = i < edge || i + edge >= count || (i + around >= longest && i <= longest + around);
  }
  return shown;
}

// What the interval began in the middle of: a timer that was running, a packet on its way.
std::string Explainer::before_text(const Chain& chain) const {
  if (chain.before == nullptr || chain.steps.empty()) return "";
  if (std::holds_alternative<CallReturned>(chain.before->event)) return "";
  return pretty_duration(chain.interval.start - chain.before->at) + " before the start, " +
         journal_->host_name(chain.before->host()) + ' ' + words_.step(*chain.before);
}

std::string Explainer::render(const Chain& chain) const {
  const std::vector<Wait> waits = waits_of(*journal_, chain);
  const size_t longest = longest_of(waits);
  const std::vector<bool> visible = shown(chain, longest);
  Columns columns{.time = seconds_text(chain.interval.end - chain.interval.start).size()};
  for (size_t i = 0; i < visible.size(); ++i) {
    if (visible[i]) columns.who = std::max(columns.who, words_.actor(chain, i).size());
  }
  const auto mark = [&](size_t step) {
    if (step != longest || waits[step].length() <= Duration(0)) return std::string();
    return "  <== " + pretty_duration(waits[step].length()) + ": " +
           words_.mark(chain, waits[step]);
  };

  std::string out;
  if (!chain.complete()) out += words_.break_text(chain) + '\n';
  if (const std::string before = before_text(chain); !before.empty()) out += before + '\n';
  for (size_t i = 0; i < visible.size(); ++i) {
    const Step& step = chain.steps[i];
    if (visible[i]) {
      out += line_text({step.at - chain.interval.start, step.elapsed, words_.actor(chain, i),
                        words_.step(*step.record) + mark(i)},
                       columns);
    } else if (visible[i - 1]) {  // the first step is always shown
      const auto gap = visible.begin() + static_cast<ptrdiff_t>(i);
      const auto count = std::find(gap, visible.end(), true) - gap;
      const Instant end = chain.steps[i + static_cast<size_t>(count) - 1].at;
      out += fmt::format("{:>{}}  {:>12}  {} steps left out\n", "...", columns.time,
                         '+' + pretty_duration(end - chain.steps[i - 1].at), count);
    }
  }
  const Wait& rest = waits.back();
  if (rest.length() > Duration(0)) {
    out += line_text(
        {rest.to - chain.interval.start, rest.length(), "", "the measure ends" + mark(rest.step)},
        columns);
  }
  return out + summary(chain) + '\n';
}

std::vector<Explainer::Story> Explainer::stories(const Chain& chain,
                                                 const std::vector<Wait>& waits) const {
  std::map<std::string, Story> by_key;
  for (const Wait& wait : waits) {
    if (wait.length() == Duration(0)) continue;
    Story& story = by_key[words_.key(chain, wait)];
    if (story.count == 0 || wait.length() > story.longest.length()) story.longest = wait;
    story.total += wait.length();
    ++story.count;
  }
  std::vector<Story> stories;
  stories.reserve(by_key.size());
  for (const auto& [key, story] : by_key) stories.push_back(story);
  std::stable_sort(stories.begin(), stories.end(),
                   [](const Story& a, const Story& b) { return a.total > b.total; });
  return stories;
}

std::string Explainer::summary(const Chain& chain) const {
  const Duration whole = chain.interval.end - chain.interval.start;
  if (whole <= Duration(0)) return "The measure took no time.";
  std::string text;
  Duration told{};
  size_t count = 0;
  for (const Story& story : stories(chain, waits_of(*journal_, chain))) {
    if (count == kMostStories || story.total * kSmallestShare < whole) break;
    text += count == 0 ? pretty_duration(story.total) + " of " + pretty_duration(whole) + ": "
                       : "; " + pretty_duration(story.total) + ": ";
    text += words_.wait(chain, story.longest, story.count);
    told += story.total;
    ++count;
  }
  if ((whole - told) * kSmallestShare >= whole) {
    text += "; the other " + pretty_duration(whole - told) + ": short steps";
  }
  text += '.';
  if (!chain.complete()) text += " Not all of it is explained: " + words_.break_text(chain) + '.';
  return text;
}

}  // namespace tcptwin::trace
