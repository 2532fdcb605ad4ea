#include "stack/wire/fragment.h"

#include <algorithm>
#include <utility>

#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/wire/any_packet.h"
#include "stack/wire/packet.h"
#include "stack/wire/transport.h"

namespace tcptwin::wire {

Fragment Fragment::clone() const {
  return {.protocol = protocol,
          .id = id,
          .offset = offset,
          .more = more,
          .bytes = bytes.sub(0, bytes.size())};
}

void emit_fragment(const IpHeader& ip, const Fragment& fragment, std::vector<uint8_t>& out) {
  CHECK(fragment.offset % 8 == 0 && fragment.offset <= 65535);
  if (!ip.is_v4()) {
    ByteWriter writer(out);
    writer.u8(fragment.protocol);
    writer.u8(0);
    writer.u16(static_cast<uint16_t>(fragment.offset | (fragment.more ? 1 : 0)));
    writer.u32(fragment.id);
  }
  fragment.bytes.materialize(out);
}

std::optional<Fragment> parse_fragment(const IpPayload& ip, ParseError& error) {
  const bool uneven = ip.more_fragments && ip.size % 8 != 0;
  if (uneven || ip.fragment_offset + ip.size > ip.header.max_payload()) {
    return fail(error, ParseError::kFragment);
  }
  return Fragment{.protocol = ip.protocol,
                  .id = ip.fragment_id,
                  .offset = ip.fragment_offset,
                  .more = ip.more_fragments,
                  .bytes = payload_of(ip.bytes, ip.size)};
}

std::vector<Packet> cut(const Packet& packet, uint32_t mtu, uint32_t id) {
  const bool v4 = packet.ip.is_v4();
  if (!packet.as_it_came().empty()) {
    return v4 ? cut_as_it_came(packet, mtu) : std::vector<Packet>();
  }
  const uint32_t headers = packet.ip.size() + (v4 ? 0 : kFragmentHeaderSize);
  if (mtu < headers + 8) return {};
  const size_t step = (mtu - headers) / 8 * 8;
  const Fragment* piece = packet.fragment();
  Payload rest;
  if (piece != nullptr) {
    rest = piece->bytes.sub(0, piece->bytes.size());
  } else {
    std::vector<uint8_t> bytes;
    emit(packet, bytes);
    rest = Payload::real(std::span<const uint8_t>(bytes).subspan(packet.ip.size()));
  }
  std::vector<Packet> pieces;
  uint32_t offset = piece != nullptr ? piece->offset : 0;
  const bool more_behind = piece != nullptr && piece->more;
  do {
    Fragment next{.protocol = packet.protocol(), .id = piece != nullptr ? piece->id : id};
    next.offset = offset;
    next.bytes = rest.take_front(std::min(step, rest.size()));
    next.more = more_behind || !rest.empty();
    offset += static_cast<uint32_t>(next.bytes.size());
    pieces.push_back(Packet::of(packet.ip, std::move(next)));
  } while (!rest.empty());
  return pieces;
}

}  // namespace tcptwin::wire
