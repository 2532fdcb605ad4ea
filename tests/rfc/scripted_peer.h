// scripted_peer.h: one NativeStack against a remote end that a test plays by hand, in manual
// virtual time. A mismatch fails with the whole story: every segment, call and step of time.
//
//   auto peer = ScriptedPeer::established(rfc_profile());
//   peer.sends("P. 1:11(10) ack 1");
//   peer.expects_silence();
//   peer.advance(500ms);
//   peer.expects(". 1:1(0) ack 11");
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "stack/host/native_stack.h"
#include "stack/policy/profile.h"

namespace tcptwin::rfc {

// The host has two addresses; every route leads over the interface of the first.
inline constexpr wire::Ipv4Address kSecondAddress(0x0a000101);

// A built-in profile, changed by a JSON Merge Patch: R"({"nagle": {"behaviour": "off"}})".
policy::Profile profile(std::string_view name, std::string_view patch = "{}");
inline policy::Profile rfc_profile(std::string_view patch = "{}") { return profile("rfc", patch); }
inline policy::Profile linux_profile(std::string_view patch = "{}") {
  return profile("linux-6.18", patch);
}

// What the remote end's handshake says, and what lies between the two.
struct Remote {
  std::string options =
      "mss 1460";           // of its SYN or SYN-ACK, in the form of wire/text.h; "" for none
  uint32_t window = 65535;  // of the handshake's segments, in bytes
  uint32_t mtu = 1500;
  Duration round_trip{};  // how long the handshake's answer takes
};

// What a segment's line does not show.
struct Around {
  std::optional<wire::IpAddress> source = {};  // absent: the remote's, and the host's
  std::optional<wire::IpAddress> destination = {};
  uint8_t tos = 0;
  uint16_t urgent = 0;  // the pointer; the flag is U in the line
};

class ScriptedPeer {
 public:
  using Profile = policy::Profile;

  // No socket at all.
  static ScriptedPeer closed(Profile profile) { return ScriptedPeer(std::move(profile), {}); }
  // A socket on which nothing was called but, perhaps, bind().
  static ScriptedPeer fresh(Profile profile, Remote remote = {},
                            const std::optional<wire::IpAddress>& bound = {});
  // A listener on port 80. The remote's SYN has not come yet.
  static ScriptedPeer listening(Profile profile, Remote remote = {}, int64_t backlog = 8);
  // An active open: the SYN has left and was taken out; it is the first line of the story.
  static ScriptedPeer connecting(Profile profile, Remote remote = {});
  // A passive open, done and accepted: both streams stand at 1.
  static ScriptedPeer established(Profile profile, Remote remote = {});
  // The same by an active open.
  static ScriptedPeer connected(Profile profile, Remote remote = {});

  ScriptedPeer(ScriptedPeer&&) noexcept;
  ~ScriptedPeer();

  // ---- the wire. Positions are relative to the initial numbers; payload is the pattern of its
  // position.
  void sends(std::string_view line, const char* file = __builtin_FILE(),
             int at = __builtin_LINE()) {
    sends(line, Around(), file, at);
  }
  void sends(std::string_view line, const Around& around, const char* file = __builtin_FILE(),
             int at = __builtin_LINE());
  // The next segment of the stack. " win N" and "<options>" count only where `line` has them.
  void expects(std::string_view line, const char* file = __builtin_FILE(),
               int at = __builtin_LINE());
  void expects_silence(const char* file = __builtin_FILE(), int at = __builtin_LINE());
  // The next segment's text; "nothing" when there is none.
  std::string next_segment();
  // The same with all that stands around it; nothing when there is none.
  std::optional<wire::Packet> next_packet();
  // Sends `count` bytes from position `from` on in segments of 1460, without PSH, and forgets the
  // answers.
  void sends_bytes(int64_t from, int64_t count);
  // Takes out and forgets all segments; how many.
  int64_t discard_segments();

  // ---- time; deadlines on the way fire at their own instants
  void advance(Duration d);
  // To the next deadline, and lets it fire; how long that was. Fails when there is none.
  Duration advance_to_deadline(const char* file = __builtin_FILE(), int at = __builtin_LINE());
  bool has_deadline() const;
  Duration now() const;

  // ---- calls of the program on the stack's side; -1 on failure, see error()
  // `flags`: besides MSG_DONTWAIT.
  int64_t write(int64_t count, socket::MessageFlags flags = {});
  int64_t read(int64_t count);  // what is read must be the remote's pattern
  // recv() with MSG_OOB; whether it gave the byte of this position, and that one only.
  bool reads_urgent_byte(int64_t position);
  void passes_over(int64_t count);  // bytes that the stream will not deliver
  socket::Events polls();           // what poll() tells at once
  int64_t setsockopt(std::string_view name, const socket::OptionValue& value);
  int64_t getsockopt(std::string_view name);
  // To the remote, or to another address; never sleeps.
  int64_t connect(std::optional<wire::IpAddress> address = {});
  int64_t shutdown();  // of the sending side
  int64_t close();
  int64_t aborts();  // close() with SO_LINGER on and 0
  int64_t accept();  // takes the connection for all calls that follow
  // Of the call that failed last; cleared by one that succeeds.
  std::optional<Errno> error() const;
  // How connecting() ended: nothing yet, 0, or -1 with error().
  std::optional<int64_t> connect_result() const;

  // ---- state
  const tcp::Connection* connection() const;  // null: no socket holds one
  tcp::State state() const;                   // CLOSED when there is none
  host::NativeStack& stack();
  std::string story() const;

 private:
  struct Lab;
  explicit ScriptedPeer(Profile profile, Remote remote);
  void drain();
  void fire();
  void fail(const char* file, int at, const std::string& what);
  int64_t ended(const std::string& call, const socket::Outcome& outcome);
  void learn(const wire::TcpSegment& segment);
  void check_payload(const wire::TcpSegment& segment);
  std::string remote_options() const;

  std::unique_ptr<Lab> lab_;
};

}  // namespace tcptwin::rfc
