// pcapng.h: a run as one capture file: an interface for each host and one for what links lose.
// Decides no names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/trace/packets.h"
#include "sim/trace/pcapng_format.h"
#include "stack/wire/address.h"

namespace tcptwin::trace {

// Virtual time 0 in captures: 2000-01-01T00:00:00Z, in seconds since 1970.
inline constexpr uint64_t kCaptureEpoch = 946'684'800;

// LINKTYPE_RAW: packets begin with their IP header. LINKTYPE_ETHERNET.
inline constexpr uint16_t kRawIpLinkType = 101;
inline constexpr uint16_t kEthernetLinkType = 1;

// What one comment holds. A longer one on the file becomes several, cut between characters.
inline constexpr size_t kLongestComment = 65'535;

struct PcapngOptions {
  bool comments = true;                 // why each packet left, in words
  std::string application = "tcptwin";  // that wrote the file
  std::string comment{};                // on the file; empty: none
  std::string hardware = pcapng::kAllSimulated;
  uint16_t link_type = kRawIpLinkType;
  std::vector<std::pair<wire::IpAddress, std::string>> names{};  // for the name resolution block
  Ticks ticks{};  // for the words, and named with each host
};

// Appends a whole file (draft-ietf-opsawg-pcapng) to `out`: interface h is host h of the journal;
// then come the links' drops. A packet stands in it where it left and where it arrived, under one
// packet id, the number of its departure; a loopback packet once.
void write_pcapng(const Journal& journal, const PcapngOptions& options, std::vector<uint8_t>& out);

// The same format packet by packet, for a run that is watched while it goes on. Each call appends
// whole blocks to `out`; who has written them away may clear it.
class PcapngStream {
 public:
  // An interface for each of `interfaces`: name and description. Writes the head of the file.
  PcapngStream(const PcapngOptions& options,
               const std::vector<std::pair<std::string, std::string>>& interfaces,
               std::vector<uint8_t>& out);

  struct Packet {
    uint32_t interface = 0;
    Instant at;
    std::span<const uint8_t> bytes;
    bool inbound = false;      // the machine of the interface received it; else it sent it
    std::string_view comment;  // empty: none
  };
  void packet(const Packet& packet);
  // A remark that belongs to no packet: an interface statistics block without numbers. `text` is
  // at most kLongestComment bytes.
  void note(uint32_t interface, Instant at, std::string_view text);

 private:
  std::vector<uint8_t>* out_;
};

}  // namespace tcptwin::trace
