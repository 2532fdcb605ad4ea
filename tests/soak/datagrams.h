// datagrams.h: the part of a soak world that is UDP: a client whose datagrams a server sends back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/lab/lab.h"

namespace tcptwin::soak {

// What the client saw.
struct Echoes {
  int64_t sent = 0;
  int64_t heard = 0;
  bool as_sent = true;
  bool finished = false;
};

// `count` datagrams of up to `largest` bytes, one after the other.
void add_datagrams(lab::Lab& lab, const lab::HostName& client, const lab::HostName& server,
                   socket::Family family, int64_t count, int64_t largest, Echoes& echoes);

// Lines of what is wrong. `doubles`: the line may make two of one.
std::vector<std::string> judge_datagrams(const Echoes& echoes, bool doubles);

}  // namespace tcptwin::soak
