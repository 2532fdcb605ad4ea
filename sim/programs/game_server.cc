#include "sim/programs/game_server.h"

namespace tcptwin::programs {

// Not unnamed: coroutines keep it in their frames.
namespace game_serving {

using socket::Descriptor;

struct Game {
  SocketApi api;
  const GameServerPlan* plan;
  ProgramRun* run;
  Descriptor fd = -1;
  socket::Address player{};  // of datagrams: who sent the last one
  Instant first_bytes{};     // of the turn that is not whole yet
  int64_t got = 0;           // bytes of it
  bool over = false;
};

Task open_stream(Game* game) {
  Descriptor listener = -1;
  constexpr int64_t kBacklog = 8;
  const Task opening = open_listener(game->api, game->plan->port, socket::Family::kIpv4, kBacklog,
                                     *game->run, listener);
  co_await opening;
  if (listener < 0) co_return;
  const host::CallResult accepted = co_await game->api.accept(listener);
  if (accepted.error) game->run->fail("accept", *accepted.error);
  game->fd = accepted.fd();
}

Task open_datagrams(Game* game) {
  const host::CallResult opened = co_await game->api.udp_socket();
  game->fd = opened.fd();
  const socket::Address any{wire::IpAddress(), static_cast<wire::Port>(game->plan->port)};
  const host::CallResult bound = co_await game->api.bind(game->fd, any);
  if (bound.error) game->run->fail("bind", *bound.error);
}

Task answer(Game* game) {
  Payload data = Payload::synthetic(game->run->pattern, 0, static_cast<size_t>(game->plan->answer));
  const SocketApi::Calling call = game->plan->datagrams
                                      ? game->api.sendto(game->fd, std::move(data), game->player)
                                      : game->api.send(game->fd, std::move(data));
  const host::CallResult result = co_await call;
  if (result.error) game->run->count(*result.error);
}

// All that is there, with an answer for each whole turn; with a tick it does not sleep.
Task take_messages(Game* game) {
  constexpr int64_t kMost = 2048;
  for (;;) {
    const SocketApi::Calling call = game->plan->datagrams ? game->api.recvfrom(game->fd, kMost)
                                                          : game->api.recv(game->fd, kMost);
    const host::CallResult result = co_await call;
    if (result.error && *result.error == Errno::kEAGAIN) co_return;
    if (result.error) game->run->count(*result.error);
    game->over = result.error || result.value == 0;
    if (game->over) co_return;
    if (game->plan->datagrams) game->player = result.address;
    if (game->got == 0) game->first_bytes = game->api.now();
    game->got += result.value;
    while (game->got >= game->plan->input) {
      game->run->measured("wait", game->first_bytes, game->api);
      game->got -= game->plan->input;
      const Task answering = answer(game);
      co_await answering;
      game->first_bytes = game->api.now();
    }
    if (game->plan->tick.count() == 0) co_return;
  }
}

}  // namespace game_serving

Task game_server(SocketApi api, const GameServerPlan& plan, ProgramRun& run) {
  game_serving::Game game{.api = api, .plan = &plan, .run = &run};
  const Task opening =
      plan.datagrams ? game_serving::open_datagrams(&game) : game_serving::open_stream(&game);
  co_await opening;
  if (run.failed()) co_return;
  const bool ticks = plan.tick.count() > 0;
  if (ticks) co_await api.set_non_blocking(game.fd);
  Instant next = api.now();
  while (!game.over) {
    if (ticks) {
      next = next + plan.tick;
      if (api.now() < next) co_await api.sleep(next - api.now());
    }
    const Task taking = game_serving::take_messages(&game);
    co_await taking;
  }
  co_await api.close(game.fd);
}

}  // namespace tcptwin::programs
