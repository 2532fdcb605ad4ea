// The timer of reassembly and neighbour discovery of a host that runs lwIP: each second of its
// uptime, while there is something to wait for.
#include <gtest/gtest.h>

#include <vector>

#include "models/catalogue/catalogue.h"
#include "models/json/context.h"
#include "models/lwip/builds.h"
#include "models/lwip/lwip_stack.h"

namespace tcptwin::lwip {
namespace {

const wire::IpAddress kOwn = wire::IpAddress::v6(0xfd77'0000'0000'0000, 1);
const wire::IpAddress kRouter = wire::IpAddress::v6(0xfe80'0000'0000'0000, 2);

class LwipSecondTimer : public testing::Test {
 protected:
  void SetUp() override {
    if (!absence().empty()) GTEST_SKIP() << "lwIP is not in this program: " << absence();
    json::Context context;
    profile_ = catalogue::decode_profile(*catalogue::profile_document("lwip-2.1.3"), context);
    stack_ = std::make_unique<LwipStack>(host::NativeStackSetup{
        .profile = &profile_,
        .uptime = 300ms,
        .interfaces = {{wire::IpAddress::loopback_v4(), 65535, wire::IpAddress::loopback_v6()},
                       {wire::Ipv4Address(0x0a4d0001), 1500, kOwn}},
        .routes = {},
        .seed = 1,
        .name = "host",
        .ids = &ids_,
        .keep_notes = true});
  }
  // RFC 4861 4.2, without options.
  void advertise(Instant now, uint16_t lifetime) {
    wire::IcmpMessage message;
    message.type = 134;
    message.rest = lifetime;
    message.body = Payload::real(std::vector<uint8_t>(8));
    const wire::IpHeader ip{.source = kRouter, .destination = kOwn, .ttl = 255};
    stack_->on_packet(now, wire::Packet::of(ip, std::move(message)), ids_.next());
  }
  // When it runs until it stops.
  std::vector<Instant> ticks() {
    std::vector<Instant> all;
    while (!stack_->next_deadline().is_never() && all.size() < 100) {
      all.push_back(stack_->next_deadline());
      stack_->on_deadline(all.back());
    }
    return all;
  }
  static Instant at(Duration d) { return Instant::from_ns(d.count()); }

  policy::Profile profile_;
  RecordIds ids_{0};
  std::unique_ptr<LwipStack> stack_;
};

TEST_F(LwipSecondTimer, RestsWhileNothingIsWaitedFor) {
  EXPECT_TRUE(stack_->next_deadline().is_never());
}

// The router after its lifetime, the neighbour that it is, which never answers, one tick later.
TEST_F(LwipSecondTimer, RunsOnSecondsOfTheUptimeUntilARouterIsForgotten) {
  advertise(at(100ms), 3);
  EXPECT_EQ(ticks(), (std::vector<Instant>{at(700ms), at(1700ms), at(2700ms), at(3700ms)}));
}

}  // namespace
}  // namespace tcptwin::lwip
