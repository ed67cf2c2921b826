#include "simulate/controllers/common.h"

#include "simulate/objects.h"

namespace gatepost::simulate {

bool key_of_owner(const Item& item, std::string_view own_collection, std::string_view kind,
                  std::vector<std::string>& keys) {
  if (item.key.collection == own_collection)
    keys.push_back(key_name(item.key.ns, item.key.name));
  else if (item.key.collection == collection::pods && item.controller_kind == kind)
    keys.push_back(key_name(item.key.ns, item.controller_name));
  else
    return false;
  return true;
}

net::Task<kube::ApiResult<void>> write_status(Api& api, ItemPtr item, json::Value next, std::string user) {
  const json::Value *before = json::find(item->value, "status"), *after = json::find(next, "status");
  if (before && after && json::equal(*before, *after)) co_return kube::ApiResult<void>{};
  co_return co_await api.write(update_write(*item, std::move(next), "status", std::move(user)));
}

}  // namespace gatepost::simulate
