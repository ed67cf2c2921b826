// One repair of a cluster at a time: a Lease in kube-system. Its holder is "<backup's id> <host> <process>", so that
// the restore of that backup takes it over after a crash, and so does anybody on the same host once the process is
// gone.
#pragma once

#include <string>
#include <string_view>

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

// Whether a lease with this holder may be taken over by `id` at once.
bool may_take_over(std::string_view holder, std::string_view id);

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
