// What a DELETE does to an object before it goes: grace, finalizers of the garbage collector, the marks of deletion.
// Pure functions after kube-apiserver's registry/rest/delete.go and registry/generic/registry/store.go.
#pragma once

#include "apiserver/options.h"
#include "base/time.h"
#include "json/value.h"
#include "kube/registry/registry.h"

namespace gatepost::apiserver {

// Kinds whose deletion answers with the object (ReturnDeletedObject in their registries); all others with a Status.
bool answers_with_object(const kube::ResourceInfo& resource);
// The Status of the others.
std::string deleted_status(const kube::ResourceInfo& resource, const json::Value& object);

enum class Grace {
  none,      // the kind has none, or the object's is over
  given,     // marks are set; `options` says how many seconds
  shortened  // marks were set before and are not longer than what is asked: nothing changes
};
// Decides the grace of a deletion and sets the marks on the object.
Grace begin_grace(json::Value& object, const kube::ResourceInfo& resource, DeleteOptions& options, WallTime now);

// Sets or takes away the finalizers `orphan` and `foregroundDeletion` as the options and the kind ask. True when that
// changed something.
bool set_collector_finalizers(json::Value& object, const kube::ResourceInfo& resource, const DeleteOptions& options);

// Marks an object without grace that finalizers still hold.
void mark_as_deleting(json::Value& object, WallTime now);

bool has_finalizers(const json::Value& object);

}  // namespace gatepost::apiserver
