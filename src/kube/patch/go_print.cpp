#include "kube/patch/go_print.h"

#include <algorithm>
#include <vector>

#include "json/write.h"

namespace gatepost::kube {

std::string go_print(const json::Value& value) {
  if (value.is_null()) return "<nil>";
  if (value.is_string()) return std::string(json::view(value.get_string()));
  if (value.is_array()) {
    std::string out = "[";
    for (const json::Value& item : value.get_array()) out += (out.size() > 1 ? " " : "") + go_print(item);
    return out + "]";
  }
  if (value.is_object()) {
    std::vector<std::string> members;
    for (const auto& member : value.get_object())
      members.push_back(std::string(member.key()) + ":" + go_print(member.value()));
    std::sort(members.begin(), members.end());
    std::string out = "map[";
    for (const std::string& member : members) out += (out.size() > 4 ? " " : "") + member;
    return out + "]";
  }
  return json::write(value);
}

std::string go_type_name(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::string:
      return "string";
    case json::Kind::bool_:
      return "bool";
    case json::Kind::int64:
    case json::Kind::uint64:
      return "int64";
    case json::Kind::double_:
      return "float64";
    case json::Kind::array:
      return "[]interface {}";
    case json::Kind::object:
      return "map[string]interface {}";
    case json::Kind::null:
      break;
  }
  return "nil";
}

std::string go_type_printed(const json::Value& value) {
  return value.is_null() ? "<nil>" : go_type_name(value);
}

std::string json_type_name(const json::Value& value) {
  if (value.is_string()) return "string";
  if (value.is_bool()) return "bool";
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  return "number";
}

}  // namespace gatepost::kube
