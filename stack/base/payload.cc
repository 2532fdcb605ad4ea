#include "stack/base/payload.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin {

namespace {
// Eight bytes of the pattern, the first in the low bits.
uint64_t pattern_word(uint64_t pattern, uint64_t index) {
  const uint64_t word = (pattern * 0x9e3779b97f4a7c15u) ^ ((index + 1) * 0xd1342543de82ef95u);
  return word ^ (word >> 29);
}

void append_pattern(uint64_t pattern, uint64_t offset, size_t size, std::vector<uint8_t>& out) {
  const size_t start = out.size();
  out.resize(start + size);
  for (size_t i = 0; i < size;) {  // a word a turn, only the first and the last may be cut
    const uint64_t at = offset + i;
    uint64_t word = pattern_word(pattern, at / 8) >> (8 * (at % 8));
    const size_t end = std::min<size_t>(size, i + 8 - at % 8);
    for (; i < end; ++i, word >>= 8) out[start + i] = static_cast<uint8_t>(word);
  }
}
}  // namespace

Payload Payload::synthetic(uint64_t pattern, uint64_t offset, size_t size) {
  Payload p;
  p.push(Slice{pattern, offset, size, nullptr});
  return p;
}

Payload Payload::real(std::span<const uint8_t> bytes) {
  Payload p;
  p.push(Slice{0, 0, bytes.size(),
               std::make_unique<std::vector<uint8_t>>(bytes.begin(), bytes.end())});
  return p;
}

Payload Payload::text(std::string_view text) {
  return real({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

uint8_t Payload::pattern_byte(uint64_t pattern, uint64_t offset) {
  return static_cast<uint8_t>(pattern_word(pattern, offset / 8) >> (8 * (offset % 8)));
}

void Payload::push(Slice slice) {
  if (slice.size == 0) return;
  if (size_ == 0) {
    size_ = slice.size;
    first_ = std::move(slice);
    more_.reset();
    return;
  }
  size_ += slice.size;
  Slice& last = more_ ? more_->back() : first_;
  if (!last.real && !slice.real && last.pattern == slice.pattern &&
      last.offset + last.size == slice.offset) {
    last.size += slice.size;
    return;
  }
  if (!more_) more_ = std::make_unique<std::vector<Slice>>();
  more_->push_back(std::move(slice));
}

void Payload::append(Payload tail) {
  if (tail.empty()) return;
  push(std::move(tail.first_));
  if (!tail.more_) return;
  for (Slice& s : *tail.more_) push(std::move(s));
}

Payload::Slice Payload::copy(const Slice& slice, size_t from, size_t count) {
  if (!slice.real) return Slice{slice.pattern, slice.offset + from, count, nullptr};
  const auto begin = slice.real->begin() + static_cast<ptrdiff_t>(slice.offset + from);
  return Slice{
      0, 0, count,
      std::make_unique<std::vector<uint8_t>>(begin, begin + static_cast<ptrdiff_t>(count))};
}

Payload Payload::sub(size_t from, size_t count) const {
  CHECK(from <= size_ && count <= size_ - from);
  Payload out;
  for (size_t i = 0; i < slice_count() && count > 0; ++i) {
    const Slice& s = slice(i);
    if (from >= s.size) {
      from -= s.size;
      continue;
    }
    const size_t n = std::min(count, s.size - from);
    out.push(copy(s, from, n));
    from = 0;
    count -= n;
  }
  return out;
}

Payload Payload::take_front(size_t count) {
  CHECK(count <= size_);
  if (count == size_) return std::exchange(*this, Payload());
  Payload head = sub(0, count);
  if (count < first_.size) {  // the usual case: only the first slice gets shorter
    first_.offset += count;
    first_.size -= count;
    size_ -= count;
    return head;
  }
  *this = sub(count, size_ - count);
  return head;
}

void Payload::materialize(std::vector<uint8_t>& out) const {
  for (size_t i = 0; i < slice_count(); ++i) {
    const Slice& s = slice(i);
    if (!s.real) {
      append_pattern(s.pattern, s.offset, s.size, out);
      continue;
    }
    const auto begin = s.real->begin() + static_cast<ptrdiff_t>(s.offset);
    out.insert(out.end(), begin, begin + static_cast<ptrdiff_t>(s.size));
  }
}

std::vector<uint8_t> Payload::bytes() const {
  std::vector<uint8_t> out;
  out.reserve(size_);
  materialize(out);
  return out;
}

}  // namespace tcptwin
