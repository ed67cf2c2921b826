// Tables: what kubectl prints. Columns are data (data/kubernetes-1.36/table-columns.json); the cells of the kinds that
// people list are made by one function a kind, those of all others are name and age.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "json/value.h"
#include "kube/registry/registry.h"

namespace gatepost::apiserver {

enum class IncludeObject { none, metadata, object };

struct ListMeta {
  std::string resource_version, continue_token;
  std::size_t remaining = 0;
};

// {"kind":"Table","apiVersion":"meta.k8s.io/v1",...}. `objects` are JSON documents in the version of `resource`.
// `with_columns` is off for the second and later events of a watch.
std::string render_table(const kube::ResourceInfo& resource, const std::vector<std::string_view>& objects,
                         const ListMeta& meta, IncludeObject include, WallTime now, bool with_columns = true);

// {"kind":"PartialObjectMetadata",...} of one object, or the list of several.
std::string render_partial(std::string_view object);
std::string render_partial_list(const std::vector<std::string_view>& objects, const ListMeta& meta);

}  // namespace gatepost::apiserver
