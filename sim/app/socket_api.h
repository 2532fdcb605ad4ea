// socket_api.h: the BSD calls as a program of a world makes them: co_await each one.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/app/process.h"
#include "sim/host/kernel.h"
#include "sim/host/thread.h"

namespace tcptwin::app {

class SocketApi {
 public:
  // All outlive the program. Without `process` it has one thread and no mutex.
  SocketApi(host::Kernel& kernel, host::Thread& thread, Process* process = nullptr)
      : kernel_(&kernel), thread_(&thread), process_(process) {}

  // Resumes when the call is over, at the thread's new time.
  struct Calling {
    host::Kernel* kernel;
    host::Thread* thread;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> program) const {
      thread->waiting = program;
      kernel->begin_call(*thread);
    }
    host::CallResult await_resume() const { return std::move(thread->result); }
  };

  // Names and errors as in socket(2) and its neighbours; result.value is -1 with result.error set
  // on failure.
  // `why`: for the record, of a caller that would have something else.
  Calling socket(std::string why = {});
  // SOCK_DGRAM.
  Calling udp_socket(socket::Family family = socket::Family::kIpv4);
  // What is no socket: value: its descriptor. `name`: for the record.
  Calling open(socket::FileKind kind, std::string name = {});
  // A TCP connection, or a UDP exchange of that family, that the process carries itself: value: a
  // handle for the calls below. EOPNOTSUPP: the host offers none; ENOSPC or ENOMEM: its table is
  // full.
  Calling open_flow(std::optional<socket::Family> datagrams = std::nullopt);
  Calling bind(socket::Descriptor fd, const socket::Address& address);
  Calling listen(socket::Descriptor fd, int64_t backlog);
  Calling accept(socket::Descriptor fd);
  // `name`: of the peer, for the record.
  Calling connect(socket::Descriptor fd, const socket::Address& peer, std::string name);
  Calling send(socket::Descriptor fd, Payload data, socket::MessageFlags flags = {});
  Calling recv(socket::Descriptor fd, int64_t count, socket::MessageFlags flags = {});
  // A datagram to `to`, and the next one with its sender in result.address. `name`: of the peer,
  // for the record.
  Calling sendto(socket::Descriptor fd, Payload data, const socket::Address& to,
                 socket::MessageFlags flags = {}, std::string name = {});
  Calling recvfrom(socket::Descriptor fd, int64_t count, socket::MessageFlags flags = {});
  // ICMP echo, as ping(8) and its kind do it; value: the round trip in microseconds. ETIMEDOUT.
  Calling ping(const wire::IpAddress& to, int64_t bytes, Duration timeout, std::string name = {});
  // By name, as this host's headers number it; ENOPROTOOPT when it has no such option.
  Calling setsockopt(socket::Descriptor fd, std::string_view level, std::string_view name,
                     const socket::OptionValue& value);
  // By number. `name`: for the record.
  Calling setsockopt(socket::Descriptor fd, int32_t level, int32_t number,
                     const socket::OptionValue& value, std::string name);
  // value and second as OptionValue has them; SO_ERROR in fetched_error, TCP_INFO in details.
  Calling getsockopt(socket::Descriptor fd, std::string_view level, std::string_view name);
  Calling getsockopt(socket::Descriptor fd, int32_t level, int32_t number, std::string name);
  // FIONREAD and SIOCINQ, SIOCOUTQ, SIOCATMARK: in value.
  Calling ioctl(socket::Descriptor fd, socket::QueueLength which);
  // O_NONBLOCK.
  Calling set_non_blocking(socket::Descriptor fd, bool on = true);
  // In result.address.
  Calling getsockname(socket::Descriptor fd);
  Calling getpeername(socket::Descriptor fd);
  // Until one of them has something to tell, at most `timeout` long (absent: for ever).
  Calling poll(std::vector<socket::PollRequest> requests,
               std::optional<Duration> timeout = std::nullopt);
  // `events` of each request: the sets it is in. value: how many bits are set in the answer.
  Calling select(std::vector<socket::PollRequest> requests,
                 std::optional<Duration> timeout = std::nullopt);
  // ENOSYS where the host has none.
  Calling epoll_create();
  Calling epoll_ctl(socket::Descriptor queue, const socket::QueueChange& change);
  Calling epoll_wait(socket::Descriptor queue, int64_t most,
                     std::optional<Duration> timeout = std::nullopt);
  // kevent() does both in one call; here a call changes or waits.
  Calling kqueue();
  // The process's own, in which its dispatch queues wait; it has no descriptor.
  Calling workloop();
  Calling kevent(socket::Descriptor queue, const socket::QueueChange& change);
  Calling kevent(socket::Descriptor queue, int64_t most,
                 std::optional<Duration> timeout = std::nullopt);
  Calling shutdown(socket::Descriptor fd, socket::Shutdown how);
  Calling close(socket::Descriptor fd);
  // At least `span`; how much longer is the host's.
  Calling sleep(Duration span);

  // setrlimit(RLIMIT_NOFILE); `hard`: absent: as it is.
  Calling setrlimit(int64_t descriptors, std::optional<int64_t> hard = std::nullopt);

  // ---- threads of this process
  // `body` runs in a thread of its own, with the same descriptors; value: its number.
  Calling spawn(std::function<Task(SocketApi)> body);
  // Sleeps until the thread with that number is over.
  Calling join(int64_t number);
  Calling lock(std::string_view mutex);
  // EPERM: this thread does not hold it.
  Calling unlock(std::string_view mutex);
  // Ends all other threads and closes all descriptors. Nothing sensible can follow: co_return.
  Calling exit_process();

  // What netstat shows of this host now. Takes no time and leaves no record.
  std::vector<host::SocketRow> sockets() const { return kernel_->sockets(); }
  const policy::Profile& profile() const { return kernel_->profile(); }
  Instant now() const { return thread_->now; }
  RecordId last_return() const { return thread_->last_return; }

 private:
  host::Call& fresh(trace::CallKind kind, socket::Descriptor fd);
  Calling calling() { return {kernel_, thread_}; }
  const policy::SocketOption* option(std::string_view level, std::string_view name) const;
  static Task run_thread(const std::function<Task(SocketApi)>& body, SocketApi api);

  host::Kernel* kernel_;
  host::Thread* thread_;
  Process* process_;
};

}  // namespace tcptwin::app
