// Field management of the write verbs: metadata.managedFields on every write, and server-side apply.
#pragma once

#include "apiserver/call.h"
#include "apiserver/options.h"
#include "json/value.h"
#include "kube/apply/field_manager.h"

namespace gatepost::apiserver {

// An empty list of managedFields takes the fields from all managers; decoding would leave it out. [{}] says the same.
void spell_out_reset(json::Value& object);

// Notes in `object`, the decoded new state that the request makes of `live` (null for a create), who owns what. Comes
// before admission, as in kube-apiserver: what webhooks change belongs to nobody.
void track_fields(const Call& call, const json::Value* live, json::Value& object, const WriteOptions& options);

// Runs the server's own admission plugins and the mutating webhooks. Managed fields that they leave unreadable are put
// back, with a warning.
Handled<void> mutate_guarded(Call& call, admission::Attributes& attributes);

// Gives `object` the managedFields of `live` where they differ in nothing but times and nothing else changed: a write
// that changes nothing is none.
void forget_new_times(json::Value& object, const json::Value& live);

// Sets metadata.managedFields, or takes it away for null.
void set_managed_fields(json::Value& object, json::Value managed);

// What is written, and where its types come from.
kube::apply::TypedKind typed_kind_of(const Call& call);

// Whether this is a PATCH with application/apply-patch+yaml.
bool is_apply(const Call& call);
// What applying the body of this call makes of an object that is there, decoded and defaulted.
kube::ApiResult<json::Value> applied_object(Call& call, const json::Value& present, const WriteOptions& options);
Handled<> handle_apply(Call& call, WriteOptions options);

}  // namespace gatepost::apiserver
