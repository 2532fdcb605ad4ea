// rto.h: estimates the round-trip time and says how long to wait for an acknowledgment. Retransmits
// nothing.
#pragma once

#include <cstdint>

#include "stack/base/seq.h"
#include "stack/base/time.h"

namespace tcptwin::policy {

struct RtoConfig {
  enum class Behaviour : uint8_t {
    kRfc6298,           // SRTT + 4 RTTVAR, floored as a whole: RFC 6298 2
    kFlooredDeviation,  // SRTT + deviation, the deviation floored, its rise damped: facts/linux.md
                        // D2
    kSloppy,  // backoff max(min, SRTT + 4 RTTVAR) + slop: facts/freebsd.md D1, facts/darwin.md 5
  };
  Behaviour behaviour = Behaviour::kRfc6298;
  Duration initial = std::chrono::seconds(1);  // before the first sample: RFC 6298 2.1
  Duration min =
      std::chrono::seconds(1);  // RFC 6298 2.4; kFlooredDeviation: floor of the deviation
  Duration max = std::chrono::seconds(60);  // RFC 6298 2.5
  Duration initial_after_syn_loss =
      std::chrono::seconds(3);  // no sample from the handshake: RFC 6298 5.7
  int32_t data_retries = 15;    // unanswered retransmissions of data before giving up
  int32_t syn_retries = 6;      // exponential retransmissions of a SYN
  int32_t syn_linear_timeouts =
      0;  // SYN retransmissions at the initial RTO before it starts to double
  int32_t synack_retries = 5;
  // kSloppy only.
  Duration slop{};           // added to each RTO of an established connection, backed off or not
  Duration sample_floor{};   // shorter samples count as this
  Duration local_min{};      // min for a peer on the same link; 0: min
  int32_t forget_after = 0;  // more timeouts in a row fold SRTT into RTTVAR; 0: never
  // All behaviours.
  int32_t largest_backoff = 0;  // the most the RTO is multiplied by; 0: only max limits it
  // Retries last as long as `data_retries` doublings of `min` would, however many fit:
  // facts/linux.md D3. False: they are counted.
  bool retries_are_time = false;
  int32_t orphan_retries = 0;  // of data that no socket waits for; 0: data_retries
};

// Microsecond estimator; RFC 6298 and facts/linux.md D2. Backoff is kept here, because both define
// it.
class Rto {
 public:
  explicit Rto(const RtoConfig& config) : config_(&config) {}

  // A round-trip sample of a segment that was sent once (Karn). `una`, `nxt`: of the sender, after
  // the ACK.
  void on_sample(Duration rtt, StreamPos una, StreamPos nxt);
  // The retransmission timer fired: doubles from then on.
  void back_off();
  // New data was acknowledged.
  void reset_backoff() { backoff_ = 0; }
  // The handshake needed a retransmission and gave no sample (RFC 6298 5.7).
  void on_handshake_without_sample() { syn_lost_ = true; }

  // What an earlier connection to the same peer has measured stands for a first sample.
  void seed(Duration srtt, Duration variation);
  // The same, as far as it is larger than what this connection has measured.
  void raise(Duration srtt, Duration variation);
  // The timeout until the next sample.
  void set_first_timeout(Duration timeout) { first_timeout_ = timeout; }

  // Of the first SYN: config or seed.
  Duration initial() const;
  // How long the retransmission timer waits now, backoff included.
  Duration rto() const;
  // How long a SYN or SYN-ACK waits that has been sent `retransmissions` + 1 times.
  Duration handshake_rto(int32_t retransmissions, bool linear_first) const;
  // Whether to give up after `retransmissions` in a row that began `since` ago. `user_timeout`: of
  // the application, 0: none (RFC 5482).
  bool gives_up(int32_t retransmissions, Duration since, bool orphan,
                Duration user_timeout = Duration{}) const;
  // The peer is on the same link, or on the same host.
  void set_local() { local_ = true; }
  bool rtt_known() const { return has_sample_; }
  Duration srtt() const { return std::chrono::microseconds(srtt_us_x8_ / 8); }
  Duration variation() const { return std::chrono::microseconds(rttvar_us_x4_ / 4); }
  int32_t samples() const { return samples_; }
  int32_t backoff() const { return backoff_; }

 private:
  void sample_rfc6298(int64_t rtt_us);
  void sample_floored_deviation(int64_t rtt_us, StreamPos una, StreamPos nxt);
  Duration base() const;
  int64_t min_us() const;
  Duration least() const;
  Duration backed_off(Duration base) const;

  const RtoConfig* config_;
  // Scaled as usual so that integer shifts lose nothing: 8 SRTT and 4 RTTVAR, microseconds.
  int64_t srtt_us_x8_ = 0;
  int64_t rttvar_us_x4_ = 0;
  int64_t deviation_us_ = 0;      // kFlooredDeviation: what is added to SRTT
  int64_t deviation_max_us_ = 0;  // largest in this round trip
  StreamPos round_end_;           // a round trip ends when this position is acknowledged
  int32_t backoff_ = 0;
  int32_t samples_ = 0;
  Duration first_timeout_{};  // 0: none
  bool seeded_ = false;
  bool has_sample_ = false;
  bool syn_lost_ = false;
  bool local_ = false;
};

}  // namespace tcptwin::policy
