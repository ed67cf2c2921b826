// The continue token of a limited list: base64 of {"v":"meta.k8s.io/v1","rv":N,"start":"name\u0000"}, as kube-apiserver
// makes it.
#pragma once

#include <string>
#include <string_view>

#include "kube/status.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

struct ContinueToken {
  // Goes on in the present state, whatever changed since the first page.
  static constexpr storage::Revision newest = ~storage::Revision{0};
  storage::Revision revision = 0;  // of the first page, which the others continue
  std::string ns, name;            // the last key that was delivered
};

std::string encode_continue(const ContinueToken& token, bool with_namespace);
kube::ApiResult<ContinueToken> decode_continue(std::string_view text, bool with_namespace);

}  // namespace gatepost::apiserver
