#include <algorithm>

#include "kube/patch/patch.h"
#include "kube/schema/types.h"

namespace gatepost::kube {
namespace {

bool is_directive(std::string_view key) {
  return key.starts_with('$');
}

bool merges(const Schema* schema) {
  return schema && std::find(schema->patch_strategies.begin(), schema->patch_strategies.end(), "merge") !=
                       schema->patch_strategies.end();
}

const Schema* field_schema(const Schema* schema, std::string_view name) {
  if (!schema) return nullptr;
  if (schema->type == SchemaType::map) return schema->items;
  const Field* field = schema->field(name);
  return field ? field->schema : nullptr;
}

void merge_value(json::Value& document, const json::Value& patch, const Schema* schema);

// A copy of what a patch adds, without its directives.
json::Value plain(const json::Value& patch, const Schema* schema) {
  if (patch.is_object()) {
    json::Value empty(json::Object{});
    merge_value(empty, patch, schema);
    return empty;
  }
  if (!patch.is_array()) return patch;
  json::Array out;
  for (const json::Value& item : patch.get_array()) {
    std::string_view directive = json::string_at(item, {"$patch"});
    if (directive == "delete" || directive == "replace") continue;
    out.push_back(plain(item, schema ? schema->items : nullptr));
  }
  return out;
}

json::Array::iterator find_by_key(json::Array& list, const std::string& merge_key, const json::Value& wanted) {
  return std::find_if(list.begin(), list.end(), [&](const json::Value& item) {
    const json::Value* key = json::find(item, merge_key);
    return key && *key == wanted;
  });
}

void merge_list_of_objects(json::Array& list, const json::Array& patch, const Schema& schema) {
  const std::string& merge_key = schema.patch_merge_key;
  for (const json::Value& item : patch)
    if (json::string_at(item, {"$patch"}) == "replace") {
      json::Value replaced = plain(json::Value(patch), &schema);
      list = replaced.get_array();
      return;
    }
  for (const json::Value& item : patch) {
    const json::Value* key = json::find(item, merge_key);
    if (!key) continue;
    auto found = find_by_key(list, merge_key, *key);
    if (json::string_at(item, {"$patch"}) == "delete") {
      if (found != list.end()) list.erase(found);
    } else if (found != list.end()) {
      merge_value(*found, item, schema.items);
    } else {
      list.push_back(plain(item, schema.items));
    }
  }
}

void merge_list_of_scalars(json::Array& list, const json::Array& patch) {
  for (const json::Value& item : patch)
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// "$setElementOrder/containers": the order the client wants; items it does not name stay behind those they followed.
void set_order(json::Array& list, const json::Array& order, const std::string& merge_key) {
  auto rank = [&](const json::Value& item) -> std::size_t {
    const json::Value* own = merge_key.empty() ? &item : json::find(item, merge_key);
    for (std::size_t i = 0; own && i < order.size(); ++i) {
      const json::Value* wanted = merge_key.empty() ? &order[i] : json::find(order[i], merge_key);
      if (wanted && *wanted == *own) return i;
    }
    return order.size();
  };
  std::vector<std::pair<std::size_t, json::Value>> ranked;
  std::size_t last = 0;
  for (json::Value& item : list) {
    std::size_t at = rank(item);
    last = at < order.size() ? at : last;
    ranked.emplace_back(last, std::move(item));
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < ranked.size(); ++i) list[i] = std::move(ranked[i].second);
}

void delete_scalars(json::Array& list, const json::Array& gone) {
  auto listed = [&](const json::Value& item) { return std::find(gone.begin(), gone.end(), item) != gone.end(); };
  list.erase(std::remove_if(list.begin(), list.end(), listed), list.end());
}

void apply_directives(json::Object& object, const json::Object& patch, const Schema* schema) {
  for (const auto& member : patch) {
    std::string_view key = member.key();
    std::size_t slash = key.find('/');
    if (!is_directive(key) || slash == std::string_view::npos || !member.value().is_array()) continue;
    std::string_view name = key.substr(slash + 1), directive = key.substr(0, slash);
    json::Value* target = object.if_contains(name);
    if (!target || !target->is_array()) continue;
    const Schema* list = field_schema(schema, name);
    if (directive == "$deleteFromPrimitiveList") delete_scalars(target->get_array(), member.value().get_array());
    if (directive == "$setElementOrder")
      set_order(target->get_array(), member.value().get_array(), list ? list->patch_merge_key : "");
  }
  if (const json::Value* retained = patch.if_contains("$retainKeys"); retained && retained->is_array()) {
    const json::Array& keys = retained->get_array();
    for (std::size_t i = object.size(); i-- > 0;) {
      auto member = object.begin() + static_cast<std::ptrdiff_t>(i);
      bool kept = std::any_of(keys.begin(), keys.end(), [&](const json::Value& key) {
        return key.is_string() && json::view(key.get_string()) == std::string_view(member->key());
      });
      if (!kept) object.stable_erase(member);
    }
  }
}

void merge_value(json::Value& document, const json::Value& patch, const Schema* schema) {
  if (!patch.is_object()) {
    document = plain(patch, schema);
    return;
  }
  std::string_view directive = json::string_at(patch, {"$patch"});
  if (directive == "replace" || !document.is_object()) document.emplace_object();
  if (directive == "delete") {
    document.emplace_object();
    return;
  }
  json::Object& object = document.get_object();
  for (const auto& member : patch.get_object()) {
    std::string_view key = member.key();
    if (is_directive(key)) continue;
    if (member.value().is_null()) {
      object.stable_erase(key);
      continue;
    }
    const Schema* own = field_schema(schema, key);
    json::Value& target = object[key];
    bool lists = target.is_array() && member.value().is_array() && merges(own);
    if (lists && !own->patch_merge_key.empty())
      merge_list_of_objects(target.get_array(), member.value().get_array(), *own);
    else if (lists)
      merge_list_of_scalars(target.get_array(), member.value().get_array());
    else
      merge_value(target, member.value(), own);
  }
  apply_directives(object, patch.get_object(), schema);
}

}  // namespace

ApiResult<void> apply_strategic_patch(json::Value& document, const json::Value& patch, const GroupVersionKind& kind) {
  merge_value(document, patch, schema_of(kind));
  return {};
}

}  // namespace gatepost::kube
