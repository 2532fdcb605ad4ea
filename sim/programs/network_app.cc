#include "sim/programs/network_app.h"

#include <algorithm>

namespace tcptwin::programs {

// Not unnamed: coroutines keep it in their frames.
namespace network_apping {

namespace nw = network_framework;
using socket::Descriptor;
using socket::FileKind;

constexpr uint64_t kRelayEvents = UINT64_MAX;

struct Connection {
  Descriptor fd = -1;  // or the handle of a flow; -1: it has none of its own
  nw::State state = nw::State::kSetup;
  Instant start{};
  int64_t got = 0;       // bytes of the answer
  bool flow = false;     // of its own
  bool settled = false;  // nothing more is to come of it
};

struct App {
  SocketApi api;
  const NetworkAppPlan* plan;
  ProgramRun* run;
  std::vector<Connection> connections{};
  std::vector<std::optional<wire::IpAddress>> own{};  // by host, where it binds
  nw::Openings openings{};
  Descriptor queue = -1;
  Descriptor relay = -1;
  size_t relayed = 0;     // connections that the relay has opened
  int64_t unsettled = 0;  // that have started
  int64_t descriptors = 3;
  int64_t flows = 0;
  int64_t sockets = 0;
  Instant next_start{};

  bool has_next() const { return static_cast<int64_t>(connections.size()) < plan->connections; }
  bool may_start() const {
    if (!has_next()) return false;
    if (plan->starts == NetworkAppPlan::Starts::kTogether) return api.now() >= next_start;
    return connections.empty() || (unsettled == 0 && connections.back().got >= plan->answer &&
                                   connections.back().state == nw::State::kReady);
  }
  // In turn, one that never settles well is the last.
  bool is_over() const {
    if (unsettled > 0) return false;
    return !has_next() || (plan->starts == NetworkAppPlan::Starts::kInTurn && !may_start());
  }
  nw::Choice choice() const {
    using Endpoint = nw::Endpoint;
    const Endpoint endpoint = plan->to.empty()            ? Endpoint::kUnixDomain
                              : target().ip.is_loopback() ? Endpoint::kLoopback
                                                          : Endpoint::kNetwork;
    return nw::choose(api.profile().sockets.flows_per_process, plan->machine, endpoint);
  }
  // Of the connection that starts next, or has just started.
  size_t turn() const { return connections.empty() ? 0 : connections.size() - 1; }
  socket::Address target() const {
    const size_t port = turn() / plan->found.size() % static_cast<size_t>(plan->ports);
    return {plan->found[turn() % plan->found.size()],
            static_cast<wire::Port>(plan->port + static_cast<int32_t>(port))};
  }
};

void settle(App* app, Connection* c) {
  if (!c->settled) --app->unsettled;
  c->settled = true;
}

// The connection goes on to the state that follows from `event`; its number goes to the measure of
// that state. The first error of a kind is worth a line.
void enter(App* app, Connection* c, nw::Event event, std::string_view call, Errno error) {
  const nw::State before = c->state;
  c->state = nw::next_state(before, event);
  const auto number = static_cast<int64_t>(c - app->connections.data()) + 1;
  const std::string process = app->run->process + ".";
  if (!app->run->metrics->contains(process + errno_name(error))) {
    app->run->outcome->remarks.push_back(
        "connection " + std::to_string(number) + ": " + nw::state_name(before) + " -> " +
        nw::state_name(c->state) + ", " + std::string(call) + ": " + errno_name(error));
  }
  app->run->count(error);
  app->run->number(nw::state_name(c->state), number);
  app->run->measured("gave_up", c->start, app->api);
  settle(app, c);
}

// ---- what a connection begins with

// A descriptor, a flow or a socket; `fd` stays -1 after an error.
Task open_carrier(App* app, const nw::Choice* choice, Descriptor* fd, std::optional<Errno>* error) {
  const auto datagrams = choice->relayed ? std::optional(app->plan->relay.family) : std::nullopt;
  const SocketApi::Calling call = app->plan->to.empty()
                                      ? app->api.open(FileKind::kUnixSocket, "unix")
                                  : choice->flow ? app->api.open_flow(datagrams)
                                  : datagrams    ? app->api.udp_socket(*datagrams)
                                                 : app->api.socket(nw::why_text(choice->why));
  const host::CallResult result = co_await call;
  *error = result.error;
  if (result.error) co_return;
  *fd = result.fd();
  (choice->flow ? app->flows : app->sockets) += 1;
  app->descriptors += choice->flow ? 0 : 1;
}

Task open_file(App* app, FileKind kind, std::string name, std::optional<Errno>* error) {
  const SocketApi::Calling call = app->api.open(kind, std::move(name));
  const host::CallResult result = co_await call;
  *error = result.error;
  if (!result.error) ++app->descriptors;
}

// The own address of the way to a host, as an unconnected datagram socket is told it.
Task find_own_address(App* app, size_t host, socket::Address to) {
  const host::CallResult opened = co_await app->api.udp_socket();
  if (opened.error) co_return;
  const SocketApi::Calling connecting = app->api.connect(opened.fd(), to, app->plan->to[host]);
  co_await connecting;
  const host::CallResult name = co_await app->api.getsockname(opened.fd());
  if (!name.error) app->own[host] = name.address.ip;
  co_await app->api.close(opened.fd());
}

Task watch(App* app, Descriptor fd, bool to_write, uint64_t data) {
  using Change = socket::QueueChange;
  const Change change{.action = Change::Action::kAdd,
                      .filter = to_write ? Change::Filter::kWrite : Change::Filter::kRead,
                      .fd = fd,
                      .events = {.in = !to_write, .out = to_write},
                      .one_shot = data != kRelayEvents,
                      .data = data};
  co_await app->api.kevent(app->queue, change);
}

// ---- connections of their own

Task become_ready(App* app, uint64_t index) {
  Connection& c = app->connections[index];
  c.state = nw::next_state(c.state, nw::Event::kConnected);
  app->run->measured("ready", c.start, app->api);
  if (app->plan->request > 0) {
    const auto size = static_cast<size_t>(app->plan->request);
    const SocketApi::Calling sending =
        app->api.send(c.fd, Payload::synthetic(app->run->pattern, 0, size));
    const host::CallResult sent = co_await sending;
    if (sent.error) {
      enter(app, &c, nw::Event::kBroken, "send", *sent.error);
      co_return;
    }
  }
  if (app->plan->answer == 0) {
    settle(app, &c);
    co_return;
  }
  const Task watching = watch(app, c.fd, false, index);
  co_await watching;
}

// Nothing came of it; what it had is closed.
Task give_up(App* app, Connection* c, nw::Event event, std::string_view call, Errno error) {
  co_await app->api.close(c->fd);
  (c->flow ? app->flows : app->sockets) -= 1;
  app->descriptors -= c->flow ? 0 : 1;
  c->fd = -1;
  enter(app, c, event, call, error);
}

Task connect(App* app, uint64_t index) {
  Connection& c = app->connections[index];
  const socket::Address target = app->target();
  const size_t host = app->turn() % app->plan->found.size();
  if (app->plan->binds) {
    if (!app->own[host]) {
      const Task finding = find_own_address(app, host, target);
      co_await finding;
    }
    const SocketApi::Calling binding =
        app->api.bind(c.fd, {app->own[host].value_or(wire::IpAddress()), wire::Port{}});
    const host::CallResult bound = co_await binding;
    if (bound.error) {
      const Task giving_up = give_up(app, &c, nw::Event::kNothingToBeginWith, "bind", *bound.error);
      co_await giving_up;
      co_return;
    }
  }
  co_await app->api.set_non_blocking(c.fd);
  const SocketApi::Calling connecting = app->api.connect(c.fd, target, app->plan->to[host]);
  const host::CallResult connected = co_await connecting;
  if (connected.error && *connected.error != Errno::kEINPROGRESS) {
    const Task giving_up =
        give_up(app, &c, nw::Event::kNothingToBeginWith, "connect", *connected.error);
    co_await giving_up;
    co_return;
  }
  const Task watching = watch(app, c.fd, true, index);
  co_await watching;
}

// What connect came to.
Task conclude_connect(App* app, uint64_t index) {
  Connection& c = app->connections[index];
  const SocketApi::Calling asking = app->api.getsockopt(c.fd, "SOL_SOCKET", "SO_ERROR");
  const host::CallResult result = co_await asking;
  const auto error = result.error ? result.error : result.fetched_error;
  if (error) {
    const Task giving_up = give_up(app, &c, nw::Event::kUnreachable, "connect", *error);
    co_await giving_up;
  } else {
    const Task going_on = become_ready(app, index);
    co_await going_on;
  }
}

Task read_answer(App* app, uint64_t index) {
  Connection& c = app->connections[index];
  while (c.got < app->plan->answer) {
    const SocketApi::Calling reading = app->api.recv(c.fd, app->plan->answer - c.got);
    const host::CallResult result = co_await reading;
    if (result.error && *result.error == Errno::kEAGAIN) {
      const Task watching = watch(app, c.fd, false, index);
      co_await watching;
      co_return;
    }
    if (result.error || result.value == 0) {
      enter(app, &c, nw::Event::kBroken, "recv", result.error.value_or(Errno::kECONNABORTED));
      co_return;
    }
    c.got += result.value;
  }
  app->run->measured("answered", c.start, app->api);
  settle(app, &c);
}

// ---- through the relay: a datagram there and back stands for the exchange in which it opens the
// connection

Task open_relay(App* app, Descriptor fd) {
  app->relay = fd;
  co_await app->api.set_non_blocking(fd);
  const Peer& relay = app->plan->relay;
  const SocketApi::Calling connecting = app->api.connect(fd, relay.address, relay.to);
  co_await connecting;
  const Task watching = watch(app, fd, false, kRelayEvents);
  co_await watching;
}

// The relay answers in the order in which it is asked.
Task hear_relay(App* app) {
  constexpr int64_t kMost = 64;
  for (;;) {
    const host::CallResult result = co_await app->api.recv(app->relay, kMost);
    if (result.error || result.value <= 0 || app->relayed == app->connections.size()) co_return;
    Connection& c = app->connections[app->relayed++];
    c.state = nw::next_state(c.state, nw::Event::kConnected);
    c.got = app->plan->answer;
    app->run->measured("ready", c.start, app->api);
    settle(app, &c);
  }
}

// ---- the app

// Opens what is missing, up to what fails.
Task open_needed(App* app, const nw::Choice* choice, Descriptor* fd, std::optional<Errno>* error) {
  const nw::Opening needed = app->openings.next(*choice);
  nw::Opening opened;
  if (needed.flow_client) {
    const Task opening_client = open_file(app, FileKind::kFlowClient, "NECP client", error);
    co_await opening_client;
    opened.flow_client = !*error;
  }
  if (needed.flow_channel && !*error) {
    const Task opening_channel = open_file(app, FileKind::kFlowChannel, "flow switch", error);
    co_await opening_channel;
    opened.flow_channel = !*error;
  }
  if (needed.carrier && !*error) {
    const Task opening_carrier = open_carrier(app, choice, fd, error);
    co_await opening_carrier;
    opened.carrier = !*error;
  }
  app->openings.opened(*choice, opened);
}

Task start_next(App* app) {
  const uint64_t index = app->connections.size();
  app->connections.push_back({.state = nw::State::kPreparing, .start = app->api.now()});
  ++app->unsettled;
  app->next_start = app->api.now() + app->plan->gap;
  const nw::Choice choice = app->choice();
  Descriptor fd = -1;
  std::optional<Errno> error;
  const Task opening = open_needed(app, &choice, &fd, &error);
  co_await opening;
  Connection& c = app->connections[index];
  if (error) {
    enter(app, &c, nw::Event::kNothingToBeginWith, choice.flow ? "open_flow" : "socket", *error);
    co_return;
  }
  if (choice.relayed) {
    if (fd >= 0) {
      const Task opening_relay = open_relay(app, fd);
      co_await opening_relay;
    }
    const SocketApi::Calling sending = app->api.send(app->relay, Payload::text("open"));
    co_await sending;
    co_return;
  }
  c.fd = fd;
  c.flow = choice.flow;
  if (app->plan->to.empty()) {  // a Unix-domain peer is there at once
    c.state = nw::next_state(c.state, nw::Event::kConnected);
    c.got = app->plan->answer;
    app->run->measured("ready", c.start, app->api);
    settle(app, &c);
    co_return;
  }
  const Task going_on = connect(app, index);
  co_await going_on;
}

Task begin(App* app) {
  const NetworkAppPlan& plan = *app->plan;
  std::optional<Errno> error;
  if (plan.limit) {
    const SocketApi::Calling limiting = app->api.setrlimit(*plan.limit, plan.hard_limit);
    error = (co_await limiting).error;
    if (error) {
      app->run->fail("setrlimit", *error);
      co_return;
    }
  }
  while (app->descriptors < plan.open_at_start && !error) {
    const Task opening = open_file(app, FileKind::kFile, "file", &error);
    co_await opening;
  }
  const host::CallResult queue = co_await app->api.workloop();
  if (!error) error = queue.error;
  if (error) app->run->fail("open", *error);
  app->queue = queue.fd();
}

Task handle_events(App* app) {
  constexpr int64_t kMostAnswers = 64;
  std::optional<Duration> wait;
  const bool timed = app->has_next() && app->plan->starts == NetworkAppPlan::Starts::kTogether;
  if (timed) wait = std::max(app->next_start - app->api.now(), Duration());
  const SocketApi::Calling waiting = app->api.kevent(app->queue, kMostAnswers, wait);
  const host::CallResult result = co_await waiting;
  for (const socket::Ready& answer : result.ready) {
    const bool reads =
        answer.data != kRelayEvents && app->connections[answer.data].state == nw::State::kReady;
    const Task handling = answer.data == kRelayEvents ? hear_relay(app)
                          : reads                     ? read_answer(app, answer.data)
                                                      : conclude_connect(app, answer.data);
    co_await handling;
  }
}

}  // namespace network_apping

Task network_app(SocketApi api, const NetworkAppPlan& plan, ProgramRun& run) {
  using State = network_framework::State;
  network_apping::App app{.api = api, .plan = &plan, .run = &run};
  app.own.resize(plan.found.size());
  const Task beginning = network_apping::begin(&app);
  co_await beginning;
  while (!run.failed() && !app.is_over()) {
    const Task working =
        app.may_start() ? network_apping::start_next(&app) : network_apping::handle_events(&app);
    co_await working;
  }
  if (run.failed()) co_return;
  run.number("descriptors", app.descriptors);
  run.number("flows", app.flows);
  run.number("sockets", app.sockets);
  if (plan.keeps.count() > 0) co_await api.sleep(plan.keeps);
  const auto waiting = std::count_if(app.connections.begin(), app.connections.end(),
                                     [](const auto& c) { return c.state == State::kWaiting; });
  run.number("still_waiting", waiting);
}

}  // namespace tcptwin::programs
