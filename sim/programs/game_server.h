// game_server.h: the server of a game, which looks at its socket once a tick.
#pragma once

#include <cstdint>

#include "sim/programs/program_run.h"

namespace tcptwin::programs {

struct GameServerPlan {
  int32_t port = 7777;
  Duration tick{};     // it looks at its socket only then; 0: it sleeps in recv
  int64_t input = 36;  // bytes of one turn of the player, in whatever messages
  int64_t answer = 8;  // bytes
  bool datagrams = false;
};

// One player, until the end of the stream. Measures "wait": from the tick, or the recv, that found
// the first bytes of a turn to the one that found the last.
Task game_server(SocketApi api, const GameServerPlan& plan, ProgramRun& run);

}  // namespace tcptwin::programs
