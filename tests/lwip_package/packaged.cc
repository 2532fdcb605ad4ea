// packaged.cc: two copies of the packaged library in a world of their own. Everything but the
// operating system is the package's: its sockets, mailboxes and timers. In place of the system
// stand the functions at the end of this file: a clock, and threads that take turns.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "stack/base/check.h"
#include "stack/base/payload.h"
#include "tests/lwip_package/exchange.h"
#include "tests/lwip_package/fiber.h"
#include "tests/lwip_package/library.h"

namespace tcptwin::lwip_package {

namespace {

constexpr Duration kNever = Duration::max();

struct Arrival {
  Duration at;
  std::vector<uint8_t> packet;
};

// A copy of the library, its cable, and the thread of its program.
struct Host {
  Host* peer = nullptr;
  Library lwip;
  netif interface {};
  const std::set<int>* lost = nullptr;
  std::deque<Arrival> arrivals;
  Duration timer = kNever;  // of the library, when the next one is due
  std::unique_ptr<Fiber> program;
  Duration wake{};
  Duration program_runs = kNever;
  const sys_sem* program_waits = nullptr;  // for a signal of it
  HostOutcome outcome;

  Duration arrives() const { return arrivals.empty() ? kNever : arrivals.front().at; }
};

class World {
 public:
  explicit World(const Exchange& exchange);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { current = nullptr; }

  Outcome run();

  // What the library asks of its system.
  uint32_t milliseconds() const { return static_cast<uint32_t>(now_ / 1ms); }
  void transmit(Host& host, std::vector<uint8_t> packet);
  void signal(sys_sem_t* semaphore);
  // Milliseconds; 0: for ever.
  uint32_t wait(sys_sem_t* semaphore, uint32_t timeout);

  static World* current;

 private:
  void start(Host& host, uint32_t address);
  void start_program(Host& host, Duration at, std::function<void()> body);
  template <class Work>
  void inside(Host& host, Work&& work);
  void input(Host& host);
  void sleep_until(Host& host, Duration time);

  void serve(Host& host);
  void call(Host& host);
  void perform(Host& host, int fd, const Steps& steps);
  void send(Host& host, int fd, int64_t offset, int64_t bytes);
  void receive(Host& host, int fd, int64_t bytes);
  void set(Host& host, int fd, int level, int name, int value);

  const Exchange* exchange_;
  Duration now_{};
  std::array<Host, 2> hosts_;
  Host* present_ = nullptr;  // whose library is at work
  bool in_program_ = false;
};

World* World::current = nullptr;

err_t output(netif* interface, pbuf* packet, const ip4_addr_t*) {
  Host& host = *static_cast<Host*>(interface->state);
  std::vector<uint8_t> bytes(packet->tot_len);
  host.lwip.pbuf_copy_partial(packet, bytes.data(), packet->tot_len, 0);
  World::current->transmit(host, std::move(bytes));
  return ERR_OK;
}

err_t begin_interface(netif* interface) {
  interface->output = output;
  interface->mtu = 1500;
  return ERR_OK;
}

World::World(const Exchange& exchange) : exchange_(&exchange) {
  current = this;
  auto& [client, server] = hosts_;
  client.peer = &server;
  server.peer = &client;
  client.lost = &exchange.lost_of_client;
  server.lost = &exchange.lost_of_server;
  client.wake = kClientWakes;
  server.wake = kServerWakes;
  start(client, kClientAddress);
  start(server, kServerAddress);
  start_program(client, kClientStarts, [this] { call(hosts_[0]); });
  start_program(server, Duration{}, [this] { serve(hosts_[1]); });
}

void World::start(Host& host, uint32_t address) {
  inside(host, [&] {
    ip4_addr_t own, mask;
    own.addr = htonl(address);
    mask.addr = htonl(0xffffff00);
    host.lwip.tcpip_init(nullptr, nullptr);
    host.lwip.netif_add(&host.interface, &own, &mask, nullptr, &host, begin_interface,
                        host.lwip.ip_input);
    host.lwip.netif_set_up(&host.interface);
    host.lwip.netif_set_link_up(&host.interface);
  });
}

void World::start_program(Host& host, Duration at, std::function<void()> body) {
  host.program = std::make_unique<Fiber>(std::move(body));
  host.program_runs = at;
}

// Runs everything up to the end of the exchange. At the same instant packets come first, then
// timers, then programs, as in the simulator.
Outcome World::run() {
  for (;;) {
    Duration next = kNever;
    for (const Host& host : hosts_) {
      next = std::min({next, host.arrives(), host.timer, host.program_runs});
    }
    if (next > exchange_->until) break;
    now_ = next;
    const auto due = [this](Duration Host::*time) {
      return std::find_if(hosts_.begin(), hosts_.end(),
                          [&](const Host& host) { return host.*time <= now_; });
    };
    const auto arrived = std::find_if(hosts_.begin(), hosts_.end(),
                                      [&](const Host& host) { return host.arrives() <= now_; });
    if (arrived != hosts_.end()) {
      input(*arrived);
    } else if (const auto ticking = due(&Host::timer); ticking != hosts_.end()) {
      inside(*ticking, [&] { ticking->lwip.sys_check_timeouts(); });
    } else {
      const auto ready = due(&Host::program_runs);
      ready->program_runs = kNever;
      inside(*ready, [&] {
        in_program_ = true;
        ready->program->resume();
        in_program_ = false;
      });
    }
  }
  return {std::move(hosts_[0].outcome), std::move(hosts_[1].outcome)};
}

template <class Work>
void World::inside(Host& host, Work&& work) {
  present_ = &host;
  work();
  const uint32_t sleep = host.lwip.sys_timeouts_sleeptime();
  host.timer =
      sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? kNever : now_ - now_ % Duration(1ms) + sleep * 1ms;
  present_ = nullptr;
}

void World::input(Host& host) {
  const Arrival arrival = std::move(host.arrivals.front());
  host.arrivals.pop_front();
  inside(host, [&] {
    const auto size = static_cast<u16_t>(arrival.packet.size());
    // Not of its pool: the package's buffers there are shorter (592 bytes) than it believes (1536).
    pbuf* packet = host.lwip.pbuf_alloc(PBUF_RAW, size, PBUF_RAM);
    CHECK(packet != nullptr);
    host.lwip.pbuf_take(packet, arrival.packet.data(), size);
    host.lwip.sys_lock_tcpip_core();
    host.lwip.ip_input(packet, &host.interface);
    host.lwip.sys_unlock_tcpip_core();
  });
}

void World::transmit(Host& host, std::vector<uint8_t> packet) {
  host.outcome.sent.push_back({now_, packet});
  if (host.lost->contains(static_cast<int>(host.outcome.sent.size()))) return;
  host.peer->arrivals.push_back({now_ + exchange_->delay, std::move(packet)});
}

// ---- threads

void World::signal(sys_sem_t* semaphore) {
  Host& host = *present_;
  host.lwip.sys_sem_signal(semaphore);
  if (host.program_waits == nullptr || host.program_waits != *semaphore) return;
  host.program_waits = nullptr;
  host.program_runs = now_ + host.wake;
}

// The port's own wait, which is over at once when the semaphore is free.
uint32_t World::wait(sys_sem_t* semaphore, uint32_t timeout) {
  const Duration begin = now_;
  const Duration deadline = timeout == 0 ? kNever : begin + timeout * 1ms;
  Host& host = *present_;
  while (host.lwip.sys_arch_sem_wait(semaphore, 1) == SYS_ARCH_TIMEOUT) {
    if (now_ >= deadline) return SYS_ARCH_TIMEOUT;
    CHECK(in_program_);  // nobody else may sleep
    host.program_waits = *semaphore;
    sleep_until(host, deadline);
    host.program_waits = nullptr;
  }
  return static_cast<uint32_t>((now_ - begin) / 1ms);
}

void World::sleep_until(Host& host, Duration time) {
  host.program_runs = time;
  host.program->suspend();
}

// ---- programs

void World::serve(Host& host) {
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_port = htons(kServerPort);
  const int listener = host.lwip.lwip_socket(AF_INET, SOCK_STREAM, 0);
  host.outcome.results.push_back(
      host.lwip.lwip_bind(listener, reinterpret_cast<const sockaddr*>(&own), sizeof own));
  host.outcome.results.push_back(host.lwip.lwip_listen(listener, 5));
  for (int i = 0; i < exchange_->connections; ++i) {
    const int fd = host.lwip.lwip_accept(listener, nullptr, nullptr);
    perform(host, fd, exchange_->server);
  }
}

void World::call(Host& host) {
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(kServerPort);
  server.sin_addr.s_addr = htonl(kServerAddress);
  for (int i = 0; i < exchange_->connections; ++i) {
    const int fd = host.lwip.lwip_socket(AF_INET, SOCK_STREAM, 0);
    host.outcome.results.push_back(
        host.lwip.lwip_connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server));
    perform(host, fd, exchange_->client);
  }
}

void World::perform(Host& host, int fd, const Steps& steps) {
  int64_t offset = 0;
  for (const Step& step : steps) {
    switch (step.kind) {
      case Step::Kind::kSend:
        send(host, fd, offset, step.bytes);
        offset += step.bytes;
        break;
      case Step::Kind::kReceive: receive(host, fd, step.bytes); break;
      case Step::Kind::kReceiveEnd: receive(host, fd, INT32_MAX); break;
      case Step::Kind::kPause: sleep_until(host, now_ + step.time); break;
      case Step::Kind::kNoDelay: set(host, fd, IPPROTO_TCP, TCP_NODELAY, 1); break;
      case Step::Kind::kKeepAlive:
        set(host, fd, SOL_SOCKET, SO_KEEPALIVE, 1);
        set(host, fd, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(step.bytes));
        break;
      case Step::Kind::kShutdown:
        host.outcome.results.push_back(host.lwip.lwip_shutdown(fd, SHUT_WR));
        break;
      case Step::Kind::kClose: host.outcome.results.push_back(host.lwip.lwip_close(fd)); break;
    }
  }
}

void World::send(Host& host, int fd, int64_t offset, int64_t bytes) {
  const std::vector<uint8_t> data =
      Payload::synthetic(0, static_cast<uint64_t>(offset), static_cast<size_t>(bytes)).bytes();
  host.outcome.results.push_back(host.lwip.lwip_send(fd, data.data(), data.size(), 0));
}

void World::receive(Host& host, int fd, int64_t bytes) {
  std::vector<uint8_t> buffer(1 << 20);
  int64_t got = 1;
  for (int64_t all = 0; all < bytes && got > 0; all += got) {
    const auto most = std::min(buffer.size(), static_cast<size_t>(bytes - all));
    got = host.lwip.lwip_recv(fd, buffer.data(), most, 0);
    host.outcome.results.push_back(got);
  }
}

void World::set(Host& host, int fd, int level, int name, int value) {
  host.outcome.results.push_back(host.lwip.lwip_setsockopt(fd, level, name, &value, sizeof value));
}

}  // namespace

Outcome run_packaged(const Exchange& exchange) { return World(exchange).run(); }

}  // namespace tcptwin::lwip_package

// ---- in place of the package's own functions, and of rand(): the library finds these first

using tcptwin::lwip_package::World;

extern "C" {

u32_t sys_now() { return World::current->milliseconds(); }
int rand() noexcept { return 0; }  // of the first port: the lowest
sys_thread_t sys_thread_new(const char*, lwip_thread_fn, void*, int, int) { return nullptr; }
void sys_sem_signal(sys_sem_t* semaphore) { World::current->signal(semaphore); }
u32_t sys_arch_sem_wait(sys_sem_t* semaphore, u32_t timeout) {
  return World::current->wait(semaphore, timeout);
}

}  // extern "C"
