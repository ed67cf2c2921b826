// Patches that webhooks made, from an audit log (level Request or more): what GP907 and GP908 look at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::lint {

struct PatchStep {
  std::string op, path;   // of JSON Patch
  bool is_array = false;  // whether its value is one
};

struct RecordedPatch {
  std::string configuration, webhook;
  std::string object;  // "deployments.apps team-a/web"
  std::string resource;
  std::string patch;  // as written, to tell whether two are the same
  std::vector<PatchStep> steps;
  std::uint32_t line = 0;  // of the log
  bool is_owned = false;   // the object has an ownerReference
};

// Lines that are no audit events are passed over.
std::vector<RecordedPatch> read_recordings(std::string_view log);

}  // namespace gatepost::lint
