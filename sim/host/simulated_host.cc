#include "sim/host/simulated_host.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/catalogue/catalogue.h"
#include "models/lwip/host_state.h"
#include "sim/host/call_record.h"
#include "stack/base/check.h"

namespace tcptwin::host {

namespace {

// Why the host throws it away before its stack sees it.
std::optional<trace::DropWhy> unreadable(const engine::Transit& transit) {
  if (transit.flipped_bit > 0) return trace::DropWhy::kDamaged;
  const wire::Opaque* unread = transit.packet.opaque();
  if (unread == nullptr) return std::nullopt;
  switch (unread->why) {
    case wire::ParseError::kUnknownProtocol: return std::nullopt;  // which the stack says
    case wire::ParseError::kBadIpChecksum:
    case wire::ParseError::kBadTcpChecksum:
    case wire::ParseError::kBadUdpChecksum:
    case wire::ParseError::kBadIcmpChecksum: return trace::DropWhy::kDamaged;
    case wire::ParseError::kTruncated:
    case wire::ParseError::kNotIp:
    case wire::ParseError::kNotIpv4:
    case wire::ParseError::kNotIpv6:
    case wire::ParseError::kMappedAddress:
    case wire::ParseError::kBadExtensionHeader:
    case wire::ParseError::kFragment:
    case wire::ParseError::kBadTcpHeader:
    case wire::ParseError::kBadUdpHeader:
    case wire::ParseError::kBadIcmpHeader: return trace::DropWhy::kMalformed;
  }
  CHECK(false);
}

}  // namespace

SimulatedHost::SimulatedHost(const SimulatedHostSetup& setup, trace::Journal& journal)
    : name_(setup.name),
      profile_(setup.profile),
      ids_(setup.number),
      time_(setup.profile->time_model, setup.seed, setup.name),
      stack_(catalogue::make_stack({.profile = setup.profile,
                                    .uptime = setup.uptime,
                                    .interfaces = setup.interfaces,
                                    .routes = setup.routes,
                                    .seed = setup.seed,
                                    .name = setup.name,
                                    .ids = &ids_,
                                    .keep_notes = journal.keeps_records()})),
      journal_(&journal),
      attachments_(setup.interfaces.size()),
      last_departure_(setup.interfaces.size()) {}

void SimulatedHost::attach(uint32_t interface, engine::Node& node, uint32_t port) {
  attachments_[interface] = {&node, port};
}

// ---- packets

void SimulatedHost::on_packet(Instant now, engine::Transit&& transit, uint32_t interface) {
  const bool loopback = interface == kLoopback;
  const RecordId record = ids_.next();
  journal_->received(
      record, now, {transit.sent, loopback, transit.flipped_bit, transit.doubled, transit.marked});
  if (const auto why = unreadable(transit)) {
    journal_->dropped(ids_.next(), transit.sent, now, trace::kNoLink, *why);
    return;
  }
  const Duration cost = loopback ? time_.config().loopback_receive : time_.config().receive;
  last_ready_ = std::max(last_ready_, now + time_.spend(cost));
  received_.push_back(Received{std::move(transit.packet), record, last_ready_, transit.sent});
  if (received_.size() == 1) reschedule();  // behind others it changes nothing
}

void SimulatedHost::transmit(Instant now, OutPacket&& out) {
  Instant& last = last_departure_[out.interface];
  last = std::max(last, now + time_.spend(time_.config().transmit));
  const bool loopback = out.interface == kLoopback;
  journal_->sent(out.id, out.cause, last, out.packet, loopback, out.reason, out.inferred);
  engine::Transit transit{std::move(out.packet), out.id, &ids_};
  if (loopback) {
    loopback_.push_back({std::move(transit), last, out.continues, out.segment_size});
    return;
  }
  const Attachment& attachment = attachments_[out.interface];
  CHECK(attachment.node != nullptr);
  attachment.node->on_packet(last, std::move(transit), attachment.port);
}

// Carries out what the stack has decided: packets leave, notes are kept, sleepers get a time to
// wake up. Returns how many packets left.
int SimulatedHost::drain(Instant now, bool in_call) {
  int packets = 0;
  OutPacket out;
  const bool carries = in_call && time_.config().loopback_is_carried;
  while (stack_->poll_packet(out)) {
    if (carries && out.interface == kLoopback) {
      carried_.waiting.push_back(std::move(out));
    } else {
      transmit(now, std::move(out));
    }
    ++packets;
  }
  if (carries && carried_.current == RecordId::kNone) carry_next(now);
  tcp::Note note;
  while (stack_->poll_note(note)) journal_->noted(note);
  socket::Wakeup wakeup;
  while (stack_->poll_wakeup(wakeup)) {
    const auto sleeper = sleepers_.find(wakeup.operation);
    CHECK(sleeper != sleepers_.end());
    ThreadState& state = threads_[sleeper->second];
    state.step = ThreadStep::kResumeCall;
    state.wakeup = wakeup.cause;
    run_at(sleeper->second, now + time_.spend(time_.config().wake));
  }
  return packets;
}

void SimulatedHost::run_packets(Instant now) {
  while (!loopback_.empty() && loopback_.front().arrives <= now) {
    LoopbackTransit next = loopback_.pop_front();
    on_packet(now, std::move(next.transit), kLoopback);
    received_.back().continues = next.continues;
    received_.back().segment_size = next.segment_size;
  }
  Received in;
  while (!received_.empty() && received_.front().ready <= now) {
    received_.pop_front(in);
    if (belongs_to_call(in.packet)) {
      carried_.answers.push_back(std::move(in));
    } else {
      carried_.arrived = carried_.arrived || in.sent == carried_.current;
      stack_->on_packet(now, std::move(in.packet), in.record, {.segment_size = in.segment_size});
      drain(now);
    }
    if (carried_.arrived && !answers_are_under_way()) carry_next(now);
  }
}

engine::Due SimulatedHost::next() const {
  Instant packet = Instant::never();
  if (!loopback_.empty()) packet = loopback_.front().arrives;
  if (!received_.empty()) packet = std::min(packet, received_.front().ready);
  const Instant stack = stack_->next_deadline() + time_.config().timer;
  const Instant application = agenda_.empty() ? Instant::never() : agenda_.top_key().at;
  return std::min({engine::Due{packet, engine::Phase::kPacket},
                   engine::Due{stack, engine::Phase::kStack},
                   engine::Due{application, engine::Phase::kApplication}});
}

void SimulatedHost::run(Instant now, engine::Phase phase) {
  CHECK(!lwip::somebody_is_present());  // no host and no program goes on in the middle of lwIP
  switch (phase) {
    case engine::Phase::kPacket: return run_packets(now);
    case engine::Phase::kStack:
      stack_->on_deadline(now);
      drain(now);
      return;
    case engine::Phase::kApplication: return run_threads(now);
  }
}

// ---- threads

void SimulatedHost::add_thread(Thread& thread, Instant start) {
  thread.stack_process = stack_->add_process();
  enter_thread(thread, start);
  reschedule();
}

void SimulatedHost::run_threads(Instant now) {
  while (!agenda_.empty() && agenda_.top_key().at <= now) {
    const uint32_t index = agenda_.top_id();
    agenda_.remove(index);
    step(now, index);
  }
}

void SimulatedHost::step(Instant now, uint32_t index) {
  ThreadState& state = threads_[index];
  Thread& thread = *state.thread;
  switch (state.step) {
    case ThreadStep::kReturn: {
      const RecordId id = ids_.next();
      journal_->returned(id, state.cause, now,
                         {state.call, thread.result.value, thread.result.error});
      thread.last_return = id;
      [[fallthrough]];
    }
    case ThreadStep::kRun: return resume(now, index);
    case ThreadStep::kTryAgain: {
      const RecordId woken = ids_.next();
      journal_->woken(woken, state.wakeup, now, state.call);
      state.cause = woken;
      return own_call(now, index);
    }
    case ThreadStep::kResumeCall: {
      const RecordId woken = ids_.next();
      journal_->woken(woken, state.wakeup, now, state.call);
      state.cause = woken;
      socket::Outcome outcome = stack_->resume(now, state.operation, woken);
      const int packets = drain(now, /*in_call=*/true);
      if (!outcome.sleeps()) finish(now, index, std::move(outcome), packets);
      return;
    }
  }
}

void SimulatedHost::begin_call(Thread& thread) {
  issue(thread.now, thread.number);
  reschedule();
}

void SimulatedHost::issue(Instant now, uint32_t index) {
  ThreadState& state = threads_[index];
  Thread& thread = *state.thread;
  state.call = state.cause = ids_.next();
  journal_->called(state.call, thread.last_return, now, call_record(thread));
  if (is_own(thread.call.kind)) return own_call(now, index);
  socket::Outcome outcome = perform(now, thread, {thread.stack_process, state.call});
  if (outcome.sleeps()) {  // entered before the drain, which may already wake it
    state.operation = outcome.pending;
    sleepers_.emplace(state.operation, index);
  }
  const int packets = drain(now, /*in_call=*/true);
  if (!outcome.sleeps()) finish(now, index, std::move(outcome), packets);
}

socket::Outcome SimulatedHost::perform(Instant now, Thread& thread, const socket::Caller& caller) {
  Call& call = thread.call;
  const socket::Descriptor fd = call.descriptor;
  switch (call.kind) {
    case trace::CallKind::kSocket:
      if (call.datagram) return stack_->open_datagram_socket(now, caller, *call.datagram);
      return stack_->open_socket(now, caller);
    case trace::CallKind::kOpen: return stack_->open_file(now, caller, call.file);
    case trace::CallKind::kOpenFlow: return stack_->open_flow(now, caller, call.datagram);
    case trace::CallKind::kBind: return stack_->bind(now, caller, fd, call.address);
    case trace::CallKind::kListen: return stack_->listen(now, caller, fd, call.amount);
    case trace::CallKind::kAccept: return stack_->accept(now, caller, fd);
    case trace::CallKind::kConnect: return stack_->connect(now, caller, fd, call.address);
    case trace::CallKind::kSend:
      return stack_->send(now, caller, fd, std::move(call.data), call.flags);
    case trace::CallKind::kRecv:
    case trace::CallKind::kRecvFrom: return stack_->recv(now, caller, fd, call.amount, call.flags);
    case trace::CallKind::kSendTo:
      return stack_->send_to(now, caller, fd, std::move(call.data), call.flags, call.address);
    case trace::CallKind::kPing:
      return stack_->ping(now, caller, call.address.ip, call.amount, *call.timeout);
    case trace::CallKind::kSetsockopt:
      return stack_->setsockopt(now, caller, fd, call.level, call.number, call.option);
    case trace::CallKind::kShutdown: return stack_->shutdown(now, caller, fd, call.how);
    case trace::CallKind::kClose: return stack_->close(now, caller, fd);
    case trace::CallKind::kGetsockopt:
      return stack_->getsockopt(now, caller, fd, call.level, call.number);
    case trace::CallKind::kIoctl: return stack_->queue_length(now, caller, fd, call.length);
    case trace::CallKind::kFcntl: return stack_->set_non_blocking(now, caller, fd, call.on);
    case trace::CallKind::kGetsockname: return stack_->getsockname(now, caller, fd);
    case trace::CallKind::kGetpeername: return stack_->getpeername(now, caller, fd);
    case trace::CallKind::kSetrlimit:
      return stack_->limit_descriptors(now, caller, call.amount, call.hard_limit);
    default: return wait_for_events(now, call, caller);
  }
}

socket::Outcome SimulatedHost::wait_for_events(Instant now, Call& call,
                                               const socket::Caller& caller) {
  const socket::Descriptor fd = call.descriptor;
  switch (call.kind) {
    case trace::CallKind::kPoll: return stack_->poll(now, caller, call.polled, call.timeout);
    case trace::CallKind::kSelect: return stack_->poll(now, caller, call.polled, call.timeout);
    case trace::CallKind::kEpollCreate:
      return stack_->open_queue(now, caller, socket::QueueKind::kEpoll);
    case trace::CallKind::kKqueue: return stack_->open_queue(now, caller, call.queue);
    case trace::CallKind::kEpollCtl: return stack_->change_queue(now, caller, fd, *call.change);
    case trace::CallKind::kKevent:
      if (call.change) return stack_->change_queue(now, caller, fd, *call.change);
      return stack_->wait_queue(now, caller, fd, call.amount, call.timeout);
    case trace::CallKind::kEpollWait:
      return stack_->wait_queue(now, caller, fd, call.amount, call.timeout);
    default: CHECK(false);  // no business of the stack
  }
}

// fs/select.c: which of the three sets a descriptor is reported in; its value is the sum of the
// three.
void SimulatedHost::as_select(const Call& call, socket::Outcome& outcome) {
  std::vector<socket::Ready> ready;
  int64_t bits = 0;
  for (const socket::Ready& answer : outcome.ready) {
    if (answer.events.invalid) {
      outcome = socket::Outcome::failed(Errno::kEBADF);
      return;
    }
    const auto asked =
        std::find_if(call.polled.begin(), call.polled.end(),
                     [&](const socket::PollRequest& request) { return request.fd == answer.fd; });
    const socket::Events& e = answer.events;
    const socket::Events sets{.in = asked->events.in && (e.in || e.hang_up || e.error),
                              .out = asked->events.out && (e.out || e.error),
                              .priority = asked->events.priority && e.priority};
    bits += (sets.in ? 1 : 0) + (sets.out ? 1 : 0) + (sets.priority ? 1 : 0);
    if (sets.any()) ready.push_back({.fd = answer.fd, .events = sets});
  }
  outcome.ready = std::move(ready);
  outcome.value = bits;
}

// The call is over; the thread goes on when its costs are paid.
void SimulatedHost::finish(Instant now, uint32_t index, socket::Outcome&& outcome,
                           int packets_sent) {
  ThreadState& state = threads_[index];
  CallResult& result = state.thread->result;
  const policy::TimeModelConfig& costs = time_.config();
  Duration cost = time_.spend(costs.system_call);
  if (packets_sent > 0) cost += time_.spend(costs.transmit_return);
  // The first is part of that.
  cost += (costs.transmit + costs.loopback_receive) * static_cast<int64_t>(carried_.waiting.size());
  if (moves_data(state.thread->call.kind)) cost += time_.copy(std::max<int64_t>(outcome.value, 0));
  if (state.thread->call.kind == trace::CallKind::kSelect) {
    as_select(state.thread->call, outcome);
  }
  result = {.error = outcome.error,
            .value = outcome.value,
            .second = outcome.second,
            .data = std::move(outcome.data),
            .address = outcome.address,
            .ready = std::move(outcome.ready),
            .details = std::move(outcome.details),
            .fetched_error = outcome.fetched_error,
            .broken_pipe_signal = outcome.broken_pipe_signal};
  sleepers_.erase(state.operation);
  state.operation = socket::OperationId::kNone;
  state.step = ThreadStep::kReturn;
  run_at(index, now + cost);
}

}  // namespace tcptwin::host
