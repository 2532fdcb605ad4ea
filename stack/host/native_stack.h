// native_stack.h: our own stack of one host: it finds the connection for a packet, answers for
// those that do not exist, gives out ports, and puts sockets on top. What TCP does is decided in
// tcp/ and policy/.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "stack/base/deadline_heap.h"
#include "stack/base/ring.h"
#include "stack/base/rng.h"
#include "stack/host/host_stack.h"
#include "stack/policy/profile.h"
#include "stack/socket/socket.h"
#include "stack/tcp/connection.h"

namespace tcptwin::host {

struct NativeStackSetup {
  const policy::Profile* profile = nullptr;  // outlives the stack
  Duration uptime{};                         // of the host when the world begins
  std::vector<Interface> interfaces;         // [0] is the loopback
  std::vector<Route> routes;                 // one per reachable foreign address
  uint64_t seed = 0;
  std::string_view name;     // of the host: names its random streams
  RecordIds* ids = nullptr;  // outlives the stack
  bool keep_notes = true;    // report holds and timers
};

class NativeStack final : public HostStack {
 public:
  explicit NativeStack(const NativeStackSetup& setup);

  void on_packet(Instant now, wire::Packet&& packet, RecordId record) override;
  void on_deadline(Instant now) override;
  bool poll_packet(OutPacket& out) override;
  bool poll_wakeup(socket::Wakeup& out) override;
  bool poll_note(tcp::Note& out) override;
  Instant next_deadline() const override;

  socket::ProcessId add_process() override;
  socket::Outcome open_socket(Instant now, const socket::Caller& caller) override;
  socket::Outcome bind(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                       const socket::Address& address) override;
  socket::Outcome listen(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                         int64_t backlog) override;
  socket::Outcome accept(Instant now, const socket::Caller& caller, socket::Descriptor fd) override;
  socket::Outcome connect(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                          const socket::Address& peer) override;
  socket::Outcome send(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                       Payload data, socket::MessageFlags flags) override;
  socket::Outcome recv(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                       int64_t count, socket::MessageFlags flags) override;
  socket::Outcome setsockopt(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                             int32_t level, int32_t number, int32_t value) override;
  socket::Outcome shutdown(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                           socket::Shutdown how) override;
  socket::Outcome close(Instant now, const socket::Caller& caller, socket::Descriptor fd) override;
  socket::Outcome resume(Instant now, socket::OperationId operation, RecordId record) override;

  // The connection behind a descriptor, for tests and views; null when there is none.
  const tcp::Connection* connection_of(socket::ProcessId process, socket::Descriptor fd) const;

 private:
  struct ConnectionSlot {
    std::unique_ptr<tcp::Connection> connection;
    uint32_t socket = socket::kNoIndex;    // that owns it, once connected or accepted
    uint32_t listener = socket::kNoIndex;  // that will be asked to accept it
    uint32_t interface = kLoopback;
    uint16_t ip_id = 0;
    bool in_accept_queue = false;
  };
  using ListenerKey = std::pair<wire::Port, wire::Ipv4Address>;

  // native_stack.cc: packets
  uint32_t add_connection(const tcp::Endpoints& ends, uint32_t interface);
  void remove_connection(uint32_t index);
  uint32_t find_listener(const wire::Packet& packet) const;
  void arrive_for_listener(Instant now, uint32_t listener, const wire::Packet& packet,
                           RecordId record);
  void refuse(const wire::Packet& packet, RecordId record);
  void settle(Instant now, uint32_t index);
  void emit(ConnectionSlot& slot, tcp::Burst&& burst);
  uint16_t next_ip_id(ConnectionSlot& slot, const wire::TcpFlags& flags) const;
  std::optional<uint32_t> route_to(wire::Ipv4Address destination) const;
  bool is_own(wire::Ipv4Address address) const;

  // socket_calls.cc
  socket::Socket* find(const socket::Caller& caller, socket::Descriptor fd);
  tcp::Connection* connection(const socket::Socket& s);
  uint32_t new_socket();
  void wake_sleepers(socket::Socket& s, RecordId cause);
  void wake(socket::PendingOperation& operation, RecordId cause);
  bool can_finish(const socket::Socket& s, const socket::PendingOperation& operation) const;
  socket::Outcome sleep(uint32_t socket_index, socket::PendingOperation& slot,
                        socket::PendingOperation operation);
  socket::Outcome try_accept(socket::Socket& s, const socket::Caller& caller);
  socket::Outcome try_connect(socket::Socket& s);
  socket::Outcome try_send(Instant now, socket::Socket& s, socket::PendingOperation& operation,
                           RecordId record);
  socket::Outcome try_recv(Instant now, socket::Socket& s, int64_t count, RecordId record);
  std::optional<wire::Port> pick_port(wire::Ipv4Address local, const socket::Address& peer);
  bool port_taken(wire::Port port, wire::Ipv4Address address) const;
  bool port_bound(const socket::Address& address) const;

  const policy::Profile* profile_;
  policy::TimerGrain grain_;
  Rng rng_;
  policy::Clocks clocks_;
  std::vector<Interface> interfaces_;
  std::map<wire::Ipv4Address, uint32_t> routes_;
  Ring<tcp::Note> notes_;
  tcp::HostContext context_;

  std::vector<ConnectionSlot> connections_;
  std::vector<uint32_t> free_connections_;
  std::map<tcp::Endpoints, uint32_t> by_ends_;
  DeadlineHeap<Instant> deadlines_;
  Ring<OutPacket> out_;

  std::vector<socket::DescriptorTable> processes_;
  std::vector<std::unique_ptr<socket::Socket>> sockets_;
  std::vector<uint32_t> free_sockets_;
  std::map<ListenerKey, uint32_t> listeners_;
  std::map<socket::OperationId, uint32_t> sleeping_;  // operation -> socket
  Ring<socket::Wakeup> wakeups_;
  uint64_t last_operation_ = 0;
  int32_t next_port_ = 0;  // offset into the ephemeral range
};

}  // namespace tcptwin::host
