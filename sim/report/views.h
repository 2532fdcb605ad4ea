// views.h: what the tools of a host would show of it at one instant. A view is a row of one table:
// a name, the command that it stands for, and what writes its lines.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "models/catalogue/tools.h"
#include "models/json/node.h"
#include "sim/scenario/run.h"

namespace tcptwin::report {

// The host whose tool is asked, as it was then, and the layout of the tool.
struct ViewInput {
  const scenario::Snapshot& snapshot;
  const scenario::HostSpec& host;
  const catalogue::ToolLayout& layout;
};

struct View {
  std::string_view name;
  // "NAME-macos" and the like show the same in the layout of another system.
  bool by_layout = false;
  std::string_view shows;  // for people
  std::string_view (*command)(const catalogue::ToolLayout& layout);
  std::string (*render)(const ViewInput& input);  // whole lines
};

// All of them, in the order in which help lists them.
std::span<const View> views();

// One `--view NAME[@HOST[@TIME]]`.
struct ViewChoice {
  std::string text;  // as it was written
  const View* view = nullptr;
  const catalogue::ToolLayout* layout = nullptr;  // null: the host's own
  std::string host;                               // empty: every host
  std::optional<Instant> at;                      // absent: the end of the run
};
// Nothing, and the reason in `problem`, when there is no such view or the time is none.
std::optional<ViewChoice> parse_view(std::string_view text, std::string& problem);

// "baseline, client at 5s: netstat -tn" and the lines.
std::string view_text(const ViewChoice& choice, std::string_view variant, const ViewInput& input);
json::Node view_json(const ViewChoice& choice, const ViewInput& input);

// The names with what they show, a line each.
std::string views_help();

}  // namespace tcptwin::report
