// Bytes as capture files: whatever they are, they are read or refused with a reason, every capture
// equals itself, and any two can be compared and told.
#include <algorithm>

#include "sim/capture/capture.h"
#include "sim/compare/compare.h"
#include "stack/base/bytes.h"
#include "stack/base/check.h"

namespace tcptwin {
namespace {

using capture::Capture;

std::optional<Capture> read_text(std::string_view bytes) {
  std::string problem;
  auto capture = capture::read(bytes, problem);
  CHECK(capture.has_value() == problem.empty());
  return capture;
}

void check_told(const compare::Comparison& c) {
  CHECK(c.problem.empty());
  CHECK(!compare::text(c).empty());
  CHECK(compare::json(c).is_object());
  CHECK(c.same() == c.differences.empty());
}

void check_pair(const Capture& a, const Capture& b) {
  check_told(compare::compare(a, b, {}));
  check_told(compare::compare(b, a, {.tick = 1ms, .joins_segments = false, .most_shown = 3}));
}

// A whole file, and what it says when packets are missing, doubled or in another order.
void check_file(std::string_view bytes) {
  auto whole = read_text(bytes);
  auto changed = read_text(bytes);
  if (!whole) return;
  CHECK(whole->packets.size() <= bytes.size());
  const compare::Comparison itself = compare::compare(*whole, *whole, {.tick = 0s});
  CHECK(itself.same());
  check_told(itself);
  auto& packets = changed->packets;
  if (packets.size() < 2) return;
  std::rotate(packets.begin(), packets.begin() + 1, packets.end());
  check_pair(*whole, *changed);
  packets.erase(packets.begin());
  check_pair(*whole, *changed);
}

void put(std::string& out, uint32_t number) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(number >> (8 * i));
}

// The same bytes with the first hurdles taken: packets of a pcap, of one connection or nearly so.
std::string dressed(std::span<const uint8_t> data) {
  constexpr size_t kHeaders = 40, kRecord = 12;
  std::string file;
  for (const uint32_t word : {0xa1b2c3d4u, 0x00040002u, 0u, 0u, 65535u, 101u}) put(file, word);
  for (ByteReader in(data); in.remaining() >= kRecord;) {
    const auto b = in.take(kRecord);
    std::string packet(kHeaders + b[0] % 32u, '\0');
    packet[0] = 0x45;
    packet[3] = static_cast<char>(packet.size());
    packet[9] = b[1] % 8 == 0 ? 17 : 6;
    packet[15] = static_cast<char>(1 + b[2] % 2);  // 0.0.0.1 and 0.0.0.2
    packet[19] = static_cast<char>(2 - b[2] % 2);
    packet[21] = static_cast<char>(1 + b[2] % 2);  // ports, the same
    packet[23] = static_cast<char>(2 - b[2] % 2);
    for (size_t i = 0; i < 4; ++i)
      packet[24 + 4 * (i / 2) + 2 + i % 2] = static_cast<char>(b[3 + i]);
    packet[32] = 0x50;
    packet[33] = static_cast<char>(b[7]);
    packet[35] = static_cast<char>(b[8]);
    put(file, b[9]);
    put(file, uint32_t{b[10]} * 1000);
    put(file, static_cast<uint32_t>(packet.size()));
    put(file, static_cast<uint32_t>(packet.size()));
    file += packet;
  }
  return file;
}

}  // namespace
}  // namespace tcptwin

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tcptwin;
  check_file({reinterpret_cast<const char*>(data), size});
  check_file(dressed({data, size}));
  return 0;
}
