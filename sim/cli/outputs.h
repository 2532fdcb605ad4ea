// outputs.h: what tcptwin run writes of one variant besides the table: captures, texts,
// explanations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/load.h"
#include "sim/scenario/run.h"

namespace tcptwin::cli {

// The format of a capture by the ending of its name.
enum class CaptureFormat : uint8_t { kPcapng, kPcap, kText, kUnknown };
CaptureFormat capture_format(const std::string& path);

std::string_view as_text(const std::vector<uint8_t>& bytes);

// The run as one pcapng file, with the reasons.
std::vector<uint8_t> pcapng_of(const scenario::Scenario& scenario,
                               const scenario::RunResult& result);

// Writes the capture; false after a message. `label`: stands before the ending when there are
// several variants, else empty. Pcapng is one file; pcap and text are one for each host, whose name
// stands before the ending.
bool write_capture(const std::string& path, const std::string& label,
                   const scenario::Scenario& scenario, const scenario::RunResult& result);

// For each measure the chain of causes of its longest value.
std::string explanations(const std::string& variant, const scenario::Scenario& scenario,
                         const scenario::RunResult& result);

}  // namespace tcptwin::cli
