// One repair of a cluster at a time: a Lease in kube-system, whose holder is the backup's id, so that restore of that
// backup may take it over after a crash.
#pragma once

#include <string>

#include "remedy/api.h"

namespace gatepost::remedy {

enum class Held {
  yes,
  by_other,  // `text` says by whom and until when
  no,        // it could not be made (no right, a webhook in the way): `text` says why; repairs go on without it
};
struct LeaseAnswer {
  Held held = Held::no;
  std::string text;
};

class Lease {
 public:
  Lease(Api& api, std::string id) : api_(&api), id_(std::move(id)) {}

  net::Task<LeaseAnswer> take();
  net::Task<void> renew();
  net::Task<void> release();

 private:
  json::Value wanted(const json::Value* present) const;

  Api* api_;
  std::string id_;
  bool held_ = false;
};

}  // namespace gatepost::remedy
