#include "sim/capture/pcapng_blocks.h"

namespace tcptwin::capture {

std::optional<PcapngBlocks::Block> PcapngBlocks::next() {
  begin_ = in_.at();
  if (in_.remaining() == 0) return std::nullopt;
  constexpr size_t kAround = 12;  // type, length, and the length once more
  if (in_.remaining() < kAround) return cut_off();
  FileReader head(bytes_.subspan(begin_), ByteOrder::kLittle);
  if (head.u32() == trace::pcapng::kSectionHeader && !take_byte_order()) {
    return fail("a section header without its byte order mark");
  }
  const uint32_t type = in_.u32();
  const uint32_t length = in_.u32();
  if (length < kAround || length % 4 != 0) {
    return fail("a block of " + std::to_string(length) + " bytes: the file is damaged");
  }
  if (length - 8 > in_.remaining()) return cut_off();
  const FileReader body(in_.take(length - kAround), in_.order());
  if (in_.u32() != length) return fail("the two lengths of a block differ");
  return Block{type, body};
}

bool PcapngBlocks::take_byte_order() {
  for (const ByteOrder order : {ByteOrder::kLittle, ByteOrder::kBig}) {
    FileReader mark(bytes_.subspan(begin_), order);
    mark.take(8);
    if (mark.u32() != trace::pcapng::kByteOrderMagic) continue;
    in_ = FileReader(bytes_, order);
    in_.take(begin_);
    return true;
  }
  return false;
}

std::nullopt_t PcapngBlocks::cut_off() {
  cut_off_ = true;
  return std::nullopt;
}

std::nullopt_t PcapngBlocks::fail(const std::string& what) {
  problem_ = what;
  return std::nullopt;
}

std::span<const uint8_t> take_padded(FileReader& body, size_t size) {
  const auto bytes = body.take(size);
  body.take(std::min((4 - size % 4) % 4, body.remaining()));
  return bytes;
}

std::string take_text(FileReader& value) {
  const auto bytes = value.take(value.remaining());
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace tcptwin::capture
