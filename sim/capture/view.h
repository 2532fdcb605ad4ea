// view.h: what one host of a capture saw, as connections. Compares nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/capture/capture.h"
#include "sim/trace/flow_tracker.h"

namespace tcptwin::capture {

// One packet of a view.
struct Sight {
  const Packet* packet = nullptr;  // lives as long as the capture
  bool from_client = true;         // of TCP: sent by the end that sent the first SYN
  wire::TextView numbers{};        // of TCP: what its numbers are relative to
};

struct Connection {
  trace::FlowEnd client{};
  trace::FlowEnd server{};
  bool saw_client_syn = false;  // else the numbers of that end are relative to the first seen
  bool saw_server_syn = false;
  std::vector<uint32_t> segments{};  // into View::sights
};

struct View {
  const Capture* capture = nullptr;  // outlives the view
  std::string host;                  // its name, or "interface 0"; empty: the file has one only
  std::string picked;                // why it is this one, in words; empty: there is no other
  std::vector<Sight> sights;         // in the order of the file
  std::vector<Connection> connections;
  std::vector<uint32_t> others;  // the sights that are no TCP
};

// `host`: the name or number of an interface; empty: the one that sends the first SYN, or on which
// the first packet was seen. Nothing when there is none of that name; `problem` then lists those
// there are.
std::optional<View> view_of(const Capture& capture, const std::string& host, std::string& problem);

// Sees the connection from its other end: the file began too late to tell who is the client.
void turn_around(View& view, Connection& connection);

// "> P. 1:11(10) ack 1 win 65536 <TS 0/0>"; of what is no TCP its text.
std::string line_of(const Sight& sight);
// Why the packet left, as its sender's sight says; empty when the capture does not tell. Of a
// packet that arrived the sender is named before it.
std::string why_of(const Capture& capture, const Packet& packet);

}  // namespace tcptwin::capture
