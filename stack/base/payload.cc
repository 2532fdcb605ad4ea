#include "stack/base/payload.h"

#include <algorithm>
#include <utility>

namespace tcptwin {

namespace {
// Eight bytes of the pattern, the first in the low bits.
uint64_t pattern_word(uint64_t pattern, uint64_t index) {
  const uint64_t word = (pattern * 0x9e3779b97f4a7c15u) ^ ((index + 1) * 0xd1342543de82ef95u);
  return word ^ (word >> 29);
}

uint8_t byte_at(uint64_t pattern, uint64_t offset) {
  return static_cast<uint8_t>(pattern_word(pattern, offset / 8) >> (8 * (offset % 8)));
}

// The words that are not cut as a whole: compilers make one store of each.
void append_pattern(uint64_t pattern, uint64_t offset, size_t size, std::vector<uint8_t>& out) {
  const size_t start = out.size();
  out.resize(start + size);
  const auto bytes = std::span(out).subspan(start);
  size_t i = 0;
  for (; i < size && (offset + i) % 8 != 0; ++i) bytes[i] = byte_at(pattern, offset + i);
  for (; i + 8 <= size; i += 8) {
    const uint64_t word = pattern_word(pattern, (offset + i) / 8);
    for (size_t k = 0; k < 8; ++k) bytes[i + k] = static_cast<uint8_t>(word >> (8 * k));
  }
  for (; i < size; ++i) bytes[i] = byte_at(pattern, offset + i);
}
}  // namespace

Payload Payload::real(std::span<const uint8_t> bytes) {
  Payload p;
  if (bytes.empty()) return p;
  p.slices_ = std::make_unique<std::vector<Slice>>();
  p.push(Slice{.size = bytes.size(), .real = {bytes.begin(), bytes.end()}});
  return p;
}

Payload Payload::text(std::string_view text) {
  return real({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

uint8_t Payload::pattern_byte(uint64_t pattern, uint64_t offset) {
  return byte_at(pattern, offset);
}

// Onto the list that lies apart.
void Payload::push(Slice slice) {
  size_ += slice.size;
  if (!slices_->empty()) {
    Slice& last = slices_->back();
    if (last.real.empty() && slice.real.empty() && last.pattern == slice.pattern &&
        last.offset + last.size == slice.offset) {
      last.size += slice.size;
      return;
    }
  }
  slices_->push_back(std::move(slice));
}

void Payload::append_apart(Payload tail) {
  if (tail.empty()) return;
  if (empty()) {
    *this = std::move(tail);
    return;
  }
  if (!slices_) {
    slices_ = std::make_unique<std::vector<Slice>>();
    push(Slice{.pattern = pattern_, .offset = offset_, .size = std::exchange(size_, 0)});
  }
  if (!tail.slices_) {
    return push(Slice{.pattern = tail.pattern_, .offset = tail.offset_, .size = tail.size_});
  }
  for (Slice& s : *tail.slices_) push(std::move(s));
}

Payload Payload::sub_apart(size_t from, size_t count) const {
  Payload out;
  for (const Slice& s : *slices_) {
    if (count == 0) break;
    if (from >= s.size) {
      from -= s.size;
      continue;
    }
    const size_t n = std::min(count, s.size - from);
    if (s.real.empty()) {
      out.append(synthetic(s.pattern, s.offset + from, n));
    } else {
      out.append(real(std::span(s.real).subspan(s.offset + from, n)));
    }
    from = 0;
    count -= n;
  }
  return out;
}

Payload Payload::take_front_apart(size_t count) {
  if (count == size_) return std::exchange(*this, Payload());
  Payload head = sub(0, count);
  Slice& first = slices_->front();
  if (count < first.size) {  // the usual case: only the first slice gets shorter
    first.offset += count;
    first.size -= count;
    size_ -= count;
    return head;
  }
  *this = sub(count, size_ - count);
  return head;
}

void Payload::materialize(std::vector<uint8_t>& out) const {
  if (!slices_) return append_pattern(pattern_, offset_, size_, out);
  for (const Slice& s : *slices_) {
    if (s.real.empty()) {
      append_pattern(s.pattern, s.offset, s.size, out);
      continue;
    }
    const auto begin = s.real.begin() + static_cast<ptrdiff_t>(s.offset);
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
