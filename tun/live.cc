#include "tun/live.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "sim/trace/packets.h"
#include "stack/wire/any_packet.h"
#include "tun/failure.h"

namespace tcptwin::tun {

namespace {

constexpr size_t kLargestPacket = 65536 + 64;  // with an Ethernet header
constexpr int64_t kNsInASecond = 1'000'000'000;

void add_to(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  checked(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "watching a descriptor");
}

}  // namespace

Live::Live(scenario::World& world, LiveSetup setup)
    : world_(&world),
      setup_(std::move(setup)),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      timer_(
          checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create")),
      in_(kLargestPacket) {
  add_to(epoll_.get(), timer_.get());
}

void Live::add_seat(net::Port& port, Device& device) {
  Seat& seat = seats_.emplace_back();
  seat.port = &port;
  seat.device = &device;
  if (device.layer() == Layer::kEthernet) {
    std::vector<wire::IpAddress> simulated;
    for (const host::Route& route : port.routes()) simulated.push_back(route.destination);
    seat.ethernet = std::make_unique<net::EthernetPort>(std::move(simulated));
  }
  add_to(epoll_.get(), device.fd());
}

void Live::watch(int fd, std::function<void()> what) {
  add_to(epoll_.get(), fd);
  watched_[fd] = std::move(what);
}

void Live::forget(int fd) {
  checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr), "watching no more");
}

void Live::every(Duration distance, std::function<void()> what) {
  tickers_.push_back({distance, clock_.now() + distance, std::move(what)});
}

void Live::run() {
  while (!stopped_) {
    const bool more = read_devices();
    const Instant now = clock_.now();
    advance(now);
    tick(now);
    if (!more && !stopped_) wait();
  }
  for (Seat& seat : seats_) {
    for (size_t k = 0; seat.ethernet != nullptr && k < net::kIgnoredKinds; ++k) {
      const auto kind = static_cast<net::Ignored>(k);
      const uint64_t count = seat.ethernet->ignored(kind);
      if (kind == net::Ignored::kGroup) {
        seat.traffic.to_groups += count;
      } else if (count > 0) {
        seat.traffic.refused[std::string("frame: ") + net::ignored_text(kind)] = count;
      }
    }
  }
}

// False: nothing waits on any device.
bool Live::read_devices() {
  bool more = false;
  for (size_t s = 0; s < seats_.size(); ++s) {
    for (size_t i = 0; i < kBatch; ++i) {
      const size_t size = seats_[s].device->read(in_);
      if (size == 0) break;
      arrives(s, std::span(in_).first(size), clock_.now());
      more = more || i + 1 == kBatch;
    }
  }
  return more;
}

void Live::arrives(size_t seat, std::span<const uint8_t> bytes, Instant seen) {
  const Passage passage{seat, false, seen, seen, bytes};
  if (setup_.on_wire) setup_.on_wire(passage);
  net::EthernetPort* ethernet = seats_[seat].ethernet.get();
  if (ethernet == nullptr) return enter(seat, bytes, seen);
  if (const auto packet = ethernet->on_frame(seen, bytes)) enter(seat, *packet, seen);
  write_frames(seat, passage);
}

// An arrival lies behind everything that has been done, so that it can be replayed.
void Live::enter(size_t seat, std::span<const uint8_t> bytes, Instant seen) {
  Traffic& traffic = seats_[seat].traffic;
  const auto refuse = [&](const std::string& why) { ++traffic.refused[why]; };
  wire::ParseError error{};
  auto packet = wire::parse_any(bytes, &error);
  if (!packet) return refuse(wire::parse_error_text(error));
  const Instant at = std::max(seen, processed_ + Duration(1));
  const auto verdict = seats_[seat].port->enter(at, std::move(*packet));
  if (verdict == net::Port::Verdict::kGroup) {
    ++traffic.to_groups;
    return;
  }
  if (verdict != net::Port::Verdict::kEntered) return refuse(net::verdict_text(verdict));
  if (setup_.on_packet) setup_.on_packet({seat, false, at, seen, bytes, RecordId::kNone});
  ++traffic.from_machine;
  traffic.bytes_from_machine += bytes.size();
  processed_ = std::max(processed_, at - Duration(1));  // the next one is not before it
}

// Everything that is due by `now`, and what has just arrived. One instant at a time, so that what
// leaves does not wait for later events.
void Live::advance(Instant now) {
  for (size_t steps = 1;; ++steps) {
    const Instant next = world_->next();
    if (next > now) break;
    last_event_ = std::max(last_event_, world_->run_until(next));
    processed_ = std::max(processed_, next);
    lateness_.add(clock_.now() - next);
    deliver();
    if (steps % kBatch == 0) break;  // the devices want to be read
  }
  if (world_->next() > now) processed_ = std::max(processed_, now);
}

void Live::deliver() {
  net::Port::Departure out;
  for (size_t s = 0; s < seats_.size(); ++s) {
    while (seats_[s].port->poll_packet(out)) hand_over(s, out);
  }
}

void Live::hand_over(size_t seat, const net::Port::Departure& out) {
  out_.clear();
  wire::emit(out.packet, out_);
  if (out.flipped_bit > 0) trace::flip_bit(out_, out.packet.ip.size(), out.flipped_bit);
  const Passage passage{seat, true, out.at, clock_.now(), out_, out.sent};
  if (setup_.on_packet) setup_.on_packet(passage);
  net::EthernetPort* ethernet = seats_[seat].ethernet.get();
  if (ethernet == nullptr) return write(seat, passage);
  ethernet->on_ip(passage.seen, out.packet.ip.destination, out_);
  write_frames(seat, passage);
}

void Live::write(size_t seat, const Passage& passage) {
  Traffic& traffic = seats_[seat].traffic;
  if (setup_.on_wire) setup_.on_wire(passage);
  if (!seats_[seat].device->write(passage.bytes)) {
    ++traffic.not_written;
    return;
  }
  ++traffic.to_machine;
  traffic.bytes_to_machine += passage.bytes.size();
}

// `passage`: what made them leave.
void Live::write_frames(size_t seat, const Passage& passage) {
  while (seats_[seat].ethernet->poll_frame(frame_)) {
    write(seat, {seat, true, passage.at, passage.seen, frame_, passage.sent});
  }
}

// What does not belong to the world.
void Live::tick(Instant now) {
  for (size_t s = 0; s < seats_.size(); ++s) {
    net::EthernetPort* ethernet = seats_[s].ethernet.get();
    if (ethernet == nullptr || ethernet->next_deadline() > now) continue;
    ethernet->on_deadline(now);
    write_frames(s, {s, true, now, now, {}, RecordId::kNone});
  }
  for (Ticker& ticker : tickers_) {
    if (ticker.next > now) continue;
    ticker.next = now + ticker.distance;
    ticker.what();
  }
}

Instant Live::next() const {
  Instant first = world_->next();
  for (const Ticker& ticker : tickers_) first = std::min(first, ticker.next);
  for (const Seat& seat : seats_) {
    if (seat.ethernet != nullptr) first = std::min(first, seat.ethernet->next_deadline());
  }
  return first;
}

// Until something is due or a descriptor is readable.
void Live::wait() {
  const Instant due = next();
  const Instant now = clock_.now();
  if (due <= now) return;
  const Instant sleep_until = due - setup_.spin;
  const bool sleeps = sleep_until > now;
  itimerspec alarm{};
  if (sleeps && !due.is_never()) {
    const int64_t at = clock_.zero_ns() + sleep_until.ns();
    alarm.it_value = {at / kNsInASecond, at % kNsInASecond};
  }
  if (sleeps) ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &alarm, nullptr);
  std::array<epoll_event, 16> events{};
  const int count =
      ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), sleeps ? -1 : 0);
  if (count < 0 && errno != EINTR) fail_errno("epoll_wait");
  for (int i = 0; i < count; ++i) {
    const int fd = events[static_cast<size_t>(i)].data.fd;
    if (fd == timer_.get()) {
      uint64_t expirations = 0;
      [[maybe_unused]] const ssize_t got = ::read(fd, &expirations, sizeof expirations);
    } else if (const auto found = watched_.find(fd); found != watched_.end()) {
      found->second();
    }
  }
}

}  // namespace tcptwin::tun
