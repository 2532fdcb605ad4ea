#include "tests/soak/datagrams.h"

#include <algorithm>

namespace tcptwin::soak {

namespace {

using lab::Api;
using lab::Task;

constexpr uint16_t kPort = 7000;
constexpr size_t kDigits = 4;  // of its number, at the beginning of each

Payload numbered(int64_t number, size_t size) {
  std::string digits = std::to_string(10'000 + number).substr(1);
  Payload payload = Payload::text(digits);
  payload.append(Payload::synthetic(99, static_cast<uint64_t>(number), size));
  return payload;
}

// A size for each, from a few bytes to `largest`.
size_t size_of(int64_t number, int64_t largest) {
  return static_cast<size_t>((number * 7919 + 13) % largest);
}

bool is_one_of_ours(const Payload& got, int64_t sent, int64_t largest) {
  const auto bytes = got.bytes();
  if (bytes.size() < kDigits) return false;
  const int64_t number = std::stoll(std::string(bytes.begin(), bytes.begin() + kDigits));
  return number < sent && bytes == numbered(number, size_of(number, largest)).bytes();
}

Task answer_all(Api api, socket::Family family) {
  const int fd = (co_await api.udp_socket(family)).fd();
  const bool v6 = family == socket::Family::kIpv6;
  co_await api.bind(
      fd, {v6 ? wire::IpAddress::any_v6() : wire::IpAddress(), static_cast<wire::Port>(kPort)});
  for (;;) {
    const host::CallResult got = co_await api.recvfrom(fd, 70'000);
    if (got.error) co_return;
    co_await api.sendto(fd, got.data.sub(0, got.data.size()), got.address);
  }
}

Task ask(Api api, socket::Family family, int64_t count, int64_t largest, Echoes* echoes) {
  const int fd = (co_await api.udp_socket(family)).fd();
  for (int64_t number = 0; number < count; ++number) {
    const size_t size = size_of(number, largest);
    const host::CallResult sent =
        co_await api.sendto(fd, numbered(number, size), api.address("server", kPort, family));
    if (!sent.error) ++echoes->sent;
    const std::vector<socket::PollRequest> answer = {{fd, {.in = true}}};
    while ((co_await api.poll(answer, 300ms)).value > 0) {
      const host::CallResult got = co_await api.recvfrom(fd, 70'000);
      if (got.error) continue;
      ++echoes->heard;
      echoes->as_sent = echoes->as_sent && is_one_of_ours(got.data, number + 1, largest);
      if (number + 1 < count) break;
    }
  }
  echoes->finished = true;
}

}  // namespace

void add_datagrams(lab::Lab& lab, const lab::HostName& client, const lab::HostName& server,
                   socket::Family family, int64_t count, int64_t largest, Echoes& echoes) {
  lab.program(server, "udp-server", [family](Api api) { return answer_all(api, family); });
  Echoes* const seen = &echoes;
  lab.program(
      client, "udp-client", [=](Api api) { return ask(api, family, count, largest, seen); }, 1ms);
}

std::vector<std::string> judge_datagrams(const Echoes& echoes, bool doubles) {
  std::vector<std::string> found;
  if (!echoes.as_sent) found.emplace_back("datagrams: one came back that was not sent");
  if (!echoes.finished) found.emplace_back("datagrams: the client hangs");
  if (!doubles && echoes.heard > echoes.sent) found.emplace_back("datagrams: one came back twice");
  return found;
}

}  // namespace tcptwin::soak
