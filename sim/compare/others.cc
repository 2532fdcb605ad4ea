#include "sim/compare/others.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "stack/wire/address.h"

namespace tcptwin::compare {

namespace {

struct Endpoint {
  std::string address;
  std::optional<uint16_t> port;
};

// "10.77.0.1.5000", "fd00::1.53", "10.77.0.1"; nothing for other words.
std::optional<Endpoint> endpoint_of(const std::string& word) {
  if (wire::IpAddress::parse(word)) return Endpoint{word, std::nullopt};
  const size_t dot = word.rfind('.');
  if (dot == std::string::npos || !wire::IpAddress::parse(word.substr(0, dot))) return std::nullopt;
  uint16_t port = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data() + dot + 1, end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  return Endpoint{word.substr(0, dot), port};
}

class Renaming {
 public:
  std::string operator()(const std::string& text) {
    std::string renamed;
    for (size_t begin = 0; begin <= text.size();) {
      const size_t end = std::min(text.find(' ', begin), text.size());
      std::string word = text.substr(begin, end - begin);
      const bool colon = word.ends_with(':');
      if (colon) word.pop_back();
      renamed += (begin == 0 ? "" : " ") + renamed_word(word) + (colon ? ":" : "");
      begin = end + 1;
    }
    return renamed;
  }

 private:
  std::string renamed_word(const std::string& word) {
    constexpr uint16_t kWellKnown = 1023;
    const auto endpoint = endpoint_of(word);
    if (!endpoint) return word;
    const auto host = hosts_.emplace(endpoint->address, hosts_.size() + 1).first->second;
    std::string name = "host" + std::to_string(host);
    if (!endpoint->port) return name;
    if (*endpoint->port <= kWellKnown) return name + ".port" + std::to_string(*endpoint->port);
    const auto port =
        ports_.emplace(std::pair(endpoint->address, *endpoint->port), ports_.size() + 1);
    return name + ".own" + std::to_string(port.first->second);
  }

  std::map<std::string, size_t> hosts_;
  std::map<std::pair<std::string, uint16_t>, size_t> ports_;
};

}  // namespace

std::vector<std::string> other_texts(const capture::View& view) {
  Renaming rename;
  std::vector<std::string> texts;
  for (const uint32_t position : view.others) {
    texts.push_back(rename(view.sights[position].packet->other));
  }
  return texts;
}

}  // namespace tcptwin::compare
