// Files and folders of manifests -> objects with their places.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace gatepost::apiserver::manifests {

struct Manifest {
  std::string file;
  std::uint32_t line = 1;  // where its document starts
  std::string api_version, kind, ns, name;
  json::Value object;

  std::string place() const { return file + ":" + std::to_string(line); }
  // "ConfigMap default/a", for a message.
  std::string title() const;
};

// Of a folder, whatever its depth, the files that end in .yaml, .yml or .json, by name. Lists are taken apart;
// kustomizations, which are no objects, are left out. The error names file, line and what is wrong.
Result<std::vector<Manifest>> read(const std::vector<std::string>& paths, const json::Storage& arena);

// The documents of one file.
Result<void> read_text(const std::string& file, std::string_view text, const json::Storage& arena,
                       std::vector<Manifest>& into);

}  // namespace gatepost::apiserver::manifests
