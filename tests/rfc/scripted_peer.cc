#include "tests/rfc/scripted_peer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "models/json/parse.h"
#include "models/json/patch.h"
#include "stack/base/check.h"
#include "stack/wire/text.h"

namespace tcptwin::rfc {

namespace {

constexpr wire::Ipv4Address kOurs(0x0a000001);
constexpr wire::Ipv4Address kRemote(0x0a000002);
constexpr wire::Port kServerPort{80};
constexpr wire::Port kClientPort{40000};
constexpr SeqNum kRemoteIsn(0xfffffff0);  // wraps after 15 bytes, so that every test meets it
constexpr uint32_t kWire = 1;             // the interface towards the remote

std::string seconds(Duration d) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", static_cast<double>(d.count()) / 1e9);
  return text;
}

// Whether `actual` is what `expected` says, window and options left out where it says nothing of
// them.
bool matches(std::string actual, std::string_view expected) {
  if (actual == expected) return true;
  if (expected.find('<') == std::string_view::npos) actual = actual.substr(0, actual.find(" <"));
  if (expected.find(" win ") == std::string_view::npos) {
    const size_t window = actual.find(" win ");
    const size_t options = std::min(actual.find(" <"), actual.size());
    if (window != std::string::npos) actual.erase(window, options - window);
  }
  return actual == expected;
}

}  // namespace

policy::Profile profile(std::string_view name, std::string_view patch) {
  auto document = catalogue::profile_document(name);
  CHECK(document.has_value());
  const auto changes = json::parse("patch", patch, nullptr);
  CHECK(changes.has_value());
  json::merge(*document, *changes);
  json::Context context;
  policy::Profile decoded = catalogue::decode_profile(*document, context);
  for (const json::Diagnostic& d : context.diagnostics()) ADD_FAILURE() << json::to_string(d);
  return decoded;
}

struct ScriptedPeer::Lab {
  Lab(Profile the_profile, Remote the_remote)
      : profile(std::move(the_profile)),
        remote(std::move(the_remote)),
        stack({.profile = &profile,
               .uptime = std::chrono::hours(1),
               .interfaces = {{wire::Ipv4Address(0x7f000001), 65536},
                              {kOurs, remote.mtu},
                              {kSecondAddress, remote.mtu}},
               .routes = {{kRemote, kWire}},
               .seed = 1,
               .name = "host",
               .ids = &ids,
               .keep_notes = false}),
        process(stack.add_process()) {}

  const policy::SocketOption& option(std::string_view name) const;
  socket::Caller caller() { return {process, ids.next()}; }
  void tell(const std::string& line) { lines.push_back(seconds(now.since_start()) + "  " + line); }
  wire::TextView ours() const {
    return {.isn = isn,
            .peer_isn = kRemoteIsn,
            .window_shift = shift,
            .ts_base = ts_base,
            .near = StreamPos(written),
            .peer_near = StreamPos(read + 1)};
  }
  wire::TextView theirs() const {
    return {
        .isn = kRemoteIsn, .peer_isn = isn, .window_shift = remote_shift, .peer_ts_base = ts_base};
  }

  Profile profile;
  Remote remote;
  RecordIds ids{0};
  host::NativeStack stack;
  socket::ProcessId process;
  socket::Descriptor fd = -1;
  Instant now;
  Ring<wire::Packet> arrived;  // from the stack, not expected yet
  std::vector<std::string> lines;
  std::optional<Errno> error;
  std::optional<int64_t> connect_result;
  wire::Port our_port = kServerPort;
  wire::Port remote_port = kClientPort;
  SeqNum isn;
  bool isn_known = false;
  bool ts_known = false;
  uint32_t ts_base = 0;
  uint8_t shift = 0;         // the stack's, once its SYN has named one
  uint8_t remote_shift = 0;  // the remote's, likewise
  int64_t written = 0;
  int64_t read = 0;
};

ScriptedPeer::ScriptedPeer(Profile profile, Remote remote)
    : lab_(std::make_unique<Lab>(std::move(profile), std::move(remote))) {}
ScriptedPeer::ScriptedPeer(ScriptedPeer&&) noexcept = default;
ScriptedPeer::~ScriptedPeer() = default;

std::string ScriptedPeer::remote_options() const {
  return " win " + std::to_string(lab_->remote.window) +
         (lab_->remote.options.empty() ? "" : " <" + lab_->remote.options + ">");
}

ScriptedPeer ScriptedPeer::listening(Profile profile, Remote remote, int64_t backlog) {
  ScriptedPeer peer(std::move(profile), std::move(remote));
  Lab& lab = *peer.lab_;
  lab.fd = static_cast<socket::Descriptor>(lab.stack.open_socket(lab.now, lab.caller()).value);
  lab.stack.bind(lab.now, lab.caller(), lab.fd, {wire::Ipv4Address(), kServerPort});
  lab.stack.listen(lab.now, lab.caller(), lab.fd, backlog);
  return peer;
}

ScriptedPeer ScriptedPeer::fresh(Profile profile, Remote remote,
                                 const std::optional<wire::IpAddress>& bound) {
  ScriptedPeer peer(std::move(profile), std::move(remote));
  Lab& lab = *peer.lab_;
  lab.remote_port = kServerPort;
  lab.fd = static_cast<socket::Descriptor>(lab.stack.open_socket(lab.now, lab.caller()).value);
  if (bound) lab.stack.bind(lab.now, lab.caller(), lab.fd, {*bound, wire::Port{}});
  return peer;
}

ScriptedPeer ScriptedPeer::connecting(Profile profile, Remote remote) {
  ScriptedPeer peer = fresh(std::move(profile), std::move(remote));
  Lab& lab = *peer.lab_;
  const auto outcome = lab.stack.connect(lab.now, lab.caller(), lab.fd, {kRemote, kServerPort});
  EXPECT_TRUE(outcome.sleeps());
  peer.drain();
  EXPECT_EQ(lab.arrived.size(), 1u);
  peer.discard_segments();
  return peer;
}

ScriptedPeer ScriptedPeer::established(Profile profile, Remote remote) {
  ScriptedPeer peer = listening(std::move(profile), std::move(remote));
  peer.sends("S 0:0(0)" + peer.remote_options());
  peer.expects("S. 0:0(0) ack 1");
  peer.advance(peer.lab_->remote.round_trip);
  const std::string& options = peer.lab_->remote.options;
  const bool scaled = options.find("wscale") != std::string::npos;
  const std::string window = scaled ? "" : " win " + std::to_string(peer.lab_->remote.window);
  const size_t stamp = options.find("TS ");
  const size_t slash = options.find('/');
  peer.sends(stamp == std::string::npos ? ". 1:1(0) ack 1" + window
                                        : ". 1:1(0) ack 1" + window + " <nop,nop," +
                                              options.substr(stamp, slash - stamp) + "/0>");
  peer.accept();
  EXPECT_EQ(peer.state(), tcp::State::kEstablished) << peer.story();
  return peer;
}

ScriptedPeer ScriptedPeer::connected(Profile profile, Remote remote) {
  ScriptedPeer peer = connecting(std::move(profile), std::move(remote));
  peer.advance(peer.lab_->remote.round_trip);
  peer.sends("S. 0:0(0) ack 1" + peer.remote_options());
  peer.expects(". 1:1(0) ack 1");
  EXPECT_EQ(peer.state(), tcp::State::kEstablished) << peer.story();
  return peer;
}

void ScriptedPeer::fail(const char* file, int at, const std::string& what) {
  ADD_FAILURE_AT(file, at) << what << "\nthe story so far (> left the stack, < came to it):\n"
                           << story();
}

std::string ScriptedPeer::story() const {
  std::string text;
  for (const std::string& line : lab_->lines) text += "  " + line + '\n';
  return text;
}

void ScriptedPeer::learn(const wire::TcpSegment& segment) {
  Lab& lab = *lab_;
  const wire::ParsedTcpOptions options = wire::parse_options(segment.options);
  if (segment.flags.syn) {
    lab.our_port = segment.source;
    lab.isn = segment.seq;
    lab.isn_known = true;
  }
  if (options.timestamps && !lab.ts_known) {
    lab.ts_base = options.timestamps->value;
    lab.ts_known = true;
  }
  const bool both = lab.remote.options.find("wscale") != std::string::npos;
  if (segment.flags.syn && both) lab.shift = options.window_scale.value_or(0);
  if (segment.flags.syn && !options.window_scale) lab.remote_shift = 0;
}

void ScriptedPeer::check_payload(const wire::TcpSegment& segment) {
  const int64_t begin = from_wire(segment.seq, lab_->isn, StreamPos(lab_->written)).value();
  const std::vector<uint8_t> bytes = segment.payload.bytes();
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto position = static_cast<uint64_t>(begin) + i;
    if (bytes[i] == Payload::pattern_byte(0, position)) continue;
    ADD_FAILURE() << "byte " << position << " is not what was written\n" << story();
    return;
  }
}

void ScriptedPeer::drain() {
  Lab& lab = *lab_;
  host::OutPacket out;
  while (lab.stack.poll_packet(out)) {
    EXPECT_EQ(out.interface, kWire);
    EXPECT_LE(out.packet.size(), lab.remote.mtu) << story();
    learn(out.packet.tcp);
    lab.tell("> " + wire::to_text(out.packet.tcp, lab.ours()));
    check_payload(out.packet.tcp);
    lab.arrived.push_back(std::move(out.packet));
  }
  socket::Wakeup wakeup;
  while (lab.stack.poll_wakeup(wakeup)) {  // only connecting() ever sleeps
    const auto outcome = lab.stack.resume(lab.now, wakeup.operation, lab.ids.next());
    if (outcome.sleeps()) continue;
    lab.connect_result = outcome.value;
    ended("connect", outcome);
  }
}

int64_t ScriptedPeer::ended(const std::string& call, const socket::Outcome& outcome) {
  const std::string result =
      outcome.error ? errno_name(*outcome.error) : std::to_string(outcome.value);
  lab_->tell("  " + call + " = " + result);
  lab_->error = outcome.error;
  drain();
  return outcome.value;
}

void ScriptedPeer::sends(std::string_view line, const Around& around, const char* file, int at) {
  Lab& lab = *lab_;
  lab.tell("< " + std::string(line));
  auto segment = wire::parse_text(line, lab.theirs());
  if (!segment) return fail(file, at, "malformed: " + std::string(line));
  segment->source = lab.remote_port;
  segment->destination = lab.our_port;
  segment->urgent = around.urgent;
  if (segment->flags.syn) {
    lab.remote_shift = wire::parse_options(segment->options).window_scale.value_or(0);
  }
  wire::Packet packet;
  packet.ip.source = around.source.value_or(kRemote);
  packet.ip.destination = around.destination.value_or(kOurs);
  packet.ip.tos = around.tos;
  packet.tcp = std::move(*segment);
  lab.stack.on_packet(lab.now, std::move(packet), lab.ids.next());
  drain();
}

void ScriptedPeer::sends_bytes(int64_t from, int64_t count) {
  while (count > 0) {
    const int64_t size = std::min<int64_t>(count, 1460);
    sends(". " + std::to_string(from) + ":" + std::to_string(from + size) + "(" +
          std::to_string(size) + ") ack " + std::to_string(lab_->written + 1));
    from += size;
    count -= size;
  }
  discard_segments();
}

std::string ScriptedPeer::next_segment() {
  if (lab_->arrived.empty()) return "nothing";
  return wire::to_text(lab_->arrived.pop_front().tcp, lab_->ours());
}

std::optional<wire::Packet> ScriptedPeer::next_packet() {
  if (lab_->arrived.empty()) return std::nullopt;
  return lab_->arrived.pop_front();
}

int64_t ScriptedPeer::discard_segments() {
  const auto count = static_cast<int64_t>(lab_->arrived.size());
  lab_->arrived.clear();
  return count;
}

void ScriptedPeer::expects(std::string_view line, const char* file, int at) {
  const std::string actual = next_segment();
  if (matches(actual, line)) return;
  fail(file, at, "expected " + std::string(line) + "\n     got " + actual);
}

void ScriptedPeer::expects_silence(const char* file, int at) {
  if (lab_->arrived.empty()) return;
  fail(file, at, "expected silence\n     got " + next_segment());
}

void ScriptedPeer::fire() {
  lab_->stack.on_deadline(lab_->now);
  drain();
}

void ScriptedPeer::advance(Duration d) {
  Lab& lab = *lab_;
  const Instant target = lab.now + d;
  for (Instant next = lab.stack.next_deadline(); next <= target; next = lab.stack.next_deadline()) {
    lab.now = std::max(lab.now, next);
    fire();
  }
  lab.now = target;
}

Duration ScriptedPeer::advance_to_deadline(const char* file, int at) {
  if (!has_deadline()) {
    fail(file, at, "there is no deadline");
    return {};
  }
  const Instant before = lab_->now;
  lab_->now = std::max(lab_->now, lab_->stack.next_deadline());
  fire();
  return lab_->now - before;
}

bool ScriptedPeer::has_deadline() const { return !lab_->stack.next_deadline().is_never(); }
Duration ScriptedPeer::now() const { return lab_->now.since_start(); }

int64_t ScriptedPeer::write(int64_t count, socket::MessageFlags flags) {
  Lab& lab = *lab_;
  flags.dont_wait = true;
  Payload data =
      Payload::synthetic(0, static_cast<uint64_t>(lab.written) + 1, static_cast<size_t>(count));
  const auto outcome = lab.stack.send(lab.now, lab.caller(), lab.fd, std::move(data), flags);
  if (!outcome.error) lab.written += outcome.value;
  return ended("write(" + std::to_string(count) + ")", outcome);
}

int64_t ScriptedPeer::read(int64_t count) {
  Lab& lab = *lab_;
  const auto outcome = lab.stack.recv(lab.now, lab.caller(), lab.fd, count, {.dont_wait = true});
  for (const uint8_t byte : outcome.data.bytes()) {
    const uint8_t sent = Payload::pattern_byte(0, static_cast<uint64_t>(++lab.read));
    if (byte != sent) ADD_FAILURE() << "byte " << lab.read << " is not what was sent\n" << story();
    if (byte != sent) break;
  }
  return ended("read(" + std::to_string(count) + ")", outcome);
}

bool ScriptedPeer::reads_urgent_byte(int64_t position) {
  Lab& lab = *lab_;
  const auto outcome = lab.stack.recv(lab.now, lab.caller(), lab.fd, 10, {.out_of_band = true});
  ended("recv(MSG_OOB)", outcome);
  const uint8_t expected = Payload::pattern_byte(0, static_cast<uint64_t>(position));
  return outcome.value == 1 && outcome.data.bytes() == std::vector<uint8_t>{expected};
}

void ScriptedPeer::passes_over(int64_t count) { lab_->read += count; }

socket::Events ScriptedPeer::polls() {
  Lab& lab = *lab_;
  const socket::Events all{.in = true, .out = true, .priority = true, .read_hang_up = true};
  const auto outcome = lab.stack.poll(lab.now, lab.caller(), {{lab.fd, all}}, Duration::zero());
  return outcome.ready.empty() ? socket::Events() : outcome.ready.front().events;
}

const policy::SocketOption& ScriptedPeer::Lab::option(std::string_view name) const {
  const auto found = std::find_if(profile.socket_options.begin(), profile.socket_options.end(),
                                  [&](const auto& o) { return o.name == name; });
  CHECK(found != profile.socket_options.end());
  return *found;
}

int64_t ScriptedPeer::setsockopt(std::string_view name, const socket::OptionValue& value) {
  Lab& lab = *lab_;
  const auto& option = lab.option(name);
  const auto outcome =
      lab.stack.setsockopt(lab.now, lab.caller(), lab.fd, option.level, option.number, value);
  return ended("setsockopt(" + std::string(name) + ", " + std::to_string(value.value) + ")",
               outcome);
}

int64_t ScriptedPeer::getsockopt(std::string_view name) {
  Lab& lab = *lab_;
  const auto& option = lab.option(name);
  return ended("getsockopt(" + std::string(name) + ")",
               lab.stack.getsockopt(lab.now, lab.caller(), lab.fd, option.level, option.number));
}

int64_t ScriptedPeer::aborts() {
  setsockopt("SO_LINGER", {1, 0});
  return close();
}

int64_t ScriptedPeer::connect(std::optional<wire::IpAddress> address) {
  Lab& lab = *lab_;
  lab.stack.set_non_blocking(lab.now, lab.caller(), lab.fd, true);
  const socket::Address peer{address.value_or(kRemote), kServerPort};
  return ended("connect", lab.stack.connect(lab.now, lab.caller(), lab.fd, peer));
}

int64_t ScriptedPeer::shutdown() {
  return ended("shutdown",
               lab_->stack.shutdown(lab_->now, lab_->caller(), lab_->fd, socket::Shutdown::kWrite));
}

int64_t ScriptedPeer::close() {
  return ended("close", lab_->stack.close(lab_->now, lab_->caller(), lab_->fd));
}

int64_t ScriptedPeer::accept() {
  const auto outcome = lab_->stack.accept(lab_->now, lab_->caller(), lab_->fd);
  if (outcome.sleeps()) {
    ADD_FAILURE() << "there is nothing to accept\n" << story();
    return -1;
  }
  lab_->fd = static_cast<socket::Descriptor>(outcome.value);
  return ended("accept", outcome);
}

std::optional<Errno> ScriptedPeer::error() const { return lab_->error; }
std::optional<int64_t> ScriptedPeer::connect_result() const { return lab_->connect_result; }
const tcp::Connection* ScriptedPeer::connection() const {
  return lab_->stack.connection_of(lab_->process, lab_->fd);
}
tcp::State ScriptedPeer::state() const {
  return connection() == nullptr ? tcp::State::kClosed : connection()->state();
}
host::NativeStack& ScriptedPeer::stack() { return lab_->stack; }

}  // namespace tcptwin::rfc
