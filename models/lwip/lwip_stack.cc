#include "models/lwip/lwip_stack.h"

#include <algorithm>
#include <string>
#include <variant>

#include "stack/base/check.h"
#include "stack/wire/any_packet.h"

namespace tcptwin::lwip {

using host::Interface;
using host::kLoopback;
using host::OutPacket;

namespace {

constexpr Duration kSecondInterval =
    1s;  // IP_TMR_INTERVAL, IP6_REASS_TMR_INTERVAL, ND6_TMR_INTERVAL
constexpr uint32_t kNoInterface = UINT32_MAX;

template <class To, class From>
To narrow(From value) {
  CHECK(value >= 0);  // the profile's ranges
  return static_cast<To>(value);
}

uint32_t whole_milliseconds(Duration d) { return narrow<uint32_t>(d / 1ms); }

LwipSettings settings_of(const policy::UserStackConfig& c) {
  const auto number = [](auto value) { return narrow<uint32_t>(value); };
  LwipSettings s{};
  s.window = number(c.window);
  s.window_scale = number(c.window_scale);
  s.send_buffer = number(c.send_buffer);
  s.queue_length = number(c.queue_length);
  s.update_threshold = number(c.update_threshold);
  s.msl = whole_milliseconds(c.msl);
  s.slow_interval = whole_milliseconds(c.slow_interval);
  s.data_retries = number(c.data_retries);
  s.syn_retries = number(c.syn_retries);
  s.keep_idle = whole_milliseconds(c.keep_idle);
  s.keep_interval = whole_milliseconds(c.keep_interval);
  s.keep_count = number(c.keep_count);
  s.ttl = number(c.ttl);
  s.connections = number(c.connections);
  s.listeners = number(c.listeners);
  s.segments = number(c.segments);
  s.datagram_sockets = number(c.datagram_sockets);
  s.packet_buffers = number(c.packet_buffers);
  s.reassemblies = number(c.reassemblies);
  return s;
}

BuildSlot& slot_named(policy::UserStackConfig::Build build) {
  BuildSlot* slot = find_slot(build_name(build));
  CHECK(slot != nullptr);  // decoding the profile has refused any other
  return *slot;
}

}  // namespace

LwipStack::LwipStack(const host::NativeStackSetup& setup)
    : profile_(setup.profile),
      config_(&*setup.profile->user_stack),
      settings_(settings_of(*config_)),
      uptime_(setup.uptime),
      interfaces_(setup.interfaces),
      ids_(setup.ids),
      rng_(Rng::stream(setup.seed, std::string(setup.name) + "/lwip")),
      state_(slot_named(config_->build)),
      observer_(setup.keep_notes, state_.build(), config_->fast_interval, config_->slow_interval,
                *setup.ids) {
  for (const host::Route& route : setup.routes) routes_[route.destination] = route.interface;
  const HostState::Presence presence(state_);
  lwip().start(this, &hooks(), &settings_);
  for (const Interface& interface : interfaces_) {
    const LwipAddress v4 = to_lwip(interface.address);
    const LwipAddress v6 = to_lwip(interface.address_v6);
    const bool has_v6 = !interface.address_v6.is_any();
    CHECK(lwip().add_interface(&v4, has_v6 ? &v6 : nullptr, interface.mtu) == 0);
  }
}

LwipStack::~LwipStack() = default;

LwipStack::Turn::Turn(LwipStack& stack, Instant now, Work work, RecordId cause)
    : stack_(&stack), presence_(stack.state_) {
  stack.now_ = now;
  stack.cause_ = cause;
  stack.lwip().set_clock(stack.milliseconds(now));
  stack.observer_.begin(now, work, cause);
}

LwipStack::Turn::~Turn() {
  LwipStack& s = *stack_;
  if (s.second_timer_.is_never() && s.lwip().ip_is_busy() != 0) {
    // lwIP's cyclic timers run from the start of the machine.
    const Duration up = s.uptime_ + s.now_.since_start();
    s.second_timer_ = s.now_ + (kSecondInterval - up % kSecondInterval);
  }
  s.observer_.end(s.tcp_timer_);
}

uint32_t LwipStack::milliseconds(Instant now) const {
  return static_cast<uint32_t>((uptime_ + now.since_start()) / 1ms);
}

// sys_timeout counts from sys_now(), which has whole milliseconds.
Instant LwipStack::whole_millisecond(Instant now) const {
  return now - (uptime_ + now.since_start()) % Duration(1ms);
}

// ---- where packets go

bool LwipStack::is_own(const wire::IpAddress& address) const {
  return address.is_loopback() || interface_of(address) != kNoInterface;
}

uint32_t LwipStack::interface_of(const wire::IpAddress& own) const {
  if (own.is_loopback()) return kLoopback;
  for (size_t i = 0; i < interfaces_.size(); ++i) {
    if (interfaces_[i].address_for(own) == own) return static_cast<uint32_t>(i);
  }
  return kNoInterface;
}

uint32_t LwipStack::route(const wire::IpAddress& to) const {
  const uint32_t own = interface_of(to);
  if (own != kNoInterface) return own;
  const auto found = routes_.find(to);
  return found == routes_.end() ? kNoInterface : found->second;
}

void LwipStack::transmit(uint32_t interface, std::span<const uint8_t> bytes) {
  auto packet = wire::parse(bytes, wire::Checksums::kIgnore);
  if (!packet) packet = wire::parse_any(bytes);  // the answer to a strange packet may be strange
  if (!packet) return;
  Observer::Departure departure = observer_.departs(*packet);
  const bool to_itself = is_own(packet->ip.destination);
  const bool inferred = !std::holds_alternative<std::monostate>(departure.reason);
  out_.push_back(OutPacket{.packet = std::move(*packet),
                           .interface = to_itself ? kLoopback : interface,
                           .id = ids_->next(),
                           .cause = departure.cause,
                           .reason = std::move(departure.reason),
                           .inferred = inferred});
}

void LwipStack::on_packet(Instant now, wire::Packet&& packet, RecordId record,
                          const tcp::OwnPacket&) {
  bytes_.clear();
  wire::emit(packet, bytes_);
  uint32_t interface = interface_of(packet.ip.destination);
  if (interface == kNoInterface) interface = interfaces_.size() > 1 ? 1 : kLoopback;
  const Turn turn(*this, now, {.kind = Work::Kind::kPacket, .packet = &packet}, record);
  lwip().input(interface, bytes_.data(), static_cast<uint32_t>(bytes_.size()));
}

bool LwipStack::poll_packet(OutPacket& out) {
  if (out_.empty()) return false;
  out_.pop_front(out);
  return true;
}

bool LwipStack::poll_wakeup(socket::Wakeup& out) {
  if (wakeups_.empty()) return false;
  wakeups_.pop_front(out);
  return true;
}

bool LwipStack::poll_note(tcp::Note& out) { return observer_.poll_note(out); }

// ---- time

Instant LwipStack::next_deadline() const {
  return std::min({tcp_timer_, second_timer_, sleepers_.next_deadline()});
}

void LwipStack::on_deadline(Instant now) {
  if (tcp_timer_ <= now) run_tcp_timer(now);
  if (second_timer_ <= now) run_second_timer(now);
  while (socket::PendingOperation* operation = sleepers_.take_due(now)) {
    operation->timed_out = true;
    if (!operation->woken) wake(*operation, operation->caller.record);
  }
}

// tcp_tmr: the fast timer, and with each slow_interval / fast_interval of its ticks, beginning with
// the first, the slow one (facts/lwip.md D1). It runs while some connection is open or in TIME-WAIT
// (A3).
void LwipStack::run_tcp_timer(Instant now) {
  tcp_timer_ = whole_millisecond(now) + config_->fast_interval;
  {
    const Turn turn(*this, now, {.kind = Work::Kind::kFastTick}, RecordId::kNone);
    lwip().fast_timer();
  }
  const auto ratio = static_cast<uint64_t>(config_->slow_interval / config_->fast_interval);
  if (fast_ticks_++ % ratio == 0) {
    const Turn turn(*this, now, {.kind = Work::Kind::kSlowTick}, RecordId::kNone);
    lwip().slow_timer();
  }
  const HostState::Presence presence(state_);
  if (lwip().tcp_is_busy() == 0) tcp_timer_ = Instant::never();
}

void LwipStack::run_second_timer(Instant now) {
  const Turn turn(*this, now, {.kind = Work::Kind::kOtherTimer}, RecordId::kNone);
  lwip().second_timer();
  second_timer_ = lwip().ip_is_busy() != 0 ? second_timer_ + kSecondInterval : Instant::never();
}

}  // namespace tcptwin::lwip
