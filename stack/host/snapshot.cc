// snapshot.cc: what netstat would show of a host: every socket and every connection, one row each.
#include <map>

#include "stack/host/native_stack.h"

namespace tcptwin::host {

using socket::kNoIndex;

std::vector<SocketRow> NativeStack::snapshot() const {
  std::map<uint32_t, std::pair<socket::ProcessId, socket::Descriptor>> names;  // by socket
  for (size_t p = 0; p < processes_.size(); ++p) {
    processes_[p].for_each([&](socket::Descriptor fd, socket::FileRef file) {
      if (file.is_socket()) names[file.index()] = {static_cast<socket::ProcessId>(p), fd};
    });
  }
  const auto name = [&](uint32_t index, SocketRow& row) {
    const auto found = names.find(index);
    if (found == names.end()) return;
    const socket::Descriptor fd = found->second.second;
    row.owner = found->second.first;
    if (row.flow) row.flow->place = fd - socket::kFirstHandle;
    if (!row.flow) row.descriptor = fd;
  };
  std::vector<SocketRow> rows;
  for (const auto& [key, sharing] : listeners_) {
    for (const uint32_t index : sharing) {
      const socket::ListenState& state = *sockets_[index]->listening;
      SocketRow& row = rows.emplace_back();
      row.listening = true;
      row.receive_queue = static_cast<int64_t>(state.accept_queue.size());
      row.send_queue = state.backlog;
      row.local = {key.second, key.first};
      name(index, row);
    }
  }
  for (const auto& [port, sharing] : datagram_holders_) {
    for (const uint32_t index : sharing) {
      const socket::Socket& s = *sockets_[index];
      SocketRow& row = rows.emplace_back();
      row.datagram = true;
      row.state = tcp::State::kClosed;
      row.receive_queue = s.datagrams->queue.bytes();
      row.dropped = s.datagrams->queue.dropped();
      row.local = *s.bound;
      row.remote = s.datagrams->peer.value_or(socket::Address());
      if (s.flow) row.flow = s.datagrams->counts;
      name(index, row);
    }
  }
  for (const auto& [ends, index] : by_ends_) {
    const ConnectionSlot& slot = connections_[index];
    SocketRow& row = rows.emplace_back();
    const tcp::TcpInfo& info = row.info = slot.connection->info();
    row.state = info.state;
    row.receive_queue = slot.connection->unread();
    row.send_queue = info.unacked_bytes + info.unsent_bytes;
    row.local = {ends.local_address, ends.local_port};
    row.remote = {ends.remote_address, ends.remote_port};
    row.next_timer = slot.connection->next_deadline();
    if (slot.flow != kNoIndex) {
      row.flow = flow_counts_[slot.flow];
      row.flow->round_trip = info.srtt;
    }
    if (slot.socket != kNoIndex) name(slot.socket, row);
  }
  return rows;
}

std::vector<FileRow> NativeStack::files() const {
  std::vector<FileRow> rows;
  for (size_t p = 0; p < processes_.size(); ++p) {
    processes_[p].for_each([&](socket::Descriptor fd, socket::FileRef file) {
      if (file.is_socket() || fd >= socket::kFirstHandle) return;
      FileRow& row = rows.emplace_back(FileRow{static_cast<socket::ProcessId>(p), fd, {}});
      if (!file.is_queue()) row.kind = file.kind();
    });
  }
  return rows;
}

}  // namespace tcptwin::host
