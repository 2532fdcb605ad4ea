#include "sim/trace/pcap.h"

#include "sim/trace/little_endian.h"
#include "sim/trace/pcapng.h"

namespace tcptwin::trace {

namespace {

constexpr uint32_t kNanosecondMagic = 0xa1b23c4d;
constexpr uint32_t kLinkTypeRaw = 101;
constexpr uint32_t kLongestPacket = 262'144;  // what capture programs write for "all of it"
constexpr int64_t kNsPerSecond = 1'000'000'000;

}  // namespace

void write_pcap(const Journal& journal, uint16_t host, std::vector<uint8_t>& out) {
  LittleEndianWriter writer(out);
  writer.u32(kNanosecondMagic);
  writer.u16(2);  // version 2.4
  writer.u16(4);
  writer.u32(0);  // UTC
  writer.u32(0);
  writer.u32(kLongestPacket);
  writer.u32(kLinkTypeRaw);
  for (const Record* sight : sights_of_host(journal, host)) {
    const std::vector<uint8_t> bytes = bytes_of(journal, *sight);
    const int64_t ns = sight->at.ns();
    writer.u32(static_cast<uint32_t>(kCaptureEpoch + static_cast<uint64_t>(ns / kNsPerSecond)));
    writer.u32(static_cast<uint32_t>(ns % kNsPerSecond));
    writer.u32(static_cast<uint32_t>(bytes.size()));
    writer.u32(static_cast<uint32_t>(bytes.size()));
    writer.bytes(bytes);
  }
}

}  // namespace tcptwin::trace
