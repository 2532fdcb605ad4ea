// From the bytes of a capture to a session, checked.
#include <algorithm>
#include <utility>

#include "models/json/context.h"
#include "models/json/parse.h"
#include "sim/capture/pcapng_blocks.h"
#include "sim/session/session.h"
#include "sim/trace/pcapng.h"
#include "stack/wire/any_packet.h"

namespace tcptwin::session {

namespace {

using namespace trace::pcapng;
using capture::FileReader;

constexpr int64_t kNsInASecond = 1'000'000'000;
constexpr uint64_t kZero = trace::kCaptureEpoch * kNsInASecond;  // of virtual time
constexpr int64_t kLatest = int64_t{100} * 365 * 86400 * kNsInASecond;
constexpr uint8_t kNanoseconds = 9;       // if_tsresol
constexpr size_t kMostInterfaces = 1024;  // as many hosts as a scenario may sensibly have

class Reader {
 public:
  Reader(std::string_view bytes, Session& session)
      : blocks_({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}),
        session_(&session) {}

  // What is wrong with it; empty: nothing.
  std::string read() {
    while (problem_.empty()) {
      auto block = blocks_.next();
      if (!block || (first_ && block->type != kSectionHeader)) break;
      take_block(block->type, block->body);
      first_ = false;
    }
    if (first_) return "not a session: no pcapng file, or one that breaks off in its first block";
    if (problem_.empty() && !blocks_.problem().empty()) fail(blocks_.problem());
    if (!problem_.empty()) return problem_;
    // Whatever follows the end is of no interest.
    if (session_->end() == nullptr) {
      session_->cut_off = "at byte " + std::to_string(blocks_.begin());
    }
    if (interfaces_ == session_->head.real.size()) return "";
    // It broke off before it was written as a whole; nothing had happened yet.
    if (!session_->cut_off.empty() && session_->crossings.empty()) return "";
    return "not a session: " + std::to_string(interfaces_) + " interfaces for " +
           std::to_string(session_->head.real.size()) + " real hosts";
  }

 private:
  void take_block(uint32_t type, FileReader& body) {
    switch (type) {
      case kSectionHeader: return take_head(body);
      case kInterface: return take_interface(body);
      case kEnhancedPacket: return take_packet(body);
      case kStatistics: return take_event(body);
      default: return;  // names, and what other programs have added
    }
  }

  void take_head(FileReader& body) {
    if (!first_) return fail("a second section: sessions have one");
    body.take(16);  // byte order, version, size of the section
    std::string text;
    take_options(body, [&](uint16_t code, FileReader& value) {
      if (code == kComment) text += capture::take_text(value);
    });
    if (!problem_.empty()) return;
    const auto node = parsed("the head", text);
    if (!node) {
      problem_ =
          "not a session: a capture without the comment that a recorded run has (tcptwin "
          "bridge SCENARIO --record FILE -- COMMAND makes one)";
      return;
    }
    if (!check_schema(*node)) return;
    decode("the head", session::head_fields(), *node, session_->head);
    if (session_->head.real.size() > kMostInterfaces) fail("too many real hosts");
  }

  bool check_schema(const json::Node& node) {
    const json::Node* schema = node.find("schema");
    const std::string found = schema != nullptr && schema->is_string() ? schema->as_string() : "";
    if (found == kSchema) return true;
    const json::Node* version = node.find("version");
    problem_ = "not a session that this version knows: its schema is \"" + found +
               "\", expected \"" + std::string(kSchema) + "\"";
    if (version != nullptr && version->is_string()) {
      problem_ += "; it was recorded by tcptwin " + version->as_string();
    }
    return false;
  }

  void take_interface(FileReader& body) {
    body.take(8);  // link type, limit of the size
    if (!body.ok()) return fail("an interface description of fewer than 8 bytes");
    uint8_t resolution = 6;
    take_options(body, [&](uint16_t code, FileReader& value) {
      if (code == kInterfaceTimestampResolution && value.remaining() > 0) {
        resolution = value.take(1)[0];
      }
    });
    if (resolution != kNanoseconds) return fail("times that are no nanoseconds");
    ++interfaces_;
  }

  void take_packet(FileReader& body) {
    Crossing c;
    if (!take_place_and_time(body, c.seat, c.at)) return;
    const uint32_t size = body.u32();
    const uint32_t on_wire = body.u32();
    c.bytes = capture::take_padded(body, size);
    uint32_t flags = 0;
    take_options(body, [&](uint16_t code, FileReader& value) {
      if (code == kPacketFlags) flags = value.u32();
    });
    if (!problem_.empty()) return;
    if (!body.ok() || size != on_wire) return fail("a packet that is not whole");
    if ((flags & 3) != kInbound && (flags & 3) != kOutbound) {
      return fail("a packet without a direction");
    }
    c.to_machine = (flags & 3) == kInbound;
    if (!c.to_machine && !check_arrival(c)) return;
    session_->crossings.push_back(c);
  }

  bool check_arrival(const Crossing& c) {
    if (c.at < last_arrival_) fail("a packet that came before the one recorded before it");
    if (!wire::parse_any(c.bytes)) fail("bytes that are no IP packet");
    last_arrival_ = c.at;
    return problem_.empty();
  }

  void take_event(FileReader& body) {
    Event event;
    if (!take_place_and_time(body, event.seat, event.at)) return;
    std::string text;
    take_options(body, [&](uint16_t code, FileReader& value) {
      if (code == kComment) text = capture::take_text(value);
    });
    if (!problem_.empty() || text.empty()) return;  // statistics of another program
    const auto node = parsed("an event", text);
    if (!node) return fail("an event that is no JSON");
    decode("an event", event_fields(), *node, event);
    if (session_->end() != nullptr) return fail("an event after the end");
    session_->events.push_back(std::move(event));
  }

  bool take_place_and_time(FileReader& body, uint32_t& seat, Instant& at) {
    seat = body.u32();
    const uint64_t high = body.u32();
    const uint64_t ns = high << 32 | body.u32();
    if (!body.ok()) {
      fail("a block that is too short");
    } else if (seat >= interfaces_ || seat >= session_->head.real.size()) {
      fail("a packet or an event of an interface that is not described before it");
    } else if (ns < kZero || ns - kZero > static_cast<uint64_t>(kLatest)) {
      fail("an instant that is no virtual time");
    } else {
      at = Instant::from_ns(static_cast<int64_t>(ns - kZero));
    }
    return problem_.empty();
  }

  template <class Take>
  void take_options(FileReader& body, Take take) {
    if (!capture::for_each_option(body, take)) fail("an option that is longer than its block");
  }

  static std::optional<json::Node> parsed(const char* what, const std::string& text) {
    return json::parse(what, text, nullptr);
  }

  template <class T>
  void decode(const std::string& what, const json::Fields<T>& fields, const json::Node& node,
              T& out) {
    json::Context context;
    json::decode(fields, node, out, context);
    if (context.ok()) return;
    const json::Diagnostic& first = context.diagnostics().front();
    fail(what + ": " + first.pointer + ": " + first.message);
  }

  void fail(const std::string& what) {
    problem_ = "at byte " + std::to_string(blocks_.begin()) + ": " + what;
  }

  capture::PcapngBlocks blocks_;
  Session* session_;
  bool first_ = true;
  size_t interfaces_ = 0;
  Instant last_arrival_;
  std::string problem_;
};

}  // namespace

std::optional<Session> read(std::string_view bytes, std::string& problem) {
  Session session;
  problem = Reader(bytes, session).read();
  if (!problem.empty()) return std::nullopt;
  return session;
}

}  // namespace tcptwin::session
