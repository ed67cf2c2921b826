// The messages of etcd's API version 3 that the store uses, in the JSON of its gateway: requests printed, answers read.
// Bytes are base64, 64-bit numbers are strings, and what has its default value is left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/storage.h"

namespace gatepost::storage::etcd {

struct KeyValue {
  std::string key, value;
  Revision create_revision = 0, mod_revision = 0;
};

struct RangeQuery {
  std::string key, end;   // `end` empty: the one key
  std::size_t limit = 0;  // 0: all
  Revision revision = 0;  // 0: the newest
};
std::string range_request(const RangeQuery& query);
struct RangeReply {
  Revision revision = 0;  // of the store
  std::vector<KeyValue> found;
  bool more = false;
};
Result<RangeReply> parse_range_reply(std::string_view text);

std::string put_request(std::string_view key, std::string_view value);
Result<Revision> parse_put_reply(std::string_view text);

// Puts or deletes a key if its last change is `expected` (0: it does not exist); else the answer says what is there.
std::string put_if_request(std::string_view key, std::string_view value, Revision expected);
std::string delete_if_request(std::string_view key, Revision expected);
struct TxnReply {
  Revision revision = 0;
  bool succeeded = false;
  std::optional<KeyValue> present;  // where it did not
};
Result<TxnReply> parse_txn_reply(std::string_view text);

std::string watch_request(std::string_view key, std::string_view end, Revision from);
struct WatchEvent {
  bool deleted = false;
  KeyValue now;
};
struct WatchReply {
  Revision revision = 0;  // of the store
  bool created = false;
  bool canceled = false;
  Revision compacted = 0;  // canceled because this was asked for too late
  std::string reason;      // why it was canceled
  bool fragment = false;   // more of the same follows
  std::vector<WatchEvent> events;
  // Nothing happened up to `revision`.
  bool progress() const { return !created && !canceled && events.empty(); }
};
// One line of the stream; an error that etcd ends the stream with is the error here.
Result<WatchReply> parse_watch_reply(std::string_view line);

std::string compaction_request(Revision revision);

// What etcd says of a call that it refused ("etcdserver: request timed out"); the text itself where it is none of its
// answers.
std::string refusal_text(std::string_view text);

}  // namespace gatepost::storage::etcd
