// pcap.h: what one host sent and received, as a classic capture file for tools that read no pcapng.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/trace/packets.h"

namespace tcptwin::trace {

// Appends a whole file to `out`: nanoseconds, LINKTYPE_RAW, the same epoch as pcapng. A loopback
// packet stands in it once.
void write_pcap(const Journal& journal, uint16_t host, std::vector<uint8_t>& out);

}  // namespace tcptwin::trace
