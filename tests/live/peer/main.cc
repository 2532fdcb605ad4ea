// The programs that live tests start on real machines: small clients and servers over sockets.
#include <exception>
#include <iostream>
#include <map>

#include "tests/live/peer/peer.h"

int main(int argc, char** argv) {
  using namespace tcptwin::peer;
  const std::map<std::string, void (*)(const Words&)> commands = {
      {"udp-send", udp_send},       {"udp-receive", udp_receive},
      {"udp-flood", udp_flood},     {"udp-measure", udp_measure},
      {"udp-echo", udp_echo},       {"udp-ask", udp_ask},
      {"raw-send", raw_send},       {"raw-receive", raw_receive},
      {"with-device", with_device}, {"tcp-through", tcp_through},
      {"tcp-serve", tcp_serve},     {"write-write-read", write_write_read}};
  const Words words(argv + 1, argv + argc);
  try {
    commands.at(words.at(0))({words.begin() + 1, words.end()});
  } catch (const std::exception& error) {
    std::cerr << "live_peer: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
