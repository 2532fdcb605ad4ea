// The parts that every segment passes.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "sim/trace/digest.h"
#include "stack/base/deadline_heap.h"
#include "stack/base/payload.h"
#include "stack/base/ring.h"
#include "stack/base/time.h"
#include "stack/wire/packet.h"

namespace tcptwin::bench {
namespace {

wire::Packet data_packet() {
  wire::Packet packet;
  packet.ip.source = wire::Ipv4Address(0x0a000001);
  packet.ip.destination = wire::Ipv4Address(0x0a000002);
  packet.tcp.source = wire::Port{32768};
  packet.tcp.destination = wire::Port{80};
  packet.tcp.flags.ack = true;
  packet.tcp.options.add_nop();
  packet.tcp.options.add_nop();
  packet.tcp.options.add_timestamps({1, 2});
  packet.tcp.payload = Payload::synthetic(1, 0, 1448);
  return packet;
}

void BM_EmitPacket(benchmark::State& state) {
  const wire::Packet packet = data_packet();
  std::vector<uint8_t> bytes;
  for (auto _ : state) {
    bytes.clear();
    wire::emit(packet, bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
}
BENCHMARK(BM_EmitPacket);

void BM_ParsePacket(benchmark::State& state) {
  std::vector<uint8_t> bytes;
  wire::emit(data_packet(), bytes);
  for (auto _ : state) benchmark::DoNotOptimize(wire::parse(bytes));
}
BENCHMARK(BM_ParsePacket);

void BM_ParseOptions(benchmark::State& state) {
  const wire::Packet packet = data_packet();
  for (auto _ : state) benchmark::DoNotOptimize(wire::parse_options(packet.tcp.options));
}
BENCHMARK(BM_ParseOptions);

void BM_PacketThroughRing(benchmark::State& state) {
  Ring<wire::Packet> ring;
  wire::Packet packet = data_packet();
  for (auto _ : state) {
    ring.push_back(std::move(packet));
    ring.pop_front(packet);
  }
}
BENCHMARK(BM_PacketThroughRing);

// range(0): owners of a deadline; one of them moves on.
void BM_MoveDeadline(benchmark::State& state) {
  DeadlineHeap<Instant> heap;
  const auto owners = static_cast<uint32_t>(state.range(0));
  Instant now;
  for (uint32_t i = 0; i < owners; ++i) heap.set(i, now + Duration(i));
  for (auto _ : state) heap.set(heap.top_id(), heap.top_key() + Duration(owners));
}
BENCHMARK(BM_MoveDeadline)->Arg(4)->Arg(1000)->Arg(1'000'000);

void BM_DigestPacketWords(benchmark::State& state) {
  trace::Digest digest;
  uint64_t word = 0;
  for (auto _ : state) {
    for (int i = 0; i < 8; ++i) digest.add(++word);
  }
  benchmark::DoNotOptimize(digest.to_string());
}
BENCHMARK(BM_DigestPacketWords);

}  // namespace
}  // namespace tcptwin::bench
