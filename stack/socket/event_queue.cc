#include "stack/socket/event_queue.h"

#include <algorithm>

namespace tcptwin::socket {

void EventQueue::enlist(const Key& key, Interest& interest) {
  if (interest.place != 0) return;
  interest.place = ++last_place_;
  ready_.emplace(interest.place, key);
}

void EventQueue::delist(Interest& interest) {
  if (interest.place != 0) ready_.erase(interest.place);
  interest.place = 0;
}

void EventQueue::set(const Key& key, const Interest& interest) {
  remove(key);
  interests_.emplace(key, interest);
  by_socket_[interest.socket].push_back(key);
}

void EventQueue::remove(const Key& key) {
  const auto found = interests_.find(key);
  if (found == interests_.end()) return;
  delist(found->second);
  const auto keys = by_socket_.find(found->second.socket);
  std::erase(keys->second, key);
  if (keys->second.empty()) by_socket_.erase(keys);
  interests_.erase(found);
}

bool EventQueue::forget(uint32_t socket) {
  const auto keys = by_socket_.find(socket);
  if (keys == by_socket_.end()) return false;
  const std::vector<Key> gone = keys->second;
  for (const Key& key : gone) remove(key);
  return true;
}

bool EventQueue::watches(uint32_t socket) const { return by_socket_.contains(socket); }

bool EventQueue::notice(uint32_t socket, const Look& look) {
  const auto keys = by_socket_.find(socket);
  if (keys == by_socket_.end()) return false;
  bool more = false;
  for (const Key& key : keys->second) {
    Interest& interest = interests_.at(key);
    const Events events = look.events & interest.events;
    // An edge: a bit that was not there, or data on top of data.
    const Events before = events & interest.last;
    const bool arrived = events.in && look.unread > interest.unread;
    const bool risen = arrived || !(before == events);
    interest.last = events;
    interest.unread = look.unread;
    if (interest.silent || !events.any() || (interest.edge && !risen)) continue;
    more = more || interest.place == 0;
    enlist(key, interest);
  }
  return more;
}

}  // namespace tcptwin::socket
