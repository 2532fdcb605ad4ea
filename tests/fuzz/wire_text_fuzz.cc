// Any text as the line of a segment: what can be read fits a packet, and its line is read back as
// it is.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/wire/text.h"

namespace tcptwin::wire {
namespace {

TextView read_view(ByteReader& in) {
  TextView view;
  view.isn = SeqNum(in.u32());
  view.peer_isn = SeqNum(in.u32());
  view.window_shift = in.u8();
  view.ts_base = in.u32();
  view.peer_ts_base = in.u32();
  view.near = StreamPos(int64_t{in.u32()} << 8);
  view.peer_near = StreamPos(int64_t{in.u32()} << 8);
  return view;
}

void check_line(std::string_view line, const TextView& view) {
  auto segment = parse_text(line, view);
  if (!segment) return;
  const std::string once = to_text(*segment, view);
  const auto again = parse_text(once, view);
  CHECK(again);
  CHECK(to_text(*again, view) == once);

  std::vector<uint8_t> bytes;
  const IpHeader ip{.source = IpAddress::v6(0, 2), .destination = IpAddress::v6(0, 3)};
  emit({.ip = ip, .tcp = std::move(*segment)}, bytes);
  const auto packet = parse(bytes);
  CHECK(packet);
  CHECK(to_text(packet->tcp, view) == once);
}

}  // namespace
}  // namespace tcptwin::wire

// The whole input is a line, with the usual view; and so is what follows a view in its first bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tcptwin;
  const auto text = [](std::span<const uint8_t> bytes) {
    return std::string(bytes.begin(), bytes.end());
  };
  wire::check_line(text({data, size}), {});
  ByteReader in({data, size});
  const wire::TextView view = wire::read_view(in);
  if (in.ok()) wire::check_line(text(in.take(in.remaining())), view);
  return 0;
}
