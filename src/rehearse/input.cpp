#include "rehearse/input.h"

#include <map>
#include <unistd.h>

#include "json/parse.h"
#include "kube/schema/object.h"
#include "lint/source.h"
#include "yaml/convert.h"
#include "yaml/split.h"

namespace gatepost::rehearse {
namespace {

// Kinds whose objects say nothing about whether pods come back, or that may hold secrets.
bool is_left_out(const kube::ResourceInfo& resource) {
  return resource.resource == "secrets" || resource.resource == "events" || resource.resource == "leases" ||
         resource.resource == "configmaps" || resource.resource == "endpoints";
}

struct Reader {
  const kube::Registry& registry;
  Input& into;
  std::map<std::string, std::size_t> unknown;  // kinds

  Result<void> add(json::Value object, const std::string& from) {
    if (!object.is_object()) return {};
    const std::string kind(json::string_at(object, {"kind"})), version(json::string_at(object, {"apiVersion"}));
    if (kind.empty() || version.empty()) return fail(from + ": the object has no kind or no apiVersion");
    if (kind.ends_with("List") && json::array_at(object, {"items"})) {
      for (json::Value& item : object.get_object()["items"].get_array()) {
        // Items of a typed list may leave out what they are.
        if (item.is_object() && kind != "List") {
          json::Object& fields = item.get_object();
          if (!fields.contains("kind")) fields["kind"] = kind.substr(0, kind.size() - 4);
          if (!fields.contains("apiVersion")) fields["apiVersion"] = version;
        }
        if (auto added = add(std::move(item), from); !added) return added;
      }
      return {};
    }
    const std::size_t slash = version.find('/');
    const std::string group = slash == std::string::npos ? "" : version.substr(0, slash);
    const std::string bare = slash == std::string::npos ? version : version.substr(slash + 1);
    const kube::ResourceInfo* served = registry.find_kind(group, bare, kind);
    if (!served || served->collection.empty()) {
      ++unknown[kind];
      return {};
    }
    if (is_left_out(*served)) return {};
    const std::string name(json::string_at(object, {"metadata", "name"}));
    if (name.empty()) return fail(from + ": the " + kind + " has no metadata.name");
    const std::string where = from + ": " + kind + " " + name + ": ";
    kube::GroupVersionKind as_written{group, bare, kind};
    if (auto decoded = kube::decode(object, as_written, kube::FieldValidation::ignore); !decoded)
      return fail(where + decoded.error().text);
    kube::set_defaults(object, as_written);
    const kube::ResourceInfo* stored = registry.find(served->storage_group, served->storage_version, served->resource);
    if (!stored) stored = served;
    kube::GroupVersionKind as_stored{stored->group, stored->version, stored->kind};
    if (!(as_written == as_stored))
      if (auto converted = kube::convert(object, as_written, as_stored); !converted)
        return fail(where + converted.error().message);
    json::Object& fields = object.get_object();
    fields["kind"] = stored->kind;
    fields["apiVersion"] = kube::api_version(stored->group, stored->version);
    json::Object& metadata = fields["metadata"].get_object();
    metadata.erase("managedFields");
    if (stored->namespaced && json::string_at(object, {"metadata", "namespace"}).empty())
      metadata["namespace"] = "default";
    if (!stored->namespaced) metadata.erase("namespace");
    into.objects.push_back({stored, std::move(object), from});
    return {};
  }

  Result<void> snapshot(const std::string& name, json::Value document) {
    const std::string schema(json::string_at(document, {"schema"}));
    if (schema != snapshot_schema)
      return fail(name + ": snapshot version " + schema + " is not known (this program reads " +
                  std::string(snapshot_schema) + ")");
    const json::Array* objects = json::array_at(document, {"objects"});
    if (!objects || !json::bool_at(document, {"complete"}))
      return fail(name + ": the snapshot is not whole (take it again with gatepost snapshot)");
    if (auto taken = parse_rfc3339(json::string_at(document, {"takenAt"}))) into.taken = *taken;
    into.is_snapshot = true;
    if (const json::Array* unread = json::array_at(document, {"unread"}))
      for (const json::Value& line : *unread)
        if (line.is_string())
          into.notes.push_back("not in the snapshot: " + std::string(json::view(line.get_string())));
    json::Array taken_over = std::move(document.get_object()["objects"].get_array());
    std::size_t index = 0;
    for (json::Value& object : taken_over)
      if (auto added = add(std::move(object), name + ": objects[" + std::to_string(index++) + "]"); !added)
        return added;
    return {};
  }

  Result<void> text(const std::string& name, const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && text[first] == '{') {
      auto document = json::parse(text, json::make_arena(text.size()));
      if (document) {
        if (document->is_object() && document->get_object().contains("schema"))
          return snapshot(name, std::move(*document));
        return add(std::move(*document), name);
      }
      if (text.find(snapshot_schema_prefix) != std::string::npos)
        return fail(name + ": the snapshot is not whole: " + document.error().text);
    }
    for (const yaml::Part& part : yaml::split(text)) {
      const std::string from = name + ":" + std::to_string(part.origin.line);
      yaml::ReadOptions options;
      options.origin = part.origin;
      auto tree = yaml::read(part.text, options);
      if (!tree) return fail(name + ": " + tree.error().text);
      if (tree->empty()) continue;
      auto converted = yaml::convert(*tree, json::make_arena(part.text.size() * 3));
      if (!converted) return fail(from + ": " + converted.error().text);
      if (auto added = add(std::move(converted->value), from); !added) return added;
    }
    return {};
  }

  void note_unknown() {
    for (const auto& [kind, count] : unknown)
      into.notes.push_back("left out: " + std::to_string(count) + " of kind " + kind +
                           ", which the simulated cluster does not know");
  }
};

}  // namespace

Result<void> read_text(const std::string& name, const std::string& text, const kube::Registry& registry, Input& into) {
  Reader reader{registry, into, {}};
  auto read = reader.text(name, text);
  reader.note_unknown();
  return read;
}

Result<Input> read_input(const std::vector<std::string>& paths, const kube::Registry& registry) {
  Input input;
  input.taken = *parse_rfc3339("2026-01-01T00:00:00Z");
  lint::Sources sources = lint::read_sources(paths, {}, STDIN_FILENO);
  if (!sources.problems.empty()) return fail(sources.problems.front().line_text());
  Reader reader{registry, input, {}};
  for (const lint::SourceFile& file : sources.files) {
    if (file.is_template) {
      input.notes.push_back("left out: " + file.name +
                            " is a template (pipe `helm template` into gatepost rehearse -)");
      continue;
    }
    if (auto read = reader.text(file.name, file.text); !read) return fail_with(std::move(read.error()));
  }
  reader.note_unknown();
  return input;
}

}  // namespace gatepost::rehearse
