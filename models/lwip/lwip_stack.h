// lwip_stack.h: a host that runs lwIP's own code. lwIP decides all of TCP; here are its clock, its
// wires, and BSD calls on top as its sockets layer has them. Facts: docs/facts/lwip.md.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "models/lwip/host_memory.h"
#include "models/lwip/host_state.h"
#include "models/lwip/lwip_socket.h"
#include "models/lwip/observer.h"
#include "stack/base/ring.h"
#include "stack/base/rng.h"
#include "stack/host/native_stack.h"
#include "stack/socket/sleepers.h"

namespace tcptwin::lwip {

class LwipStack final : public host::HostStack {
 public:
  // `setup.profile` has a user_stack, whose build exists (find_slot).
  explicit LwipStack(const host::NativeStackSetup& setup);
  ~LwipStack() override;
  LwipStack(const LwipStack&) = delete;
  LwipStack& operator=(const LwipStack&) = delete;

  void on_packet(Instant now, wire::Packet&& packet, RecordId record,
                 const tcp::OwnPacket& own = {}) override;
  void on_deadline(Instant now) override;
  bool poll_packet(host::OutPacket& out) override;
  bool poll_wakeup(socket::Wakeup& out) override;
  bool poll_note(tcp::Note& out) override;
  Instant next_deadline() const override;

  socket::ProcessId add_process() override;
  socket::Outcome open_socket(Instant now, const socket::Caller& caller) override;
  socket::Outcome open_datagram_socket(Instant now, const socket::Caller& caller,
                                       socket::Family family) override;
  socket::Outcome open_flow(Instant now, const socket::Caller& caller,
                            std::optional<socket::Family> datagrams) override;
  socket::Outcome open_file(Instant now, const socket::Caller& caller,
                            socket::FileKind kind) override;
  socket::Outcome bind(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                       const socket::Address& address) override;
  socket::Outcome listen(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                         int64_t backlog) override;
  socket::Outcome accept(Instant now, const socket::Caller& caller, socket::Descriptor fd) override;
  socket::Outcome connect(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                          const socket::Address& peer) override;
  socket::Outcome send(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                       Payload data, socket::MessageFlags flags) override;
  socket::Outcome send_to(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                          Payload data, socket::MessageFlags flags,
                          const socket::Address& to) override;
  socket::Outcome recv(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                       int64_t count, socket::MessageFlags flags) override;
  socket::Outcome setsockopt(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                             int32_t level, int32_t number,
                             const socket::OptionValue& value) override;
  socket::Outcome getsockopt(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                             int32_t level, int32_t number) override;
  socket::Outcome queue_length(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                               socket::QueueLength which) override;
  socket::Outcome getsockname(Instant now, const socket::Caller& caller,
                              socket::Descriptor fd) override;
  socket::Outcome getpeername(Instant now, const socket::Caller& caller,
                              socket::Descriptor fd) override;
  socket::Outcome limit_descriptors(Instant now, const socket::Caller& caller, int64_t most,
                                    std::optional<int64_t> hard) override;
  socket::Outcome set_non_blocking(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                                   bool on) override;
  socket::Outcome poll(Instant now, const socket::Caller& caller,
                       std::vector<socket::PollRequest> requests,
                       std::optional<Duration> timeout) override;
  socket::Outcome open_queue(Instant now, const socket::Caller& caller,
                             socket::QueueKind kind) override;
  socket::Outcome change_queue(Instant now, const socket::Caller& caller, socket::Descriptor queue,
                               const socket::QueueChange& change) override;
  socket::Outcome wait_queue(Instant now, const socket::Caller& caller, socket::Descriptor queue,
                             int64_t most, std::optional<Duration> timeout) override;
  socket::Outcome shutdown(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                           socket::Shutdown how) override;
  socket::Outcome close(Instant now, const socket::Caller& caller, socket::Descriptor fd) override;
  socket::Outcome ping(Instant now, const socket::Caller& caller, const wire::IpAddress& to,
                       int64_t bytes, Duration timeout) override;
  void exit_process(Instant now, const socket::Caller& caller) override;
  std::vector<host::SocketRow> snapshot() const override;
  std::vector<host::FileRow> files() const override;
  socket::Outcome resume(Instant now, socket::OperationId operation, RecordId record) override;

 private:
  struct Hooks;  // lwip_callbacks.cc: how lwIP reaches the stack that is present
  struct Echo {
    wire::IpAddress peer;
    Instant sent;
    Instant answered = Instant::never();
    socket::OperationId operation = socket::OperationId::kNone;
  };

  // One piece of work inside lwIP: the host's state is in place and its clock is set. At its end
  // timers are started, and what has changed is noted.
  class Turn {
   public:
    Turn(LwipStack& stack, Instant now, Work work, RecordId cause);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    LwipStack* stack_;
    HostState::Presence presence_;
  };

  static const LwipHooks& hooks();

  // lwip_stack.cc: packets and timers
  const LwipBuild& lwip() const { return state_.build(); }
  uint32_t milliseconds(Instant now) const;
  Instant whole_millisecond(Instant now) const;
  uint32_t route(const wire::IpAddress& to) const;
  uint32_t interface_of(const wire::IpAddress& own) const;
  bool is_own(const wire::IpAddress& address) const;
  void transmit(uint32_t interface, std::span<const uint8_t> bytes);
  void run_tcp_timer(Instant now);
  void run_second_timer(Instant now);

  // lwip_callbacks.cc: what lwIP tells in the middle of its work
  uint32_t accepted(uint32_t listener, LwipConnection* connection);
  bool received(uint32_t index, LwipPacket* data);
  void acknowledged(uint32_t index);
  void polled(uint32_t index);
  void failed(uint32_t index, Errno error);
  void connected(uint32_t index);
  void datagram(uint32_t index, LwipPacket* data, const socket::Address& from);
  void echo_reply(const wire::IpAddress& from, uint16_t id, uint16_t number);

  // lwip_sockets.cc: descriptors, names, ends
  LwipSocket* find(const socket::Caller& caller, socket::Descriptor fd);
  uint32_t index_of(const socket::Caller& caller, socket::Descriptor fd) const;
  socket::Outcome not_found(const socket::Caller& caller, socket::Descriptor fd) const;
  uint32_t new_socket();
  void remove_socket(uint32_t index);
  socket::Outcome enter_socket(const socket::Caller& caller, uint32_t index);
  void learn_names(LwipSocket& s);
  socket::Outcome try_accept(LwipSocket& s, const socket::Caller& caller);
  socket::Outcome try_connect(LwipSocket& s);
  socket::Outcome close_socket(Instant now, const socket::Caller& caller, uint32_t index);
  void end_connection(LwipSocket& s);
  void empty_mailbox(LwipSocket& s);
  void stop_reading(LwipSocket& s);

  // lwip_data.cc: send and recv
  socket::Outcome write_more(LwipSocket& s, socket::PendingOperation& operation);
  socket::Outcome try_recv(LwipSocket& s, socket::PendingOperation& operation);
  socket::Outcome try_recv_datagram(LwipSocket& s, const socket::PendingOperation& operation);
  socket::Outcome read_end(LwipSocket& s);
  socket::Outcome send_datagram(LwipSocket& s, const Payload& data, const socket::Address* to);
  void note_room(LwipSocket& s);

  // lwip_sleep.cc: sleeping, waking, readiness
  socket::Outcome sleep(uint32_t index, socket::PendingOperation operation);
  void notice(uint32_t index);
  void wake(socket::PendingOperation& operation, RecordId cause);
  bool can_finish(const LwipSocket& s, const socket::PendingOperation& operation) const;
  socket::Outcome retry(Instant now, socket::PendingOperation& operation, RecordId record);
  uint32_t& sleeper_list(const socket::PendingOperation& operation);
  socket::Events look(const LwipSocket& s) const;
  socket::Outcome try_poll(const socket::PendingOperation& operation);
  socket::PendingOperation* sleeping_writer(const LwipSocket& s);

  const policy::Profile* profile_;
  const policy::UserStackConfig* config_;
  LwipSettings settings_{};
  Duration uptime_;
  std::vector<host::Interface> interfaces_;
  std::map<wire::IpAddress, uint32_t> routes_;  // the interface towards it
  RecordIds* ids_;
  Rng rng_;
  HostMemory memory_;
  mutable HostState state_;  // has to be in place for looking, too
  Observer observer_;

  Ring<host::OutPacket> out_;
  Ring<socket::Wakeup> wakeups_;
  Instant now_;                       // of the turn that is under way, or the last one
  RecordId cause_ = RecordId::kNone;  // of what it does
  Instant tcp_timer_ = Instant::never();
  Instant second_timer_ = Instant::never();
  uint64_t fast_ticks_ = 0;  // that have run: which of them are slow ones

  std::vector<socket::DescriptorTable> processes_;
  std::vector<std::unique_ptr<LwipSocket>> sockets_;  // their cookie is the index + 1
  std::vector<uint32_t> free_sockets_;
  socket::Sleepers sleepers_;
  uint32_t pollers_ = socket::kNoIndex;
  uint32_t pingers_ = socket::kNoIndex;
  std::map<uint32_t, Echo> echoes_;  // by identifier and sequence number
  uint32_t last_echo_ = 0;
  std::vector<uint8_t> bytes_;  // of the packet that is handed over
};

}  // namespace tcptwin::lwip
