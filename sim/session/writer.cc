#include "sim/session/writer.h"

#include <algorithm>

namespace tcptwin::session {

namespace {

constexpr size_t kLongestCommand = 4096;  // bytes that are kept of it

trace::PcapngOptions format_of(const Head& head,
                               std::vector<std::pair<wire::IpAddress, std::string>> names) {
  trace::PcapngOptions format;
  format.application = "tcptwin " + head.version;
  format.comment = json::write(json::encode(head_fields(), head), json::Style::kCompact);
  format.hardware = "real machines and a simulated network";
  format.names = std::move(names);
  return format;
}

std::vector<std::pair<std::string, std::string>> interfaces_of(const Head& head) {
  std::vector<std::pair<std::string, std::string>> interfaces;
  for (const std::string& host : head.real) {
    interfaces.emplace_back(host, "what the real machine sent and received");
  }
  return interfaces;
}

std::vector<std::string> shortened(const std::vector<std::string>& command) {
  std::vector<std::string> words;
  size_t room = kLongestCommand;
  for (const std::string& word : command) {
    if (room == 0) break;
    words.push_back(word.substr(0, room));
    room -= words.back().size();
    if (words.size() >= kLongestCommand / 8) break;
  }
  return words;
}

}  // namespace

Writer::Writer(const Head& head, std::vector<std::pair<wire::IpAddress, std::string>> names,
               std::vector<uint8_t>& out)
    : stream_(format_of(head, std::move(names)), interfaces_of(head), out) {}

void Writer::crossing(const Crossing& c) {
  stream_.packet({c.seat, c.at, c.bytes, c.to_machine, ""});
}

void Writer::event(const Event& event) {
  Event kept = event;
  kept.command = shortened(event.command);
  stream_.note(event.seat, event.at,
               json::write(json::encode(event_fields(), kept), json::Style::kCompact));
}

}  // namespace tcptwin::session
