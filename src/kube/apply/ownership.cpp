#include "kube/apply/ownership.h"

#include <algorithm>

#include "kube/apply/versions.h"

namespace gatepost::kube::apply {
namespace {

enum class Level { top, metadata };

FieldSet stripped(FieldArena& arena, FieldSet set, Level level) {
  Siblings out;
  for (FieldSet at = set; at; at = at->next) {
    std::string_view name = at->element.kind == ElementKind::name ? at->element.text : std::string_view();
    bool is_metadata = level == Level::top && name == "metadata";
    bool strips = is_metadata || (level == Level::top ? is_stripped_at_top(name) : is_stripped_in_metadata(name));
    bool member = at->member && !strips;
    FieldSet children = is_metadata ? stripped(arena, at->children, Level::metadata) : at->children;
    if (member || children) out.append(arena.node(at->element, member, children));
  }
  return out.finish();
}

bool overlaps(FieldSet left, FieldSet right) {
  while (left && right) {
    int order = compare(left->element, right->element);
    if (order == 0 && ((left->member && right->member) || overlaps(left->children, right->children))) return true;
    if (order <= 0) left = left->next;
    if (order >= 0) right = right->next;
  }
  return false;
}

}  // namespace

Changes::Changes(FieldArena& arena, const TypedKind& kind, const ResetFields* resets, const json::Value& live,
                 const json::Value& object)
    : arena_(arena), kind_(kind), resets_(resets), live_(live), object_(object) {
  Type type = type_of(schema_of(kind));
  if (type.kind == Type::Kind::none) type.kind = Type::Kind::deduced;
  versions_.push_back({api_version(kind.group, kind.version), true, filtered(compare(arena, type, live, object)),
                       std::nullopt, std::nullopt});
}

Comparison Changes::filtered(const Comparison& comparison) {
  return {without_reset(arena_, resets_, comparison.removed), without_reset(arena_, resets_, comparison.modified),
          without_reset(arena_, resets_, comparison.added)};
}

const Comparison* Changes::in(std::string_view wanted) {
  auto found = std::find_if(versions_.begin(), versions_.end(),
                            [&](const Version& version) { return version.api_version == wanted; });
  if (found == versions_.end()) {
    Version made{std::string(wanted), false, {}, in_version(live_, kind_, wanted), in_version(object_, kind_, wanted)};
    auto type = type_in(wanted, kind_);
    made.known = made.live && made.object && type;
    if (made.known) made.comparison = filtered(compare(arena_, *type, *made.live, *made.object));
    versions_.push_back(std::move(made));
    found = versions_.end() - 1;
  }
  return found->known ? &found->comparison : nullptr;
}

std::vector<Conflict> conflicts_of(FieldArena& arena, Managers& managers, const Manager* self, Changes& changes) {
  std::vector<Conflict> conflicts;
  for (const Manager& manager : managers) {
    if (self && is_same(manager, *self)) continue;
    const Comparison* changed = changes.in(manager.api_version);
    if (!changed) continue;
    FieldSet lost = intersect(arena, manager.fields, unite(arena, changed->modified, changed->added));
    for_each(lost, [&](Path path) { conflicts.push_back({manager, {path.begin(), path.end()}}); });
  }
  return conflicts;
}

void take_away(FieldArena& arena, Managers& managers, const Manager* self, Changes& changes) {
  std::erase_if(managers, [&](Manager& manager) {
    if (self && is_same(manager, *self)) return !manager.fields;
    const Comparison* changed = changes.in(manager.api_version);
    if (!changed) return true;
    for (FieldSet lost : {changed->modified, changed->added, changed->removed})
      if (overlaps(manager.fields, lost)) manager.own(subtract(arena, manager.fields, lost));
    return !manager.fields;
  });
}

FieldSet stripped(FieldArena& arena, FieldSet set) {
  return stripped(arena, set, Level::top);
}

}  // namespace gatepost::kube::apply
