// How an object lies in etcd. Its key is PREFIX/GROUP/RESOURCE[/NAMESPACE]/NAME, where the core group is called "core";
// its value is the object's JSON with a metadata.resourceVersion that means nothing: the revision is etcd's own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/storage.h"

namespace gatepost::storage::etcd {

std::string key_for(std::string_view prefix, const Key& key);
// Nullopt for what no object lies under.
std::optional<Key> parse_key(std::string_view prefix, std::string_view text);

// The object as it is served: `value` with the revision as its metadata.resourceVersion. The value comes from outside;
// the error says what is wrong with it.
Result<std::string> with_revision(std::string_view value, Revision revision);

}  // namespace gatepost::storage::etcd
