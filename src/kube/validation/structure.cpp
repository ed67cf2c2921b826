#include "kube/validation/structure.h"

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

}  // namespace gatepost::kube
