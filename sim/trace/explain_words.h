// explain_words.h: the words for one step and one wait of a chain of causes. It words records; it
// finds no causes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "sim/trace/explain.h"
#include "sim/trace/flows.h"

namespace tcptwin::trace {

// Made once for a journal that no longer grows; it indexes all of it.
class ExplainWords {
 public:
  ExplainWords(const Journal& journal, Ticks ticks);

  // Who did it: the host, or the program when the chain runs over a loopback, where one host plays
  // both parts.
  std::string actor(const Chain& chain, size_t step) const;
  // "sends > P. 1:11(10) ack 1 win 65536 [client#7]: data, sent without waiting"
  std::string step(const Record& record) const;
  // "server delayed the ACK of P. 1:11(10) (40 ms, interactive connection, rounded up to the 4 ms
  // tick)"; `count`: how many waits it stands for, of which it is the longest.
  std::string wait(const Chain& chain, const Wait& wait, size_t count) const;
  // The short form that marks a line: "server held the ACK of P. 1:11(10)".
  std::string mark(const Chain& chain, const Wait& wait) const;
  // Waits with the same key are told together.
  std::string key(const Chain& chain, const Wait& wait) const;
  // Why the chain reaches no further back; empty when it is complete.
  std::string break_text(const Chain& chain) const;

 private:
  using AckKey =
      std::tuple<uint16_t, uint32_t, Instant>;  // host, connection, when the timer is due

  void index(const Record& record);
  std::string end_name(const Record& sent, bool sender) const;
  std::string timer(const Chain& chain, const Wait& wait) const;
  std::string delayed_ack(const Chain& chain, const Wait& wait) const;
  std::string loss(const Chain& chain, const Wait& wait) const;
  std::string unexplained(const Chain& chain, const Wait& wait) const;
  std::string trips(const Chain& chain, const Wait& wait, size_t count) const;
  std::string release(const Chain& chain, const Wait& wait) const;
  const tcp::Note* hold_of(const Record& released) const;
  const Record* sent_because_of(RecordId cause) const;
  const Record* lost_before(const Record& again, Instant fired) const;
  const tcp::Note* ack_held_at(const FlowView& data, Instant time) const;
  // The last note on a SYN of that flow while `timer` was running.
  const tcp::Note* stray_syn(const FlowView& syn, const tcp::TimerFired& timer,
                             Instant fired) const;
  StreamPos end_of(const Record& sent) const;

  const Journal* journal_;
  Ticks ticks_;
  Flows flows_;
  Owners owners_;
  std::map<AckKey, const tcp::Note*> acks_held_;
  std::multimap<std::pair<uint16_t, Instant>, const tcp::Note*> data_held_;  // by host and time
  std::map<uint32_t, std::vector<const Record*>> drops_;                     // by flow
  // ACKs held, by flow and whether they were for what the client had sent.
  std::map<std::pair<uint32_t, bool>, std::vector<const tcp::Note*>> held_acks_;
  std::map<uint32_t, std::vector<const tcp::Note*>> stray_syns_;  // notes on them, by flow
};

}  // namespace tcptwin::trace
