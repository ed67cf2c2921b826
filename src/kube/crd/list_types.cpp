#include <unordered_map>

#include "json/write.h"
#include "kube/crd/validate_value.h"

namespace gatepost::kube::crd {
namespace {

void check(const json::Value& value, const Schema& schema, const std::string& path, std::vector<FieldError>& errors);

// Objects are compared by content whatever the order of their keys: their printed form with sorted keys.
std::string canonical(const json::Value& value) {
  if (value.is_array()) {
    std::string out = "[";
    for (const json::Value& item : value.get_array()) out += canonical(item) + ",";
    return out + "]";
  }
  if (!value.is_object()) return json::write(value);
  std::map<std::string_view, const json::Value*> sorted;
  for (const auto& member : value.get_object()) sorted.emplace(member.key(), &member.value());
  std::string out = "{";
  for (const auto& [key, member] : sorted) {
    json::write_string(key, out);
    out += ":" + canonical(*member) + ",";
  }
  return out + "}";
}

// The second place of each text that comes more than once.
std::vector<std::size_t> repeated(const std::vector<std::string>& texts) {
  std::unordered_map<std::string_view, int> seen;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (++seen[texts[i]] == 2) out.push_back(i);
  return out;
}

// The fields of an item that are the list's keys.
json::Value keys_of(const json::Value& item, const Schema& list) {
  json::Object keys;
  for (const std::string& key : list.list_map_keys)
    if (const json::Value* value = json::find(item, key)) keys.emplace(key, *value);
  return json::Value(std::move(keys));
}

std::string at(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

FieldError duplicate(const std::string& path, std::size_t index, const std::string& shown) {
  return {"FieldValueDuplicate", at(path, index), "Duplicate value: " + shown};
}

void check_set(const json::Array& list, const std::string& path, std::vector<FieldError>& errors) {
  std::vector<std::string> texts;
  for (const json::Value& item : list) texts.push_back(canonical(item));
  for (std::size_t i : repeated(texts)) errors.push_back(duplicate(path, i, shown_value(list[i])));
}

void check_map(const json::Array& list, const Schema& schema, const std::string& path,
               std::vector<FieldError>& errors) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (!list[i].is_object() && !list[i].is_null()) {
      errors.push_back(
          {"FieldValueInvalid", at(path, i),
           "Invalid value: " + shown_value(list[i]) + ": must be an object for an array of list-type map"});
      return;
    }
  std::vector<std::string> texts;
  for (const json::Value& item : list) texts.push_back(canonical(keys_of(item, schema)));
  for (std::size_t i : repeated(texts)) errors.push_back(duplicate(path, i, json::write(keys_of(list[i], schema))));
}

void check_list(const json::Array& list, const Schema& schema, const std::string& path,
                std::vector<FieldError>& errors) {
  if (schema.list_type == "set") check_set(list, path, errors);
  if (schema.list_type == "map") check_map(list, schema, path, errors);
  if (schema.items)
    for (std::size_t i = 0; i < list.size(); ++i) check(list[i], *schema.items, at(path, i), errors);
}

void check(const json::Value& value, const Schema& schema, const std::string& path, std::vector<FieldError>& errors) {
  if (value.is_array()) return check_list(value.get_array(), schema, path, errors);
  if (!value.is_object()) return;
  for (const auto& member : value.get_object()) {
    std::string_view key = member.key();
    if (auto found = schema.properties.find(key); found != schema.properties.end())
      check(member.value(), found->second, path.empty() ? std::string(key) : path + "." + std::string(key), errors);
    if (schema.additional) check(member.value(), *schema.additional, path + "[" + std::string(key) + "]", errors);
  }
}

}  // namespace

std::vector<FieldError> validate_list_types(const json::Value& object, const Schema& schema) {
  std::vector<FieldError> errors;
  check(object, schema, "", errors);
  return errors;
}

OldItems::OldItems(const Schema& list, const json::Value* old_list) : list_(list) {
  if (list.list_type != "map" || !old_list || !old_list->is_array()) return;
  for (const json::Value& item : old_list->get_array())
    if (item.is_object()) by_keys_.emplace(canonical(keys_of(item, list)), &item);
}

const json::Value* OldItems::matching(const json::Value& item) const {
  if (by_keys_.empty() || !item.is_object()) return nullptr;
  auto found = by_keys_.find(canonical(keys_of(item, list_)));
  return found == by_keys_.end() ? nullptr : found->second;
}

}  // namespace gatepost::kube::crd
