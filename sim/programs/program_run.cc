#include "sim/programs/program_run.h"

#include <algorithm>

namespace tcptwin::programs {

bool has_option(const policy::Profile& profile, std::string_view name) {
  const auto& options = profile.socket_options;
  return std::any_of(options.begin(), options.end(),
                     [&](const policy::SocketOption& option) { return option.name == name; });
}

Task open_listener(SocketApi api, int32_t port, socket::Family family, int64_t backlog,
                   const ProgramRun& run, socket::Descriptor& fd) {
  fd = -1;
  const host::CallResult opened = co_await api.socket();
  if (opened.error) {
    run.fail("socket", *opened.error);
    co_return;
  }
  const socket::Descriptor listener = opened.fd();
  co_await api.setsockopt(listener, "SOL_SOCKET", "SO_REUSEADDR", socket::OptionValue{1});
  const bool v6 = family == socket::Family::kIpv6;
  const socket::Address any{v6 ? wire::IpAddress::any_v6() : wire::IpAddress(),
                            static_cast<wire::Port>(port)};
  const host::CallResult bound = co_await api.bind(listener, any);
  if (bound.error) {
    run.fail("bind", *bound.error);
    co_return;
  }
  const host::CallResult listening = co_await api.listen(listener, backlog);
  if (listening.error) {
    run.fail("listen", *listening.error);
    co_return;
  }
  fd = listener;
}

Task open_connection(SocketApi api, const Peer& peer, const ProgramRun& run, socket::Descriptor& fd,
                     bool non_blocking) {
  fd = -1;
  const host::CallResult opened = co_await api.socket();
  if (opened.error) {
    run.count(*opened.error);
    co_return;
  }
  if (non_blocking) co_await api.set_non_blocking(opened.fd());
  const SocketApi::Calling connecting = api.connect(opened.fd(), peer.address, peer.to);
  const host::CallResult connected = co_await connecting;
  if (!connected.error || (non_blocking && *connected.error == Errno::kEINPROGRESS)) {
    fd = opened.fd();
    co_return;
  }
  run.count(*connected.error);
  co_await api.close(opened.fd());
}

Task accept_all(SocketApi api, socket::Descriptor listener, bool in_threads, const ProgramRun& run,
                const Conversation& converse) {
  constexpr Duration kPause = std::chrono::milliseconds(100);
  const Conversation* const shared = &converse;
  for (;;) {
    const host::CallResult accepted = co_await api.accept(listener);
    if (accepted.error) {
      run.count(*accepted.error);
      co_await api.sleep(kPause);
      continue;
    }
    const socket::Descriptor fd = accepted.fd();
    if (in_threads) {
      const SocketApi::Calling spawning =
          api.spawn([shared, fd](const SocketApi& own) -> Task { return (*shared)(own, fd); });
      co_await spawning;
    } else {
      const Task conversation = converse(api, fd);
      co_await conversation;
    }
  }
}

}  // namespace tcptwin::programs
