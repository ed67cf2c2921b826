#include "cel/qualified_name.h"

namespace gatepost::cel {

bool qualified_name(const Expr* expr, std::string& name) {
  if (expr->kind == ExprKind::Ident) {
    name = expr->name;
    return true;
  }
  if (expr->kind != ExprKind::Select || expr->test_only || !qualified_name(expr->target, name)) return false;
  name += "." + expr->name;
  return true;
}

std::vector<std::string> candidate_names(const std::string& container, const std::string& name) {
  if (name.starts_with('.')) return {name.substr(1)};
  std::vector<std::string> out;
  for (std::string prefix = container; !prefix.empty();) {
    out.push_back(prefix + "." + name);
    const std::size_t dot = prefix.rfind('.');
    prefix.resize(dot == std::string::npos ? 0 : dot);
  }
  out.push_back(name);
  return out;
}

}  // namespace gatepost::cel
