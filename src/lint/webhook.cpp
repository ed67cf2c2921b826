#include "lint/webhook.h"

namespace gatepost::lint {

bool Webhook::has(std::string_view field) const {
  const json::Value* found = json::find(*value, field);
  return found && !found->is_null();
}

std::string to_text(const Target& target) {
  std::string out(target.resource);
  if (!target.subresource.empty()) out += "/" + std::string(target.subresource);
  if (!target.group.empty()) out += "." + std::string(target.group);
  return out;
}

}  // namespace gatepost::lint
