// pcapng_blocks.h: a pcapng file block by block, in either byte order. Knows sizes and options, not
// what the blocks mean.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "sim/capture/reader.h"
#include "sim/trace/pcapng_format.h"

namespace tcptwin::capture {

class PcapngBlocks {
 public:
  struct Block {
    uint32_t type = 0;
    FileReader body;
  };
  explicit PcapngBlocks(std::span<const uint8_t> bytes)
      : bytes_(bytes), in_(bytes, ByteOrder::kLittle) {}

  // Nothing at the end, where the file breaks off, and when it is damaged.
  std::optional<Block> next();
  // Where in the file the block begins that next() gave or could not give.
  size_t begin() const { return begin_; }
  bool is_cut_off() const { return cut_off_; }
  const std::string& problem() const { return problem_; }  // empty: it is not damaged

 private:
  bool take_byte_order();
  std::nullopt_t cut_off();
  std::nullopt_t fail(const std::string& what);

  std::span<const uint8_t> bytes_;
  FileReader in_;
  size_t begin_ = 0;
  bool cut_off_ = false;
  std::string problem_;
};

// What is padded to a multiple of four bytes.
std::span<const uint8_t> take_padded(FileReader& body, size_t size);
// All that is left.
std::string take_text(FileReader& value);

// Calls take(code, reader of the value) for each; false: one is longer than its block.
template <class Take>
bool for_each_option(FileReader& body, Take take) {
  while (body.remaining() >= 4) {
    const uint16_t code = body.u16();
    const uint16_t size = body.u16();
    if (code == trace::pcapng::kEndOfOptions) break;
    FileReader value(take_padded(body, size), body.order());
    if (!body.ok()) return false;
    take(code, value);
  }
  return true;
}

}  // namespace tcptwin::capture
