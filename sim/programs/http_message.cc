#include "sim/programs/http_message.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace tcptwin::programs {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool take_field(std::string_view line, HttpHead* head) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string name = lower(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "content-length") {
    int64_t length = -1;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error != std::errc() || end != value.data() + value.size() || length < 0) return false;
    head->content_length = length;
  }
  if (name == "connection") {
    const std::string option = lower(value);
    if (option == "close") head->keeps_alive = false;
    if (option == "keep-alive") head->keeps_alive = true;
  }
  return true;
}

}  // namespace

std::string_view HttpHead::target() const {
  const std::string_view line = first_line;
  const size_t begin = line.find(' ');
  if (begin == std::string_view::npos) return {};
  const size_t end = line.find(' ', begin + 1);
  if (end == std::string_view::npos) return {};
  return line.substr(begin + 1, end - begin - 1);
}

HeadState parse_head(std::string_view bytes, HttpHead* out) {
  constexpr std::string_view kBlank = "\r\n\r\n";
  const size_t end = bytes.find(kBlank);
  if (end == std::string_view::npos || end + kBlank.size() > kLargestHead) {
    return bytes.size() < kLargestHead ? HeadState::kIncomplete : HeadState::kMalformed;
  }
  HttpHead head{.size = end + kBlank.size()};
  std::string_view rest = bytes.substr(0, end + 2);
  for (bool first = true; !rest.empty(); first = false) {
    const size_t line_end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, line_end);
    rest.remove_prefix(line_end + 2);
    if (first) {
      head.first_line = line;
      head.keeps_alive = line.find("HTTP/1.0") == std::string_view::npos;
    } else if (!take_field(line, &head)) {
      return HeadState::kMalformed;
    }
  }
  *out = std::move(head);
  return HeadState::kComplete;
}

// One recv; what it brings is pending.
Task HttpReader::fetch(HttpMessage& out, int64_t most) {
  if (quick_ack_)
    co_await api_.setsockopt(fd_, "IPPROTO_TCP", "TCP_QUICKACK", socket::OptionValue{1});
  host::CallResult result = co_await api_.recv(fd_, most);
  if (result.error) {
    out.end = HttpMessage::End::kError;
    out.error = *result.error;
  }
  ended_ = result.error || result.value == 0;
  pending_.append(std::move(result.data));
}

Task HttpReader::next(HttpMessage& out) {
  using End = HttpMessage::End;
  out = HttpMessage();
  for (HeadState state = HeadState::kIncomplete; state == HeadState::kIncomplete;) {
    if (!pending_.empty()) {
      const std::vector<uint8_t> bytes =
          pending_.sub(0, std::min(pending_.size(), kLargestHead)).bytes();
      state = parse_head({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, &out.head);
      if (state == HeadState::kMalformed) out.end = End::kMalformed;
      if (state != HeadState::kIncomplete) break;
    }
    if (ended_) out.end = pending_.empty() ? End::kEndOfStream : End::kCutOff;
    if (out.end != End::kWhole) co_return;
    const bool nothing_before = pending_.empty();
    const Task fetching = fetch(out, most_);
    co_await fetching;
    if (nothing_before) out.first_byte = api_.now();
    if (out.end != End::kWhole) co_return;
  }
  if (out.end != End::kWhole) co_return;
  pending_.take_front(out.head.size);
  const bool to_the_end = role_ == Role::kAnswers && !out.head.content_length;
  const int64_t wanted = out.head.content_length.value_or(0);
  while (to_the_end || out.body < wanted) {
    const auto have = static_cast<int64_t>(pending_.size());
    const int64_t taken = to_the_end ? have : std::min(have, wanted - out.body);
    pending_.take_front(static_cast<size_t>(taken));
    out.body += taken;
    if (!to_the_end && out.body == wanted) break;
    if (ended_) {
      if (out.end == End::kWhole && !to_the_end) out.end = End::kCutOff;
      co_return;
    }
    const Task fetching = fetch(out, to_the_end ? most_ : std::min(most_, wanted - out.body));
    co_await fetching;
  }
}

}  // namespace tcptwin::programs
