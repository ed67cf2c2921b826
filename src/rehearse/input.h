// What is rehearsed, as objects: manifests and snapshots, read whole and checked. What is missing is named in
// `assumptions` by whoever fills it in (world.h); what cannot be read refuses the whole input.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "json/value.h"
#include "kube/registry/registry.h"

namespace gatepost::rehearse {

struct Loaded {
  const kube::ResourceInfo* resource = nullptr;  // as stored
  json::Value value;                             // decoded, with defaults
  std::string from;                              // "file:line", for messages
};

struct Input {
  std::vector<Loaded> objects;
  std::vector<std::string> notes;  // what was left out, one line each
  WallTime taken;                  // of a snapshot; manifests have a fixed time, so that runs can be compared
  bool is_snapshot = false;
};

// The schema of a snapshot file (snapshot.h writes it).
inline constexpr std::string_view snapshot_schema_prefix = "gatepost.dev/snapshot/";
inline constexpr std::string_view snapshot_schema = "gatepost.dev/snapshot/v1";

// Files, folders, "-" for standard input. The error is one line: file, place, reason.
Result<Input> read_input(const std::vector<std::string>& paths, const kube::Registry& registry);

// One text, as read_input reads a file of that name.
Result<void> read_text(const std::string& name, const std::string& text, const kube::Registry& registry, Input& into);

}  // namespace gatepost::rehearse
