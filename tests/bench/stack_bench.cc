// What a segment and a connection cost in the two stacks alone, and that the cost stays where it is
// when connections rest or segments are lost.
#include <benchmark/benchmark.h>

#include "tests/bench/stack_pair.h"

namespace tcptwin::bench {
namespace {

constexpr int64_t kMegabyte = 1'000'000;

// range(0): connections that rest meanwhile.
void BM_Bulk(benchmark::State& state) {
  const policy::Profile profile = roomy_profile("linux-6.18");
  StackPair pair(profile);
  const socket::Descriptor listener = pair.listen(80);
  for (int64_t i = 0; i < state.range(0); ++i) pair.connect(listener, 80);
  const StackPair::Connected ends = pair.connect(listener, 80);
  pair.client_to_server(ends, kMegabyte);
  const uint64_t before = pair.packets;
  for (auto _ : state) pair.client_to_server(ends, kMegabyte);
  state.SetItemsProcessed(static_cast<int64_t>(pair.packets - before));  // segments
}
BENCHMARK(BM_Bulk)->Arg(0)->Arg(1000)->Arg(7000);

// Every 2000th data segment is lost; range(0): bytes of the buffers, which limit the window.
void BM_Loss(benchmark::State& state) {
  const policy::Profile profile = roomy_profile("linux-6.18", state.range(0));
  StackPair pair(profile);
  const StackPair::Connected ends = pair.connect(pair.listen(80), 80);
  pair.loss = 2000;
  const uint64_t before = pair.packets;
  for (auto _ : state) pair.client_to_server(ends, kMegabyte);
  state.SetItemsProcessed(static_cast<int64_t>(pair.packets - before));  // segments
}
BENCHMARK(BM_Loss)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000);

// A request and a reply of 100 bytes on a connection of their own.
void BM_ShortConnection(benchmark::State& state) {
  const policy::Profile profile = roomy_profile("linux-6.18");
  StackPair pair(profile);
  const socket::Descriptor listener = pair.listen(80);
  for (auto _ : state) {
    const StackPair::Connected ends = pair.connect(listener, 80);
    pair.client_to_server(ends, 100);
    pair.server_to_client(ends, 100);
    pair.close(ends);
    pair.wait(5ms);  // TIME-WAIT gives the ports back in time
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ShortConnection);

}  // namespace
}  // namespace tcptwin::bench
