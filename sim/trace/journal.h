// journal.h: the run as it is written down: a digest always, the records when somebody wants them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "sim/trace/digest.h"
#include "sim/trace/record.h"

namespace tcptwin::trace {

enum class Detail : uint8_t {
  kDigest,   // nothing is kept
  kRecent,   // the latest records, for a run that goes on for long
  kRecords,  // everything, for captures and explanations
};

// How many records kRecent keeps.
inline constexpr size_t kRecentRecords = 65536;

class Journal {
 public:
  explicit Journal(Detail detail) : detail_(detail) {}

  // Not all of them, it may be.
  bool keeps_records() const { return detail_ != Detail::kDigest; }
  // Hosts and links are numbered from 0 in this order.
  void add_host(std::string name) { hosts_.push_back({std::move(name), 0, {}}); }
  void add_link(std::string name) { links_.push_back(std::move(name)); }
  void add_process(std::string name) { processes_.push_back(std::move(name)); }

  // `inferred`: the reason.
  void sent(RecordId id, RecordId cause, Instant at, const wire::Packet& packet, bool loopback,
            const tcp::Reason& reason, bool inferred = false);
  void forwarded(RecordId id, RecordId cause, Instant at, const wire::Packet& packet,
                 uint32_t flipped_bit);
  void received(RecordId id, RecordId sent, Instant at, bool loopback);
  void received(RecordId id, Instant at, const PacketReceived& packet);
  void dropped(RecordId id, RecordId sent, Instant at, uint32_t link, DropWhy why);
  void called(RecordId id, RecordId cause, Instant at, CallStarted call);
  void returned(RecordId id, RecordId cause, Instant at, const CallReturned& result);
  void woken(RecordId id, RecordId cause, Instant at, RecordId call);
  void noted(const tcp::Note& note);

  std::string digest() const { return digest_.to_string(); }
  uint64_t packets() const { return packets_; }                   // that have left a host
  const std::deque<Record>& records() const { return records_; }  // in the order of happening
  // The record with that number; null when it is not kept.
  const Record* find(RecordId id) const;
  const std::string& host_name(uint16_t host) const { return hosts_[host].name; }
  size_t host_count() const { return hosts_.size(); }
  const std::string& link_name(uint32_t link) const { return links_[link]; }
  size_t link_count() const { return links_.size(); }
  const std::string& process_name(uint32_t process) const { return processes_[process]; }

 private:
  // by_serial[serial - first_serial]: how many records had been kept with that one; 0: it is not
  // there.
  struct HostIndex {
    std::string name;
    uint64_t first_serial = 0;
    std::deque<uint64_t> by_serial;
  };
  void keep(Record record);
  void forget_oldest();

  Detail detail_;
  Digest digest_;
  uint64_t packets_ = 0;
  std::deque<Record> records_;
  uint64_t forgotten_ = 0;  // records that were kept before the first of records_
  std::vector<HostIndex> hosts_;
  std::vector<std::string> links_;
  std::vector<std::string> processes_;
};

}  // namespace tcptwin::trace
