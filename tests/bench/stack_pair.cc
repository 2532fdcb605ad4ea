#include "tests/bench/stack_pair.h"

#include <algorithm>
#include <limits>

#include "models/catalogue/catalogue.h"
#include "stack/base/check.h"

namespace tcptwin::bench {

namespace {

constexpr wire::Ipv4Address kClient(0x0a000001);
constexpr wire::Ipv4Address kServer(0x0a000002);
constexpr Duration kWay = 50us;  // from one stack to the other

host::NativeStackSetup setup(const policy::Profile& profile, RecordIds& ids, wire::IpAddress own,
                             wire::IpAddress other) {
  return {.profile = &profile,
          .uptime = std::chrono::hours(1),
          .interfaces = {{wire::IpAddress::loopback_v4(), 65536}, {own, 1500}},
          .routes = {{other, 1}},
          .seed = 1,
          .name = own == wire::IpAddress(kClient) ? "client" : "server",
          .ids = &ids,
          .keep_notes = false};
}

}  // namespace

policy::Profile roomy_profile(std::string_view name, int64_t buffer) {
  const auto document = catalogue::profile_document(name);
  CHECK(document.has_value());
  json::Context context;
  policy::Profile profile = catalogue::decode_profile(*document, context);
  CHECK(context.diagnostics().empty());
  constexpr int32_t kMany = std::numeric_limits<int32_t>::max();
  profile.sockets.descriptors_per_process = kMany;
  profile.sockets.descriptors_per_host = kMany;
  if (buffer > 0) {
    profile.receive_window.buffer = profile.receive_window.max_buffer = buffer;
    profile.send_buffer.buffer = buffer;
  }
  return profile;
}

StackPair::End::End(const policy::Profile& profile, uint16_t number, wire::IpAddress own,
                    wire::IpAddress other)
    : ids(number), stack(setup(profile, ids, own, other)), process(stack.add_process()) {}

StackPair::StackPair(const policy::Profile& profile)
    : client_(profile, 0, kClient, kServer), server_(profile, 1, kServer, kClient) {}

socket::Descriptor StackPair::listen(uint16_t port) {
  const socket::Outcome made = server_.stack.open_socket(now_, server_.caller());
  const auto fd = static_cast<socket::Descriptor>(made.value);
  const socket::Address any{{}, wire::Port{port}};
  CHECK(!server_.stack.bind(now_, server_.caller(), fd, any).error);
  CHECK(!server_.stack.listen(now_, server_.caller(), fd, 128).error);
  return fd;
}

StackPair::Connected StackPair::connect(socket::Descriptor listener, uint16_t port) {
  Connected ends;
  host::NativeStack& stack = client_.stack;
  ends.client = static_cast<socket::Descriptor>(stack.open_socket(now_, client_.caller()).value);
  const socket::Outcome begun =
      stack.connect(now_, client_.caller(), ends.client, {kServer, wire::Port{port}});
  CHECK(begun.sleeps());
  exchange();
  CHECK(!stack.resume(now_, begun.pending, client_.ids.next()).error);
  const socket::Outcome accepted = server_.stack.accept(now_, server_.caller(), listener);
  CHECK(!accepted.sleeps() && !accepted.error);
  ends.server = static_cast<socket::Descriptor>(accepted.value);
  return ends;
}

void StackPair::client_to_server(const Connected& ends, int64_t bytes) {
  transfer(client_, ends.client, server_, ends.server, bytes);
}

void StackPair::server_to_client(const Connected& ends, int64_t bytes) {
  transfer(server_, ends.server, client_, ends.client, bytes);
}

void StackPair::transfer(End& from, socket::Descriptor out, End& to, socket::Descriptor in,
                         int64_t bytes) {
  constexpr socket::MessageFlags kNoWait{.dont_wait = true};
  constexpr int64_t kPiece = 65536;
  int64_t written = 0;
  for (int64_t read = 0; read < bytes;) {
    const int64_t piece = std::min(kPiece, bytes - written);
    if (piece > 0) {
      Payload data =
          Payload::synthetic(1, static_cast<uint64_t>(written), static_cast<size_t>(piece));
      const socket::Outcome sent =
          from.stack.send(now_, from.caller(), out, std::move(data), kNoWait);
      written += std::max<int64_t>(sent.value, 0);
    }
    exchange();
    const socket::Outcome got = to.stack.recv(now_, to.caller(), in, 4 * kPiece, kNoWait);
    if (!got.error) {
      CHECK(got.value > 0);
      read += got.value;
    } else if (written == bytes) {
      wait(1ms);  // what was lost is sent again by a timer
    }
  }
  exchange();
}

void StackPair::close(const Connected& ends) {
  client_.stack.close(now_, client_.caller(), ends.client);
  exchange();
  server_.stack.close(now_, server_.caller(), ends.server);
  exchange();
  wait(1ms);
}

bool StackPair::pass(End& from, End& to) {
  bool any = false;
  host::OutPacket out;
  while (from.stack.poll_packet(out)) {
    any = true;
    ++packets;
    const bool data = !out.packet.tcp.payload.empty();
    if (data && loss > 0 && ++data_packets_ % loss == 0) continue;
    to.stack.on_packet(now_, std::move(out.packet), to.ids.next());
  }
  socket::Wakeup wakeup;
  while (from.stack.poll_wakeup(wakeup)) {
  }
  return any;
}

void StackPair::exchange() {
  for (bool any = true; any;) {
    now_ = now_ + kWay;
    any = pass(client_, server_);
    any = pass(server_, client_) || any;
  }
}

void StackPair::wait(Duration span) {
  const Instant end = now_ + span;
  for (;;) {
    const Instant next = std::min(client_.stack.next_deadline(), server_.stack.next_deadline());
    if (next > end) break;
    now_ = std::max(now_, next);
    client_.stack.on_deadline(now_);
    server_.stack.on_deadline(now_);
    exchange();
  }
  now_ = std::max(now_, end);
}

}  // namespace tcptwin::bench
