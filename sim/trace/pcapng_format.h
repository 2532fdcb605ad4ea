// pcapng_format.h: the numbers of draft-ietf-opsawg-pcapng that our captures need, for those who
// write and those who read.
#pragma once

#include <cstdint>

namespace tcptwin::trace::pcapng {

// Block types: 4.1 to 4.6, appendix A.
inline constexpr uint32_t kSectionHeader = 0x0a0d0d0a;
inline constexpr uint32_t kByteOrderMagic = 0x1a2b3c4d;
inline constexpr uint32_t kInterface = 1;
inline constexpr uint32_t kObsoletePacket = 2;
inline constexpr uint32_t kSimplePacket = 3;
inline constexpr uint32_t kNames = 4;
inline constexpr uint32_t kStatistics = 5;
inline constexpr uint32_t kEnhancedPacket = 6;

// Option codes: 3.5 and those of each block; the names say of which.
enum Option : uint16_t {
  kEndOfOptions = 0,
  kComment = 1,
  kSectionHardware = 2,
  kSectionOperatingSystem = 3,
  kSectionApplication = 4,
  kInterfaceName = 2,
  kInterfaceDescription = 3,
  kInterfaceTimestampResolution = 9,
  kInterfaceTimestampOffset = 14,
  kPacketFlags = 2,
  kPacketId = 5,
};
// The lowest two bits of the packet flags.
enum PacketDirection : uint32_t { kInbound = 1, kOutbound = 2 };

// The hardware of a section whose hosts are all simulated: its times are exact.
inline constexpr const char* kAllSimulated = "simulated hosts and links";

// How the comment on an interface begins that names the tick of its host's timers: "timer tick 4ms".
inline constexpr const char* kTickComment = "timer tick ";

}  // namespace tcptwin::trace::pcapng
