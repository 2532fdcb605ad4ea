// lwip_callbacks.cc: what lwIP asks and tells in the middle of its work. Nothing here resumes a
// program: what it learns lies in queues until the work is done.
#include <iterator>
#include <utility>

#include "models/lwip/errors.h"
#include "models/lwip/lwip_stack.h"
#include "stack/base/check.h"

namespace tcptwin::lwip {

using socket::kNoIndex;
using socket::PendingOperation;

Errno errno_of(int error) {
  static constexpr Errno kNames[] = {Errno::kEINVAL,   Errno::kENOMEM,       Errno::kENOBUFS,
                                     Errno::kEAGAIN,   Errno::kEHOSTUNREACH, Errno::kEINPROGRESS,
                                     Errno::kEINVAL,   Errno::kEAGAIN,       Errno::kEADDRINUSE,
                                     Errno::kEALREADY, Errno::kEISCONN,      Errno::kENOTCONN,
                                     Errno::kEINVAL,   Errno::kECONNABORTED, Errno::kECONNRESET,
                                     Errno::kENOTCONN, Errno::kEINVAL};
  CHECK(error < 0 && error > -static_cast<int>(std::size(kNames)));
  return kNames[-error];
}

struct LwipStack::Hooks {
  static LwipStack& stack(void* host) { return *static_cast<LwipStack*>(host); }
  static uint32_t index(uint32_t cookie) { return cookie - 1; }

  static void* allocate(void* host, size_t size) { return stack(host).memory_.allocate(size); }
  static void release(void* host, void* memory) { stack(host).memory_.release(memory); }
  // LWIP_RAND: lwIP asks it for its first port only, and 0 gives the lowest.
  static uint32_t random(void* host) {
    return stack(host).config_->random_first_port ? stack(host).rng_.next32() : 0;
  }
  static uint32_t initial_number(void* host, uint32_t counted) {
    return stack(host).config_->random_isn ? stack(host).rng_.next32() : counted;
  }
  static uint32_t route(void* host, const LwipAddress* to) {
    return stack(host).route(from_lwip(*to));
  }
  static void transmit(void* host, uint32_t interface, const uint8_t* packet, uint32_t size) {
    stack(host).transmit(interface, {packet, size});
  }
  static void timer_needed(void* host) {
    LwipStack& s = stack(host);
    if (!s.tcp_timer_.is_never()) return;
    s.tcp_timer_ = s.whole_millisecond(s.now_) + s.config_->fast_interval;
  }
  static void pool_empty(void* host, const char* pool) { stack(host).observer_.pool_empty(pool); }
  static void connected(void* host, uint32_t cookie) { stack(host).connected(index(cookie)); }
  static uint32_t accepted(void* host, uint32_t listener, LwipConnection* connection) {
    return stack(host).accepted(index(listener), connection);
  }
  static int received(void* host, uint32_t cookie, LwipPacket* data) {
    return stack(host).received(index(cookie), data) ? 1 : 0;
  }
  static void acknowledged(void* host, uint32_t cookie, uint32_t) {
    stack(host).acknowledged(index(cookie));
  }
  static void polled(void* host, uint32_t cookie) { stack(host).polled(index(cookie)); }
  static void failed(void* host, uint32_t cookie, int error) {
    stack(host).failed(index(cookie), errno_of(error));
  }
  static void datagram(void* host, uint32_t cookie, LwipPacket* data, const LwipAddress* from,
                       uint16_t port) {
    stack(host).datagram(index(cookie), data, {from_lwip(*from), static_cast<wire::Port>(port)});
  }
  static void echo_reply(void* host, const LwipAddress* from, uint16_t id, uint16_t number) {
    stack(host).echo_reply(from_lwip(*from), id, number);
  }
  static void broken(const char* what) { check_failed("lwIP", 0, what); }
};

const LwipHooks& LwipStack::hooks() {
  static constexpr LwipHooks table{.allocate = Hooks::allocate,
                                   .release = Hooks::release,
                                   .random = Hooks::random,
                                   .initial_number = Hooks::initial_number,
                                   .route = Hooks::route,
                                   .transmit = Hooks::transmit,
                                   .timer_needed = Hooks::timer_needed,
                                   .pool_empty = Hooks::pool_empty,
                                   .connected = Hooks::connected,
                                   .accepted = Hooks::accepted,
                                   .received = Hooks::received,
                                   .acknowledged = Hooks::acknowledged,
                                   .polled = Hooks::polled,
                                   .failed = Hooks::failed,
                                   .datagram = Hooks::datagram,
                                   .echo_reply = Hooks::echo_reply,
                                   .broken = Hooks::broken};
  return table;
}

void LwipStack::connected(uint32_t index) {
  LwipSocket& s = *sockets_[index];
  s.connecting = false;
  s.writable = true;
  learn_names(s);
  notice(index);
}

uint32_t LwipStack::accepted(uint32_t listener, LwipConnection* connection) {
  LwipSocket& l = *sockets_[listener];
  const bool full = l.accepted.size() >= static_cast<size_t>(config_->mailbox);
  if (connection == nullptr) {  // no memory for it: the program that accepts is told
    if (!full) l.accepted.push_back(kNoIndex);
    notice(listener);
    return LWIP_NO_COOKIE;
  }
  if (full) return LWIP_NO_COOKIE;
  const uint32_t index = new_socket();
  LwipSocket& s = *sockets_[index];
  s.role = LwipSocket::Role::kConnection;
  s.connection = connection;
  s.writable = true;
  s.open = false;  // nobody has accepted it yet
  learn_names(s);
  if (config_->no_delay) lwip().tcp_set(connection, LWIP_OPTION_NO_DELAY, 1);
  sockets_[listener]->accepted.push_back(index);
  notice(listener);
  return index + 1;
}

bool LwipStack::received(uint32_t index, LwipPacket* data) {
  LwipSocket& s = *sockets_[index];
  if (s.read_shut) {  // the mailbox is gone
    if (data != nullptr) {
      const uint32_t size = lwip().packet_size(data);
      lwip().packet_free(data);
      lwip().tcp_recved(s.connection, size);
    }
    return true;
  }
  if (s.mailbox.size() >= static_cast<size_t>(config_->mailbox)) return false;
  if (data != nullptr) s.unread += lwip().packet_size(data);
  s.mailbox.push_back(Message{.data = data});
  notice(index);
  return true;
}

// As the sockets layer does, a write that sleeps goes on inside lwIP's callback, so that its
// segments leave at the end of the input that made room: facts/lwip.md B3.
void LwipStack::acknowledged(uint32_t index) {
  LwipSocket& s = *sockets_[index];
  if (PendingOperation* writer = sleeping_writer(s)) {
    const socket::Outcome outcome = write_more(s, *writer);
    if (outcome.error) writer->fails_with = outcome.error;
    if (!outcome.sleeps()) wake(*writer, cause_);
  }
  note_room(s);
  notice(index);
}

void LwipStack::polled(uint32_t index) { acknowledged(index); }

void LwipStack::failed(uint32_t index, Errno error) {
  LwipSocket& s = *sockets_[index];
  cause_ = observer_.gave_up({.local_address = s.local.ip,
                              .remote_address = s.peer.ip,
                              .local_port = s.local.port,
                              .remote_port = s.peer.port});
  s.connection = nullptr;
  s.connecting = false;
  s.pending_error = error;
  s.mailbox_closed = true;
  s.failed = s.writable = true;
  if (!s.read_shut) s.mailbox.push_back(Message{.error = error});
  notice(index);
}

void LwipStack::datagram(uint32_t index, LwipPacket* data, const socket::Address& from) {
  LwipSocket& s = *sockets_[index];
  const int64_t size = lwip().packet_size(data);
  const bool full = s.mailbox.size() >= static_cast<size_t>(config_->mailbox) ||
                    (s.most_unread && s.unread + size > *s.most_unread);
  if (full || s.read_shut) {
    lwip().packet_free(data);
    ++s.dropped;
    observer_.datagram_dropped();
    return;
  }
  s.unread += size;
  s.mailbox.push_back(Message{.data = data, .from = from});
  notice(index);
}

void LwipStack::echo_reply(const wire::IpAddress& from, uint16_t id, uint16_t number) {
  const auto found = echoes_.find(uint32_t{id} << 16 | number);
  if (found == echoes_.end() || found->second.peer != from) return;
  Echo& echo = found->second;
  if (!echo.answered.is_never()) return;  // doubled on its way
  echo.answered = now_;
  PendingOperation& operation = *sleepers_.find(echo.operation);
  if (!operation.woken) wake(operation, cause_);
}

}  // namespace tcptwin::lwip
