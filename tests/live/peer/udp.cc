#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <iostream>

#include "tests/live/peer/peer.h"

namespace tcptwin::peer {

namespace {

constexpr int kIpAndUdpHeader4 = 28;
constexpr int kFloodPayload = 1472;  // with the headers 1500 bytes
constexpr int kSilenceMs = 300;

bool readable(int fd, int timeout_ms) {
  pollfd waited{fd, POLLIN, 0};
  return ::poll(&waited, 1, timeout_ms) > 0;
}

}  // namespace

void udp_send(const Words& words) {
  const int fd = connected(words.at(0), number(words.at(1)), SOCK_DGRAM);
  const int count = number(words.at(2)), gap_us = number(words.at(3));
  int64_t at = now_us();
  for (int32_t i = 1; i <= count; ++i) {
    checked(::send(fd, &i, sizeof i, 0), "send");
    sleep_until_us(at += gap_us);
  }
}

void udp_receive(const Words& words) {
  const int fd = bound(number(words.at(0)), SOCK_DGRAM);
  for (int32_t i = 0;;) {
    checked(::recv(fd, &i, sizeof i, 0), "recv");
    std::cout << i << std::endl;
  }
}

void udp_flood(const Words& words) {
  const int fd = connected(words.at(0), number(words.at(1)), SOCK_DGRAM);
  const int64_t mbit = number(words.at(2)), bits = (kFloodPayload + kIpAndUdpHeader4) * 8;
  const int64_t begin = now_us(), end = begin + int64_t{number(words.at(3))} * 1000;
  const std::array<char, kFloodPayload> payload{};
  int64_t sent = 0;
  for (int64_t now = begin; now < end; now = now_us()) {
    for (; sent * bits < (now - begin) * mbit; ++sent)
      ::send(fd, payload.data(), payload.size(), 0);
    sleep_until_us(now + 1000);
  }
}

void udp_measure(const Words& words) {
  const int fd = bound(number(words.at(0)), SOCK_DGRAM);
  std::array<char, 65536> buffer{};
  int64_t first = 0, last = 0, bytes = 0;
  while (readable(fd, first == 0 ? -1 : kSilenceMs)) {
    const int got = checked(::recv(fd, buffer.data(), buffer.size(), 0), "recv");
    last = now_us();
    if (first == 0) {
      first = last;
      continue;  // its own time on the line is not between the two
    }
    bytes += got + kIpAndUdpHeader4;
  }
  std::cout << bytes * 8 * 1'000'000 / (last - first) << "\n";
}

void udp_echo(const Words& words) {
  const int fd = bound(number(words.at(0)), SOCK_DGRAM);
  std::array<char, 65536> buffer{};
  for (;;) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    auto* const sender = reinterpret_cast<sockaddr*>(&from);
    const int got =
        checked(::recvfrom(fd, buffer.data(), buffer.size(), 0, sender, &size), "recvfrom");
    checked(::sendto(fd, buffer.data(), static_cast<size_t>(got), 0, sender, size), "sendto");
  }
}

void udp_ask(const Words& words) {
  constexpr int kPatienceMs = 5000;
  const int fd = connected(words.at(0), number(words.at(1)), SOCK_DGRAM);
  checked(::send(fd, words.at(2).data(), words.at(2).size(), 0), "send");
  if (!readable(fd, kPatienceMs)) checked(-1, "no answer");
  std::array<char, 65536> buffer{};
  const int got = checked(::recv(fd, buffer.data(), buffer.size(), 0), "recv");
  std::cout << std::string_view(buffer.data(), static_cast<size_t>(got)) << "\n";
}

}  // namespace tcptwin::peer
