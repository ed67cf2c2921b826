// What create, update, patch and apply have in common: admission, strategy, validation, the store.
#pragma once

#include <functional>

#include "apiserver/call.h"
#include "apiserver/options.h"
#include "json/value.h"

namespace gatepost::apiserver {

// Attributes of this call for admission. `object` and `old_object` are moved in.
admission::Attributes attributes_for(const Call& call, admission::Operation operation, json::Value object,
                                     json::Value old_object, const json::Value& options, bool dry_run);

// The way of a new object from decoded to stored; the answer holds it as stored, in the version of the request.
Handled<> create_object(Call& call, json::Value object, WriteOptions options);

// Makes the new state of an object from the present one (in the request's version): the body of a PUT, or a patch
// applied. Called again with the newer state when another write came between and the request did not insist on a
// version.
using Change = std::function<kube::ApiResult<json::Value>(const json::Value& present)>;

// The way of a change. The object must be there. 200, or the object's removal when its last finalizer went.
Handled<> change_object(Call& call, Change change, WriteOptions options);

enum class Removal { no, yes };

// Stores `object` over `present` (the expected state) and answers with it; with Removal::yes it was its last change.
Handled<> store_change(Call& call, json::Value object, storage::Object present, const WriteOptions& options,
                       Removal removal = Removal::no);

}  // namespace gatepost::apiserver
