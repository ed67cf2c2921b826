// Calls of etcd's JSON gateway (/v3/...) at one of several endpoints. A call that found no etcd, or lost it, is made
// again at the next endpoint, so whatever is called must bear being done twice; a caller is told when that may have
// happened.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "net/event.h"
#include "net/http/client.h"
#include "storage/storage.h"

namespace gatepost::storage::etcd {

struct Refusal {
  enum class Kind {
    unavailable,  // no etcd answered, or it cannot do it now
    compacted,    // what was asked for is no longer kept
    refused,      // another word of etcd's
  };
  Kind kind;
  std::string text;
};

struct Reply {
  std::string body;
  bool repeated = false;  // an earlier try may have been carried out
};

class Gateway {
 public:
  explicit Gateway(std::vector<std::string> endpoints);

  // `path` is "/v3/kv/range". While no endpoint can be reached it is tried for as long as etcd's own client tries.
  net::Task<Result<Reply, Refusal>> call(std::string path, std::string body, net::SteadyTime deadline);
  // A stream of answers, one a line.
  net::Task<Result<net::http::Client::Streaming, Refusal>> open(std::string path, std::string body);

 private:
  struct Slot;

  net::Task<Result<Reply, Refusal>> call_in_turn(std::string path, std::string body, net::SteadyTime deadline);
  void next_endpoint(std::size_t failed);

  std::vector<std::string> endpoints_;
  std::size_t at_ = 0;
  std::shared_ptr<net::http::Client> client_;
  std::size_t running_ = 0;
  std::deque<std::shared_ptr<net::Event>> queue_;  // calls that wait for one to end
};

}  // namespace gatepost::storage::etcd
