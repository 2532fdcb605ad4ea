// port.h: where the simulated network ends: behind it stands a machine that is not simulated. What
// that machine sends is entered with the instant of its arrival, what it shall get is pulled.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/engine/engine.h"
#include "sim/trace/journal.h"
#include "stack/base/ring.h"
#include "stack/host/host_stack.h"

namespace tcptwin::net {

struct PortSetup {
  std::string name;
  uint16_t number = 0;                      // among the hosts, for record ids
  std::vector<host::Interface> interfaces;  // [0] is no link
  std::vector<host::Route> routes;
};

class Port final : public engine::Node {
 public:
  // What became of a packet of the machine; in words: verdict_text(). Only the first kind is
  // recorded.
  enum class Verdict : uint8_t {
    kEntered,
    kGroup,          // to many: nobody simulated listens to groups
    kForeignSource,  // the machine does not have that address
    kNoRoute,        // the destination is nobody in this network
    kTooBig,         // for the link that it would leave by
    kNoRoom,         // too many wait for their instant
  };
  // A packet for the machine.
  struct Departure {
    Instant at;  // when it reaches the machine
    wire::Packet packet;
    RecordId sent = RecordId::kNone;  // record of its departure from its host
    uint32_t flipped_bit = 0;         // counted from 1 behind the IP header; 0: none
  };
  static constexpr size_t kMostWaiting = 65536;  // each way

  Port(const PortSetup& setup, trace::Journal& journal);

  const std::string& name() const { return name_; }
  const std::vector<host::Interface>& interfaces() const { return interfaces_; }
  const std::vector<host::Route>& routes() const { return routes_; }
  // What leaves through `interface` goes to `port` of `node`.
  void attach(uint32_t interface, engine::Node& node, uint32_t port);

  // A packet of the machine arrives at `at`: after all that has happened, and not before the one
  // entered last.
  Verdict enter(Instant at, wire::Packet&& packet);
  // The next packet for the machine, in the order of their instants; false: none. Beyond
  // kMostWaiting the newest is lost.
  bool poll_packet(Departure& out);
  uint64_t overrun() const { return overrun_; }  // packets lost because nobody pulled

  // Port: the interface.
  void on_packet(Instant at, engine::Transit&& transit, uint32_t interface) override;
  engine::Due next() const override;
  void run(Instant now, engine::Phase phase) override;

 private:
  struct Attachment {
    engine::Node* node = nullptr;
    uint32_t port = 0;
  };
  struct Arrival {
    Instant at;
    wire::Packet packet;
    uint32_t interface = 0;
  };
  bool is_own(const wire::IpAddress& address) const;

  std::string name_;
  RecordIds ids_;
  std::vector<host::Interface> interfaces_;
  std::vector<host::Route> routes_;
  std::map<wire::IpAddress, uint32_t> interface_to_;
  std::vector<Attachment> attachments_;
  trace::Journal* journal_;
  Ring<Arrival> arrivals_;
  Ring<Departure> departures_;
  uint64_t overrun_ = 0;
};

// What is wrong with a packet that was not taken: "larger than the MTU of the link".
const char* verdict_text(Port::Verdict verdict);

}  // namespace tcptwin::net
