#include "kube/validation/structure.h"

#include <map>

namespace gatepost::kube {

std::string shown_structure(const Field& structure, std::span<const Member> members) {
  if (!structure.present()) return "null";
  std::string out;
  for (const Member& member : members) {
    Field value = structure[member.name];
    out += out.empty() ? "{\"" : ",\"";
    out += member.title;
    out += "\":";
    if (!value.present())
      out += member.absent;
    else if (!member.members.empty())
      out += shown_structure(value, member.members);
    else
      out += shown(value.value());
  }
  return out + "}";
}

std::string shown_map(const Field& map) {
  if (!map.object()) return shown(map.value());
  std::map<std::string_view, const json::Value*> sorted;
  for (const auto& entry : *map.object()) sorted.emplace(entry.key(), &entry.value());
  json::Object out;
  for (const auto& [key, value] : sorted) out.emplace(key, *value);
  json::Value whole(std::move(out));
  return shown(&whole);
}

}  // namespace gatepost::kube
