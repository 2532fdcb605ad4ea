#include "tests/soak/world.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "models/catalogue/catalogue.h"
#include "sim/lab/lab.h"
#include "stack/base/rng.h"
#include "tests/soak/datagrams.h"

namespace tcptwin::soak {

namespace {

using lab::Api;
using lab::Task;

constexpr Duration kEnd = std::chrono::minutes(30);
constexpr int64_t kMoreThanAnyBuffer = 20'000'000;
constexpr int64_t kAnswer = 5000;

// What one end did.
struct Side {
  int64_t written = 0;
  int64_t read = 0;
  bool as_written = true;
  bool finished = false;
  std::optional<Errno> error;
};

// One end of a conversation while it runs.
struct Speaker {
  const Conversation* plan = nullptr;
  bool client = false;
  uint64_t pattern = 0;  // of what it writes; the other end's is the next even or odd number
  Side* side = nullptr;
};

bool failed(const host::CallResult& result, Side& side) {
  if (result.error) side.error = result.error;
  return result.error.has_value();
}

bool has_more(const policy::Profile& profile) {
  const auto& flags = profile.message_flags;
  return std::any_of(flags.begin(), flags.end(), [](const policy::MessageFlag& flag) {
    return flag.effect == policy::MessageFlagEffect::kMore;
  });
}

Task write_phase(Api api, int fd, Phase phase, Speaker who) {
  const bool more = phase.more && has_more(api.profile());
  if (phase.before.count() > 0) co_await api.sleep(phase.before);
  for (int64_t left = phase.bytes; left > 0;) {
    const int64_t size = std::min(left, phase.write_size);
    const auto offset = static_cast<uint64_t>(who.side->written);
    socket::MessageFlags flags;
    flags.more = more && size < left;
    const auto sent = co_await api.send(
        fd, Payload::synthetic(who.pattern, offset, static_cast<size_t>(size)), flags);
    if (failed(sent, *who.side)) co_return;
    who.side->written += sent.value;
    left -= sent.value;
  }
}

// Until so many bytes or the end of the stream are there.
Task read_phase(Api api, int fd, Phase phase, Speaker who) {
  for (int64_t left = phase.bytes; left > 0;) {
    if (phase.between.count() > 0) co_await api.sleep(phase.between);
    const auto got = co_await api.recv(fd, std::min(left, phase.read_size));
    if (failed(got, *who.side) || got.value == 0) co_return;
    const auto offset = static_cast<uint64_t>(who.side->read);
    const Payload written =
        Payload::synthetic(who.pattern ^ 1, offset, static_cast<size_t>(got.value));
    who.side->as_written = who.side->as_written && got.data.bytes() == written.bytes();
    who.side->read += got.value;
    left -= got.value;
  }
}

Task end(Api api, int fd, Speaker who) {
  const Phase everything{.bytes = INT64_MAX, .read_size = 1 << 16};
  const Phase answer{.bytes = kAnswer, .write_size = kAnswer};
  switch (who.plan->ending) {
    case Ending::kClientCloses:
    case Ending::kServerCloses:
      if (who.client != (who.plan->ending == Ending::kClientCloses)) {
        co_await read_phase(api, fd, everything, who);
      }
      break;
    case Ending::kHalfClose:
      if (who.client) {
        co_await api.shutdown(fd, socket::Shutdown::kWrite);
        co_await read_phase(api, fd, everything, who);
      } else {
        co_await read_phase(api, fd, everything, who);
        if (!who.side->error) co_await write_phase(api, fd, answer, who);
      }
      break;
    case Ending::kAbort:
      if (who.client) {
        co_await api.setsockopt(fd, "SOL_SOCKET", "SO_LINGER", {1, 0});
      } else {
        co_await read_phase(api, fd, everything, who);
      }
      break;
    case Ending::kReaderStops:
      if (who.client) {
        co_await write_phase(api, fd, {.bytes = kMoreThanAnyBuffer, .write_size = 1 << 16}, who);
      } else {
        co_await api.sleep(2 * kEnd);
      }
      break;
    case Ending::kBothWait: co_await read_phase(api, fd, {.bytes = 1}, who); break;
  }
  co_await api.close(fd);
}

Task speak(Api api, int fd, Speaker who) {
  for (const Phase& phase : who.plan->phases) {
    if (phase.from_client == who.client) {
      co_await write_phase(api, fd, phase, who);
    } else {
      const int64_t before = who.side->read;
      co_await read_phase(api, fd, phase, who);
      if (who.side->read - before < phase.bytes) break;
    }
    if (who.side->error) break;
  }
  co_await end(api, fd, who);
  who.side->finished = true;
}

socket::Address any(socket::Family family, uint16_t port) {
  const bool v6 = family == socket::Family::kIpv6;
  return {v6 ? wire::IpAddress::any_v6() : wire::IpAddress(), wire::Port{port}};
}

Task serve(Api api, socket::Family family, uint16_t port, Speaker who) {
  const int listener = (co_await api.socket()).fd();
  if (who.plan->receive_buffer > 0) {
    co_await api.setsockopt(listener, "SOL_SOCKET", "SO_RCVBUF", who.plan->receive_buffer);
  }
  co_await api.bind(listener, any(family, port));
  co_await api.listen(listener, 4);
  const int fd = (co_await api.accept(listener)).fd();
  if (who.plan->no_delay) co_await api.setsockopt(fd, "IPPROTO_TCP", "TCP_NODELAY", 1);
  co_await speak(api, fd, who);
}

Task call(Api api, socket::Family family, uint16_t port, Speaker who) {
  const int fd = (co_await api.socket()).fd();
  const auto connected = co_await api.connect(fd, api.address("server", port, family), "server");
  if (failed(connected, *who.side)) co_return;
  if (who.plan->no_delay) co_await api.setsockopt(fd, "IPPROTO_TCP", "TCP_NODELAY", 1);
  co_await speak(api, fd, who);
}

std::string of_thousand(int64_t n) {
  std::string digits = std::to_string(1000 + n);
  return "0." + digits.substr(digits.size() - 3);
}

std::string nanoseconds(Duration d) { return '"' + std::to_string(d.count()) + "ns\""; }

std::string line_json(const Line& line) {
  std::string direction =
      "\"jitter\": " + nanoseconds(line.jitter) + ", \"loss\": " + of_thousand(line.lost) +
      ", \"corruption\": " + of_thousand(line.damaged) +
      ", \"duplication\": " + of_thousand(line.doubled) + R"(, "reordering": {"probability": )" +
      of_thousand(line.overtaken) + R"(, "distance": 3, "delay": "5ms"})";
  if (line.dies) direction += R"(, "bursts": {"begin": 0.003, "end": 0.000000001, "loss": 1})";
  return "{\"rate\": \"" + std::to_string(line.mbit) +
         "Mbit/s\", \"queue\": " + std::to_string(line.queue) +
         ", \"mtu\": " + std::to_string(line.mtu) + ", \"directions\": [{" + direction + "}]}";
}

// The ends of all conversations: the client's first.
using Sides = std::vector<std::pair<Side, Side>>;

bool build(const World& world, lab::Lab& lab, Sides& sides, Echoes& echoes) {
  lab.keep_records(false);
  lab.until(kEnd);
  const lab::HostName client = lab.host("client", world.client);
  const lab::HostName server = lab.host("server", world.server);
  lab.link(client, server, world.line.delay, line_json(world.line));
  sides.resize(world.conversations.size());
  for (size_t i = 0; i < world.conversations.size(); ++i) {
    const Conversation* plan = &world.conversations[i];
    const auto port = static_cast<uint16_t>(8000 + i);
    const std::string number = std::to_string(i);
    const socket::Family family = world.family;
    const Speaker callee{plan, false, 2 * i + 1, &sides[i].second};
    const Speaker caller{plan, true, 2 * i, &sides[i].first};
    lab.program(server, "server" + number,
                [=](Api api) { return serve(api, family, port, callee); });
    lab.program(
        client, "client" + number, [=](Api api) { return call(api, family, port, caller); },
        1ms + plan->start);
  }
  if (world.datagrams > 0) {
    add_datagrams(lab, client, server, world.family, world.datagrams, world.largest_datagram,
                  echoes);
  }
  return lab.run();
}

// Why the world itself may keep the conversation from its end.
bool may_break_off(const World& world, const Conversation& c) {
  return world.line.dies || c.ending == Ending::kAbort || c.ending == Ending::kReaderStops ||
         c.ending == Ending::kBothWait;
}

void judge(const World& world, size_t i, const std::pair<Side, Side>& ends,
           std::vector<std::string>& found) {
  const auto& [client, server] = ends;
  const std::string name = "conversation " + std::to_string(i) + ": ";
  const auto check = [&](bool good, const std::string& what) {
    if (!good) found.push_back(name + what);
  };
  check(client.as_written && server.as_written, "what was read is not what was written");
  // A sleeping send has taken bytes that it has not reported yet.
  const bool sending = !client.finished || !server.finished;
  check(sending || server.read <= client.written, "more was read than written (at the server)");
  check(sending || client.read <= server.written, "more was read than written (at the client)");
  if (may_break_off(world, world.conversations[i])) return;
  for (const Side* side : {&client, &server}) {
    const std::string who = side == &client ? "the client " : "the server ";
    check(!side->error, who + "failed with " + (side->error ? errno_name(*side->error) : ""));
    check(side->finished || side->error, who + "hangs");
  }
  check(server.read == client.written, std::to_string(client.written) + " bytes were written, " +
                                           std::to_string(server.read) + " read by the server");
  check(client.read == server.written, std::to_string(server.written) + " bytes were written, " +
                                           std::to_string(client.read) + " read by the client");
}

// ---- drawing

class Dice {
 public:
  explicit Dice(uint64_t seed) : rng_(Rng::stream(seed, "world")) {}
  bool one_in(uint64_t n) { return rng_.below(n) == 0; }
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(rng_.below(static_cast<uint64_t>(high - low + 1)));
  }
  // Small ones as likely as large ones.
  int64_t size(int64_t high) {
    const int64_t scale = between(0, 63 - __builtin_clzll(static_cast<uint64_t>(high)));
    return std::min(high, between(1, int64_t{2} << scale));
  }
  Duration span(Duration high) { return Duration(between(0, high.count())); }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[rng_.below(list.size())];
  }

 private:
  Rng rng_;
};

Phase draw_phase(Dice& dice) {
  Phase phase;
  phase.from_client = dice.one_in(2);
  phase.bytes = dice.size(200'000);
  phase.write_size = std::max(dice.size(70'000), phase.bytes / 200 + 1);
  phase.read_size = std::max(dice.size(70'000), phase.bytes / 200 + 1);
  if (dice.one_in(3)) phase.before = dice.span(300ms);
  if (dice.one_in(6)) phase.between = dice.span(20ms);
  phase.more = dice.one_in(6);
  return phase;
}

Conversation draw_conversation(Dice& dice) {
  Conversation c;
  const int64_t phases = dice.between(0, 6);
  for (int64_t i = 0; i < phases; ++i) c.phases.push_back(draw_phase(dice));
  const int64_t ending = dice.between(0, 15);
  c.ending = ending < 6    ? Ending::kClientCloses
             : ending < 10 ? Ending::kServerCloses
             : ending < 13 ? Ending::kHalfClose
                           : static_cast<Ending>(ending - 10);
  c.start = dice.span(200ms);
  c.no_delay = dice.one_in(4);
  if (dice.one_in(4)) c.receive_buffer = dice.between(1, 300'000);
  return c;
}

Line draw_line(Dice& dice) {
  Line line;
  line.delay = dice.span(60ms) + 10us;
  line.mbit = dice.size(1000);
  line.queue = 20'000 + dice.size(1'000'000);
  if (dice.one_in(4)) line.mtu = dice.between(576, 9000);
  if (dice.one_in(2)) line.lost = dice.between(0, 20);
  if (dice.one_in(4)) line.damaged = dice.between(0, 5);
  if (dice.one_in(4)) line.doubled = dice.between(0, 30);
  if (dice.one_in(4)) line.overtaken = dice.between(0, 30);
  if (dice.one_in(4)) line.jitter = dice.span(10ms);
  line.dies = dice.one_in(25);
  return line;
}

// ---- shrinking

// All worlds that are one step smaller.
std::vector<World> smaller(const World& world) {
  std::vector<World> worlds;
  const auto with = [&](const std::function<void(World&)>& change) {
    worlds.push_back(world);
    change(worlds.back());
  };
  for (size_t i = 0; i < world.conversations.size(); ++i) {
    if (world.conversations.size() > 1)
      with(
          [&](World& w) { w.conversations.erase(w.conversations.begin() + static_cast<long>(i)); });
    const Conversation& c = world.conversations[i];
    for (size_t k = 0; k < c.phases.size(); ++k) {
      const auto at = static_cast<long>(k);
      with([&](World& w) {
        auto& p = w.conversations[i].phases;
        p.erase(p.begin() + at);
      });
      if (c.phases[k].bytes > 1) with([&](World& w) { w.conversations[i].phases[k].bytes /= 2; });
      if (c.phases[k].before.count() > 0)
        with([&](World& w) { w.conversations[i].phases[k].before = {}; });
      if (c.phases[k].between.count() > 0)
        with([&](World& w) { w.conversations[i].phases[k].between = {}; });
      if (c.phases[k].more) with([&](World& w) { w.conversations[i].phases[k].more = false; });
    }
    if (c.start.count() > 0) with([&](World& w) { w.conversations[i].start = {}; });
    if (c.no_delay) with([&](World& w) { w.conversations[i].no_delay = false; });
    if (c.receive_buffer > 0) with([&](World& w) { w.conversations[i].receive_buffer = 0; });
  }
  for (int64_t Line::*part : {&Line::lost, &Line::damaged, &Line::doubled, &Line::overtaken}) {
    if (world.line.*part > 0) with([&](World& w) { w.line.*part = 0; });
  }
  if (world.datagrams > 0) with([&](World& w) { w.datagrams /= 2; });
  if (world.largest_datagram > 1) with([&](World& w) { w.largest_datagram /= 2; });
  if (world.line.jitter.count() > 0) with([&](World& w) { w.line.jitter = {}; });
  if (world.line.mtu != 1500) with([&](World& w) { w.line.mtu = 1500; });
  if (world.client != "rfc") with([&](World& w) { w.client = "rfc"; });
  if (world.server != "rfc") with([&](World& w) { w.server = "rfc"; });
  if (world.family != socket::Family::kIpv4)
    with([&](World& w) { w.family = socket::Family::kIpv4; });
  return worlds;
}

const char* ending_text(Ending ending) {
  switch (ending) {
    case Ending::kClientCloses: return "the client closes";
    case Ending::kServerCloses: return "the server closes";
    case Ending::kHalfClose: return "half close";
    case Ending::kAbort: return "the client resets";
    case Ending::kReaderStops: return "the server stops reading";
    case Ending::kBothWait: return "both wait";
  }
  return "";
}

}  // namespace

World draw(uint64_t seed) {
  Dice dice(seed);
  const std::vector<std::string> profiles = catalogue::native_profile_names();
  World world;
  world.seed = seed;
  world.client = dice.one_of(profiles);
  world.server = dice.one_of(profiles);
  if (dice.one_in(3)) world.family = socket::Family::kIpv6;
  world.line = draw_line(dice);
  if (world.family == socket::Family::kIpv6)
    world.line.mtu = std::max<int64_t>(world.line.mtu, 1280);
  const int64_t conversations = dice.between(1, 4);
  for (int64_t i = 0; i < conversations; ++i) {
    world.conversations.push_back(draw_conversation(dice));
  }
  if (dice.one_in(2)) {
    world.datagrams = dice.between(1, 40);
    world.largest_datagram = dice.size(9000);
  }
  return world;
}

std::vector<std::string> problems_of(const World& world) {
  std::vector<std::string> found;
  lab::Lab lab(world.seed);
  Sides sides;
  Echoes echoes;
  if (!build(world, lab, sides, echoes)) return {"it cannot be built: " + lab.problems()};
  for (size_t i = 0; i < sides.size(); ++i) judge(world, i, sides[i], found);
  if (world.datagrams == 0) return found;
  for (std::string& line : judge_datagrams(echoes, world.line.doubled > 0)) {
    found.push_back(std::move(line));
  }
  return found;
}

World shrink(World world) {
  for (bool found = true; found;) {
    found = false;
    for (const World& candidate : smaller(world)) {
      if (problems_of(candidate).empty()) continue;
      world = candidate;
      found = true;
      break;
    }
  }
  return world;
}

std::string to_text(const World& world) {
  const bool v6 = world.family == socket::Family::kIpv6;
  std::string text = "seed " + std::to_string(world.seed) + ", client " + world.client +
                     ", server " + world.server + (v6 ? ", IPv6" : ", IPv4") + ", delay " +
                     nanoseconds(world.line.delay) + ", link " + line_json(world.line) + '\n';
  if (world.datagrams > 0) {
    text += std::to_string(world.datagrams) + " datagrams of up to " +
            std::to_string(world.largest_datagram) + " bytes\n";
  }
  for (const Conversation& c : world.conversations) {
    text += "conversation from " + nanoseconds(c.start) + (c.no_delay ? ", TCP_NODELAY" : "");
    if (c.receive_buffer > 0) text += ", SO_RCVBUF " + std::to_string(c.receive_buffer);
    text += '\n';
    for (const Phase& p : c.phases) {
      text += std::string("  the ") + (p.from_client ? "client" : "server") + " writes " +
              std::to_string(p.bytes) + " bytes in pieces of " + std::to_string(p.write_size) +
              (p.more ? " with MSG_MORE" : "") + " after " + nanoseconds(p.before) +
              ", read in pieces of " + std::to_string(p.read_size) + " after " +
              nanoseconds(p.between) + " each\n";
    }
    text += std::string("  then ") + ending_text(c.ending) + '\n';
  }
  return text;
}

}  // namespace tcptwin::soak
