#include "stack/wire/icmp.h"

#include <algorithm>
#include <array>

#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/wire/checksum.h"
#include "stack/wire/transport.h"

namespace tcptwin::wire {

namespace {

constexpr size_t kIcmpChecksumOffset = 2;
constexpr uint8_t kFirstInformationalV6 = 128;  // RFC 4443 2.1

struct Number {
  IcmpKind kind;
  uint8_t type;
  uint8_t code;
};

// RFC 792; code 4: RFC 1191; code 13: RFC 1812 5.2.7.1.
constexpr std::array kV4{
    Number{IcmpKind::kEchoReply, 0, 0},           Number{IcmpKind::kEchoRequest, 8, 0},
    Number{IcmpKind::kNetworkUnreachable, 3, 0},  Number{IcmpKind::kHostUnreachable, 3, 1},
    Number{IcmpKind::kProtocolUnreachable, 3, 2}, Number{IcmpKind::kPortUnreachable, 3, 3},
    Number{IcmpKind::kPacketTooBig, 3, 4},        Number{IcmpKind::kProhibited, 3, 13},
    Number{IcmpKind::kSourceQuench, 4, 0},        Number{IcmpKind::kTimeExceeded, 11, 0},
    Number{IcmpKind::kParameterProblem, 12, 0},   Number{IcmpKind::kReassemblyTimeExceeded, 11, 1},
};

// RFC 4443.
constexpr std::array kV6{
    Number{IcmpKind::kEchoRequest, 128, 0},       Number{IcmpKind::kEchoReply, 129, 0},
    Number{IcmpKind::kNetworkUnreachable, 1, 0},  Number{IcmpKind::kProhibited, 1, 1},
    Number{IcmpKind::kHostUnreachable, 1, 3},     Number{IcmpKind::kPortUnreachable, 1, 4},
    Number{IcmpKind::kPacketTooBig, 2, 0},        Number{IcmpKind::kTimeExceeded, 3, 0},
    Number{IcmpKind::kParameterProblem, 4, 0},    Number{IcmpKind::kReassemblyTimeExceeded, 3, 1},
    Number{IcmpKind::kProtocolUnreachable, 4, 1},
};

std::span<const Number> numbers(bool v4) {
  return v4 ? std::span<const Number>(kV4) : std::span<const Number>(kV6);
}

bool is_error_type(bool v4, uint8_t type) {
  if (!v4) return type < kFirstInformationalV6;
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;  // RFC 1122 3.2.2
}

// IPv4's checksum has no pseudo header.
uint16_t checksum_of(const IpHeader& ip, std::span<const uint8_t> message) {
  return ip.is_v4() ? internet_checksum(message) : transport_checksum(ip, kProtocolIcmpV6, message);
}

}  // namespace

IcmpMessage IcmpMessage::clone() const {
  return {.type = type, .code = code, .rest = rest, .body = body.sub(0, body.size())};
}

IcmpKind icmp_kind(bool v4, uint8_t type, uint8_t code) {
  const auto known = numbers(v4);
  const auto found = std::find_if(known.begin(), known.end(), [&](const Number& n) {
    return n.type == type && n.code == code;
  });
  if (found != known.end()) return found->kind;
  return is_error_type(v4, type) ? IcmpKind::kOtherError : IcmpKind::kOther;
}

bool is_icmp_error(IcmpKind kind) {
  return kind != IcmpKind::kEchoRequest && kind != IcmpKind::kEchoReply && kind != IcmpKind::kOther;
}

std::optional<std::pair<uint8_t, uint8_t>> icmp_numbers(bool v4, IcmpKind kind) {
  const auto known = numbers(v4);
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const Number& n) { return n.kind == kind; });
  if (found == known.end()) return std::nullopt;
  return std::pair(found->type, found->code);
}

const char* icmp_kind_text(IcmpKind kind) {
  switch (kind) {
    case IcmpKind::kEchoRequest: return "echo request";
    case IcmpKind::kEchoReply: return "echo reply";
    case IcmpKind::kNetworkUnreachable: return "network unreachable";
    case IcmpKind::kHostUnreachable: return "host unreachable";
    case IcmpKind::kProtocolUnreachable: return "protocol unreachable";
    case IcmpKind::kPortUnreachable: return "port unreachable";
    case IcmpKind::kPacketTooBig: return "packet too big";
    case IcmpKind::kProhibited: return "administratively prohibited";
    case IcmpKind::kTimeExceeded: return "time exceeded";
    case IcmpKind::kReassemblyTimeExceeded: return "reassembly time exceeded";
    case IcmpKind::kParameterProblem: return "parameter problem";
    case IcmpKind::kSourceQuench: return "source quench";
    case IcmpKind::kOtherError: return "another error";
    case IcmpKind::kOther: return "another message";
  }
  CHECK(false);
}

uint32_t next_hop_mtu(const IpHeader& ip, const IcmpMessage& icmp) {
  return ip.is_v4() ? icmp.rest & 0xffff : icmp.rest;
}

void emit_icmp(const IpHeader& ip, const IcmpMessage& icmp, std::vector<uint8_t>& out) {
  const size_t start = out.size();
  ByteWriter writer(out);
  writer.u8(icmp.type);
  writer.u8(icmp.code);
  writer.u16(0);
  writer.u32(icmp.rest);
  icmp.body.materialize(out);
  const auto message = std::span(out).subspan(start);
  const uint16_t checksum = checksum_of(ip, message);
  message[kIcmpChecksumOffset] = static_cast<uint8_t>(checksum >> 8);
  message[kIcmpChecksumOffset + 1] = static_cast<uint8_t>(checksum);
}

std::optional<IcmpMessage> parse_icmp(const IpPayload& ip, Checksums checksums, ParseError& error) {
  if (ip.size < kIcmpHeaderSize) return fail(error, ParseError::kBadIcmpHeader);
  if (ip.bytes.size() < kIcmpHeaderSize) return fail(error, ParseError::kTruncated);
  if (checksums == Checksums::kVerify && checksum_of(ip.header, ip.bytes) != 0) {
    return fail(error, ParseError::kBadIcmpChecksum);
  }
  ByteReader in(ip.bytes);
  IcmpMessage icmp;
  icmp.type = in.u8();
  icmp.code = in.u8();
  in.u16();  // checksum
  icmp.rest = in.u32();
  icmp.body = payload_of(ip.bytes.subspan(kIcmpHeaderSize), ip.size - kIcmpHeaderSize);
  return icmp;
}

}  // namespace tcptwin::wire
