#include "json/sort_keys.h"

#include <map>

namespace gatepost::json {

void sort_keys(Object& object) {
  std::map<std::string_view, Value*> members;
  for (auto& member : object) members.emplace(member.key(), &member.value());
  Object sorted(object.storage());
  sorted.reserve(object.size());
  for (auto& [name, member] : members) sorted.emplace(name, std::move(*member));
  object = std::move(sorted);
}

void sort_all_keys(Value& value) {
  if (value.is_array())
    for (Value& item : value.get_array()) sort_all_keys(item);
  if (!value.is_object()) return;
  sort_keys(value.get_object());
  for (auto& member : value.get_object()) sort_all_keys(member.value());
}

}  // namespace gatepost::json
