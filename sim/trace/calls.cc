#include "sim/trace/calls.h"

#include <algorithm>

#include "models/json/units.h"

namespace tcptwin::trace {

std::vector<CallSpan> calls_of(const Journal& journal) {
  std::vector<CallSpan> spans;
  std::vector<std::pair<RecordId, const Record*>> returns;  // by call
  for (const Record& record : journal.records()) {
    if (std::holds_alternative<CallStarted>(record.event)) spans.push_back({&record, nullptr});
    if (const auto* result = std::get_if<CallReturned>(&record.event)) {
      returns.emplace_back(result->call, &record);
    }
  }
  std::sort(returns.begin(), returns.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (CallSpan& span : spans) {
    const auto found =
        std::lower_bound(returns.begin(), returns.end(), span.started->id,
                         [](const auto& entry, RecordId id) { return entry.first < id; });
    if (found != returns.end() && found->first == span.started->id) span.returned = found->second;
  }
  return spans;
}

std::string call_text(const CallStarted& call) {
  std::string name = call_name(call.kind);
  const std::string amount = std::to_string(call.amount);
  switch (call.kind) {
    case CallKind::kListen: return name + '(' + amount + ')';
    case CallKind::kSend:
    case CallKind::kRecv:
    case CallKind::kRecvFrom:
      return name + '(' + amount + (call.value.empty() ? "" : ',' + call.value) + ')';
    case CallKind::kBind: return call.amount == 0 ? name : name + '(' + amount + ')';
    case CallKind::kSetsockopt:
      return name + '(' + call.name + ',' + (call.value.empty() ? amount : call.value) + ')';
    case CallKind::kSleep: return name + '(' + json::pretty_duration(Duration(call.amount)) + ')';
    case CallKind::kSendTo:
      return name + '(' + amount + ',' + call.name + (call.value.empty() ? "" : ',' + call.value) +
             ')';
    case CallKind::kPing: return name + '(' + call.name + ',' + amount + ')';
    case CallKind::kAccept:
    case CallKind::kConnect:
    case CallKind::kClose: return name;
    case CallKind::kShutdown: return call.name.empty() ? name : name + '(' + call.name + ')';
    default: return call.value.empty() ? name : name + '(' + call.value + ')';
  }
}

std::string result_text(const CallReturned& result) {
  if (result.error) return std::string("-1 ") + errno_name(*result.error);
  return std::to_string(result.value);
}

std::string call_line(const CallSpan& span) {
  constexpr int64_t kNsPerUs = 1000;
  const std::string text = call_text(std::get<CallStarted>(span.started->event)) + " = ";
  if (span.returned == nullptr) return text + '?';
  const Duration spent = span.returned->at - span.started->at;
  return text + result_text(std::get<CallReturned>(span.returned->event)) + " [" +
         std::to_string(spent.count() / kNsPerUs) + ']';
}

bool is_logged(CallKind kind) {
  switch (kind) {
    case CallKind::kListen:
    case CallKind::kAccept:
    case CallKind::kConnect:
    case CallKind::kSend:
    case CallKind::kRecv:
    case CallKind::kSendTo:
    case CallKind::kRecvFrom:
    case CallKind::kPing:
    case CallKind::kSetsockopt:
    case CallKind::kShutdown:
    case CallKind::kClose: return true;
    default: return false;
  }
}

}  // namespace tcptwin::trace
