// RFC 3042: limited transmit: the first two duplicate ACKs send new data.
#include <gtest/gtest.h>

#include "tests/rfc/flight.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc3042_2, EachOfTheFirstTwoDuplicatesLetsANewSegmentLeave) {
  auto peer = without_sack(20);
  peer.sends(ack(1));
  peer.expects(segment(11));
  peer.expects_silence();
  peer.sends(ack(1));
  peer.expects(segment(12));
  peer.expects_silence();
}

TEST(Rfc3042_2, TheCongestionWindowStaysAsItIs) {
  auto peer = without_sack(20);
  peer.sends(ack(1));
  peer.sends(ack(1));
  EXPECT_EQ(peer.connection()->info().window_segments, 10);
}

TEST(Rfc3042_2, ThePeersWindowStillLimits) {
  auto peer = without_sack(20);
  peer.sends(ack(1) + " win 14600");  // exactly what is out
  peer.sends(ack(1) + " win 14600");
  peer.sends(ack(1) + " win 14600");
  peer.expects_silence();
}

TEST(Rfc3042_2, WithSackItNeedsABlockThatIsNews) {
  auto peer = with_sack(20);
  peer.sends(ack(1));
  peer.expects_silence();
  peer.sends(ack(1, sack(2, 2)));
  peer.expects(segment(11));
  peer.sends(ack(1, sack(2, 2)));
  peer.expects_silence();
}

TEST(Rfc3042_2, AProfileMayDoWithoutIt) {
  auto peer = without_sack(20, no_limited_transmit());
  peer.sends(ack(1));
  peer.sends(ack(1));
  peer.expects_silence();
}

}  // namespace
}  // namespace tcptwin::rfc
