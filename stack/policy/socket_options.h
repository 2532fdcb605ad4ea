// socket_options.h: the options, flags and requests of socket calls as data: the number that a host
// gives them and what they do. Carries nothing out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stack/base/time.h"

namespace tcptwin::policy {

// What a socket option does, whatever its level and number.
enum class OptionEffect : uint8_t {
  // of the transport
  kNoDelay,
  kQuickAck,
  kCork,
  kNoOptions,
  kMaxSegment,
  kKeepIdle,
  kKeepInterval,
  kKeepCount,
  kSynCount,
  kConnectTimeout,
  kOrphanTime,
  kDeferAccept,
  kWindowClamp,
  kUserTimeout,
  kNotSentLowWater,
  kInfo,
  // of the socket
  kReuseAddress,
  kReusePort,
  kExclusiveAddress,
  kError,
  kType,
  kAcceptsConnections,
  kReceiveBuffer,
  kSendBuffer,
  kReceiveLowWater,
  kSendLowWater,
  kReceiveTimeout,
  kSendTimeout,
  kLinger,
  kKeepAlive,
  kOutOfBandInline,
  kNoSignal,
  kUnread,
  kUnsent,
  // of IP
  kTypeOfService,  // of IPv4 packets; the ECN bits stay the host's
  kTimeToLive,
  kTrafficClass,  // the same of IPv6 packets
  kHopLimit,
  kNoted,  // stored and read back, without effect
};

// Whether its value has two members: struct linger, struct timeval.
inline bool is_pair(OptionEffect effect) {
  return effect == OptionEffect::kLinger || effect == OptionEffect::kReceiveTimeout ||
         effect == OptionEffect::kSendTimeout;
}

struct SocketOption {
  std::string level_name;
  int32_t level = 0;
  std::string name;
  int32_t number = 0;
  OptionEffect effect{};
  int64_t on_value = 1;  // what getsockopt returns for a switch that is on; 0: what was set
  Duration unit = std::chrono::seconds(1);  // of a time given as a number
  int64_t at_least = INT32_MIN;             // values outside fail with EINVAL
  int64_t at_most = INT32_MAX;
};

// What a flag of send or recv does, whatever its number.
enum class MessageFlagEffect : uint8_t {
  kOutOfBand,
  kPeek,
  kWaitAll,
  kDontWait,
  kMore,
  kNoSignal,
  kTruncate,
  kNone,  // accepted, without effect
};

struct MessageFlag {
  std::string name;
  uint32_t number = 0;  // one bit
  MessageFlagEffect effect{};
};

// What a request of ioctl on a socket does.
enum class RequestEffect : uint8_t { kUnread, kUnsent, kAtMark, kNonBlocking };

struct SocketRequest {
  std::string name;
  RequestEffect effect{};
};

}  // namespace tcptwin::policy
