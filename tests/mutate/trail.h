// trail.h: what a play leaves behind: a hash after each event. A second run is compared with the
// first as it goes, and ends where the two part.
#pragma once

#include <cstdint>
#include <vector>

#include "stack/policy/profile.h"
#include "stack/wire/packet.h"

namespace tcptwin::mutate {

class Trail {
 public:
  Trail() = default;                                              // records
  explicit Trail(const Trail* usual) : usual_(&usual->marks_) {}  // compares; `usual` outlives it

  void mix(uint64_t word) {  // FNV-1a, by words
    hash_ = (hash_ ^ word) * 0x100000001b3u;
    hash_ ^= hash_ >> 29;
  }
  void mix(const wire::Packet& packet);  // of the payload only the size
  // An event has ended.
  void mark() {
    if (usual_ == nullptr) {
      marks_.push_back(hash_);
    } else if (!parted_) {
      parted_ = next_ >= usual_->size() || (*usual_)[next_] != hash_;
      ++next_;
    }
  }
  // What the play does from here on cannot change that.
  bool parted() const { return parted_; }
  // At the end of the play.
  bool differs() const { return parted_ || next_ != usual_->size(); }

 private:
  const std::vector<uint64_t>* usual_ = nullptr;
  std::vector<uint64_t> marks_;
  uint64_t hash_ = 0xcbf29ce484222325u;
  size_t next_ = 0;
  bool parted_ = false;
};

// Who plays.
struct Subject {
  const policy::Profile& profile;
  const policy::Profile& usual;  // before the change; what is done in a play follows it alone
  Trail* trail;
};

}  // namespace tcptwin::mutate
