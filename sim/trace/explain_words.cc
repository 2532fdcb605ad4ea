#include "sim/trace/explain_words.h"

#include <algorithm>
#include <utility>

#include "models/json/units.h"
#include "sim/trace/calls.h"
#include "sim/trace/reason_text.h"
#include "stack/base/check.h"

namespace tcptwin::trace {

namespace {

using json::pretty_duration;

std::string times(size_t count) {
  return count == 1 ? "" : " (" + std::to_string(count) + " times)";
}

// Before the words for the longest of several waits.
std::string at_most(const Wait& longest, size_t count) {
  if (count == 1) return "";
  return std::to_string(count) + " times, at most for " + pretty_duration(longest.length()) + ", ";
}

const tcp::TimerFired* timer_of(const Record& record) {
  const auto* note = std::get_if<tcp::Note>(&record.event);
  return note == nullptr ? nullptr : std::get_if<tcp::TimerFired>(&note->reason);
}

const PacketSent* sent_of(const Record& record) { return std::get_if<PacketSent>(&record.event); }

// Of the reason of a departure or a note.
std::string inferred(const Record& record) {
  const PacketSent* sent = sent_of(record);
  const auto* note = std::get_if<tcp::Note>(&record.event);
  return inferred_text(sent != nullptr ? sent->inferred : note != nullptr && note->inferred);
}

// The reason for which `note` held data, if it did, as DataReleased names it.
std::optional<tcp::DataReleased::By> held_by(const tcp::Note& note) {
  using By = tcp::DataReleased::By;
  if (std::holds_alternative<tcp::HeldByNagle>(note.reason)) return By::kNagle;
  if (std::holds_alternative<tcp::HeldByWindow>(note.reason)) return By::kWindow;
  if (std::holds_alternative<tcp::HeldByCork>(note.reason)) return By::kCork;
  if (std::holds_alternative<tcp::HeldByCongestion>(note.reason)) return By::kCongestion;
  if (std::holds_alternative<tcp::HeldByMemory>(note.reason)) return By::kMemory;
  return std::nullopt;
}

// It says what became of a SYN that began no connection.
bool tells_of_syn(const tcp::Note& note) {
  return std::holds_alternative<tcp::SynInTimeWait>(note.reason) ||
         std::holds_alternative<tcp::SynDropped>(note.reason);
}

const tcp::DataReleased* release_of(const Record* record) {
  const PacketSent* sent = record == nullptr ? nullptr : sent_of(*record);
  return sent == nullptr ? nullptr : std::get_if<tcp::DataReleased>(&sent->reason);
}

// The timer of the zero-window probe also sends what is corked: facts/linux.md B11.
bool ends_a_cork(const Wait& wait) {
  const tcp::DataReleased* data = release_of(wait.released);
  return data != nullptr && data->held_by == tcp::DataReleased::By::kCork;
}

}  // namespace

ExplainWords::ExplainWords(const Journal& journal, Ticks ticks)
    : journal_(&journal),
      ticks_(std::move(ticks)),
      flows_(journal, all_departures(journal)),
      owners_(journal, flows_) {
  for (const Record& record : journal.records()) index(record);
}

void ExplainWords::index(const Record& record) {
  if (const auto* drop = std::get_if<PacketDropped>(&record.event)) {
    const FlowView* view = flows_.find(drop->sent);
    if (view != nullptr) drops_[view->flow].push_back(&record);
  }
  const auto* note = std::get_if<tcp::Note>(&record.event);
  if (note == nullptr) return;
  if (held_by(*note)) data_held_.emplace(std::pair(record.host(), note->at), note);
  if (tells_of_syn(*note)) {
    const Record* arrival = journal_->find(note->cause);
    const Record* syn = arrival == nullptr ? nullptr : departure_of(*journal_, *arrival);
    const FlowView* view = syn == nullptr ? nullptr : flows_.find(syn->id);
    if (view != nullptr) stray_syns_[view->flow].push_back(note);
  }
  const auto* held = std::get_if<tcp::AckHeld>(&note->reason);
  if (held == nullptr) return;
  acks_held_[{record.host(), note->connection, held->due}] = note;
  const Record* cause = journal_->find(note->cause);
  const Record* data = cause == nullptr ? nullptr : departure_of(*journal_, *cause);
  const FlowView* view = data == nullptr ? nullptr : flows_.find(data->id);
  if (view != nullptr) held_acks_[{view->flow, view->from_client}].push_back(note);
}

// ---- who

// The program that works at the sending or receiving end of a packet; the sending host, if that is
// not known.
std::string ExplainWords::end_name(const Record& sent, bool sender) const {
  const FlowView* view = flows_.find(sent.id);
  if (view == nullptr) return journal_->host_name(sent.host());
  const auto process = owners_.process(view->flow, view->from_client == sender);
  if (process) return journal_->process_name(*process);
  return journal_->host_name(sent.host());
}

std::string ExplainWords::actor(const Chain& chain, size_t step) const {
  const Record& record = *chain.steps[step].record;
  if (!chain.loopback) return journal_->host_name(record.host());
  if (const CallStarted* call = call_of(*journal_, record)) {
    return journal_->process_name(call->process);
  }
  if (sent_of(record) != nullptr) return end_name(record, true);
  if (std::holds_alternative<PacketReceived>(record.event)) {
    const Record* sent = departure_of(*journal_, record);
    return sent == nullptr ? journal_->host_name(record.host()) : end_name(*sent, false);
  }
  // A note stands at the end that sends because of it, or that received what led to it.
  if (step + 1 < chain.steps.size() && sent_of(*chain.steps[step + 1].record) != nullptr) {
    return end_name(*chain.steps[step + 1].record, true);
  }
  const Record* cause = journal_->find(record.cause);
  const Record* sent = cause == nullptr ? nullptr : departure_of(*journal_, *cause);
  if (sent != nullptr) return end_name(*sent, cause == sent);
  return journal_->host_name(record.host());
}

// ---- what

std::string ExplainWords::step(const Record& record) const {
  struct Visitor {
    const ExplainWords* words;
    const Record* record;
    std::string call() const {
      const CallStarted* call = call_of(*words->journal_, *record);
      return call == nullptr ? "a call" : call_text(*call);
    }
    std::string packet(const std::string& text, RecordId sent) const {
      return text + " [" + record_name(*words->journal_, sent) + ']';
    }
    std::string operator()(const PacketSent& e) const {
      return "sends " + packet(words->flows_.text(*record), record->id) + ": " +
             // The timer, if any, is a step of its own.
             to_text(e.reason, {.at = record->at, .inferred = e.inferred});
    }
    std::string operator()(const PacketReceived& e) const {
      const Record* sent = departure_of(*words->journal_, *record);
      return "receives " +
             packet(sent == nullptr ? "a packet" : words->flows_.short_text(*sent), e.sent) +
             changes_text(e);
    }
    std::string operator()(const PacketDropped& e) const {
      return record_name(*words->journal_, e.sent) + ' ' + drop_text(*words->journal_, e);
    }
    std::string operator()(const CallStarted&) const { return "calls " + call(); }
    std::string operator()(const CallReturned& e) const {
      return call() + " returns " + result_text(e);
    }
    std::string operator()(const ThreadWoken&) const { return "wakes up in " + call(); }
    std::string operator()(const tcp::Note&) const {
      return why_text(*words->journal_, *record, words->ticks_);
    }
  };
  return std::visit(Visitor{this, &record}, record.event);
}

// ---- waits

std::string ExplainWords::key(const Chain& chain, const Wait& wait) const {
  std::string key = std::to_string(static_cast<int>(wait.kind)) + '/';
  const bool own = wait.kind == WaitKind::kTimer || wait.kind == WaitKind::kSleep;
  if (own) key += actor(chain, wait.step);
  if (wait.kind == WaitKind::kTimer) {
    key += '/' + timer_name(timer_of(*chain.steps[wait.step].record)->which);
  }
  if (const auto* data = release_of(wait.released)) {
    key += '/' + std::to_string(static_cast<int>(data->held_by)) + '/' +
           end_name(*wait.released, true);
  }
  return key;
}

std::string ExplainWords::wait(const Chain& chain, const Wait& wait, size_t count) const {
  const std::string held = release(chain, wait);
  switch (wait.kind) {
    case WaitKind::kWire:
    case WaitKind::kLoopback: return held + trips(chain, wait, count);
    case WaitKind::kTimer: return at_most(wait, count) + held + timer(chain, wait);
    case WaitKind::kSleep: {
      const CallStarted* call = call_of(*journal_, *chain.steps[wait.step].record);
      return at_most(wait, count) + held + actor(chain, wait.step) + " slept in " +
             call_text(*call);
    }
    case WaitKind::kWakeup: return held + "a thread was waking up" + times(count);
    case WaitKind::kCall: return held + "a system call was at work" + times(count);
    case WaitKind::kProgram: return held + "a program was at work between its calls" + times(count);
    case WaitKind::kStack:
      return held + "a stack was at work between input and output" + times(count);
    case WaitKind::kBeginning: return actor(chain, wait.step) + " had not made its first call";
    case WaitKind::kUnexplained: return unexplained(chain, wait);
  }
  CHECK(false);
}

std::string ExplainWords::mark(const Chain& chain, const Wait& wait) const {
  if (wait.kind != WaitKind::kTimer) return this->wait(chain, wait, 1);
  const Record& record = *chain.steps[wait.step].record;
  const std::string who = actor(chain, wait.step);
  switch (timer_of(record)->which) {
    case tcp::TimerKind::kDelayedAck: {
      const Record* cause = journal_->find(record.cause);
      const Record* data = cause == nullptr ? nullptr : departure_of(*journal_, *cause);
      return who + " held " +
             (data == nullptr ? "an ACK" : "the ACK of " + flows_.short_text(*data));
    }
    case tcp::TimerKind::kRetransmission:
    case tcp::TimerKind::kTailProbe:
    case tcp::TimerKind::kHandshake: return who + " got no answer" + loss(chain, wait);
    case tcp::TimerKind::kPersist:
      return ends_a_cork(wait) ? "nothing else flushed" : "the peer's window was closed";
    case tcp::TimerKind::kTimeWait:
    case tcp::TimerKind::kKeepAlive:
    case tcp::TimerKind::kFinWait2: return this->wait(chain, wait, 1);
  }
  CHECK(false);
}

std::string ExplainWords::unexplained(const Chain& chain, const Wait& wait) const {
  if (wait.step == chain.steps.size() && wait.step > 0) {
    const Record& last = *chain.steps.back().record;
    const auto* call = std::get_if<CallStarted>(&last.event);
    if (call != nullptr) return actor(chain, wait.step - 1) + " slept in " + call_text(*call);
  }
  return "the records do not explain it";
}

std::string ExplainWords::trips(const Chain& chain, const Wait& wait, size_t count) const {
  const char* where = wait.kind == WaitKind::kWire ? " on the wire" : " on the loopback";
  if (count > 1)
    return std::string("packets were") + where + " (" + std::to_string(count) + " trips)";
  const Record* sent = departure_of(*journal_, *chain.steps[wait.step].record);
  return (sent == nullptr ? "a packet" : flows_.short_text(*sent)) + " was" + where;
}

std::string ExplainWords::timer(const Chain& chain, const Wait& wait) const {
  const Record& record = *chain.steps[wait.step].record;
  const tcp::TimerFired& fired = *timer_of(record);
  if (fired.which == tcp::TimerKind::kDelayedAck) return delayed_ack(chain, wait);
  const std::string rounding = rounding_text(fired, tick_of(ticks_, record.host()));
  std::string text = actor(chain, wait.step) + " waited for its " + timer_name(fired.which) + " (" +
                     delay_text(fired.wish, fired.shared_tick) +
                     (rounding.empty() ? "" : ", " + rounding) + ')' + inferred(record);
  switch (fired.which) {
    case tcp::TimerKind::kRetransmission:
    case tcp::TimerKind::kTailProbe:
    case tcp::TimerKind::kHandshake: return text + loss(chain, wait);
    case tcp::TimerKind::kPersist:
      return text + (ends_a_cork(wait) ? " to send it" : " to probe the peer's closed window");
    case tcp::TimerKind::kKeepAlive: return text + " without hearing from the peer";
    case tcp::TimerKind::kTimeWait:
    case tcp::TimerKind::kFinWait2:
    case tcp::TimerKind::kDelayedAck: return text;
  }
  CHECK(false);
}

std::string ExplainWords::delayed_ack(const Chain& chain, const Wait& wait) const {
  const Record& record = *chain.steps[wait.step].record;
  const tcp::TimerFired& fired = *timer_of(record);
  const Record* data = journal_->find(record.cause);
  if (data != nullptr) data = departure_of(*journal_, *data);

  std::string text = actor(chain, wait.step) + " delayed ";
  if (data == nullptr) {
    text += "an ACK";
  } else {
    const tcp::Note* hold = wait.released == nullptr ? nullptr : hold_of(*wait.released);
    const auto* nagle = hold == nullptr ? nullptr : std::get_if<tcp::HeldByNagle>(&hold->reason);
    const bool same = nagle != nullptr && nagle->unacked_end == end_of(*data);
    text += std::string("the ACK of ") + (same ? "that segment, " : "") + flows_.short_text(*data);
  }
  text += " (" + delay_text(fired.wish, fired.shared_tick);
  const uint32_t connection = std::get<tcp::Note>(record.event).connection;
  const auto held = acks_held_.find({record.host(), connection, fired.due});
  if (held != acks_held_.end() && std::get<tcp::AckHeld>(held->second->reason).interactive) {
    text += ", interactive connection";
  }
  const std::string rounding = rounding_text(fired, tick_of(ticks_, record.host()));
  return text + (rounding.empty() ? "" : ", " + rounding) + ')' + inferred(record);
}

// ---- why data waited

// The note that began the hold which `released` ended; null when two connections began one at that
// instant.
const tcp::Note* ExplainWords::hold_of(const Record& released) const {
  const tcp::DataReleased& data = *release_of(&released);
  const tcp::Note* hold = nullptr;
  const auto [first, last] = data_held_.equal_range({released.host(), data.since});
  for (auto i = first; i != last; ++i) {
    if (held_by(*i->second) != data.held_by) continue;
    if (hold != nullptr) return nullptr;
    hold = i->second;
  }
  return hold;
}

// One past the last position of the packet.
StreamPos ExplainWords::end_of(const Record& sent) const {
  const wire::TcpSegment& segment = sent_of(sent)->packet.tcp;
  const FlowView* view = flows_.find(sent.id);
  return from_wire(segment.seq, view->numbers.isn, view->numbers.near) + segment.sequence_length();
}

// "client held 10 bytes by Nagle (another small segment was unacknowledged) while "
std::string ExplainWords::release(const Chain& chain, const Wait& wait) const {
  const tcp::DataReleased* data = release_of(wait.released);
  if (data == nullptr) return "";
  const auto step = std::find_if(chain.steps.begin(), chain.steps.end(),
                                 [&](const Step& s) { return s.record == wait.released; });
  std::string text = actor(chain, static_cast<size_t>(step - chain.steps.begin())) + " held ";
  const tcp::Note* hold = hold_of(*wait.released);
  const auto bytes = std::to_string(sent_of(*wait.released)->packet.tcp.payload_size());
  switch (data->held_by) {
    case tcp::DataReleased::By::kNagle: {
      text += bytes + " bytes by Nagle";
      if (hold == nullptr) break;
      const auto& nagle = std::get<tcp::HeldByNagle>(hold->reason);
      const bool minshall = nagle.rule == policy::NagleConfig::Behaviour::kMinshall;
      text +=
          minshall ? " (a small segment was unacknowledged)" : " (sent data was unacknowledged)";
      break;
    }
    case tcp::DataReleased::By::kWindow: text += "data because the peer's window was full"; break;
    case tcp::DataReleased::By::kCongestion:
      text += "data because the congestion window was full";
      break;
    case tcp::DataReleased::By::kCork: text += bytes + " bytes of a corked stream"; break;
    case tcp::DataReleased::By::kMemory: text += bytes + " bytes for want of memory"; break;
  }
  return text + inferred(*wait.released) + " while ";
}

// ---- why a timer had to fire

// The latest loss before `fired` of what `again` carries: a packet that ends behind its beginning
// and begins before its end.
const Record* ExplainWords::lost_before(const Record& again, Instant fired) const {
  const FlowView* view = flows_.find(again.id);
  const auto drops = view == nullptr ? drops_.end() : drops_.find(view->flow);
  if (drops == drops_.end()) return nullptr;
  const auto length = int64_t{sent_of(again)->packet.tcp.sequence_length()};
  const Record* latest = nullptr;
  for (const Record* drop : drops->second) {
    const Record* lost = departure_of(*journal_, *drop);
    if (drop->at >= fired || flows_.find(lost->id)->from_client != view->from_client) continue;
    const auto lost_length = int64_t{sent_of(*lost)->packet.tcp.sequence_length()};
    const StreamPos lost_end = end_of(*lost);
    const StreamPos end = end_of(again);
    if (lost_end > end - length && lost_end - lost_length < end) latest = drop;
  }
  return latest;
}

const tcp::Note* ExplainWords::stray_syn(const FlowView& syn, const tcp::TimerFired& timer,
                                         Instant fired) const {
  const auto notes = stray_syns_.find(syn.flow);
  if (notes == stray_syns_.end()) return nullptr;
  const tcp::Note* last = nullptr;
  for (const tcp::Note* note : notes->second) {
    if (note->at >= timer.armed_at && note->at < fired) last = note;
  }
  return last;
}

// The note of an ACK of `data`'s direction that was still held at `time`: its timer had not fired
// and nothing had left since that could carry it.
const tcp::Note* ExplainWords::ack_held_at(const FlowView& data, Instant time) const {
  const auto held = held_acks_.find({data.flow, data.from_client});
  if (held == held_acks_.end()) return nullptr;
  const tcp::Note* latest = nullptr;
  for (const tcp::Note* note : held->second) {
    if (note->at < time && std::get<tcp::AckHeld>(note->reason).due >= time) latest = note;
  }
  if (latest == nullptr) return nullptr;
  for (const Record& record : journal_->records()) {
    if (sent_of(record) == nullptr || record.at < latest->at || record.at >= time) continue;
    const FlowView* view = flows_.find(record.id);
    if (view == nullptr) continue;
    if (view->flow == data.flow && view->from_client != data.from_client) return nullptr;
  }
  return latest;
}

// The first packet that left because of `cause`.
const Record* ExplainWords::sent_because_of(RecordId cause) const {
  for (const Record& record : journal_->records()) {
    if (record.cause == cause && sent_of(record) != nullptr) return &record;
  }
  return nullptr;
}

std::string ExplainWords::loss(const Chain& chain, const Wait& wait) const {
  const Record& fired = *chain.steps[wait.step].record;
  const Record* again = sent_because_of(fired.id);
  if (again == nullptr) again = sent_because_of(fired.cause);  // it gave up instead
  if (again == nullptr) return "";
  const auto words = [&](const Record& drop) {
    const Record* lost = departure_of(*journal_, drop);
    const auto& event = std::get<PacketDropped>(drop.event);
    return flows_.short_text(*lost) + " [" + record_name(*journal_, lost->id) + "] was " +
           (event.link == kNoLink ? "dropped" : "lost on link " + journal_->link_name(event.link)) +
           " (" + drop_words(event.why) + ')';
  };
  if (const Record* drop = lost_before(*again, fired.at)) return " because " + words(*drop);

  // Nothing of what is sent again was lost: perhaps its acknowledgment.
  const FlowView* view = flows_.find(again->id);
  if (view == nullptr) return "";
  if (const auto drops = drops_.find(view->flow); drops != drops_.end()) {
    for (const Record* drop : drops->second) {
      const bool meanwhile = drop->at >= timer_of(fired)->armed_at && drop->at < fired.at;
      const RecordId lost = std::get<PacketDropped>(drop->event).sent;
      const bool backwards = flows_.find(lost)->from_client != view->from_client;
      if (meanwhile && backwards) return "; meanwhile " + words(*drop);
    }
  }
  if (const tcp::Note* note = ack_held_at(*view, fired.at)) {
    const auto& held = std::get<tcp::AckHeld>(note->reason);
    return " although nothing was lost: " + journal_->host_name(RecordIds::host_of(note->id)) +
           " was holding its ACK, delayed " + delay_text(held.wish, held.shared_tick, "by ") +
           inferred_text(note->inferred);
  }
  if (const tcp::Note* met = stray_syn(*view, *timer_of(fired), fired.at)) {
    return " because " + to_text(met->reason, {.inferred = met->inferred});
  }
  return "; no loss of this connection is recorded that explains it";
}

// ---- the end of the chain

std::string ExplainWords::break_text(const Chain& chain) const {
  const std::string first = chain.steps.empty()
                                ? "the end of the interval"
                                : '"' + actor(chain, 0) + ' ' + step(*chain.steps[0].record) + '"';
  switch (chain.begin) {
    case Chain::Begin::kBeforeStart:
    case Chain::Begin::kFirstCall: return "";
    case Chain::Begin::kNoCause: return "the chain breaks here: " + first + " names no cause";
    case Chain::Begin::kNotKept:
      return "the chain breaks here: " + first + " names the cause " +
             record_name(*journal_, chain.missing) + ", which is not recorded";
    case Chain::Begin::kEndless: return "the chain is of no use: its causes run in a circle";
  }
  CHECK(false);
}

}  // namespace tcptwin::trace
