// peer.h: what the commands of the test peer share: sockets that throw, names, time.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tcptwin::peer {

using Words = std::vector<std::string>;

// Throws std::runtime_error with the system's words below 0.
int checked(long result, std::string_view what);
int number(const std::string& word);
int64_t now_us();  // CLOCK_MONOTONIC
void sleep_until_us(int64_t at);

// A socket of that type that is connected to there; `host`: a name, or an address.
int connected(const std::string& host, int port, int type);
// A socket of that type on that port, for both versions.
int bound(int port, int type);

// The commands; each takes the words behind its name.
void udp_send(const Words& words);          // HOST PORT COUNT GAP_US: datagrams that carry a number
void udp_receive(const Words& words);       // PORT: prints those numbers as they come
void udp_flood(const Words& words);         // HOST PORT MBIT MS: at that rate, IP headers included
void udp_measure(const Words& words);       // PORT: bits a second of IP packets, after some silence
void udp_echo(const Words& words);          // PORT
void udp_ask(const Words& words);           // HOST PORT TEXT: prints the answer
void raw_send(const Words& words);          // FROM TO: odd IPv4 packets
void raw_receive(const Words& words);       // prints the packets that come, in hexadecimal
void with_device(const Words& words);       // NAME FD COMMAND...: a TUN device as a descriptor
void write_write_read(const Words& words);  // HOST PORT ROUNDS nagle|nodelay: prints us of each
// HOST PORT BYTES: sends so many, with no order in them, to an echo, and fails unless they come
// back.
void tcp_through(const Words& words);
void tcp_serve(const Words& words);  // PORT TEXT: answers each connection with it

}  // namespace tcptwin::peer
