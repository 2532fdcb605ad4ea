// lwip_views.cc: what netstat would show of a host that runs lwIP.
#include <algorithm>
#include <map>

#include "models/lwip/lwip_stack.h"
#include "stack/base/check.h"

namespace tcptwin::lwip {

using host::FileRow;
using host::SocketRow;
using socket::Descriptor;
using socket::FileRef;

namespace {

tcp::TcpInfo info_of(const LwipView& v, Duration slow_interval) {
  tcp::TcpInfo info;
  const int64_t mss = std::max<int64_t>(v.mss, 1);
  info.state = state_of(v.state);
  info.mss = v.mss;
  info.rto = slow_interval * v.rto;
  info.srtt = slow_interval * std::max<int16_t>(v.sa, 0) / 8;
  info.backoff = info.retransmissions = v.nrtx;
  info.window_segments = v.cwnd / mss;
  info.slow_start_threshold = v.ssthresh / mss;
  info.unacked_bytes = static_cast<int32_t>(v.snd_nxt - v.lastack);
  info.in_flight = (info.unacked_bytes + mss - 1) / mss;
  info.unsent_bytes = std::max(static_cast<int32_t>(v.snd_lbb - v.snd_nxt), 0);
  info.send_window = v.snd_wnd;
  info.receive_window = v.rcv_ann_wnd;
  info.timestamps = v.timestamps != 0;
  info.own_shift = v.rcv_scale;
  info.peer_shift = v.snd_scale;
  return info;
}

struct Collector {
  std::vector<SocketRow> rows{};
  Duration slow_interval{};

  static void visit(void* self, const LwipView* view) { static_cast<Collector*>(self)->add(*view); }
  void add(const LwipView& v) {
    SocketRow& row = rows.emplace_back();
    row.listening = v.state == LWIP_LISTEN;
    row.local = {from_lwip(v.local), static_cast<wire::Port>(v.local_port)};
    row.remote = {from_lwip(v.remote), static_cast<wire::Port>(v.remote_port)};
    if (row.listening) return;
    row.info = info_of(v, slow_interval);
    row.state = row.info.state;
    row.send_queue = row.info.unacked_bytes + row.info.unsent_bytes;
  }
};

auto order(const SocketRow& r) {
  return std::tuple(!r.listening, !r.datagram, r.local.ip, r.local.port, r.remote.ip,
                    r.remote.port);
}

}  // namespace

std::vector<SocketRow> LwipStack::snapshot() const {
  Collector all{.slow_interval = config_->slow_interval};
  {
    const HostState::Presence presence(state_);
    lwip().visit(Collector::visit, &all);
  }
  std::map<uint32_t, std::pair<socket::ProcessId, Descriptor>> names;  // by socket
  for (size_t p = 0; p < processes_.size(); ++p) {
    processes_[p].for_each([&](Descriptor fd, FileRef file) {
      if (file.is_socket()) names[file.index()] = {static_cast<socket::ProcessId>(p), fd};
    });
  }
  for (uint32_t i = 0; i < sockets_.size(); ++i) {
    if (!sockets_[i]) continue;
    const LwipSocket& s = *sockets_[i];
    const bool listening = s.role == LwipSocket::Role::kListener;
    SocketRow* row = nullptr;
    if (s.datagrams != nullptr && s.local.port != wire::Port{}) {
      row = &all.rows.emplace_back();
      row->datagram = true;
      row->local = s.local;
      row->remote = s.peer;
      row->dropped = s.dropped;
    } else if (s.connection != nullptr) {
      const auto found = std::find_if(all.rows.begin(), all.rows.end(), [&](const SocketRow& r) {
        return !r.datagram && r.listening == listening && r.local.port == s.local.port &&
               (listening || (r.remote.port == s.peer.port && r.remote.ip == s.peer.ip));
      });
      if (found != all.rows.end()) row = &*found;
    }
    if (row == nullptr) continue;
    row->receive_queue = listening ? static_cast<int64_t>(s.accepted.size()) : s.unread;
    if (listening) row->send_queue = s.backlog;
    const auto name = names.find(i);
    if (name == names.end()) continue;
    row->owner = name->second.first;
    row->descriptor = name->second.second;
  }
  std::sort(all.rows.begin(), all.rows.end(),
            [](const SocketRow& a, const SocketRow& b) { return order(a) < order(b); });
  return std::move(all.rows);
}

std::vector<FileRow> LwipStack::files() const {
  std::vector<FileRow> rows;
  for (size_t p = 0; p < processes_.size(); ++p) {
    processes_[p].for_each([&](Descriptor fd, FileRef file) {
      if (file.is_socket()) return;
      rows.push_back(FileRow{static_cast<socket::ProcessId>(p), fd, file.kind()});
    });
  }
  return rows;
}

}  // namespace tcptwin::lwip
