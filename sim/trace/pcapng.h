// pcapng.h: a run as one capture file: an interface for each host and one for what links lose.
// Decides no names.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/packets.h"
#include "stack/wire/address.h"

namespace tcptwin::trace {

// Virtual time 0 in captures: 2000-01-01T00:00:00Z, in seconds since 1970.
inline constexpr uint64_t kCaptureEpoch = 946'684'800;

struct PcapngOptions {
  bool comments = true;                                          // why each packet left, in words
  std::string application = "tcptwin";                           // that wrote the file
  std::vector<std::pair<wire::IpAddress, std::string>> names{};  // for the name resolution block
  Ticks ticks{};                                                 // for the words
};

// Appends a whole file (draft-ietf-opsawg-pcapng) to `out`: interface h is host h of the journal;
// then come the links' drops. A packet stands in it where it left and where it arrived, under one
// packet id, the number of its departure; a loopback packet once.
void write_pcapng(const Journal& journal, const PcapngOptions& options, std::vector<uint8_t>& out);

}  // namespace tcptwin::trace
