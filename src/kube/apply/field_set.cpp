#include "kube/apply/field_set.h"

#include <algorithm>
#include <cstring>

namespace gatepost::kube::apply {
namespace {

// A copy of `node` with other children, or none when nothing would be left of it.
void append_if_any(FieldArena& arena, Siblings& out, const PathElement& element, bool member, FieldSet children) {
  if (member || children) out.append(arena.node(element, member, children));
}

void visit_level(FieldSet set, std::vector<PathElement>& prefix, const std::function<void(Path)>& visit) {
  for (FieldSet at = set; at; at = at->next) {
    if (!at->member) continue;
    prefix.push_back(at->element);
    visit(prefix);
    prefix.pop_back();
  }
  for (FieldSet at = set; at; at = at->next) {
    if (!at->children) continue;
    prefix.push_back(at->element);
    visit_level(at->children, prefix, visit);
    prefix.pop_back();
  }
}

enum class Depth { exact, all_below };

FieldSet subtract(FieldArena& arena, FieldSet left, FieldSet right, Depth depth) {
  Siblings out;
  while (left && right) {
    int order = compare(left->element, right->element);
    if (order > 0) {
      right = right->next;
      continue;
    }
    if (order < 0) {
      out.append(arena.node(left->element, left->member, left->children));
    } else {
      bool gone_below = depth == Depth::all_below && right->member;
      FieldSet children = gone_below ? nullptr : subtract(arena, left->children, right->children, depth);
      append_if_any(arena, out, left->element, left->member && !right->member, children);
      right = right->next;
    }
    left = left->next;
  }
  return out.finish(left);
}

}  // namespace

FieldNode* FieldArena::node(const PathElement& element, bool member, FieldSet children) {
  void* place = memory_.allocate(sizeof(FieldNode), alignof(FieldNode));
  return new (place) FieldNode{element, member, children, nullptr};
}

std::string_view FieldArena::keep(std::string_view text) {
  if (text.empty()) return {};
  char* place = static_cast<char*>(memory_.allocate(text.size(), 1));
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

FieldSet sorted(FieldArena& arena, std::span<FieldNode*> nodes) {
  auto less = [](const FieldNode* a, const FieldNode* b) { return compare(a->element, b->element) < 0; };
  if (!std::is_sorted(nodes.begin(), nodes.end(), less)) std::stable_sort(nodes.begin(), nodes.end(), less);
  Siblings out;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    FieldNode* node = nodes[i];
    for (; i + 1 < nodes.size() && compare(node->element, nodes[i + 1]->element) == 0; ++i) {
      node->member = node->member || nodes[i + 1]->member;
      node->children = unite(arena, node->children, nodes[i + 1]->children);
    }
    out.append(node);
  }
  return out.finish();
}

FieldSet unite(FieldArena& arena, FieldSet left, FieldSet right) {
  if (!left || left == right) return right;
  Siblings out;
  while (left && right) {
    int order = compare(left->element, right->element);
    if (order < 0) {
      out.append(arena.node(left->element, left->member, left->children));
    } else if (order > 0) {
      out.append(arena.node(right->element, right->member, right->children));
    } else {
      out.append(
          arena.node(left->element, left->member || right->member, unite(arena, left->children, right->children)));
    }
    if (order <= 0) left = left->next;
    if (order >= 0) right = right->next;
  }
  return out.finish(left ? left : right);
}

FieldSet intersect(FieldArena& arena, FieldSet left, FieldSet right) {
  Siblings out;
  while (left && right) {
    int order = compare(left->element, right->element);
    if (order == 0)
      append_if_any(arena, out, left->element, left->member && right->member,
                    intersect(arena, left->children, right->children));
    if (order <= 0) left = left->next;
    if (order >= 0) right = right->next;
  }
  return out.finish();
}

FieldSet subtract(FieldArena& arena, FieldSet left, FieldSet right) {
  return right ? subtract(arena, left, right, Depth::exact) : left;
}

FieldSet subtract_deep(FieldArena& arena, FieldSet left, FieldSet right) {
  return right ? subtract(arena, left, right, Depth::all_below) : left;
}

const FieldNode* find(FieldSet set, const PathElement& element) {
  for (; set; set = set->next) {
    int order = compare(set->element, element);
    if (order == 0) return set;
    if (order > 0) return nullptr;
  }
  return nullptr;
}

bool contains(FieldSet set, Path path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    const FieldNode* node = find(set, path[i]);
    if (!node) return false;
    if (i + 1 == path.size()) return node->member;
    set = node->children;
  }
  return false;
}

bool equal(FieldSet left, FieldSet right) {
  for (; left && right; left = left->next, right = right->next) {
    if (left == right) return true;
    if (left->member != right->member || compare(left->element, right->element) != 0) return false;
    if (!equal(left->children, right->children)) return false;
  }
  return left == right;
}

FieldSet one_path(FieldArena& arena, Path path) {
  FieldSet set = nullptr;
  for (std::size_t i = path.size(); i-- > 0;) set = arena.node(path[i], i + 1 == path.size(), set);
  return set;
}

void for_each(FieldSet set, const std::function<void(Path)>& visit) {
  std::vector<PathElement> prefix;
  visit_level(set, prefix, visit);
}

}  // namespace gatepost::kube::apply
