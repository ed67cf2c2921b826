// The writes and reads of repairs: every write has a field manager and a precondition (the resourceVersion that was
// read), and every one can be made as a dry run first.
#pragma once

#include <optional>
#include <string>

#include "client/rest.h"
#include "remedy/object.h"

namespace gatepost::remedy {

inline constexpr const char* field_manager = "gatepost";

enum class DryRun { no, yes };

struct ApiError {
  enum class Kind { unreachable, not_found, conflict, forbidden, webhook, refused };
  Kind kind = Kind::refused;
  std::string text;
};
template <class T>
using ApiResult = Result<T, ApiError>;

class Api {
 public:
  explicit Api(client::Rest& rest) : rest_(&rest) {}

  // nullopt: it is not there.
  net::Task<ApiResult<std::optional<json::Value>>> get(ObjectRef ref);
  // All of these give the object as the server has it then.
  net::Task<ApiResult<json::Value>> create(ObjectRef ref, json::Value object, DryRun dry_run);
  // The object carries the resourceVersion that it is based on; without one it replaces whatever is there.
  net::Task<ApiResult<json::Value>> update(ObjectRef ref, std::string subresource, json::Value object, DryRun dry_run);
  // Only if uid and resourceVersion are those of `object`.
  net::Task<ApiResult<void>> remove(ObjectRef ref, json::Value object, DryRun dry_run);

  // Whether the user may do this; nullopt where the server did not say.
  net::Task<std::optional<bool>> allowed(std::string verb, ObjectRef ref, std::string subresource);

  client::Rest& rest() const { return *rest_; }

 private:
  net::Task<ApiResult<client::Reply>> send(std::string method, std::string path, std::string body);

  client::Rest* rest_;
};

}  // namespace gatepost::remedy
