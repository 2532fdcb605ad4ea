// flows.h: which connection a packet belongs to, and what its numbers are relative to. Decides
// nothing about TCP.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/flow_tracker.h"
#include "sim/trace/packets.h"

namespace tcptwin::trace {

// Follows the connections through a list of sights, in its order (FlowTracker).
class Flows {
 public:
  Flows(const Journal& journal, const Sights& sights);

  // The view of a sight that was in the list; null for any other record.
  const FlowView* find(RecordId sight) const;
  // "> P. 1:11(10) ack 1 win 65536 <TS 0/0>"; the client's port follows the arrow when there are
  // several. What is not TCP belongs to no flow: "- UDP 10.77.0.1.5000 > 10.77.0.2.53 (12)". Empty
  // for any other record that was not in the list.
  std::string text(const Record& sight) const;
  // "P. 1:11(10)": what tells packets apart within a flow.
  std::string short_text(const Record& sight) const;
  // ">" or ">40001": the way of what this end of the flow sends.
  std::string arrow(uint32_t flow, bool from_client) const;

  size_t count() const { return tracker_.count(); }

 private:
  const Journal* journal_;
  FlowTracker tracker_;
  std::vector<std::pair<RecordId, FlowView>> views_;  // sorted by record
  bool several_ports_ = false;
};

// Which process works on each end of each flow, as far as the journal shows: it sent there, or was
// woken there.
class Owners {
 public:
  // `flows` must have been made of all departures.
  Owners(const Journal& journal, const Flows& flows);

  std::optional<uint32_t> process(uint32_t flow, bool client) const;
  // The end on which `process` works, if it is just one.
  std::optional<std::pair<uint32_t, bool>> only_end(uint32_t process) const;

 private:
  std::map<std::pair<uint32_t, bool>, uint32_t>
      owners_;  // by flow and whether it is the client's end
};

// The call that `record` belongs to, when a program caused it itself: a call, its return or its
// waking.
const CallStarted* call_of(const Journal& journal, const Record& record);

}  // namespace tcptwin::trace
