#include "kube/crd/definition.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "json/write.h"
#include "kube/crd/merge_schema.h"

namespace gatepost::kube::crd {
namespace {

std::string text_at(const json::Value& value, std::initializer_list<std::string_view> path) {
  return std::string(json::string_at(value, path));
}

std::vector<std::string> texts_at(const json::Value& value, std::initializer_list<std::string_view> path) {
  std::vector<std::string> out;
  if (const json::Array* list = json::array_at(value, path))
    for (const json::Value& item : *list)
      if (item.is_string()) out.emplace_back(json::view(item.get_string()));
  return out;
}

// ".spec.replicas" -> {"spec", "replicas"}
std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> out;
  if (path.starts_with('.')) path.remove_prefix(1);
  while (!path.empty()) {
    std::size_t dot = std::min(path.find('.'), path.size());
    out.emplace_back(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return out;
}

void read_columns(const json::Value& value, Version& out) {
  const json::Array* columns = json::array_at(value, {"additionalPrinterColumns"});
  if (!columns || columns->empty()) {
    auto path = JsonPath::parse(".metadata.creationTimestamp");
    out.columns.push_back({"Age", "date", "", "", ".metadata.creationTimestamp", 0, std::move(*path)});
    return;
  }
  for (const json::Value& column : *columns) {
    Column made;
    made.name = text_at(column, {"name"});
    made.type = text_at(column, {"type"});
    made.format = text_at(column, {"format"});
    made.description = text_at(column, {"description"});
    made.text = text_at(column, {"jsonPath"});
    made.priority = json::int_at(column, {"priority"});
    auto path = JsonPath::parse(made.text);
    // As the original: a path that cannot be read ends the custom columns.
    if (!path) return;
    made.path = std::move(*path);
    out.columns.push_back(std::move(made));
  }
}

void read_subresources(const json::Value& value, Version& out) {
  const json::Value* status = json::find_path(value, {"subresources", "status"});
  out.has_status = status && status->is_object();
  const json::Value* scale = json::find_path(value, {"subresources", "scale"});
  if (!scale || !scale->is_object()) return;
  out.scale = Scale{split_path(json::string_at(*scale, {"specReplicasPath"})),
                    split_path(json::string_at(*scale, {"statusReplicasPath"})),
                    split_path(json::string_at(*scale, {"labelSelectorPath"}))};
}

void read_selectable(const json::Value& value, Version& out) {
  const json::Array* fields = json::array_at(value, {"selectableFields"});
  if (!fields) return;
  for (const json::Value& field : *fields) {
    std::string_view text = json::string_at(field, {"jsonPath"});
    auto path = JsonPath::parse(text);
    if (!path) continue;
    out.selectable.push_back(std::move(*path));
    out.selectable_names.emplace_back(text.starts_with('.') ? text.substr(1) : text);
  }
}

Result<Version> read_version(const json::Value& value, bool preserve_unknown_fields) {
  Version out;
  out.name = text_at(value, {"name"});
  out.served = json::bool_at(value, {"served"});
  out.storage = json::bool_at(value, {"storage"});
  out.deprecated = json::bool_at(value, {"deprecated"});
  out.deprecation_warning = text_at(value, {"deprecationWarning"});
  if (const json::Value* props = json::find_path(value, {"schema", "openAPIV3Schema"}); props && props->is_object()) {
    auto schema = read_schema(*props);
    if (!schema) return fail_with(std::move(schema.error()));
    if (!preserve_unknown_fields) prune_defaults(*schema);
    out.schema = std::make_shared<const Schema>(std::move(*schema));
    out.rules = Rules::make(*out.schema);
  } else {
    Schema open;
    open.type = "object";
    open.preserve_unknown = true;
    out.schema = std::make_shared<const Schema>(std::move(open));
  }
  out.merge_schema =
      MergeSchema::make(*out.schema, preserve_unknown_fields ? UnknownFields::preserved : UnknownFields::pruned);
  read_subresources(value, out);
  read_columns(value, out);
  read_selectable(value, out);
  return out;
}

// "acme.io/v1beta1 Widget is deprecated; use acme.io/v1 Widget"
std::string deprecation_of(const Definition& definition, const Version& version) {
  auto named = [&](const std::string& v) { return definition.group + "/" + v + " " + definition.kind; };
  std::string out = named(version.name) + " is deprecated";
  const Version* best = nullptr;
  for (const Version& other : definition.versions) {
    bool newer = other.served && !other.deprecated && version_before(other.name, version.name);
    if (newer && (!best || version_before(other.name, best->name))) best = &other;
  }
  return best ? out + "; use " + named(best->name) : out;
}

void read_conversion(const json::Value& spec, Definition& out) {
  if (json::string_at(spec, {"conversion", "strategy"}) != "Webhook") return;
  const json::Value* config = json::find_path(spec, {"conversion", "webhook", "clientConfig"});
  if (!config) return;
  out.conversion = ConversionWebhook{json::Value(*config, json::Storage()),
                                     texts_at(spec, {"conversion", "webhook", "conversionReviewVersions"})};
}

void read_names(const json::Value& object, Definition& out) {
  const json::Value* accepted = json::find_path(object, {"status", "acceptedNames"});
  if (!accepted) return;
  out.plural = text_at(*accepted, {"plural"});
  out.singular = text_at(*accepted, {"singular"});
  out.kind = text_at(*accepted, {"kind"});
  out.list_kind = text_at(*accepted, {"listKind"});
  out.short_names = texts_at(*accepted, {"shortNames"});
  out.categories = texts_at(*accepted, {"categories"});
}

// A version's rank: (form, major, stability, minor), larger first; form 0 for names that are no versions.
using Rank = std::tuple<int, std::uint64_t, int, std::uint64_t>;
Rank rank_of(std::string_view version) {
  auto number = [&](std::uint64_t& out) {
    auto parsed = std::from_chars(version.data(), version.data() + version.size(), out);
    if (parsed.ec != std::errc{} || out == 0 || version.starts_with('0')) return false;
    version.remove_prefix(static_cast<std::size_t>(parsed.ptr - version.data()));
    return true;
  };
  std::uint64_t major = 0, minor = 0;
  if (!version.starts_with('v')) return {};
  version.remove_prefix(1);
  if (!number(major)) return {};
  if (version.empty()) return {1, major, 2, 0};
  bool beta = version.starts_with("beta"), alpha = version.starts_with("alpha");
  if (!beta && !alpha) return {};
  version.remove_prefix(beta ? 4 : 5);
  if (!number(minor) || !version.empty()) return {};
  return {1, major, beta ? 1 : 0, minor};
}

// Stability before the number: v1 comes before v2beta1.
std::tuple<int, int, std::uint64_t, std::uint64_t> order_of(const Rank& rank) {
  return {std::get<0>(rank), std::get<2>(rank), std::get<1>(rank), std::get<3>(rank)};
}

SubresourceInfo subresource(std::string name, GroupVersionKind kind) {
  return {std::move(name), std::move(kind), {"get", "patch", "update"}};
}

}  // namespace

const Version* Definition::version(std::string_view version_name) const {
  for (const Version& one : versions)
    if (one.name == version_name) return &one;
  return nullptr;
}

bool version_before(std::string_view a, std::string_view b) {
  Rank left = rank_of(a), right = rank_of(b);
  if (std::get<0>(left) == 0 && std::get<0>(right) == 0) return a < b;
  return order_of(left) > order_of(right);
}

bool has_condition(const json::Value& object, std::string_view type) {
  const json::Array* conditions = json::array_at(object, {"status", "conditions"});
  return conditions && std::any_of(conditions->begin(), conditions->end(), [&](const json::Value& condition) {
           return json::string_at(condition, {"type"}) == type && json::string_at(condition, {"status"}) == "True";
         });
}

Result<std::shared_ptr<const Definition>> compile(const json::Value& object, std::uint64_t revision,
                                                  const std::shared_ptr<const Definition>& before) {
  const json::Value* spec = json::find(object, "spec");
  if (!spec) return fail("a definition without a spec");
  auto out = std::make_shared<Definition>();
  out->name = text_at(object, {"metadata", "name"});
  out->uid = text_at(object, {"metadata", "uid"});
  out->group = text_at(*spec, {"group"});
  out->namespaced = json::string_at(*spec, {"scope"}) == "Namespaced";
  out->preserve_unknown_fields = json::bool_at(*spec, {"preserveUnknownFields"});
  out->terminating = has_condition(object, "Terminating");
  read_names(object, *out);
  out->spec_text = json::write(*spec);
  bool same = before && before->uid == out->uid && before->spec_text == out->spec_text;
  out->schema_revision = same ? before->schema_revision : revision;
  const json::Array* versions = json::array_at(*spec, {"versions"});
  for (std::size_t i = 0; versions && i < versions->size(); ++i) {
    auto version = read_version((*versions)[i], out->preserve_unknown_fields);
    if (!version) return fail_with(std::move(version.error()));
    if (version->storage) out->storage_version = version->name;
    out->versions.push_back(std::move(*version));
  }
  for (Version& version : out->versions)
    if (version.deprecated && version.deprecation_warning.empty())
      version.deprecation_warning = deprecation_of(*out, version);
  read_conversion(*spec, *out);
  return std::shared_ptr<const Definition>(std::move(out));
}

std::vector<std::shared_ptr<ResourceInfo>> resources_of(const std::shared_ptr<const Definition>& definition) {
  std::vector<std::shared_ptr<ResourceInfo>> out;
  for (const Version& version : definition->versions) {
    if (!version.served) continue;
    auto info = std::make_shared<ResourceInfo>();
    info->group = definition->group;
    info->version = version.name;
    info->resource = definition->plural;
    info->singular = definition->singular;
    info->kind = definition->kind;
    info->list_kind = definition->list_kind;
    info->response_kind = {definition->group, version.name, definition->kind};
    info->short_names = definition->short_names;
    info->categories = definition->categories;
    info->verbs = {"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"};
    if (definition->terminating) info->verbs = {"delete", "deletecollection", "get", "list", "watch"};
    info->namespaced = definition->namespaced;
    if (version.has_status) info->subresources.push_back(subresource("status", info->response_kind));
    if (version.scale) info->subresources.push_back(subresource("scale", {"autoscaling", "v1", "Scale"}));
    info->collection = definition->group + "/" + definition->plural;
    info->storage_group = definition->group;
    info->storage_version = definition->storage_version;
    info->definition = definition;
    info->version_of_definition = &version;
    out.push_back(std::move(info));
  }
  return out;
}

}  // namespace gatepost::kube::crd
