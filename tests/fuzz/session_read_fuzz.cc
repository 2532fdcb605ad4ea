// Any bytes as a session, and any blocks behind a proper head: it is read or refused with a
// message, and what is read can be shown.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/session/packet_lines.h"
#include "sim/session/session.h"
#include "sim/session/writer.h"
#include "sim/trace/little_endian.h"
#include "stack/base/check.h"

namespace {

using namespace tcptwin;

void read_it(std::string_view bytes) {
  std::string problem;
  const auto session = session::read(bytes, problem);
  CHECK(session.has_value() == problem.empty());
  if (!session || session->crossings.empty()) return;
  const session::PacketLines lines(*session, 0, session->crossings.size());
  CHECK(!lines.line(session->crossings.back().bytes).empty());
}

// What a session begins with.
std::vector<uint8_t> head() {
  std::vector<uint8_t> bytes;
  const session::Writer writer(
      {.version = "1", .file = "f", .scenario = "{}", .real = {"a", "b"}, .device = "tun"}, {},
      bytes);
  return bytes;
}

// Cuts the input into blocks: a byte says which and how long, then its body. Packets and events get
// a place and a time that are in order, so that the rest is looked at.
std::vector<uint8_t> blocks_of(const uint8_t* data, size_t size) {
  std::vector<uint8_t> bytes = head();
  trace::LittleEndianWriter out(bytes);
  uint64_t time = trace::kCaptureEpoch * 1'000'000'000;
  while (size > 0) {
    const uint8_t what = *data++;
    const size_t length = std::min<size_t>(--size, what >> 2 & 0x3f) / 4 * 4;
    const bool is_packet = (what & 3) == 1;
    const size_t extra = what & 3 ? 12 : 0;
    const size_t packet = is_packet ? 8 + 12 : 0;  // its sizes before, its direction behind
    const auto whole = static_cast<uint32_t>(12 + extra + packet + length);
    out.u32(is_packet ? 6 : what & 3 ? 5 : what >> 4);
    out.u32(whole);
    if (extra > 0) {
      time += what;
      out.u32(what >> 7);
      out.u32(static_cast<uint32_t>(time >> 32));
      out.u32(static_cast<uint32_t>(time));
    }
    if (is_packet) {
      out.u32(static_cast<uint32_t>(length));
      out.u32(static_cast<uint32_t>(length));
    }
    out.bytes({data, length});
    if (is_packet) {
      out.u16(2);
      out.u16(4);
      out.u32(1U + (what >> 6 & 1U));
      out.u32(0);  // end of the options
    }
    out.u32(whole);
    data += length;
    size -= length;
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  read_it({reinterpret_cast<const char*>(data), size});
  const std::vector<uint8_t> blocks = blocks_of(data, size);
  read_it({reinterpret_cast<const char*>(blocks.data()), blocks.size()});
  return 0;
}
