#include "sim/host/call_record.h"

#include <string>

namespace tcptwin::host {

namespace {

// The flags of send and recv, as a program writes them: "MSG_MORE|MSG_DONTWAIT".
std::string flag_names(const socket::MessageFlags& flags) {
  std::string text;
  const auto add = [&](bool on, const char* name) {
    if (on) text += (text.empty() ? "" : "|") + std::string(name);
  };
  add(flags.more, "MSG_MORE");
  add(flags.out_of_band, "MSG_OOB");
  add(flags.peek, "MSG_PEEK");
  add(flags.wait_all, "MSG_WAITALL");
  add(flags.dont_wait, "MSG_DONTWAIT");
  add(flags.no_signal, "MSG_NOSIGNAL");
  add(flags.truncate, "MSG_TRUNC");
  return text;
}

bool sends(trace::CallKind kind) {
  return kind == trace::CallKind::kSend || kind == trace::CallKind::kSendTo;
}
}  // namespace

bool moves_data(trace::CallKind kind) {
  return sends(kind) || kind == trace::CallKind::kRecv || kind == trace::CallKind::kRecvFrom;
}

trace::CallStarted call_record(const Thread& thread) {
  const Call& call = thread.call;
  int64_t amount = call.amount;
  if (sends(call.kind)) amount = static_cast<int64_t>(call.data.size());
  if (call.kind == trace::CallKind::kSleep) amount = call.sleep.count();
  if (call.kind == trace::CallKind::kBind) amount = static_cast<int64_t>(call.address.port);
  if (call.kind == trace::CallKind::kSetsockopt) amount = call.option.value;
  return {thread.process, call.kind, call.descriptor,
          amount,         call.name, moves_data(call.kind) ? flag_names(call.flags) : call.value};
}

}  // namespace tcptwin::host
