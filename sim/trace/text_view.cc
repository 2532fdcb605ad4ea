#include "sim/trace/text_view.h"

#include <algorithm>
#include <vector>

#include "sim/trace/calls.h"
#include "sim/trace/flows.h"
#include "sim/trace/reason_text.h"

namespace tcptwin::trace {

namespace {

// Lines of the same instant stand in this order: what happens inside a host comes of a packet or a
// call.
enum class Rank : uint8_t { kPacket, kCall, kEvent };

struct ViewLine {
  Instant at;
  Rank rank{};
  std::string text;
};

class HostView {
 public:
  HostView(const Journal& journal, const HostViewOptions& options)
      : journal_(&journal),
        options_(&options),
        sights_(sights_of_host(journal, options.host)),
        flows_(journal, sights_) {}

  std::vector<ViewLine> lines() {
    for (const Record* sight : sights_) add_packet(*sight);
    add_calls();
    if (options_->human) add_events();
    std::stable_sort(lines_.begin(), lines_.end(), [](const ViewLine& a, const ViewLine& b) {
      return a.at != b.at ? a.at < b.at : a.rank < b.rank;
    });
    return std::move(lines_);
  }

 private:
  bool is_ours(const Record& record) const { return record.host() == options_->host; }

  void add_packet(const Record& sight) {
    std::string text = flows_.text(sight);
    if (options_->human) {
      const Record& sent = *departure_of(*journal_, sight);
      text += "  # ";
      if (!is_ours(sent)) text += journal_->host_name(sent.host()) + ": ";
      text += why_text(*journal_, sent, options_->ticks);
    }
    lines_.push_back({sight.at, Rank::kPacket, text});
  }

  // A call stands where it began; the captures know only calls that came back.
  void add_calls() {
    for (const CallSpan& span : calls_of(*journal_)) {
      const auto& call = std::get<CallStarted>(span.started->event);
      const auto letter = options_->letters.find(call.process);
      if (!is_ours(*span.started) || letter == options_->letters.end()) continue;
      if (span.returned == nullptr && !options_->human) continue;
      if (!options_->human && !is_logged(call.kind)) continue;
      lines_.push_back({span.started->at, Rank::kCall, letter->second + (' ' + call_line(span))});
    }
  }

  void add_events() {
    const Flows departures(*journal_, all_departures(*journal_));
    const Owners owners(*journal_, departures);
    for (const Record& record : journal_->records()) {
      if (!is_ours(record)) continue;
      if (const auto* drop = std::get_if<PacketDropped>(&record.event)) {
        add_event(record.at, arrow_of(drop->sent),
                  record_name(*journal_, drop->sent) + ' ' + drop_text(*journal_, *drop));
      } else if (std::holds_alternative<tcp::Note>(record.event)) {
        add_event(record.at, arrow_of_note(record, owners),
                  why_text(*journal_, record, options_->ticks));
      }
    }
  }
  void add_event(Instant at, const std::string& arrow, const std::string& what) {
    lines_.push_back({at, Rank::kEvent, arrow + (arrow.empty() ? "# " : " # ") + what});
  }

  std::string arrow_of(RecordId sight) const {
    const FlowView* view = flows_.find(sight);
    return view == nullptr ? "" : flows_.arrow(view->flow, view->from_client);
  }
  // A note belongs to the end that received the packet, or whose program made the call, that led to
  // it.
  std::string arrow_of_note(const Record& note, const Owners& owners) const {
    const Record* cause = &note;
    while (cause != nullptr && std::holds_alternative<tcp::Note>(cause->event)) {
      cause = journal_->find(cause->cause);
    }
    if (cause == nullptr) return "";
    if (const auto* received = std::get_if<PacketReceived>(&cause->event)) {
      const FlowView* view = flows_.find(received->loopback ? received->sent : cause->id);
      return view == nullptr ? "" : flows_.arrow(view->flow, !view->from_client);
    }
    const CallStarted* call = call_of(*journal_, *cause);
    const auto end = call == nullptr ? std::nullopt : owners.only_end(call->process);
    return end ? flows_.arrow(end->first, end->second) : "";
  }

  const Journal* journal_;
  const HostViewOptions* options_;
  Sights sights_;
  Flows flows_;
  std::vector<ViewLine> lines_;
};

}  // namespace

void write_host_view(const Journal& journal, const HostViewOptions& options, std::string& out) {
  for (const ViewLine& line : HostView(journal, options).lines()) {
    out += seconds_text(line.at - options.zero) + ' ' + line.text + '\n';
  }
}

}  // namespace tcptwin::trace
