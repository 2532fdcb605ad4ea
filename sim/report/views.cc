#include "sim/report/views.h"

#include <algorithm>
#include <vector>

#include "models/catalogue/settings.h"
#include "models/json/nearest.h"
#include "models/json/units.h"
#include "sim/report/socket_views.h"
#include "sim/report/sockets.h"

namespace tcptwin::report {

namespace {

using catalogue::ToolLayout;
using json::Node;

// The settings of the host by its system's own names, with what the scenario has changed.
std::string sysctl_lines(const ViewInput& input) {
  const Node profile = scenario::profile_of(input.host);
  const std::vector<catalogue::Setting> settings = catalogue::settings_of(profile);
  if (settings.empty()) return input.host.profile + " has no settings with names of their own\n";
  std::string out;
  for (const catalogue::Setting& setting : settings) {
    const std::string value = catalogue::value_of(setting, profile);
    if (value == "-") continue;
    out += setting.name + std::string(input.layout.setting_is) + value + "\n";
  }
  return out;
}

constexpr View kViews[] = {
    {"netstat", true, "connections in the columns of the host's own netstat",
     [](const ToolLayout& layout) { return layout.netstat; }, netstat_lines},
    {"netstat-all", true, "the same with listeners and UDP",
     [](const ToolLayout& layout) { return layout.netstat_all; }, netstat_all_lines},
    {"lsof", true, "sockets that a program has open",
     [](const ToolLayout&) -> std::string_view { return "lsof -nP -i"; }, lsof_lines},
    {"lsof-all", true, "everything that a program has open",
     [](const ToolLayout&) -> std::string_view { return "lsof -nP"; }, lsof_all_lines},
    {"skywalkctl", false, "macOS: flows, connections that a process carries itself",
     [](const ToolLayout&) -> std::string_view { return "skywalkctl flow -n"; }, skywalkctl_lines},
    {"ss", false, "connections with the numbers of TCP_INFO and their timers",
     [](const ToolLayout&) -> std::string_view { return "ss -tinoap"; }, ss_lines},
    {"sysctl", false, "the host's settings by its system's own names",
     [](const ToolLayout&) -> std::string_view { return "sysctl -a"; }, sysctl_lines},
    {"sockets", false, "everything in one table: queues, states, next timers, programs",
     [](const ToolLayout&) -> std::string_view { return "sockets"; },
     [](const ViewInput& input) { return socket_table(input.snapshot); }},
};

const View* view_named(std::string_view name) {
  const auto found = std::find_if(std::begin(kViews), std::end(kViews),
                                  [&](const View& view) { return view.name == name; });
  return found == std::end(kViews) ? nullptr : &*found;
}

std::vector<std::string> all_view_names() {
  std::vector<std::string> names;
  for (const View& view : kViews) {
    names.emplace_back(view.name);
    if (!view.by_layout) continue;
    for (const ToolLayout& layout : catalogue::tool_layouts()) {
      names.push_back(std::string(view.name) + "-" + std::string(layout.name));
    }
  }
  return names;
}

// "netstat-linux": the view and the layout.
bool find_view(std::string_view name, ViewChoice& choice) {
  choice.view = view_named(name);
  if (choice.view != nullptr) return true;
  const size_t dash = std::min(name.rfind('-'), name.size());
  const View* view = view_named(name.substr(0, dash));
  if (view == nullptr || !view->by_layout) return false;
  for (const ToolLayout& layout : catalogue::tool_layouts()) {
    if (dash < name.size() && name.substr(dash + 1) == layout.name) choice.layout = &layout;
  }
  choice.view = view;
  return choice.layout != nullptr;
}

const ToolLayout& layout_of(const ViewChoice& choice, const ViewInput& input) {
  return choice.layout != nullptr ? *choice.layout : input.layout;
}

}  // namespace

std::span<const View> views() { return kViews; }

std::optional<ViewChoice> parse_view(std::string_view text, std::string& problem) {
  ViewChoice choice;
  choice.text = text;
  const size_t first = std::min(text.find('@'), text.size());
  const std::string name(text.substr(0, first));
  if (!find_view(name, choice)) {
    const std::string near = json::nearest(name, all_view_names());
    problem = "there is no view \"" + name + "\"" +
              (near.empty() ? "" : " (did you mean \"" + near + "\"?)") + "; there are " +
              json::quoted_list(all_view_names(), "and");
    return std::nullopt;
  }
  if (first == text.size()) return choice;
  const std::string_view rest = text.substr(first + 1);
  const size_t second = std::min(rest.find('@'), rest.size());
  choice.host = rest.substr(0, second);
  if (second == rest.size()) return choice;
  const std::string time(rest.substr(second + 1));
  const auto at = json::parse_duration(time);
  if (!at || *at < Duration()) {
    problem = "\"" + time + "\" is no time: expected one such as \"5s\" since the world began";
    return std::nullopt;
  }
  choice.at = Instant() + *at;
  return choice;
}

std::string view_text(const ViewChoice& choice, std::string_view variant, const ViewInput& input) {
  const ViewInput shown{input.snapshot, input.host, layout_of(choice, input)};
  return std::string(variant) + ", " + input.snapshot.host + " at " +
         json::pretty_duration(input.snapshot.at - Instant()) + ": " +
         std::string(choice.view->command(shown.layout)) + "\n" + choice.view->render(shown);
}

Node view_json(const ViewChoice& choice, const ViewInput& input) {
  const ViewInput shown{input.snapshot, input.host, layout_of(choice, input)};
  Node lines = Node::array();
  const std::string text = choice.view->render(shown);
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    lines.push(Node::string(text.substr(at, end - at)));
    at = end + 1;
  }
  Node node = Node::object();
  node.set("view", Node::string(choice.text))
      .set("command", Node::string(std::string(choice.view->command(shown.layout))))
      .set("host", Node::string(input.snapshot.host))
      .set("at_ns", Node::integer((input.snapshot.at - Instant()).count()))
      .set("lines", std::move(lines))
      .set("sockets", *sockets_json(input.snapshot).find("sockets"));
  return node;
}

std::string views_help() {
  std::string out;
  for (const View& view : kViews) {
    std::string name(view.name);
    if (view.by_layout) {
      std::string layouts;
      for (const ToolLayout& layout : catalogue::tool_layouts()) {
        layouts += (layouts.empty() ? "" : "|") + std::string(layout.name);
      }
      name += "[-" + layouts + "]";
    }
    out += "  " + name + ": " + std::string(view.shows) + "\n";
  }
  return out;
}

}  // namespace tcptwin::report
