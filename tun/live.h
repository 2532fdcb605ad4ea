// live.h: a world in real time: its virtual time follows the clock, and the machines behind its
// ports are reached through devices. Decides when things happen, not what.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/net/ethernet_port.h"
#include "sim/net/port.h"
#include "sim/scenario/world.h"
#include "tun/clock.h"
#include "tun/device.h"
#include "tun/lateness.h"

namespace tcptwin::tun {

// Something that crosses the border to a machine.
struct Passage {
  size_t seat = 0;          // in the order of add_seat
  bool to_machine = false;  // else from it
  Instant at;               // in virtual time
  Instant seen;             // by the clock, when it was read or written
  std::span<const uint8_t> bytes;
  RecordId sent = RecordId::kNone;  // to_machine: the record of its departure; none: of a frame
                                    // that carries no packet of the simulated network
};

struct LiveSetup {
  // The last part of a wait is spent without sleeping: shorter than the clock's interrupts are
  // late.
  Duration spin = std::chrono::microseconds(80);
  // Told of every IP packet that enters or leaves the simulated network.
  std::function<void(const Passage&)> on_packet{};
  // Told of all that the devices give and take, as it stands there: packets, or frames.
  std::function<void(const Passage&)> on_wire{};
};

// What happened at the border of one machine.
struct Traffic {
  uint64_t from_machine = 0;  // packets that entered the simulated network
  uint64_t to_machine = 0;
  uint64_t bytes_from_machine = 0;
  uint64_t bytes_to_machine = 0;
  uint64_t not_written = 0;                   // the device did not take them
  uint64_t to_groups = 0;                     // refused, too: every kernel sends such, unasked
  std::map<std::string, uint64_t> refused{};  // by what was wrong with them
};

class Live {
 public:
  // All outlive it.
  Live(scenario::World& world, LiveSetup setup);

  // The machine behind `port` is reached through `device`.
  void add_seat(net::Port& port, Device& device);
  // `what` is called whenever `fd` is readable. Before run().
  void watch(int fd, std::function<void()> what);
  // No longer; from within `what`, too.
  void forget(int fd);
  // `what` is called at that distance, as long as it runs.
  void every(Duration distance, std::function<void()> what);

  // Runs the world until stop() is called, from one of the functions above.
  void run();
  void stop() { stopped_ = true; }

  const Clock& clock() const { return clock_; }
  // Virtual time up to which everything has been done.
  Instant processed() const { return processed_; }
  Instant last_event() const { return last_event_; }
  const Lateness& lateness() const { return lateness_; }
  // What was refused is complete only when run() is over.
  const Traffic& traffic(size_t seat) const { return seats_[seat].traffic; }

 private:
  struct Seat {
    net::Port* port = nullptr;
    Device* device = nullptr;
    std::unique_ptr<net::EthernetPort> ethernet{};  // of a device that speaks it
    Traffic traffic{};
  };
  struct Ticker {
    Duration distance{};
    Instant next;
    std::function<void()> what;
  };
  static constexpr size_t kBatch = 64;  // packets read at a time

  bool read_devices();
  void arrives(size_t seat, std::span<const uint8_t> bytes, Instant seen);
  void enter(size_t seat, std::span<const uint8_t> packet, Instant seen);
  void advance(Instant now);
  void deliver();
  void hand_over(size_t seat, const net::Port::Departure& out);
  void write(size_t seat, const Passage& passage);
  void write_frames(size_t seat, const Passage& passage);
  Instant next() const;
  void tick(Instant now);
  void wait();

  scenario::World* world_;
  LiveSetup setup_;
  Clock clock_;
  UniqueFd epoll_;
  UniqueFd timer_;
  std::vector<Seat> seats_;
  std::map<int, std::function<void()>> watched_;
  std::vector<Ticker> tickers_;
  std::vector<uint8_t> in_, out_, frame_;
  Lateness lateness_;
  Instant processed_;
  Instant last_event_;
  bool stopped_ = false;
};

}  // namespace tcptwin::tun
