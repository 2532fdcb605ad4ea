// router.h: a machine that passes packets on: time to live, the MTU of the next link, and the ICMP
// errors about what it cannot pass on (RFC 1812). It runs no programs and knows no connections.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/engine/engine.h"
#include "sim/trace/journal.h"
#include "stack/base/ring.h"
#include "stack/base/token_bucket.h"
#include "stack/host/host_stack.h"
#include "stack/wire/icmp_error.h"

namespace tcptwin::net {

struct RouterSetup {
  std::string name;
  uint16_t number = 0;                      // among the hosts, for record ids
  Duration forwarding{};                    // what a packet takes from one interface to another
  std::vector<host::Interface> interfaces;  // [0] is no link
  std::vector<host::Route> routes;
  bool silent = false;  // it says nothing about what it cannot pass on
};

// Packets keep their order. They wait, bounded, in the queues of the links that they leave by.
class Router final : public engine::Node {
 public:
  Router(const RouterSetup& setup, trace::Journal& journal);

  const std::string& name() const { return name_; }
  // What leaves through `interface` goes to `port` of `node`.
  void attach(uint32_t interface, engine::Node& node, uint32_t port);

  // Port: the interface.
  void on_packet(Instant at, engine::Transit&& transit, uint32_t interface) override;
  engine::Due next() const override;
  void run(Instant now, engine::Phase phase) override;

 private:
  struct Attachment {
    engine::Node* node = nullptr;
    uint32_t port = 0;
  };
  struct Received {
    engine::Transit transit;
    RecordId record = RecordId::kNone;
    Instant ready;
  };
  void handle(Instant now, Received&& in);
  void forward(Instant now, Received&& in, uint32_t interface);
  void forward_pieces(Instant now, const Received& in, uint32_t interface, uint32_t mtu);
  void deliver(Instant now, const Received& in);
  void refuse(Instant now, const Received& in, wire::IcmpKind kind, trace::DropWhy why,
              uint32_t mtu = 0);
  void send(Instant now, wire::Packet&& packet, RecordId cause, const tcp::Reason& reason);
  const uint32_t* route_to(const wire::IpAddress& destination) const;
  bool is_own(const wire::IpAddress& address) const;

  std::string name_;
  Duration forwarding_;
  bool silent_;
  RecordIds ids_;
  std::vector<host::Interface> interfaces_;
  std::map<wire::IpAddress, uint32_t> routes_;
  std::vector<Attachment> attachments_;
  trace::Journal* journal_;
  Ring<Received> received_;
  Instant last_ready_;
  TokenBucket errors_{1000, 50};  // RFC 1812 4.3.2.8, RFC 4443 2.4 f
  uint16_t ip_id_ = 0;
};

}  // namespace tcptwin::net
