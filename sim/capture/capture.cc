#include "sim/capture/capture.h"

#include <algorithm>
#include <utility>

#include "sim/capture/reader.h"
#include "sim/trace/pcapng_format.h"
#include "stack/wire/packet.h"
#include "stack/wire/text.h"

namespace tcptwin::capture {

std::span<const uint8_t> FileReader::take(size_t n) {
  if (n > remaining()) ok_ = false;
  if (!ok_) return {};
  const auto bytes = bytes_.subspan(at_, n);
  at_ += n;
  return bytes;
}

uint64_t FileReader::number(size_t size) {
  const auto bytes = take(size);
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const size_t shift = order_ == ByteOrder::kLittle ? i : bytes.size() - 1 - i;
    value |= uint64_t{bytes[i]} << (8 * shift);
  }
  return value;
}

namespace {

// A packet that the sender's network card was to cut has no length in its IP header; what the file
// says was on the wire is its length. Nothing when there is nothing to mend.
std::optional<std::vector<uint8_t>> with_length(std::span<const uint8_t> ip, uint64_t size) {
  const bool is_v6 = ip[0] >> 4 == 6;
  const size_t header = is_v6 ? wire::kIpv6HeaderSize : wire::kIpv4HeaderSize;
  const size_t field = is_v6 ? 4 : 2;
  if (ip.size() < header || ip[field] != 0 || ip[field + 1] != 0 || size <= header) {
    return std::nullopt;
  }
  const uint64_t length = is_v6 ? size - header : size;
  if (length > UINT16_MAX) return std::nullopt;
  std::vector<uint8_t> mended(ip.begin(), ip.end());
  mended[field] = static_cast<uint8_t>(length >> 8);
  mended[field + 1] = static_cast<uint8_t>(length);
  return mended;
}

std::optional<wire::Packet> parse_packet(std::span<const uint8_t> ip, uint64_t size,
                                         wire::ParseError& error) {
  const auto mended = with_length(ip, size);
  return wire::parse(mended ? std::span<const uint8_t>(*mended) : ip, wire::Checksums::kIgnore,
                     &error);
}

std::string counted(uint64_t n, const std::string& one, const std::string& many) {
  return std::to_string(n) + ' ' + (n == 1 ? one : many);
}

}  // namespace

bool PacketList::add(const Frame& frame, Packet seen) {
  if (capture_->packets.size() >= kMostPackets) {
    capture_->remarks.push_back("only the first " + std::to_string(kMostPackets) +
                                " packets were read");
    return false;
  }
  seen.number = ++count_;
  const auto ip = ip_packet(frame, seen.direction);
  if (!ip) {
    ++not_ip_;
    return true;
  }
  const uint64_t link_header = frame.bytes.size() - ip->size();
  const uint64_t on_wire = std::max<uint64_t>(frame.size_on_wire, frame.bytes.size());
  wire::ParseError error{};
  auto packet = parse_packet(*ip, on_wire - link_header, error);
  if (!packet) {
    if (malformed_++ == 0) {
      first_malformed_ = std::to_string(count_) + ": " + wire::parse_error_text(error);
    }
    return true;
  }
  seen.ip = packet->ip;
  if (packet->is_tcp()) {
    seen.tcp = std::move(packet->tcp);
    seen.tcp.payload = Payload::synthetic(0, 0, seen.tcp.payload.size());
  } else {
    seen.other = wire::to_text(*packet);
  }
  capture_->packets.push_back(std::move(seen));
  return true;
}

void PacketList::end() {
  if (not_ip_ > 0) {
    capture_->remarks.push_back(
        counted(not_ip_, "packet without IP was", "packets without IP were") + " left out");
  }
  if (malformed_ > 0) {
    capture_->remarks.push_back(counted(malformed_, "packet", "packets") +
                                " could not be read, the first of them number " + first_malformed_);
  }
}

std::optional<Capture> read(std::string_view bytes, std::string& problem) {
  const std::span<const uint8_t> binary(reinterpret_cast<const uint8_t*>(bytes.data()),
                                        bytes.size());
  if (bytes.empty()) {
    problem = "the file is empty";
    return std::nullopt;
  }
  if (is_pcap(binary)) return read_pcap(binary, problem);
  // Its bytes read the same in both orders.
  FileReader type(binary, ByteOrder::kLittle);
  if (type.u32() == trace::pcapng::kSectionHeader) return read_pcapng(binary, problem);
  return read_text(bytes, problem);
}

}  // namespace tcptwin::capture
