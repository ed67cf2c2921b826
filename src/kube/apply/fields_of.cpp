#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "kube/apply/element_of.h"
#include "kube/apply/fields_v1.h"
#include "kube/apply/merge.h"

namespace gatepost::kube::apply {
namespace {

using Nodes = boost::container::small_vector<FieldNode*, 16>;

// What a value adds to the set: itself, or what is below it.
struct Owned {
  bool self = false;
  FieldSet below = nullptr;
};

class Collector {
 public:
  explicit Collector(FieldArena& arena) : arena_(arena) {}

  Owned values(const Type& type, const json::Value& value, std::size_t depth) {
    Form form = form_of(type, value);
    if (form == Form::scalar || is_atomic(type, form) || depth > max_fields_depth) return {true, nullptr};
    if (value.is_object()) return {false, members(type, value.get_object(), depth)};
    if (value.is_array()) return {false, items(type, value.get_array(), depth)};
    return {};
  }

 private:
  FieldSet members(const Type& type, const json::Object& map, std::size_t depth) {
    Nodes nodes;
    for (const auto& member : map) {
      const Field* field = field_of(type, member.key());
      const json::Value& value = member.value();
      Owned owned = values(member_type(type, field), value, depth + 1);
      bool is_empty = value.is_null() || (value.is_object() && value.get_object().empty());
      add(nodes, {ElementKind::name, member.key()}, owned.self || is_empty || !field, owned.below);
    }
    return sorted(arena_, {nodes.data(), nodes.size()});
  }

  FieldSet items(const Type& type, const json::Array& list, std::size_t depth) {
    Nodes nodes;
    Type below = item_type(type);
    for (const json::Value& item : list) {
      auto element = element_of(arena_, type, item);
      if (!element) continue;
      add(nodes, *element, true, values(below, item, depth + 1).below);
    }
    auto less = [](const FieldNode* a, const FieldNode* b) { return compare(a->element, b->element) < 0; };
    std::stable_sort(nodes.begin(), nodes.end(), less);
    // Items that come more than once are owned as one thing, without what is in them.
    for (std::size_t i = 1; i < nodes.size(); ++i)
      if (!less(nodes[i - 1], nodes[i])) nodes[i - 1]->children = nodes[i]->children = nullptr;
    return sorted(arena_, {nodes.data(), nodes.size()});
  }

  void add(Nodes& nodes, const PathElement& element, bool member, FieldSet below) {
    if (member || below) nodes.push_back(arena_.node(element, member, below));
  }

  FieldArena& arena_;
};

// The type of what an element of a value of `type` leads to.
Type below_of(const Type& type, const PathElement& element) {
  if (element.kind == ElementKind::name) return member_type(type, field_of(type, element.text));
  bool is_list = type.kind != Type::Kind::typed || type.schema->type == SchemaType::list;
  return is_list ? item_type(type) : Type();
}

bool is_atomic_type(const Type& type) {
  if (type.kind != Type::Kind::typed) return false;
  switch (type.schema->type) {
    case SchemaType::structure:
    case SchemaType::map:
      return type.schema->atomic_map;
    case SchemaType::list:
      return type.schema->list_type == ListType::atomic;
    default:
      return false;
  }
}

}  // namespace

FieldSet fields_of(FieldArena& arena, const Type& type, const json::Value& value) {
  return Collector(arena).values(type, value, 0).below;
}

json::Value without(FieldArena& arena, const Type& type, const json::Value& value, FieldSet items) {
  Form form = form_of(type, value);
  if (form == Form::scalar) return json::Value(value, value.storage());
  json::Value nothing(value.storage());
  if (is_atomic(type, form)) return nothing;
  if (form == Form::map && value.is_object()) {
    json::Object out(value.storage());
    for (const auto& member : value.get_object()) {
      const FieldNode* node = find(items, {ElementKind::name, member.key()});
      if (node && node->member) continue;
      if (node) {
        Type below = member_type(type, field_of(type, member.key()));
        out.emplace(member.key(), without(arena, below, member.value(), node->children));
      } else {
        out.emplace(member.key(), member.value());
      }
    }
    if (!out.empty()) return out;
  }
  if (form == Form::list && value.is_array()) {
    json::Array out(value.storage());
    for (const json::Value& item : value.get_array()) {
      auto element = element_of(arena, type, item);
      const FieldNode* node = element ? find(items, *element) : nullptr;
      if (node && node->member) continue;
      out.push_back(node ? without(arena, item_type(type), item, node->children) : item);
    }
    if (!out.empty()) return out;
  }
  return nothing;
}

FieldSet with_named_fields(FieldArena& arena, const Type& type, FieldSet set) {
  Siblings out;
  for (FieldSet at = set; at; at = at->next) {
    bool named = at->children && at->element.kind == ElementKind::name && field_of(type, at->element.text);
    out.append(arena.node(at->element, at->member || named,
                          with_named_fields(arena, below_of(type, at->element), at->children)));
  }
  return out.finish();
}

FieldSet reconciled(FieldArena& arena, const Type& type, FieldSet set) {
  Siblings out;
  for (FieldSet at = set; at; at = at->next) {
    Type below = below_of(type, at->element);
    bool as_whole = at->children && is_atomic_type(below);
    out.append(
        arena.node(at->element, at->member || as_whole, as_whole ? nullptr : reconciled(arena, below, at->children)));
  }
  return out.finish();
}

}  // namespace gatepost::kube::apply
