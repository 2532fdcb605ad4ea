// A link delays, serialises, queues and loses, each direction on its own.
#include "sim/net/link.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tcptwin::net {
namespace {

// Notes what arrives.
class Sink final : public engine::Node {
 public:
  void on_packet(Instant now, engine::Transit&& transit, uint32_t) override {
    arrivals_.emplace_back(now.ns() / 1000, transit.packet.tcp.seq.value());
    marked_ += transit.marked;
  }
  engine::Due next() const override { return {}; }
  void run(Instant, engine::Phase) override {}
  // Microseconds and sequence number.
  const std::vector<std::pair<int64_t, uint32_t>>& arrivals() const { return arrivals_; }
  int64_t marked() const { return marked_; }

 private:
  std::vector<std::pair<int64_t, uint32_t>> arrivals_;
  int64_t marked_ = 0;
};

class LinkTest : public testing::Test {
 protected:
  LinkTest() : journal_(trace::Detail::kRecords), ids_(0) { journal_.add_host("a"); }

  // The same both ways.
  void make(const WayConfig& way) { make_both({way, way}); }
  void make_both(const std::array<WayConfig, 2>& ways, uint64_t seed = 0) {
    const LinkConfig config{ways, "a-b", seed};
    link_ = std::make_unique<Link>(config, 0, std::array<Link::End, 2>{{{&left_, 0}, {&right_, 0}}},
                                   journal_);
    engine_.add(*link_);
  }
  // Sends a packet of 40 bytes and `payload` from end 0 at that microsecond.
  void send(int64_t at_us, uint32_t payload, bool syn = false, uint32_t from = 0) {
    engine::Transit transit;
    transit.packet.tcp.seq = SeqNum(++sent_);
    transit.packet.tcp.flags.syn = syn;
    transit.packet.tcp.payload = Payload::synthetic(1, 0, payload);
    transit.packet.ip.tos = tos_;
    transit.sent = ids_.next();
    transit.sender_ids = &ids_;
    link_->on_packet(Instant::from_ns(at_us * 1000), std::move(transit), from);
  }
  void run() { engine_.run_until(Instant::never()); }
  size_t drops() const {
    size_t n = 0;
    for (const trace::Record& r : journal_.records())
      n += std::holds_alternative<trace::PacketDropped>(r.event);
    return n;
  }
  using Arrivals = std::vector<std::pair<int64_t, uint32_t>>;

  trace::Journal journal_;
  RecordIds ids_;
  Sink left_, right_;
  std::unique_ptr<Link> link_;
  engine::Engine engine_;
  uint32_t sent_ = 0;
  uint8_t tos_ = 0;
};

TEST_F(LinkTest, DelaysEachPacket) {
  make({.delay = 10ms});
  send(0, 0);
  send(5, 0);
  run();
  EXPECT_EQ(right_.arrivals(), (Arrivals{{10000, 1}, {10005, 2}}));
}

TEST_F(LinkTest, APacketTakesItsSizeOverTheRateAndTheNextOneWaits) {
  make({.delay = 1ms, .rate = 8'000'000});  // a byte a microsecond
  send(0, 960);
  send(0, 460);
  run();
  EXPECT_EQ(right_.arrivals(), (Arrivals{{2000, 1}, {2500, 2}}));
}

TEST_F(LinkTest, DirectionsDoNotWaitForEachOther) {
  make({.delay = 1ms, .rate = 8'000'000});
  send(0, 960);
  send(0, 960, false, 1);
  run();
  EXPECT_EQ(right_.arrivals(), (Arrivals{{2000, 1}}));
  EXPECT_EQ(left_.arrivals(), (Arrivals{{2000, 2}}));
}

TEST_F(LinkTest, AFullQueueDropsTheNewcomer) {
  make({.delay = 1ms, .rate = 8'000'000, .queue = 2000});
  send(0, 960);
  send(0, 960);
  send(0, 960);     // 2000 bytes wait already
  send(1001, 960);  // the first has left
  run();
  EXPECT_EQ(drops(), 1u);
  EXPECT_EQ(right_.arrivals(), (Arrivals{{2000, 1}, {3000, 2}, {4000, 4}}));
}

TEST_F(LinkTest, LosesTheListedPackets) {
  WayConfig config{.delay = 1ms};
  config.impairments.listed.packets = {2};
  make(config);
  send(0, 0);
  send(1, 0);
  send(2, 0);
  run();
  EXPECT_EQ(right_.arrivals(), (Arrivals{{1000, 1}, {1002, 3}}));
  EXPECT_EQ(drops(), 1u);
}

TEST_F(LinkTest, CountsDataPacketsAndSynsOnTheirOwn) {
  WayConfig config{.delay = 1ms};
  config.impairments.listed.data_packets = {1};
  config.impairments.listed.syns = {2};
  make(config);
  send(0, 0, true);
  send(1, 0);
  send(2, 5);        // the first with payload
  send(3, 0, true);  // the second SYN
  send(4, 5);
  run();
  EXPECT_EQ(right_.arrivals(), (Arrivals{{1000, 1}, {1001, 2}, {1004, 5}}));
}

TEST_F(LinkTest, KeepsLossListsOfTheDirectionsApart) {
  WayConfig lossy{.delay = 1ms};
  lossy.impairments.listed.packets = {1};
  make_both({WayConfig{.delay = 1ms}, lossy});
  send(0, 0);
  send(0, 0, false, 1);
  run();
  EXPECT_EQ(right_.arrivals().size(), 1u);
  EXPECT_TRUE(left_.arrivals().empty());
}

TEST_F(LinkTest, AFullQueueOfPacketsDropsTheNewcomer) {
  make({.delay = 1ms, .rate = 8'000'000, .queue_packets = 2});
  send(0, 60);
  send(0, 60);
  send(0, 60);
  send(101, 60);  // the first has left
  run();
  EXPECT_EQ(right_.arrivals(), (Arrivals{{1100, 1}, {1200, 2}, {1300, 4}}));
}

TEST_F(LinkTest, MarksWhatAllowsItWhileTheQueueIsLong) {
  tos_ = 2;  // ECT(0)
  make({.delay = 1ms, .rate = 8'000'000, .mark_above = 1000});
  for (int i = 0; i < 3; ++i) send(0, 960);
  run();
  EXPECT_EQ(right_.marked(), 1);  // the third found 2000 bytes
  EXPECT_EQ(right_.arrivals().size(), 3u);
}

TEST_F(LinkTest, DoesNotMarkWhatDoesNotAllowIt) {
  make({.delay = 1ms, .rate = 8'000'000, .mark_above = 1000});
  for (int i = 0; i < 3; ++i) send(0, 960);
  run();
  EXPECT_EQ(right_.marked(), 0);
}

}  // namespace
}  // namespace tcptwin::net
