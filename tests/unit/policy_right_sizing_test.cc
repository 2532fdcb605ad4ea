// Dynamic right-sizing against the receive buffers of a captured kernel.
#include <gtest/gtest.h>

#include "stack/policy/right_sizing.h"

namespace tcptwin::policy {
namespace {

constexpr Duration kRtt = 20ms;

// A receiver whose window is 160 of 256 bytes of memory, as for segments of 1448 bytes.
class Receiver {
 public:
  Receiver() { sizing_.begin(Instant(), 14480); }
  // The application has taken `more` bytes `after` the last look; what the buffer is then.
  int64_t buffer_after(Duration after, int64_t more, int64_t unread = 0) {
    now_ = now_ + after;
    copied_ += more;
    const int64_t window = sizing_.on_read(now_, copied_, unread, kRtt);
    buffer_ = std::max(buffer_, window * 256 / 160);
    return buffer_;
  }

 private:
  RightSizing sizing_;
  Instant now_;
  int64_t copied_ = 0;
  int64_t buffer_ = 131072;
};

// The kernel's own trace of 10 MB at 20 ms, 100 Mbit/s: bytes copied in each round trip, and the
// buffer it then chose.
TEST(RightSizing, ChoosesTheBuffersOfTheCapturedKernel) {
  Receiver receiver;
  EXPECT_EQ(receiver.buffer_after(20447us, 15928), 131072);
  EXPECT_EQ(receiver.buffer_after(20205us, 28960), 244316);
  EXPECT_EQ(receiver.buffer_after(20291us, 57920), 556032);
  EXPECT_EQ(receiver.buffer_after(20301us, 115840), 1112064);
  EXPECT_EQ(receiver.buffer_after(20388us, 231680, 1448), 2191808);
  EXPECT_EQ(receiver.buffer_after(27357us, 331592), 2191808);
}

TEST(RightSizing, LooksOnceARoundTrip) {
  Receiver receiver;
  EXPECT_EQ(receiver.buffer_after(19999us, 1'000'000), 131072);
  EXPECT_GT(receiver.buffer_after(1us, 0), 131072);
}

TEST(RightSizing, ASteadyPaceChangesNothing) {
  Receiver receiver;
  const int64_t buffer = receiver.buffer_after(20ms, 115840);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(receiver.buffer_after(20ms, 115840), buffer);
}

TEST(ReceiverRtt, AveragesEightSamplesOfTimestamps) {  // the captured 20000, then 20125
  ReceiverRtt rtt;
  rtt.on_sample(20ms);
  EXPECT_EQ(rtt.rtt(), 20ms);
  rtt.on_sample(21ms);
  EXPECT_EQ(rtt.rtt(), 20125us);
}

TEST(ReceiverRtt, TakesTheShortestWindowWithoutTimestamps) {
  ReceiverRtt rtt;
  rtt.on_window(30ms);
  rtt.on_window(25ms);
  rtt.on_window(40ms);
  EXPECT_EQ(rtt.rtt(), 25ms);
}

}  // namespace
}  // namespace tcptwin::policy
