#include "stack/wire/tcp_options.h"

#include <algorithm>

#include "stack/base/check.h"

namespace tcptwin::wire {

namespace {
constexpr size_t kSackBlockSize = 8;

void store_u32(std::span<uint8_t> out, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) out[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}
}  // namespace

bool TcpOptions::add(TcpOptionKind kind, std::span<const uint8_t> value) {
  const size_t length = 2 + value.size();
  if (length > kMaxOptionBytes - size_) return false;
  raw_[size_] = static_cast<uint8_t>(kind);
  raw_[size_ + 1u] = static_cast<uint8_t>(length);
  std::copy(value.begin(), value.end(), raw_.begin() + size_ + 2);
  size_ = static_cast<uint8_t>(size_ + length);
  return true;
}

bool TcpOptions::add_nop() {
  if (size_ == kMaxOptionBytes) return false;
  raw_[size_++] = static_cast<uint8_t>(TcpOptionKind::kNop);
  return true;
}

bool TcpOptions::add_end() {
  if (size_ == kMaxOptionBytes) return false;
  raw_[size_++] = static_cast<uint8_t>(TcpOptionKind::kEnd);
  return true;
}

bool TcpOptions::add_mss(uint16_t mss) {
  const std::array value{static_cast<uint8_t>(mss >> 8), static_cast<uint8_t>(mss)};
  return add(TcpOptionKind::kMss, value);
}

bool TcpOptions::add_window_scale(uint8_t shift) {
  return add(TcpOptionKind::kWindowScale, {&shift, 1});
}

bool TcpOptions::add_sack_permitted() { return add(TcpOptionKind::kSackPermitted, {}); }

bool TcpOptions::add_timestamps(Timestamps timestamps) {
  std::array<uint8_t, 8> value{};
  store_u32(std::span(value).first(4), timestamps.value);
  store_u32(std::span(value).last(4), timestamps.echo);
  return add(TcpOptionKind::kTimestamps, value);
}

bool TcpOptions::add_sack(std::span<const SackBlock> blocks) {
  if (blocks.empty()) return true;
  std::array<uint8_t, kMaxOptionBytes> value{};
  if (blocks.size() > value.size() / kSackBlockSize) return false;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const auto block = std::span(value).subspan(i * kSackBlockSize, kSackBlockSize);
    store_u32(block.first(4), blocks[i].begin.value());
    store_u32(block.last(4), blocks[i].end.value());
  }
  return add(TcpOptionKind::kSack, std::span(value).first(blocks.size() * kSackBlockSize));
}

bool TcpOptions::add_raw(TcpOptionKind kind, std::span<const uint8_t> value) {
  CHECK(kind != TcpOptionKind::kEnd && kind != TcpOptionKind::kNop);
  return add(kind, value);
}

void TcpOptions::pad() {
  while (size_ % 4 != 0) add_end();
}

TcpOptions TcpOptions::from_bytes(std::span<const uint8_t> bytes) {
  TcpOptions options;
  options.size_ = static_cast<uint8_t>(std::min(bytes.size(), kMaxOptionBytes));
  std::copy_n(bytes.begin(), options.size_, options.raw_.begin());
  return options;
}

bool TcpOptions::operator==(const TcpOptions& other) const {
  return std::ranges::equal(bytes(), other.bytes());
}

bool has_legal_size(const TcpOption& option) {
  const size_t size = option.value.size();
  switch (option.kind) {
    case TcpOptionKind::kEnd:
    case TcpOptionKind::kNop:
    case TcpOptionKind::kSackPermitted: return size == 0;
    case TcpOptionKind::kMss: return size == 2;
    case TcpOptionKind::kWindowScale: return size == 1;
    case TcpOptionKind::kTimestamps: return size == 8;
    case TcpOptionKind::kSack: return size > 0 && size % kSackBlockSize == 0;
    case TcpOptionKind::kMd5Signature:
    case TcpOptionKind::kUserTimeout:
    case TcpOptionKind::kAuthentication:
    case TcpOptionKind::kMultipath:
    case TcpOptionKind::kFastOpenCookie: return true;  // carried, never read
  }
  return true;  // a number of no name
}

std::optional<TcpOption> TcpOptionWalk::next() {
  if (ended_ || reader_.remaining() == 0) return std::nullopt;
  const auto kind = static_cast<TcpOptionKind>(reader_.u8());
  ended_ = kind == TcpOptionKind::kEnd;  // RFC 9293 3.1: what follows is padding
  if (ended_ || kind == TcpOptionKind::kNop) return TcpOption{kind, {}};
  const uint8_t length = reader_.u8();
  if (length < 2 || length - 2u > reader_.remaining()) {
    ended_ = malformed_ = true;
    return std::nullopt;
  }
  return TcpOption{kind, reader_.take(length - 2u)};
}

uint8_t read_sack(std::span<const uint8_t> value, std::span<SackBlock, 4> blocks) {
  ByteReader in(value);
  uint8_t count = 0;
  while (count < blocks.size() && in.remaining() >= kSackBlockSize) {
    const SeqNum begin(in.u32());
    blocks[count++] = {begin, SeqNum(in.u32())};
  }
  return count;
}

ParsedTcpOptions parse_options(const TcpOptions& options) {
  ParsedTcpOptions parsed;
  TcpOptionWalk walk(options);
  while (const auto option = walk.next()) {
    if (!has_legal_size(*option)) continue;
    ByteReader in(option->value);
    if (option->kind == TcpOptionKind::kMss) parsed.mss = in.u16();
    if (option->kind == TcpOptionKind::kWindowScale) parsed.window_scale = in.u8();
    if (option->kind == TcpOptionKind::kSackPermitted) parsed.sack_permitted = true;
    if (option->kind == TcpOptionKind::kTimestamps) {
      const uint32_t value = in.u32();
      parsed.timestamps = {value, in.u32()};
    }
    if (option->kind == TcpOptionKind::kSack) {
      parsed.sack_count = read_sack(option->value, parsed.sack);
    }
  }
  parsed.malformed = walk.malformed();
  return parsed;
}

}  // namespace tcptwin::wire
