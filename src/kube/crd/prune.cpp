#include "kube/crd/prune.h"

#include <algorithm>

namespace gatepost::kube::crd {
namespace {

bool is_type_or_metadata(std::string_view key) {
  return key == "metadata" || key == "apiVersion" || key == "kind";
}

class Pruner {
 public:
  explicit Pruner(std::vector<std::string>* unknown) : unknown_(unknown) {}

  void prune(json::Value& value, const Schema* schema, bool embedded) {
    if (schema && schema->preserve_unknown) return keep(value, *schema, embedded);
    if (value.is_array()) return each_item(value.get_array(), schema, &Pruner::prune_item);
    if (!value.is_object()) return;
    json::Object& object = value.get_object();
    std::vector<std::string> dropped;
    for (auto& member : object) {
      std::string_view key = member.key();
      if (embedded && is_type_or_metadata(key)) continue;
      bool known = schema && (schema->properties.contains(key) || schema->has_additional);
      if (!known) {
        if (unknown_ && (!schema || !is_type_or_metadata(key) || !path_.empty())) record(key);
        dropped.emplace_back(key);
        continue;
      }
      descend(key, member.value(), schema->child(key));
    }
    for (const std::string& key : dropped) object.erase(key);
  }

 private:
  // Under x-kubernetes-preserve-unknown-fields only what has a schema of its own is looked at.
  void keep(json::Value& value, const Schema& schema, bool embedded) {
    if (value.is_array()) {
      if (schema.items) each_item(value.get_array(), &schema, &Pruner::keep_item);
      return;
    }
    if (!value.is_object()) return;
    for (auto& member : value.get_object()) {
      std::string_view key = member.key();
      if (embedded && is_type_or_metadata(key)) continue;
      if (schema.properties.contains(key) || schema.has_additional) descend(key, member.value(), schema.child(key));
    }
  }

  void prune_item(json::Value& item, const Schema* list) {
    const Schema* schema = list ? list->items.get() : nullptr;
    prune(item, schema, schema && schema->embedded);
  }

  void keep_item(json::Value& item, const Schema* list) { keep(item, *list->items, list->items->embedded); }

  void each_item(json::Array& list, const Schema* schema, void (Pruner::*visit)(json::Value&, const Schema*)) {
    const std::size_t length = path_.size();
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (unknown_) path_ += "[" + std::to_string(i) + "]";
      (this->*visit)(list[i], schema);
      path_.resize(length);
    }
  }

  void descend(std::string_view key, json::Value& value, const Schema* schema) {
    const std::size_t length = path_.size();
    if (unknown_) {
      if (!path_.empty()) path_.push_back('.');
      path_ += key;
    }
    prune(value, schema, schema && schema->embedded);
    path_.resize(length);
  }

  void record(std::string_view key) {
    std::string full = path_;
    if (!full.empty()) full.push_back('.');
    unknown_->push_back(full.append(key));
  }

  std::vector<std::string>* unknown_;
  std::string path_;
};

bool is_forbidden_null(const json::Value& value, const Schema* schema) {
  return value.is_null() && schema && !schema->nullable;
}

// A copy in the memory of `into`.
json::Value copied(const std::optional<json::Value>& value, const json::Storage& memory) {
  return value ? json::Value(*value, memory) : json::Value(nullptr, memory);
}

}  // namespace

void prune(json::Value& value, const Schema& schema, Root root, std::vector<std::string>* unknown) {
  Pruner(unknown).prune(value, &schema, root == Root::yes || schema.embedded);
  if (unknown) std::sort(unknown->begin(), unknown->end());
}

void prune_nulls(json::Value& value, const Schema* schema) {
  if (value.is_array()) {
    for (json::Value& item : value.get_array()) prune_nulls(item, schema ? schema->items.get() : nullptr);
    return;
  }
  if (!value.is_object()) return;
  json::Object& object = value.get_object();
  std::vector<std::string> dropped;
  for (auto& member : object) {
    const Schema* child = schema ? schema->child(member.key()) : nullptr;
    if (is_forbidden_null(member.value(), child) && !child->default_value)
      dropped.emplace_back(member.key());
    else
      prune_nulls(member.value(), child);
  }
  for (const std::string& key : dropped) object.erase(key);
}

void set_defaults(json::Value& value, const Schema& schema) {
  if (value.is_array()) {
    if (!schema.items) return;
    for (json::Value& item : value.get_array()) {
      if (is_forbidden_null(item, schema.items.get())) item = copied(schema.items->default_value, item.storage());
      set_defaults(item, *schema.items);
    }
    return;
  }
  if (!value.is_object()) return;
  json::Object& object = value.get_object();
  for (const auto& [name, property] : schema.properties) {
    if (!property.default_value) continue;
    const json::Value* present = object.if_contains(name);
    if (!present || is_forbidden_null(*present, &property))
      object[name] = copied(property.default_value, object.storage());
  }
  for (auto& member : object) {
    auto found = schema.properties.find(std::string_view(member.key()));
    if (found != schema.properties.end()) {
      set_defaults(member.value(), found->second);
    } else if (schema.additional) {
      if (is_forbidden_null(member.value(), schema.additional.get()))
        member.value() = copied(schema.additional->default_value, object.storage());
      set_defaults(member.value(), *schema.additional);
    }
  }
}

}  // namespace gatepost::kube::crd
