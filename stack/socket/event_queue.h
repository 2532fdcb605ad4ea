// event_queue.h: an epoll instance or a kqueue: which descriptors are watched and which of them
// have something to tell. Asks the host what is ready; wakes nobody.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "stack/socket/calls.h"
#include "stack/socket/descriptors.h"

namespace tcptwin::socket {

class EventQueue {
 public:
  using Filter = QueueChange::Filter;
  using Key = std::pair<Descriptor, Filter>;
  struct Interest {
    uint32_t socket = kNoIndex;
    Events events;
    Events last;         // of `events`, when last looked at
    int64_t unread = 0;  // likewise
    bool edge = false;
    bool one_shot = false;
    bool silent = false;  // one_shot has reported
    uint64_t data = 0;
    uint64_t place = 0;  // in the list of ready ones; 0: not in it
  };
  // What the host knows of a socket now.
  struct Look {
    Events events;
    int64_t unread = 0;
    int64_t room = 0;
  };

  explicit EventQueue(QueueKind kind) : kind_(kind) {}
  QueueKind kind() const { return kind_; }

  bool contains(const Key& key) const { return interests_.contains(key); }
  void set(const Key& key, const Interest& interest);
  void remove(const Key& key);
  // The socket is gone; true when it was watched.
  bool forget(uint32_t socket);
  bool watches(uint32_t socket) const;

  // Something happened to the socket; true when the queue has more to tell than before.
  bool notice(uint32_t socket, const Look& look);
  bool empty() const { return ready_.empty(); }
  // Up to `most` answers; `look` tells what is ready now. Level-triggered ones stay in the list.
  template <class LookAt>
  std::vector<Ready> collect(int64_t most, LookAt look);

  uint32_t first_sleeper = kNoIndex;
  bool open = true;

 private:
  void enlist(const Key& key, Interest& interest);
  void delist(Interest& interest);

  QueueKind kind_;
  std::map<Key, Interest> interests_;
  std::map<uint32_t, std::vector<Key>> by_socket_;
  std::map<uint64_t, Key> ready_;  // by place: the order in which they became ready
  uint64_t last_place_ = 0;
};

template <class LookAt>
std::vector<Ready> EventQueue::collect(int64_t most, LookAt look) {
  std::vector<Ready> answers;
  std::vector<Key> again;  // level-triggered: they go to the end of the list
  while (!ready_.empty() && static_cast<int64_t>(answers.size()) < most) {
    const Key key = ready_.begin()->second;
    Interest& interest = interests_.at(key);
    delist(interest);
    const Look now = look(interest.socket);
    const Events events = now.events & interest.events;
    interest.last = events;
    interest.unread = now.unread;
    if (!events.any()) continue;
    answers.push_back(
        {key.first, events, interest.data, key.second == Filter::kWrite ? now.room : now.unread});
    interest.silent = interest.one_shot;
    if (!interest.edge && !interest.one_shot) again.push_back(key);
  }
  for (const Key& key : again) enlist(key, interests_.at(key));
  return answers;
}

}  // namespace tcptwin::socket
