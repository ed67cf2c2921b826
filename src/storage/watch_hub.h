// The history of recent changes and the watches that read it. Every collection has its own history, so a watch meets
// only changes of its kind; all together are bounded by events and by the bytes that only the history keeps alive. A
// watch holds a place in the history and no queue of its own: a slow one costs nothing, and one whose place has left
// the history is told so (expired). Bytes are shared, never copied. Belongs to the loop's thread.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/storage.h"

namespace gatepost::storage {

struct HistoryLimits {
  std::size_t events = 100000;
  std::size_t bytes = std::size_t{128} << 20;  // of superseded objects
};

class WatchHub {
 public:
  explicit WatchHub(HistoryLimits limits);
  ~WatchHub();  // ends all watches
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  // History begins behind `floor`: what happened up to there is unknown. Before anything else, if at all.
  void begin(Revision floor) { floor_ = revision_ = floor; }

  // Nothing more happened up to there.
  void advance(Revision to) { revision_ = std::max(revision_, to); }

  // Appends to the history and wakes the watches that want it. Revisions only rise.
  void publish(const Event& event);

  StoreResult<std::unique_ptr<Watch>> watch(std::string collection, std::string ns, Revision from);

  // What happened up to here was published, or lies before the history.
  Revision revision() const { return revision_; }

  struct Channel;     // one collection's history and watches
  struct Subscriber;  // one watch

 private:
  Channel& channel(const std::string& collection);
  void evict();

  HistoryLimits limits_;
  Revision floor_ = 0, revision_ = 0;
  std::unordered_map<std::string, std::unique_ptr<Channel>> channels_;
  std::deque<Channel*> order_;  // whose the events of the whole history are, oldest first
  std::size_t bytes_ = 0;
};

}  // namespace gatepost::storage
