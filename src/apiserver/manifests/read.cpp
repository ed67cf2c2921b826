#include "apiserver/manifests/read.h"

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "yaml/convert.h"
#include "yaml/split.h"

namespace gatepost::apiserver::manifests {
namespace {

namespace fs = std::filesystem;

bool holds_manifests(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

Result<std::vector<std::string>> files_of(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return fail("the path \"" + path + "\" does not exist");
  std::vector<std::string> files;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error))
    if (at->is_regular_file(error) && holds_manifests(at->path())) files.push_back(at->path().string());
  if (error) return fail("cannot read the folder " + path + ": " + error.message());
  std::ranges::sort(files);
  return files;
}

Result<void> add(json::Value object, const std::string& file, std::uint32_t line, std::vector<Manifest>& into) {
  const auto wrong = [&](const std::string& what) { return fail(file + ":" + std::to_string(line) + ": " + what); };
  if (!object.is_object()) return wrong("this document is no object");
  Manifest manifest;
  manifest.api_version = json::string_at(object, {"apiVersion"});
  manifest.kind = json::string_at(object, {"kind"});
  if (manifest.api_version.empty()) return wrong("apiVersion not set");
  if (manifest.kind.empty()) return wrong("kind not set");
  if (manifest.api_version.starts_with("kustomize.config.k8s.io/")) return {};
  json::Value* items = object.get_object().if_contains("items");
  if (manifest.kind.ends_with("List") && items && items->is_array()) {
    for (json::Value& item : items->get_array())
      if (auto added = add(std::move(item), file, line, into); !added) return added;
    return {};
  }
  manifest.file = file;
  manifest.line = line;
  manifest.ns = json::string_at(object, {"metadata", "namespace"});
  manifest.name = json::string_at(object, {"metadata", "name"});
  manifest.object = std::move(object);
  into.push_back(std::move(manifest));
  return {};
}

// Where the first node of the document stands.
std::uint32_t line_of(const yaml::Tree& tree) {
  return tree.root().start.line;
}

}  // namespace

std::string Manifest::title() const {
  std::string title = kind + " ";
  if (!ns.empty()) title += ns + "/";
  return title + name;
}

Result<void> read_text(const std::string& file, std::string_view text, const json::Storage& arena,
                       std::vector<Manifest>& into) {
  for (const yaml::Part& part : yaml::split(text)) {
    yaml::Mark failed = part.origin;
    yaml::ReadOptions options;
    options.origin = part.origin;
    options.failed_at = &failed;
    auto tree = yaml::read(part.text, options);
    if (!tree) return fail(file + ":" + std::to_string(failed.line) + ": " + tree.error().text);
    if (tree->empty()) continue;
    const std::uint32_t line = line_of(*tree);
    auto converted = yaml::convert(*tree, arena);
    if (!converted) return fail(file + ":" + std::to_string(line) + ": " + converted.error().text);
    if (!converted->duplicates.empty())
      return fail(file + ":" + std::to_string(converted->duplicates.front().line) + ": the key " +
                  converted->duplicates.front().key + " stands there twice");
    if (converted->value.is_null()) continue;
    if (auto added = add(std::move(converted->value), file, line, into); !added) return added;
  }
  return {};
}

Result<std::vector<Manifest>> read(const std::vector<std::string>& paths, const json::Storage& arena) {
  std::vector<Manifest> manifests;
  for (const std::string& path : paths) {
    auto files = files_of(path);
    if (!files) return fail_with(std::move(files.error()));
    for (const std::string& file : *files) {
      auto text = files::read(file);
      if (!text) return fail_with(std::move(text.error()));
      if (auto read = read_text(file, *text, arena, manifests); !read) return fail_with(std::move(read.error()));
    }
  }
  return manifests;
}

}  // namespace gatepost::apiserver::manifests
