#include "stack/socket/calls.h"

namespace tcptwin::socket {

std::string events_text(const Events& events) {
  std::string text;
  const auto add = [&](bool on, const char* name) {
    if (on) text += (text.empty() ? "" : "|") + std::string(name);
  };
  add(events.in, "POLLIN");
  add(events.out, "POLLOUT");
  add(events.priority, "POLLPRI");
  add(events.error, "POLLERR");
  add(events.hang_up, "POLLHUP");
  add(events.read_hang_up, "POLLRDHUP");
  add(events.invalid, "POLLNVAL");
  return text.empty() ? "0" : text;
}

}  // namespace tcptwin::socket
