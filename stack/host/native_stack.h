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
#include "stack/base/token_bucket.h"
#include "stack/host/host_stack.h"
#include "stack/host/path_mtu.h"
#include "stack/host/reassembly.h"
#include "stack/policy/profile.h"
#include "stack/socket/event_queue.h"
#include "stack/socket/sleepers.h"
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

  void on_packet(Instant now, wire::Packet&& packet, RecordId record,
                 const tcp::OwnPacket& own = {}) override;
  void on_deadline(Instant now) override;
  bool poll_packet(OutPacket& out) override;
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
  std::vector<SocketRow> snapshot() const override;
  std::vector<FileRow> files() const override;
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
    uint8_t tos = 0;  // the two upper parts of it; ECN has the rest
    uint8_t ttl = 0;
    bool in_accept_queue = false;
    bool in_time_wait = false;
    bool reuse_address = false;        // SO_REUSEADDR of its socket or listener
    uint32_t flow = socket::kNoIndex;  // of flow_counts_; none: it is no flow
  };
  // An echo request that a program waits for.
  struct Echo {
    wire::IpAddress peer;
    Instant sent;
    Instant answered = Instant::never();
    std::optional<Errno> error{};
    socket::OperationId operation = socket::OperationId::kNone;
  };
  using Holders = std::map<wire::Port, std::vector<uint32_t>>;  // sockets that have a port
  using LocalEnd = std::pair<wire::Port, wire::IpAddress>;

  // native_stack.cc: packets
  static tcp::Endpoints ends_of(const wire::Packet& packet);
  uint32_t add_connection(Instant now, const tcp::Endpoints& ends, uint32_t interface);
  void remove_connection(uint32_t index);
  uint32_t find_listener(const wire::Packet& packet) const;
  tcp::Connection::SynVerdict judge_syn(Instant now, uint32_t index, const wire::Packet& packet,
                                        RecordId record);
  tcp::Connection::Heritage end_time_wait(Instant now, uint32_t index, RecordId cause);
  void refuse(const wire::Packet& packet, RecordId record,
              tcp::Reset::Why why = tcp::Reset::Why::kNoSuchConnection);
  void settle(Instant now, uint32_t index);
  void count_time_wait(ConnectionSlot& slot);
  void count_in(uint32_t index, const wire::Packet& packet);
  uint32_t new_flow();
  void leave_names(const tcp::Connection& c, uint32_t index);
  void emit(ConnectionSlot& slot, tcp::Burst&& burst);
  uint16_t next_ip_id(ConnectionSlot& slot, const wire::TcpFlags& flags);
  std::optional<uint32_t> route_to(wire::IpAddress destination) const;
  bool is_own(wire::IpAddress address) const;
  bool is_neighbour(wire::IpAddress address) const;

  // icmp.cc
  void arrive_other(Instant now, wire::Packet& packet, RecordId record);
  void arrive_unread(Instant now, const wire::Packet& packet, RecordId record);
  void arrive_error(Instant now, const wire::Packet& packet, wire::IcmpKind kind, RecordId record);
  void answer_with_error(Instant now, const wire::Packet& packet, wire::IcmpKind kind,
                         RecordId record);
  void send_packet(Instant now, wire::Packet&& packet, RecordId cause, const tcp::Reason& reason);
  void leave_in_pieces(Instant now, OutPacket&& out);
  void report_expired_pieces(Instant now);

  // echo.cc: ping
  void echo_over(uint32_t number, const wire::IpAddress& peer, std::optional<Errno> error,
                 Instant now, RecordId record);
  socket::Outcome try_ping(const socket::PendingOperation& operation);

  // datagrams.cc: UDP
  void arrive_datagram(Instant now, wire::Packet& packet, RecordId record);
  uint32_t find_datagram_socket(const socket::Address& own, const socket::Address& peer) const;
  void datagram_failed(uint32_t index, wire::IcmpKind kind, std::optional<Errno> error,
                       RecordId record);
  wire::IpHeader datagram_header(const socket::Socket& s, const socket::Address& to,
                                 uint32_t interface) const;
  void emit_datagram(Instant now, const socket::Socket& s, const socket::Address& to,
                     uint32_t interface, Payload data, RecordId cause);
  uint16_t datagram_id(socket::DatagramState& datagrams, bool dont_fragment);

  // socket_calls_datagram.cc
  socket::Outcome connect_datagrams(uint32_t index, const socket::Address& peer);
  std::optional<socket::Address> datagram_target(const socket::Socket& s, const socket::Address* to,
                                                 Errno& error) const;
  socket::Outcome send_datagram(Instant now, const socket::Caller& caller, uint32_t index,
                                Payload data, socket::MessageFlags flags,
                                const socket::Address* to);
  socket::Outcome try_recv_datagram(socket::Socket& s, const socket::PendingOperation& operation);
  socket::Outcome shutdown_datagrams(uint32_t index, socket::Shutdown how, RecordId cause);
  socket::EventQueue::Look look_at_datagrams(const socket::Socket& s) const;
  int64_t largest_datagram(const socket::Socket& s, const socket::Address& to) const;
  int64_t datagram_buffer(const socket::Socket& s) const;

  // listeners.cc
  int64_t backlog_of(int64_t asked) const;
  int64_t room_of(const socket::ListenState& state) const;
  bool queue_is_full(const socket::ListenState& state) const;
  bool too_many_handshakes(const socket::ListenState& state) const;
  std::vector<uint32_t> handshakes_of(uint32_t listener) const;
  bool admits_beyond(Instant now, uint32_t listener, RecordId cause);
  void arrive_for_listener(Instant now, uint32_t listener, wire::Packet& packet,
                           const tcp::Connection::Heritage& heritage, RecordId record);
  std::optional<uint32_t> begin_passively(Instant now, uint32_t listener,
                                          const wire::Packet& packet, const wire::TcpSegment& syn,
                                          const tcp::Connection::Heritage& heritage,
                                          RecordId record);
  void prepare_passive(Instant now, const socket::Socket& s, tcp::Connection& c,
                       RecordId record) const;
  void tell_who_shares(uint32_t index, const wire::Packet& packet);
  bool overflows(Instant now, uint32_t index, const wire::Packet& packet, RecordId record);
  void answer_with_cookie(Instant now, uint32_t listener, const wire::Packet& packet,
                          RecordId record);
  bool take_cookie(Instant now, uint32_t listener, wire::Packet& packet, RecordId record);

  // socket_calls.cc: descriptors, names, ends
  socket::Socket* find(const socket::Caller& caller, socket::Descriptor fd);
  socket::Outcome not_found(const socket::Caller& caller, socket::Descriptor fd) const;
  uint32_t socket_index(const socket::Caller& caller, socket::Descriptor fd) const;
  tcp::Connection* connection(const socket::Socket& s);
  const tcp::Connection* connection(const socket::Socket& s) const;
  std::optional<Errno> may_open(const socket::Caller& caller) const;
  socket::Outcome enter_file(const socket::Caller& caller, socket::FileRef file);
  void become_datagrams(socket::Socket& s, socket::Family family);
  uint32_t new_socket();
  Holders& holders_of(const socket::Socket& s) {
    return s.datagrams ? datagram_holders_ : holders_;
  }
  socket::Outcome bind_socket(uint32_t index, socket::Address address);
  std::optional<wire::Port> pick_port(Instant now, wire::IpAddress local,
                                      const socket::Address& peer);
  bool is_held(const Holders& all, wire::Port port, wire::IpAddress address) const;
  bool bind_conflicts(uint32_t index, const socket::Address& address) const;
  bool holder_conflicts(const socket::Socket& s, const socket::Address& address,
                        const socket::Socket& holder) const;
  bool connections_conflict(const socket::Socket& s, const socket::Address& address) const;
  void stop_listening(Instant now, uint32_t index, RecordId cause);
  socket::Outcome close_socket(Instant now, const socket::Caller& caller, uint32_t index,
                               bool may_sleep);
  void detach_connection(Instant now, socket::Socket& s, RecordId cause);
  void give_back(Instant now, uint32_t index, RecordId cause);

  // socket_calls_sleep.cc: sleeping, waking, time limits
  socket::Outcome sleep(uint32_t index, uint32_t& first, socket::PendingOperation operation);
  void notice(uint32_t index, RecordId cause);
  void wake(socket::PendingOperation& operation, RecordId cause);
  bool can_finish(const socket::Socket& s, const socket::PendingOperation& operation) const;
  void wake_due_sleepers(Instant now);
  void tell_of_reader(uint32_t index);
  socket::PendingOperation* pinned_sleeper(uint32_t index);
  void hand_over(uint32_t index, RecordId record);
  uint32_t& sleeper_list(const socket::PendingOperation& operation);
  socket::Outcome retry(Instant now, socket::PendingOperation& operation, RecordId record);
  Instant limit(Instant now, policy::OptionEffect effect, const socket::OptionValue& time) const;
  void end_operation(Instant now, socket::PendingOperation& operation, RecordId record);

  // socket_calls_connect.cc
  socket::Outcome try_accept(socket::Socket& s, const socket::Caller& caller);
  socket::Outcome try_connect(Instant now, uint32_t index, RecordId record);
  socket::Outcome connect_again(Instant now, uint32_t index, const socket::Caller& caller);
  socket::Outcome begin_connect(Instant now, uint32_t index, const socket::Caller& caller,
                                const socket::Address& peer);
  void connect_failed(Instant now, uint32_t index, RecordId cause);
  bool reusable(Instant now, const tcp::Endpoints& ends, bool bound) const;

  // socket_calls_data.cc
  std::optional<Errno> take_error(socket::Socket& s);
  socket::Outcome broken_pipe(const socket::Socket& s, socket::MessageFlags flags) const;
  socket::Outcome try_send(Instant now, socket::Socket& s, socket::PendingOperation& operation,
                           RecordId record);
  socket::Outcome try_recv(Instant now, socket::Socket& s, socket::PendingOperation& operation,
                           RecordId record);
  socket::Outcome recv_what_is_there(Instant now, socket::Socket& s,
                                     socket::PendingOperation& operation, RecordId record);
  bool pins(const socket::Socket& s, const socket::PendingOperation& operation) const;
  bool leaves_data(const socket::Socket& s, const tcp::Connection& c,
                   const socket::PendingOperation& operation) const;
  socket::Outcome recv_urgent(socket::Socket& s);
  void discard_after_shutdown(Instant now, socket::Socket& s);

  // socket_calls_options.cc
  const policy::SocketOption* option(int32_t level, int32_t number) const;
  void configure(Instant now, const socket::StoredOptions& options, tcp::Connection& c,
                 RecordId cause) const;
  void mark_packets(const socket::Socket& s, ConnectionSlot& slot) const;
  void tell_connection(Instant now, policy::OptionEffect effect,
                       const socket::StoredOptions& options, tcp::Connection& c,
                       RecordId cause) const;
  Duration option_time(policy::OptionEffect effect, int64_t value, Duration otherwise) const;

  // socket_calls_poll.cc: readiness
  socket::EventQueue::Look look(uint32_t index) const;
  socket::Outcome try_poll(socket::PendingOperation& operation);
  void watch(const socket::PendingOperation& operation, bool on);
  void notice_watchers(uint32_t index, RecordId cause);
  void forget_watchers(uint32_t index);
  socket::EventQueue* find_queue(const socket::Caller& caller, socket::Descriptor fd);
  socket::Outcome try_wait(socket::EventQueue& queue, int64_t most);

  const policy::Profile* profile_;
  policy::TimerGrain grain_;
  Rng rng_;
  policy::Clocks clocks_;
  std::vector<Interface> interfaces_;
  std::map<wire::IpAddress, Route> routes_;
  Ring<tcp::Note> notes_;
  policy::DestinationCache paths_;
  policy::SynCookies cookies_;
  tcp::HostContext context_;

  std::vector<ConnectionSlot> connections_;
  std::vector<uint32_t> free_connections_;
  std::map<tcp::Endpoints, uint32_t> by_ends_;
  DeadlineHeap<Instant> deadlines_;
  Ring<OutPacket> out_;

  std::vector<socket::DescriptorTable> processes_;
  int64_t open_files_ = 0;
  std::vector<std::unique_ptr<socket::Socket>> sockets_;
  std::vector<uint32_t> free_sockets_;
  std::vector<std::unique_ptr<socket::EventQueue>> queues_;
  std::map<LocalEnd, std::vector<uint32_t>> listeners_;
  Holders holders_;           // that a program has bound
  Holders datagram_holders_;  // UDP, which has its own ports
  int64_t time_waits_ = 0;
  std::vector<socket::FlowCounts> flow_counts_;
  std::vector<uint32_t> free_flows_;
  std::map<LocalEnd, int64_t> connections_on_;  // how many of by_ends_ have this local end
  std::map<uint32_t, std::vector<socket::OperationId>> polled_by_;  // by socket
  socket::Sleepers sleepers_;
  uint32_t pollers_ = socket::kNoIndex;  // first of those that sleep in poll
  Ring<socket::Wakeup> wakeups_;
  policy::PortPicker ports_;
  policy::PortsConfig datagram_port_rules_;
  Rng datagram_rng_;
  policy::PortPicker datagram_ports_;
  PathMtuCache path_mtus_;
  Reassembly reassembly_;
  uint32_t fragment_id_ = 0;  // IPv6
  TokenBucket icmp_errors_;
  std::map<uint32_t, Echo> echoes_;  // by identifier and sequence number
  uint32_t pingers_ = socket::kNoIndex;
  uint32_t last_echo_ = 0;
  uint16_t ip_id_ = 0;  // IpConfig::Id::kGlobal
};

}  // namespace tcptwin::host
