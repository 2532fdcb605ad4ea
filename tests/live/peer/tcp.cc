#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <random>
#include <stdexcept>
#include <thread>

#include "tests/live/peer/peer.h"

namespace tcptwin::peer {

namespace {

constexpr int kHalf = 10;  // bytes of each write; the answer is as long as both

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const int wrote = checked(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), "send");
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
}

}  // namespace

void write_write_read(const Words& words) {
  const int fd = connected(words.at(0), number(words.at(1)), SOCK_STREAM);
  const int on = words.at(3) == "nodelay" ? 1 : 0;
  checked(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
  std::array<char, 2 * kHalf> answer{};
  const std::string half(kHalf, 'w');
  for (int round = 0; round < number(words.at(2)); ++round) {
    const int64_t begin = now_us();
    write_all(fd, half);
    write_all(fd, half);
    if (checked(::recv(fd, answer.data(), answer.size(), MSG_WAITALL), "recv") < 2 * kHalf) {
      checked(-1, "the answer is cut off");
    }
    std::cout << now_us() - begin << "\n";
  }
}

void tcp_through(const Words& words) {
  const int fd = connected(words.at(0), number(words.at(1)), SOCK_STREAM);
  std::string content(static_cast<size_t>(number(words.at(2))), ' ');
  std::mt19937_64 random;
  std::generate(content.begin(), content.end(), [&] { return static_cast<char>(random()); });
  std::thread writer([&] {
    write_all(fd, content);
    ::shutdown(fd, SHUT_WR);
  });
  std::string back;
  std::array<char, 65536> buffer{};
  while (const int got = checked(::recv(fd, buffer.data(), buffer.size(), 0), "recv")) {
    back.append(buffer.data(), static_cast<size_t>(got));
  }
  writer.join();
  if (back != content) throw std::runtime_error("what came back is not what was sent");
  std::cout << std::hash<std::string>()(back) << " of " << back.size() << " bytes\n";
}

void tcp_serve(const Words& words) {
  const int listener = bound(number(words.at(0)), SOCK_STREAM);
  checked(::listen(listener, 16), "listen");
  for (;;) {
    const int fd = checked(::accept(listener, nullptr, nullptr), "accept");
    write_all(fd, words.at(1) + "\n");
    ::close(fd);
  }
}

}  // namespace tcptwin::peer
