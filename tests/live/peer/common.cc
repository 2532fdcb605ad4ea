#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "tests/live/peer/peer.h"

namespace tcptwin::peer {

int checked(long result, std::string_view what) {
  if (result >= 0) return static_cast<int>(result);
  throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

int number(const std::string& word) { return std::stoi(word); }

int64_t now_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

void sleep_until_us(int64_t at) {
  const timespec when{at / 1'000'000, at % 1'000'000 * 1000};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
}

// The first of its addresses that answers; for datagrams, the first.
int connected(const std::string& host, int port, int type) {
  addrinfo hints{};
  hints.ai_socktype = type;
  addrinfo* found = nullptr;
  const int problem = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (problem != 0) throw std::runtime_error(host + ": " + ::gai_strerror(problem));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int fd = checked(::socket(one->ai_family, type, 0), "socket");
    if (::connect(fd, one->ai_addr, one->ai_addrlen) == 0) return fd;
    ::close(fd);
  }
  return checked(-1, "connect to " + host);
}

int bound(int port, int type) {
  const int fd = checked(::socket(AF_INET6, type, 0), "socket");
  const int off = 0, on = 1, room = 4 << 20;
  ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);  // where it may
  sockaddr_in6 here{};
  here.sin6_family = AF_INET6;
  here.sin6_port = htons(static_cast<uint16_t>(port));
  checked(::bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here), "bind");
  return fd;
}

}  // namespace tcptwin::peer
