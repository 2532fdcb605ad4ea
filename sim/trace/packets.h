// packets.h: the packets of a run as somebody saw them, and the small words that all outputs share.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/trace/journal.h"

namespace tcptwin::trace {

// A sight: the record of a packet that left, arrived or was lost. All pointers live as long as the
// journal.
using Sights = std::vector<const Record*>;

// The departure of the packet in `sight`; null when the record speaks of no packet or was not kept.
const Record* departure_of(const Journal& journal, const Record& sight);
// What left; null like departure_of.
const PacketSent* packet_of(const Journal& journal, const Record& sight);
// The packet as it stood on the wire there: marked or damaged, where it was.
std::vector<uint8_t> bytes_of(const Journal& journal, const Record& sight);

// Damages a packet on the wire: `bit` is counted from 1 behind its header of `header` bytes; none
// when the packet is shorter.
void flip_bit(std::vector<uint8_t>& packet, size_t header, uint32_t bit);

// Every packet as it left a host, and each router again: in the order of the journal, which is the
// order of decision.
Sights all_departures(const Journal& journal);
// What a host sent and received, by time; a packet on its loopback once, as it left.
Sights sights_of_host(const Journal& journal, uint16_t host);
// Sorts by time; what happened at the same instant keeps its order.
void sort_by_time(Sights& sights);

// When the first packet of the run left its host; 0 without packets.
Instant first_departure(const Journal& journal);

// "client#12": host and serial number.
std::string record_name(const Journal& journal, RecordId id);
// "0.043526": seconds, rounded to the microsecond, half away from zero.
std::string seconds_text(Duration span);
const char* drop_words(DropWhy why);
// "" or ", damaged on the way", ", doubled on the way", ", marked on the way".
std::string changes_text(const PacketReceived& received);
// "lost on link client-server: listed by the scenario"; "dropped: its checksum was wrong"
std::string drop_text(const Journal& journal, const PacketDropped& drop);

// How an output speaks of hosts' timers: the tick of each host, by its number; 0 or missing: exact
// or unknown.
using Ticks = std::vector<Duration>;
Duration tick_of(const Ticks& ticks, uint16_t host);

}  // namespace tcptwin::trace
