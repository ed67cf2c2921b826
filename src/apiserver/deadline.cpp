#include "apiserver/call.h"
#include "formats/go_duration.h"

namespace gatepost::apiserver {

kube::ApiResult<net::SteadyTime> request_deadline(const RequestInfo& info, net::SteadyTime now) {
  // kube-apiserver: --request-timeout is 60 s; writes are bounded at 34 s by their handlers.
  constexpr std::chrono::seconds longest{60}, of_writes{34};
  std::chrono::nanoseconds budget = longest;
  if (std::string_view text = info.query.get("timeout"); !text.empty()) {
    auto given = formats::parse_go_duration(text);
    if (!given)
      return fail_with(kube::bad_request("invalid timeout specified in the request URL - " + given.error().text));
    if (*given > std::chrono::nanoseconds::zero()) budget = std::min<std::chrono::nanoseconds>(*given, longest);
  }
  bool writes = info.verb == "create" || info.verb == "update" || info.verb == "patch" || info.verb == "delete" ||
                info.verb == "deletecollection";
  if (writes) budget = std::min<std::chrono::nanoseconds>(budget, of_writes);
  return now + budget;
}

}  // namespace gatepost::apiserver
