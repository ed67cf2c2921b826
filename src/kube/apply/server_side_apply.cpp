#include <algorithm>

#include "kube/apply/check.h"
#include "kube/apply/field_manager.h"
#include "kube/apply/last_applied.h"
#include "kube/apply/merge.h"
#include "kube/apply/ownership.h"
#include "kube/apply/prune.h"
#include "kube/apply/texts.h"
#include "kube/apply/versions.h"

namespace gatepost::kube::apply {
namespace {

// kubectl's manager, whose client-side apply goes over into server-side apply without conflicts.
constexpr std::string_view kubectl = "kubectl";

json::Value without_managed_fields(const json::Value& object) {
  json::Value copy(object, object.storage());
  if (json::Object* fields = copy.if_object())
    if (json::Value* metadata = fields->if_contains("metadata"); metadata && metadata->is_object())
      metadata->get_object().erase("managedFields");
  return copy;
}

// An object of the kind with nothing in it.
json::Value new_object(const GroupVersionKind& kind, const json::Storage& storage) {
  json::Object fields(storage);
  fields["apiVersion"] = api_version(kind.group, kind.version);
  fields["kind"] = kind.kind;
  fields["metadata"] = json::Object();
  return json::Value(std::move(fields));
}

ApiResult<void> check_applied(const json::Value& applied, const Writer& writer, const Type& type) {
  TypedKind given = kind_in(json::string_at(applied, {"apiVersion"}), writer.kind);
  given.kind = json::string_at(applied, {"kind"});
  if (given != writer.kind) return fail_with(bad_request("invalid object type: " + printed(given)));
  if (json::array_at(applied, {"metadata", "managedFields"}))
    return fail_with(bad_request("metadata.managedFields must be nil"));
  if (auto why = misfit(type, applied, Doubled::refused))
    return fail_with(failed("failed to create typed patch object (" + printed_object(applied) + "): " + *why));
  return {};
}

// Those who own fields of an object that nobody has applied yet.
void own_before_first_apply(FieldArena& arena, Managers& managers, const json::Value& live, const Type& type,
                            const Manager& self, const ResetFields* resets, std::string_view time) {
  Comparison all = compare(arena, type, json::Value(json::Object()), live);
  FieldSet fields = stripped(arena, without_reset(arena, resets, unite(arena, all.modified, all.added)));
  if (!fields) return;
  Manager before = self;
  before.name = "before-first-apply";
  before.operation = Operation::update;
  before.time = time;
  before.own(fields);
  managers.push_back(before);
}

struct Attempt {
  json::Value merged;  // null if the live object is that already
  Managers managers;
  std::vector<Conflict> conflicts;  // if there are any, nothing else counts
};

class Applier {
 public:
  Applier(const json::Value& live, const json::Value& applied, const Writer& writer, const Type& type)
      : live_(live),
        applied_(applied),
        writer_(writer),
        type_(type),
        resets_(reset_fields_of(writer.kind, writer.subresource)) {}

  Attempt attempt(FieldArena& arena, Managers managers, Manager self, Force force) const {
    Manager* earlier = find_manager(managers, self);
    const Manager last = earlier ? *earlier : Manager{};
    self.own(stripped_later(arena, fields_of(arena, type_, applied_)));
    if (earlier) {
      self.time = earlier->time;
      *earlier = self;
    } else {
      managers.push_back(self);
    }
    json::Value merged = merge(arena, type_, live_, applied_);
    merged = prune(arena, std::move(merged), writer_.kind, managers, last);

    Attempt result;
    Changes changes(arena, writer_.kind, resets_, live_, merged);
    if (force == Force::no) result.conflicts = conflicts_of(arena, managers, &self, changes);
    if (!result.conflicts.empty()) return result;
    take_away(arena, managers, &self, changes);
    if (Manager* own = find_manager(managers, self)) {
      own->own(stripped(arena, own->fields));
      if (!own->fields) std::erase_if(managers, [&](const Manager& m) { return is_same(m, self); });
    }
    result.managers = std::move(managers);
    if (merged != live_) result.merged = std::move(merged);
    return result;
  }

  const ResetFields* resets() const { return resets_; }

 private:
  FieldSet stripped_later(FieldArena& arena, FieldSet set) const { return without_reset(arena, resets_, set); }

  const json::Value& live_;
  const json::Value& applied_;
  const Writer& writer_;
  const Type& type_;
  const ResetFields* resets_;
};

}  // namespace

ApiResult<json::Value> apply(const json::Value* live_or_none, const json::Value& applied, const Writer& writer,
                             Force force) {
  FieldArena arena;
  Type type = type_of(schema_of(writer.kind));
  if (type.kind == Type::Kind::none) return fail_with(failed("no corresponding type for " + printed(writer.kind)));
  if (auto fits = check_applied(applied, writer, type); !fits) return fail_with(std::move(fits.error()));

  const json::Value nothing = new_object(writer.kind, applied.storage());
  const json::Value& live = live_or_none ? *live_or_none : nothing;
  auto managers = read_managers(arena, json::find_path(live, {"metadata", "managedFields"}));
  if (!managers) return fail_with(failed("failed to decode managed fields: " + managers.error().text));

  const std::string time = rfc3339(writer.now), version = api_version(writer.kind.group, writer.kind.version);
  Manager self{writer.manager, Operation::apply, version, writer.subresource, {}, nullptr, nullptr};
  Applier applier(live, applied, writer, type);
  if (managers->empty() && live_or_none)
    own_before_first_apply(arena, *managers, live, type, self, applier.resets(), time);

  Attempt attempt = applier.attempt(arena, *managers, self, force);
  if (!attempt.conflicts.empty() && writer.manager == kubectl) {
    keep_real_conflicts(arena, attempt.conflicts, live, type, version);
    if (attempt.conflicts.empty()) attempt = applier.attempt(arena, *managers, self, Force::yes);
  }
  if (!attempt.conflicts.empty()) return fail_with(apply_conflict(std::move(attempt.conflicts)));

  json::Value object = without_managed_fields(attempt.merged.is_null() ? live : attempt.merged);
  if (!attempt.merged.is_null())
    if (Manager* own = find_manager(attempt.managers, self)) own->time = time;
  json::Value entries = write_managers(std::move(attempt.managers), object.storage());
  if (!entries.is_null()) object.get_object()["metadata"].get_object()["managedFields"] = std::move(entries);
  if (writer.manager == kubectl) renew_last_applied(object, applied);
  return object;
}

}  // namespace gatepost::kube::apply
