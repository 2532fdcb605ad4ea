// socket_api.h: the BSD calls as a program on a simulated host makes them: co_await each one.
#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/host/simulated_host.h"
#include "sim/host/thread.h"

namespace tcptwin::app {

class SocketApi {
 public:
  // Both outlive the program.
  SocketApi(host::SimulatedHost& host, host::Thread& thread) : host_(&host), thread_(&thread) {}

  // Resumes when the call is over, at the thread's new time.
  struct Calling {
    host::SimulatedHost* host;
    host::Thread* thread;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> program) const {
      thread->waiting = program;
      host->begin_call(*thread);
    }
    host::CallResult await_resume() const { return std::move(thread->result); }
  };

  // Names and errors as in socket(2) and its neighbours; result.value is -1 with result.error set
  // on failure.
  Calling socket();
  Calling bind(socket::Descriptor fd, const socket::Address& address);
  Calling listen(socket::Descriptor fd, int64_t backlog);
  Calling accept(socket::Descriptor fd);
  // `name`: of the peer, for the record.
  Calling connect(socket::Descriptor fd, const socket::Address& peer, std::string name);
  Calling send(socket::Descriptor fd, Payload data, socket::MessageFlags flags = {});
  Calling recv(socket::Descriptor fd, int64_t count, socket::MessageFlags flags = {});
  // By name, as this host's headers number it; ENOPROTOOPT when it has no such option.
  Calling setsockopt(socket::Descriptor fd, std::string_view level, std::string_view name,
                     const socket::OptionValue& value);
  // By number. `name`: for the record.
  Calling setsockopt(socket::Descriptor fd, int32_t level, int32_t number,
                     const socket::OptionValue& value, std::string name);
  // Until one of them has something to tell, at most `timeout` long (absent: for ever).
  Calling poll(std::vector<socket::PollRequest> requests,
               std::optional<Duration> timeout = std::nullopt);
  Calling shutdown(socket::Descriptor fd, socket::Shutdown how);
  Calling close(socket::Descriptor fd);
  // At least `span`; how much longer is the host's.
  Calling sleep(Duration span);

  const policy::Profile& profile() const { return host_->profile(); }
  Instant now() const { return thread_->now; }
  RecordId last_return() const { return thread_->last_return; }

 private:
  host::Call& fresh(trace::CallKind kind, socket::Descriptor fd);
  Calling calling() { return {host_, thread_}; }

  host::SimulatedHost* host_;
  host::Thread* thread_;
};

}  // namespace tcptwin::app
