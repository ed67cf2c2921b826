#include "lint/rules/disjoint.h"

#include <algorithm>

#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

using Requirement = kube::LabelSelector::Requirement;
using Operator = kube::LabelSelector::Operator;

bool contradict(const Requirement& a, const Requirement& b) {
  if (a.key != b.key) return false;
  const bool a_there = a.op == Operator::in || a.op == Operator::exists;
  if (a_there && b.op == Operator::does_not_exist) return true;
  if (a.op != Operator::in) return false;
  if (b.op == Operator::in)
    return std::none_of(a.values.begin(), a.values.end(), [&](const auto& value) { return holds(b.values, value); });
  if (b.op == Operator::not_in)
    return std::all_of(a.values.begin(), a.values.end(), [&](const auto& value) { return holds(b.values, value); });
  return false;
}

}  // namespace

bool are_apart(const Result<kube::LabelSelector>& a, const Result<kube::LabelSelector>& b) {
  if (!a || !b) return false;
  for (const Requirement& one : a->requirements())
    for (const Requirement& other : b->requirements())
      if (contradict(one, other) || contradict(other, one)) return true;
  return false;
}

bool exclude_each_other(const Webhook& a, const Webhook& b) {
  return are_apart(a.namespace_selector, b.namespace_selector) || are_apart(a.object_selector, b.object_selector);
}

}  // namespace gatepost::lint
