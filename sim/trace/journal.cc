#include "sim/trace/journal.h"

#include <utility>

#include "stack/base/check.h"

namespace tcptwin::trace {

namespace {

// Marks what the following words of the digest are.
enum DigestTag : uint64_t {
  kSentTag = 1,
  kReceivedTag,
  kDroppedTag,
  kReturnedTag,
  kForwardedTag,
  kMarkedTag
};

uint64_t word(Instant at) { return static_cast<uint64_t>(at.ns()); }

uint64_t flag_bits(const wire::TcpFlags& f) {
  return uint64_t{f.fin} | uint64_t{f.syn} << 1 | uint64_t{f.rst} << 2 | uint64_t{f.psh} << 3 |
         uint64_t{f.ack} << 4 | uint64_t{f.urg} << 5 | uint64_t{f.ece} << 6 | uint64_t{f.cwr} << 7;
}

void add_addresses(Digest& digest, const wire::IpHeader& ip) {
  if (ip.is_v4()) {
    return digest.add(uint64_t{ip.source.v4().value()} << 32 | ip.destination.v4().value());
  }
  for (const wire::IpAddress& address : {ip.source, ip.destination}) {
    digest.add(address.high());
    digest.add(address.low());
  }
}

void add_datagram(Digest& digest, const wire::IpHeader& ip, const wire::UdpDatagram& udp) {
  digest.add(uint64_t{wire::kProtocolUdp} << 56 | uint64_t{ip.id} << 32 |
             uint64_t{static_cast<uint16_t>(udp.source)} << 16 |
             static_cast<uint16_t>(udp.destination));
  digest.add(udp.payload.size());
}

void add_message(Digest& digest, const wire::IpHeader& ip, const wire::IcmpMessage& icmp) {
  digest.add(uint64_t{wire::kProtocolIcmp} << 56 | uint64_t{ip.id} << 32 |
             uint64_t{icmp.type} << 8 | icmp.code);
  digest.add(uint64_t{icmp.rest} << 32 | icmp.body.size());
}

void add_fragment(Digest& digest, const wire::IpHeader& ip, const wire::Fragment& piece) {
  constexpr uint64_t kFragmentMark = 44;
  digest.add(kFragmentMark << 56 | uint64_t{ip.id} << 32 | uint64_t{piece.offset} << 1 |
             uint64_t{piece.more});
  digest.add(uint64_t{piece.id} << 32 | piece.bytes.size());
}

void add_unread(Digest& digest, const wire::Packet& packet) {
  constexpr uint64_t kUnreadMark = 255;
  digest.add(kUnreadMark << 56 | uint64_t{packet.ip.id} << 32 | packet.opaque()->protocol);
  digest.add(packet.size());
}

void add_packet(Digest& digest, const wire::Packet& packet) {
  add_addresses(digest, packet.ip);
  if (const wire::UdpDatagram* udp = packet.udp()) return add_datagram(digest, packet.ip, *udp);
  if (const wire::IcmpMessage* icmp = packet.icmp()) return add_message(digest, packet.ip, *icmp);
  if (const wire::Fragment* piece = packet.fragment()) {
    return add_fragment(digest, packet.ip, *piece);
  }
  if (packet.opaque() != nullptr) return add_unread(digest, packet);
  const wire::TcpSegment& tcp = packet.tcp;
  digest.add(uint64_t{packet.ip.id} << 32 | uint64_t{static_cast<uint16_t>(tcp.source)} << 16 |
             static_cast<uint16_t>(tcp.destination));
  digest.add(uint64_t{tcp.seq.value()} << 32 | tcp.ack.value());
  digest.add(flag_bits(tcp.flags) << 48 | uint64_t{tcp.window} << 32 | tcp.payload_size());
  digest.add(tcp.options.bytes());
}

}  // namespace

void Journal::keep(Record record) {
  CHECK(record.host() < hosts_.size());
  HostIndex& host = hosts_[record.host()];
  const uint64_t serial = RecordIds::serial_of(record.id);
  records_.push_back(std::move(record));
  if (serial >= host.first_serial) {
    const uint64_t place = serial - host.first_serial;
    if (place >= host.by_serial.size()) host.by_serial.resize(place + 1);
    host.by_serial[place] = forgotten_ + records_.size();
  }
  if (detail_ == Detail::kRecent && records_.size() > kRecentRecords) forget_oldest();
}

// With it goes the beginning of its host's index that names no record any more. Numbers that were
// given out and have no record yet cannot be waited for.
void Journal::forget_oldest() {
  HostIndex& host = hosts_[records_.front().host()];
  records_.pop_front();
  ++forgotten_;
  while (!host.by_serial.empty() && host.by_serial.front() <= forgotten_) {
    host.by_serial.pop_front();
    ++host.first_serial;
  }
}

const Record* Journal::find(RecordId id) const {
  const uint16_t number = RecordIds::host_of(id);
  if (id == RecordId::kNone || number >= hosts_.size()) return nullptr;
  const HostIndex& host = hosts_[number];
  const uint64_t serial = RecordIds::serial_of(id);
  if (serial < host.first_serial || serial - host.first_serial >= host.by_serial.size()) {
    return nullptr;
  }
  const uint64_t kept = host.by_serial[serial - host.first_serial];
  return kept <= forgotten_ ? nullptr : &records_[kept - forgotten_ - 1];
}

void Journal::sent(RecordId id, RecordId cause, Instant at, const wire::Packet& packet,
                   bool loopback, const tcp::Reason& reason, bool inferred) {
  ++packets_;
  digest_.add(kSentTag);
  digest_.add(word(at));
  add_packet(digest_, packet);
  if (!keeps_records()) return;
  keep({id, cause, at,
        PacketSent{.packet = packet.clone(),
                   .loopback = loopback,
                   .reason = reason,
                   .inferred = inferred}});
}

void Journal::forwarded(RecordId id, RecordId cause, Instant at, const wire::Packet& packet,
                        uint32_t flipped_bit) {
  digest_.add(kForwardedTag);
  digest_.add(word(at));
  add_packet(digest_, packet);
  if (!keeps_records()) return;
  keep({id, cause, at, PacketSent{packet.clone(), false, tcp::Forwarded{}, true, flipped_bit}});
}

void Journal::received(RecordId id, RecordId sent, Instant at, bool loopback) {
  received(id, at, {.sent = sent, .loopback = loopback});
}

void Journal::received(RecordId id, Instant at, const PacketReceived& packet) {
  digest_.add(kReceivedTag);
  digest_.add(word(at));
  if (packet.flipped_bit > 0) digest_.add(packet.flipped_bit);
  if (packet.marked) digest_.add(kMarkedTag);
  if (keeps_records()) keep({id, packet.sent, at, packet});
}

void Journal::dropped(RecordId id, RecordId sent, Instant at, uint32_t link, DropWhy why) {
  digest_.add(kDroppedTag);
  digest_.add(word(at));
  if (keeps_records()) keep({id, sent, at, PacketDropped{sent, link, why}});
}

void Journal::called(RecordId id, RecordId cause, Instant at, CallStarted call) {
  if (keeps_records()) keep({id, cause, at, std::move(call)});
}

void Journal::returned(RecordId id, RecordId cause, Instant at, const CallReturned& result) {
  digest_.add(kReturnedTag);
  digest_.add(word(at));
  digest_.add(static_cast<uint64_t>(result.value));
  digest_.add(result.error ? 1 + static_cast<uint64_t>(*result.error) : 0);
  if (keeps_records()) keep({id, cause, at, result});
}

void Journal::woken(RecordId id, RecordId cause, Instant at, RecordId call) {
  if (keeps_records()) keep({id, cause, at, ThreadWoken{call}});
}

void Journal::noted(const tcp::Note& note) {
  if (keeps_records()) keep({note.id, note.cause, note.at, note});
}

const char* call_name(CallKind kind) {
  switch (kind) {
    case CallKind::kSocket: return "socket";
    case CallKind::kBind: return "bind";
    case CallKind::kListen: return "listen";
    case CallKind::kAccept: return "accept";
    case CallKind::kConnect: return "connect";
    case CallKind::kSend: return "send";
    case CallKind::kRecv: return "recv";
    case CallKind::kSetsockopt: return "setsockopt";
    case CallKind::kShutdown: return "shutdown";
    case CallKind::kClose: return "close";
    case CallKind::kSleep: return "sleep";
    case CallKind::kPoll: return "poll";
    case CallKind::kGetsockopt: return "getsockopt";
    case CallKind::kIoctl: return "ioctl";
    case CallKind::kFcntl: return "fcntl";
    case CallKind::kGetsockname: return "getsockname";
    case CallKind::kGetpeername: return "getpeername";
    case CallKind::kSelect: return "select";
    case CallKind::kEpollCreate: return "epoll_create";
    case CallKind::kEpollCtl: return "epoll_ctl";
    case CallKind::kEpollWait: return "epoll_wait";
    case CallKind::kKqueue: return "kqueue";
    case CallKind::kKevent: return "kevent";
    case CallKind::kSpawn: return "pthread_create";
    case CallKind::kJoin: return "pthread_join";
    case CallKind::kLock: return "pthread_mutex_lock";
    case CallKind::kUnlock: return "pthread_mutex_unlock";
    case CallKind::kSetrlimit: return "setrlimit";
    case CallKind::kExit: return "exit";
    case CallKind::kSendTo: return "sendto";
    case CallKind::kRecvFrom: return "recvfrom";
    case CallKind::kPing: return "ping";
    case CallKind::kOpen: return "open";
    case CallKind::kOpenFlow: return "open_flow";
  }
  CHECK(false);
}

}  // namespace tcptwin::trace
