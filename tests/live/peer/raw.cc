#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <iostream>

#include "tests/live/peer/peer.h"

namespace tcptwin::peer {

namespace {

constexpr uint8_t kExperimental = 253;  // RFC 3692; no host here speaks it
constexpr uint8_t kTcp = 6, kUdp = 17;

int interface() { return checked(static_cast<long>(::if_nametoindex("tun0")), "tun0"); }

// A header with the option "router alert" (RFC 2113), the reserved flag and an odd time to live.
std::vector<uint8_t> packet(const std::string& from, const std::string& to, uint8_t protocol,
                            std::vector<uint8_t> body) {
  std::vector<uint8_t> bytes = {0x46, 0x5a,     0,    static_cast<uint8_t>(24 + body.size()),
                                0x12, 0x34,     0x80, 0,
                                77,   protocol, 0,    0};
  for (const std::string& address : {from, to}) {
    in_addr a{};
    if (::inet_pton(AF_INET, address.c_str(), &a) != 1) checked(-1, address);
    const auto* octets = reinterpret_cast<const uint8_t*>(&a);
    bytes.insert(bytes.end(), octets, octets + 4);
  }
  bytes.insert(bytes.end(), {0x94, 0x04, 0, 0});
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  bytes[10] = static_cast<uint8_t>(~sum >> 8);
  bytes[11] = static_cast<uint8_t>(~sum);
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

void print(const uint8_t* bytes, size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (size_t i = 0; i < size; ++i) {
    std::cout << kDigits[bytes[i] >> 4] << kDigits[bytes[i] & 15];
  }
  std::cout << std::endl;
}

}  // namespace

// Their checksums are wrong, or their headers cut off. Prints what it sends.
void raw_send(const Words& words) {
  const int fd = checked(::socket(AF_PACKET, SOCK_DGRAM, 0), "socket");
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(ETH_P_IP);
  to.sll_ifindex = interface();
  for (const auto& [protocol, body] :
       std::initializer_list<std::pair<uint8_t, std::vector<uint8_t>>>{
           {kExperimental, {1, 2, 3, 4, 5}},
           {kExperimental, {}},
           {kTcp, {0, 7, 0, 8, 1}},
           {kUdp, {0, 7, 0, 8, 0, 10, 0xde, 0xad, 0xbe, 0xef}}}) {
    const auto bytes = packet(words.at(0), words.at(1), protocol, body);
    print(bytes.data(), bytes.size());
    checked(::sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                     sizeof to),
            "sendto");
  }
}

void raw_receive(const Words&) {
  const int fd = checked(::socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)), "socket");
  // Its sign that it is ready: see `tcptwin link --wait`.
  bound(9, SOCK_DGRAM);
  std::array<uint8_t, 65536> buffer{};
  for (;;) {
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const int got = checked(
        ::recvfrom(fd, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size),
        "recvfrom");
    if (from.sll_pkttype != PACKET_OUTGOING) print(buffer.data(), static_cast<size_t>(got));
  }
}

void with_device(const Words& words) {
  const int device = checked(::open("/dev/net/tun", O_RDWR), "/dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  words.at(0).copy(request.ifr_name, IFNAMSIZ - 1);
  checked(::ioctl(device, TUNSETIFF, &request), words.at(0));
  checked(::dup2(device, number(words.at(1))), "dup2");
  ::close(device);
  std::vector<char*> command;
  Words rest(words.begin() + 2, words.end());
  for (std::string& word : rest) command.push_back(word.data());
  command.push_back(nullptr);
  checked(::execvp(command[0], command.data()), rest[0]);
}

}  // namespace tcptwin::peer
