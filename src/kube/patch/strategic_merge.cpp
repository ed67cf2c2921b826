#include <algorithm>
#include <optional>

#include "kube/patch/go_print.h"
#include "kube/patch/patch.h"
#include "kube/schema/types.h"

// Semantics, order and texts are those of apimachinery's strategicpatch with parallel lists merged and unmatched nulls
// ignored, as kube-apiserver calls it.
namespace gatepost::kube {
namespace {

constexpr std::string_view patch_marker = "$patch", retain_marker = "$retainKeys", order_prefix = "$setElementOrder/",
                           delete_prefix = "$deleteFromPrimitiveList/";
constexpr const char* bad_retain_keys = "invalid patch format of retainKeys";

using Done = ApiResult<void>;

// What the API server makes of the library's error: a bad request where the patch is malformed, else one of its own.
Failure<Status> malformed(std::string text) {
  return fail_with(bad_request(std::move(text)));
}
Failure<Status> refused(std::string text) {
  Status status;
  status.code = 500;
  status.message = std::move(text);
  return fail_with(std::move(status));
}

// How one field's lists and maps merge.
struct Rule {
  const Schema* schema = nullptr;  // of the field
  bool merge = false;
  std::string_view key;  // of list items; empty: items are scalars

  const Schema* items() const { return schema ? schema->items : nullptr; }
};

Rule rule_of(const Schema* schema, std::string_view name) {
  Rule rule;
  if (!schema) return rule;
  if (schema->type == SchemaType::map) {
    rule.schema = schema->items;
    return rule;
  }
  const Field* field = schema->field(name);
  if (!field) return rule;
  rule.schema = field->schema;
  if (!rule.schema) return rule;
  const auto& strategies = rule.schema->patch_strategies;
  rule.merge = std::find(strategies.begin(), strategies.end(), "merge") != strategies.end();
  rule.key = rule.schema->patch_merge_key;
  return rule;
}

const json::Value* key_of(const json::Value& item, std::string_view key) {
  return key.empty() ? &item : json::find(item, key);
}

Failure<Status> lacks_key(const json::Value& item, std::string_view key) {
  return refused("map: " + go_print(item) + " does not contain declared merge key: " + std::string(key));
}

Failure<Status> unknown_directive(const json::Value& directive, const json::Value& map) {
  return refused("unknown patch type: " + go_print(directive) + " in map: " + go_print(map));
}

// Values as they are told apart: keys are compared as they print.
bool same_key(const json::Value& a, const json::Value& b) {
  return a == b || go_print(a) == go_print(b);
}

std::ptrdiff_t index_in(const json::Array& list, const json::Value& item, std::string_view key) {
  const json::Value* wanted = key_of(item, key);
  for (std::size_t i = 0; wanted && i < list.size(); ++i) {
    const json::Value* own = key_of(list[i], key);
    if (own && same_key(*own, *wanted)) return static_cast<std::ptrdiff_t>(i);
  }
  return -1;
}

// A value without its directives; nothing for a map that is one.
std::optional<json::Value> without_directives(const json::Value& value) {
  if (value.is_array()) {
    json::Array out(value.storage());
    for (const json::Value& item : value.get_array())
      if (auto kept = without_directives(item)) out.push_back(std::move(*kept));
    return json::Value(std::move(out));
  }
  if (!value.is_object()) return value;
  json::Object out(value.storage());
  for (const auto& member : value.get_object()) {
    std::string_view name = member.key();
    if (name == patch_marker) return std::nullopt;
    if (name == retain_marker || name.starts_with(order_prefix) || name.starts_with(delete_prefix)) continue;
    if (member.value().is_null()) continue;
    if (auto kept = without_directives(member.value())) out.emplace(name, std::move(*kept));
  }
  return json::Value(std::move(out));
}

// Items of `patch` first where nothing says otherwise; those of the server keep their places among each other.
json::Array merge_sorted(json::Array server_only, json::Array patch_items, const json::Array& server_order,
                         std::string_view key) {
  json::Array out(server_only.storage());
  std::size_t i = 0, j = 0;
  while (i < server_only.size() || j < patch_items.size()) {
    bool take_server = j >= patch_items.size();
    if (!take_server && i < server_only.size()) {
      std::ptrdiff_t left = index_in(server_order, server_only[i], key);
      std::ptrdiff_t right = index_in(server_order, patch_items[j], key);
      take_server = left >= 0 && right >= 0 && left < right;
    }
    out.push_back(take_server ? std::move(server_only[i++]) : std::move(patch_items[j++]));
  }
  return out;
}

void sort_by(json::Array& list, const json::Array& order, std::string_view key) {
  std::stable_sort(list.begin(), list.end(), [&](const json::Value& a, const json::Value& b) {
    return index_in(order, a, key) < index_in(order, b, key);
  });
}

json::Array ordered(json::Array merged, const json::Array& patch_order, const json::Array& server_order,
                    std::string_view key) {
  json::Array patch_items(merged.storage()), server_only(merged.storage());
  for (json::Value& item : merged)
    (index_in(patch_order, item, key) >= 0 ? patch_items : server_only).push_back(std::move(item));
  sort_by(patch_items, patch_order, key);
  sort_by(server_only, server_order, key);
  return merge_sorted(std::move(server_only), std::move(patch_items), server_order, key);
}

Done merge_map(json::Value& document, const json::Value& patch, const Schema* schema);

// All items are of one kind: maps or scalars.
Done check_items(const json::Array& original, const json::Array& patch) {
  std::optional<json::Kind> kind;
  for (const json::Array* list : {&original, &patch})
    for (const json::Value& item : *list) {
      if (item.is_array()) return refused("lists of lists are not supported");
      json::Kind own = item.kind() == json::Kind::uint64 ? json::Kind::int64 : item.kind();
      if (kind && *kind != own)
        return refused("list element types are not identical: [" + go_print(original) + " " + go_print(patch) + "]");
      kind = own;
    }
  return {};
}

Done merge_items(json::Array& original, const json::Array& patch, const Rule& rule) {
  bool replaces = false;
  std::vector<const json::Value*> plain;
  for (const json::Value& item : patch) {
    const json::Value* directive = json::find(item, patch_marker);
    std::string_view what = json::string_at(item, {patch_marker});
    if (!directive) {
      plain.push_back(&item);
    } else if (what == "delete") {
      const json::Value* key = json::find(item, rule.key);
      if (!key) return lacks_key(item, rule.key);
      for (std::ptrdiff_t at; (at = index_in(original, item, rule.key)) >= 0;) original.erase(original.begin() + at);
    } else if (what == "replace") {
      replaces = true;
    } else if (what == "merge") {
      return refused("merging lists cannot yet be specified in the patch");
    } else {
      return unknown_directive(*directive, item);
    }
  }
  if (replaces) {
    original.clear();
    for (const json::Value* item : plain) original.push_back(*item);
    return {};
  }
  for (const json::Value* item : plain) {
    if (!json::find(*item, rule.key)) return lacks_key(*item, rule.key);
    std::ptrdiff_t at = index_in(original, *item, rule.key);
    if (at < 0) {
      original.push_back(*item);
    } else if (auto merged = merge_map(original[static_cast<std::size_t>(at)], *item, rule.items()); !merged) {
      return merged;
    }
  }
  return {};
}

enum class ListPatch { merge, remove };

Done merge_list(json::Array& original, const json::Array& patch, const Rule& rule, ListPatch what) {
  if (what == ListPatch::merge && !rule.merge) {
    original = patch;
    return {};
  }
  if (original.empty() && patch.empty()) return {};
  if (auto checked = check_items(original, patch); !checked) return checked;
  bool maps = (original.empty() ? patch : original).front().is_object();
  if (!maps && what == ListPatch::remove) {
    for (const json::Value& gone : patch)
      for (std::ptrdiff_t at; (at = index_in(original, gone, {})) >= 0;) original.erase(original.begin() + at);
    return {};
  }
  json::Array server_order = original;
  json::Array patch_order(original.storage());
  if (maps) {
    if (rule.key.empty())
      return refused("cannot merge lists without merge key for " + (rule.items() ? rule.items()->go_name : ""));
    bool replaces = false;
    for (const json::Value& item : patch) {
      replaces |= json::string_at(item, {patch_marker}) == "replace";
      if (!json::find(item, patch_marker)) patch_order.push_back(item);
    }
    if (auto merged = merge_items(original, patch, rule); !merged) return merged;
    for (const json::Value& item : original)
      if (!json::find(item, rule.key)) return lacks_key(item, rule.key);
    if (replaces) return {};
  } else {
    patch_order = patch;
    for (const json::Value& item : patch)
      if (index_in(original, item, {}) < 0) original.push_back(item);
  }
  original = ordered(std::move(original), patch_order, server_order, rule.key);
  return {};
}

Done retain_keys(json::Object& object, const json::Object& patch) {
  const json::Value* retained = patch.if_contains(retain_marker);
  if (!retained) return {};
  if (!retained->is_array()) return malformed(bad_retain_keys);
  auto listed = [&](std::string_view name) {
    return std::any_of(retained->get_array().begin(), retained->get_array().end(),
                       [&](const json::Value& key) { return key.is_string() && json::view(key.get_string()) == name; });
  };
  for (const auto& member : patch) {
    std::string_view name = member.key();
    bool exempt = name == retain_marker || member.value().is_null() || name.starts_with(delete_prefix) ||
                  name.starts_with(order_prefix);
    if (!exempt && !listed(name)) return malformed(bad_retain_keys);
  }
  for (std::size_t i = object.size(); i-- > 0;) {
    auto member = object.begin() + static_cast<std::ptrdiff_t>(i);
    if (!listed(member->key())) object.stable_erase(member);
  }
  return {};
}

// The items that the patch brings stand in the order it asks for.
Done check_order(const json::Array& patch, const json::Array& order, std::string_view key) {
  if (patch.empty() || order.empty()) return {};
  std::vector<const json::Value*> brought;
  for (const json::Value& item : patch)
    if (key.empty() || !json::find(item, patch_marker)) brought.push_back(&item);
  std::size_t at = 0;
  for (std::size_t i = 0; i < order.size() && at < brought.size(); ++i) {
    const json::Value *own = key_of(*brought[at], key), *wanted = key_of(order[i], key);
    if (!own) return lacks_key(*brought[at], key);
    if (wanted && same_key(*own, *wanted)) ++at;
  }
  if (at == brought.size()) return {};
  return refused("The order in patch list:\n" + go_print(json::Value(patch)) +
                 "\n doesn't match $setElementOrder list:\n" + go_print(json::Value(order)) + "\n");
}

Failure<Status> not_a_list(const json::Value& value) {
  return refused("expected a []interface {}, but received a " + go_type_name(value));
}

// Lists with an order of their own; `done` names those that were merged here.
Done merge_ordered_lists(json::Object& object, const json::Object& patch, const Schema* schema,
                         std::vector<std::string_view>& done) {
  for (const auto& member : patch) {
    std::string_view name = member.key();
    if (!name.starts_with(order_prefix)) continue;
    name.remove_prefix(order_prefix.size());
    if (!member.value().is_array()) return not_a_list(member.value());
    const json::Array& order = member.value().get_array();
    json::Value* original = object.if_contains(name);
    const json::Value* change = patch.if_contains(name);
    if (original && !original->is_array()) return not_a_list(*original);
    if (change && !change->is_array()) return not_a_list(*change);
    Rule rule = rule_of(schema, name);
    static const json::Array nothing;
    if (auto checked = check_order(change ? change->get_array() : nothing, order, rule.key); !checked) return checked;
    if (!original && !change) continue;
    if (!original) {
      original = &object[name];
      *original = *without_directives(*change);
      json::Array merged = original->get_array();
      original->get_array() = ordered(std::move(merged), order, nothing, rule.key);
    } else {
      json::Array server_order = original->get_array();
      if (change)
        if (auto merged = merge_list(original->get_array(), change->get_array(), rule, ListPatch::merge); !merged)
          return merged;
      json::Array merged = std::move(original->get_array());
      original->get_array() = ordered(std::move(merged), order, server_order, rule.key);
    }
    if (change) done.push_back(name);
  }
  return {};
}

void take_over(json::Object& object, std::string_view name, const json::Value& patch) {
  if (auto kept = without_directives(patch))
    object[name] = std::move(*kept);
  else
    object.stable_erase(name);
}

Done merge_member(json::Object& object, std::string_view name, const json::Value& patch, const Schema* schema,
                  ListPatch what) {
  if (patch.is_null()) {
    object.stable_erase(name);
    return {};
  }
  json::Value* original = object.if_contains(name);
  bool maps = original && original->is_object() && patch.is_object();
  bool lists = original && original->is_array() && patch.is_array();
  if (!maps && !lists) {
    if (what == ListPatch::merge) take_over(object, name, patch);
    return {};
  }
  Rule rule = rule_of(schema, name);
  if (lists) return merge_list(original->get_array(), patch.get_array(), rule, what);
  return merge_map(*original, patch, rule.schema);
}

Done merge_map(json::Value& document, const json::Value& patch, const Schema* schema) {
  if (const json::Value* directive = json::find(patch, patch_marker)) {
    std::string_view what = json::string_at(patch, {patch_marker});
    if (what != "replace" && what != "delete") return unknown_directive(*directive, patch);
    json::Object next(document.storage());
    if (what == "replace")
      for (const auto& member : patch.get_object())
        if (std::string_view(member.key()) != patch_marker) next.emplace(member.key(), member.value());
    document = std::move(next);
    return {};
  }
  if (!document.is_object()) document.emplace_object();
  json::Object& object = document.get_object();
  const json::Object& changes = patch.get_object();
  if (auto retained = retain_keys(object, changes); !retained) return retained;
  std::vector<std::string_view> done;
  if (auto merged = merge_ordered_lists(object, changes, schema, done); !merged) return merged;
  for (const auto& member : changes) {
    std::string_view name = member.key();
    if (name == retain_marker || name.starts_with(order_prefix)) continue;
    if (std::find(done.begin(), done.end(), name) != done.end()) continue;
    ListPatch what = name.starts_with(delete_prefix) ? ListPatch::remove : ListPatch::merge;
    if (what == ListPatch::remove) name.remove_prefix(delete_prefix.size());
    if (auto merged = merge_member(object, name, member.value(), schema, what); !merged) return merged;
  }
  return {};
}

}  // namespace

ApiResult<void> apply_strategic_patch(json::Value& document, const json::Value& patch, const GroupVersionKind& kind) {
  if (!patch.is_object())
    return refused("json: cannot unmarshal " + json_type_name(patch) +
                   " into Go value of type map[string]interface {}");
  return merge_map(document, patch, schema_of(kind));
}

}  // namespace gatepost::kube
