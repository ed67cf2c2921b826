#include "kube/apply/prune.h"

#include <algorithm>

#include "kube/apply/merge.h"
#include "kube/apply/versions.h"

namespace gatepost::kube::apply {
namespace {

// An object in some version, with its type there.
struct Versioned {
  std::string version;
  TypedKind kind;
  Type type;
  json::Value object;
};

class Pruner {
 public:
  explicit Pruner(FieldArena& arena) : arena_(arena) {}

  static std::optional<Versioned> in(const Versioned& from, std::string_view version) {
    if (from.version == version) return from;
    auto type = type_in(version, from.kind);
    auto object = in_version(from.object, from.kind, version);
    if (!type || !object) return std::nullopt;
    return Versioned{std::string(version), kind_in(version, from.kind), *type, std::move(*object)};
  }

  FieldSet fields(const Versioned& value) { return named(value.type, fields_of(arena_, value.type, value.object)); }
  FieldSet named(const Type& type, FieldSet set) { return with_named_fields(arena_, type, set); }

  Versioned less(const Versioned& value, FieldSet items) {
    return {value.version, value.kind, value.type, without(arena_, value.type, value.object, items)};
  }

  // What was pruned comes back where somebody owns it. The version that was pruned in comes first, so that converting
  // finds what it needs.
  Versioned with_owned(Versioned merged, Versioned pruned, const Managers& managers) {
    std::vector<std::string_view> versions{merged.version};
    for (const Manager& manager : managers)
      if (std::find(versions.begin(), versions.end(), manager.api_version) == versions.end())
        versions.push_back(manager.api_version);
    const std::string first = merged.version;
    for (std::string_view version : versions) {
      FieldSet owned = nullptr;
      for (const Manager& manager : managers)
        if (manager.api_version == version) owned = unite(arena_, owned, manager.fields);
      if (!owned && version != first) continue;
      auto whole = in(merged, version), rest = in(pruned, version);
      if (!whole || !rest) continue;
      FieldSet kept = unite(arena_, fields(*rest), named(whole->type, owned));
      Versioned next = less(*whole, subtract(arena_, fields(*whole), kept));
      merged = std::move(*whole);
      pruned = std::move(next);
    }
    return pruned;
  }

  // Only what the applier itself owned may go: what nobody owns stays.
  Versioned with_dangling(const Versioned& merged, const Versioned& pruned, FieldSet last) {
    auto rest = in(pruned, merged.version);
    if (!rest) return merged;
    FieldSet gone = subtract(arena_, fields(merged), fields(*rest));
    return less(merged, intersect(arena_, gone, named(merged.type, last)));
  }

 private:
  FieldArena& arena_;
};

}  // namespace

json::Value prune(FieldArena& arena, json::Value merged, const TypedKind& kind, const Managers& managers,
                  const Manager& last) {
  if (!last.fields) return merged;
  Pruner pruner(arena);
  std::string version = api_version(kind.group, kind.version);
  auto type = type_in(version, kind);
  if (!type) return merged;
  Versioned now{version, kind, *type, merged};
  auto then = Pruner::in(now, last.api_version);
  if (!then) return merged;
  Versioned pruned = pruner.less(*then, pruner.named(then->type, last.fields));
  pruned = pruner.with_owned(*then, std::move(pruned), managers);
  pruned = pruner.with_dangling(*then, pruned, last.fields);
  auto back = Pruner::in(pruned, version);
  return back && back->object.is_object() ? std::move(back->object) : std::move(merged);
}

}  // namespace gatepost::kube::apply
