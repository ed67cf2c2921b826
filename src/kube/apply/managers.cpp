#include "kube/apply/managers.h"

#include <algorithm>
#include <tuple>

#include "json/write.h"
#include "kube/apply/fields_v1.h"

namespace gatepost::kube::apply {
namespace {

std::string_view operation_text(Operation operation) {
  return operation == Operation::apply ? "Apply" : "Update";
}

Result<Manager> read_manager(FieldArena& arena, const json::Value& entry, std::size_t index) {
  Manager manager;
  std::string_view operation = json::string_at(entry, {"operation"});
  if (operation == "Apply")
    manager.operation = Operation::apply;
  else if (operation != "Update")
    return fail("operation must be `Apply` or `Update`");
  manager.api_version = json::string_at(entry, {"apiVersion"});
  if (manager.api_version.empty()) return fail("apiVersion must not be empty");
  std::string_view fields_type = json::string_at(entry, {"fieldsType"});
  std::string at = " in managed fields entry " + std::to_string(index);
  if (fields_type.empty()) return fail("missing fieldsType" + at);
  if (fields_type != "FieldsV1") return fail("invalid fieldsType \"" + std::string(fields_type) + "\"" + at);
  manager.name = json::string_at(entry, {"manager"});
  manager.subresource = json::string_at(entry, {"subresource"});
  manager.time = json::string_at(entry, {"time"});
  const json::Value* fields = json::find(entry, "fieldsV1");
  if (!fields || fields->is_null()) return manager;
  auto set = read_fields(arena, *fields);
  if (!set) return fail("error decoding set: " + set.error().text);
  manager.fields = *set;
  manager.source = fields;
  return manager;
}

json::Value write_manager(const Manager& manager, const json::Storage& storage) {
  json::Object entry(storage);
  entry.reserve(7);
  entry.emplace("manager", manager.name);
  entry.emplace("operation", operation_text(manager.operation));
  entry.emplace("apiVersion", manager.api_version);
  if (!manager.time.empty()) entry.emplace("time", manager.time);
  entry.emplace("fieldsType", "FieldsV1");
  if (manager.source)
    entry.emplace("fieldsV1", *manager.source);
  else
    entry.emplace("fieldsV1", write_fields(manager.fields, storage));
  if (!manager.subresource.empty()) entry.emplace("subresource", manager.subresource);
  return entry;
}

}  // namespace

bool is_same(const Manager& left, const Manager& right) {
  if (left.name != right.name || left.operation != right.operation || left.subresource != right.subresource)
    return false;
  return left.operation == Operation::apply || left.api_version == right.api_version;
}

Result<Managers> read_managers(FieldArena& arena, const json::Value* managed_fields) {
  Managers managers;
  if (!managed_fields || !managed_fields->is_array()) return managers;
  const json::Array& entries = managed_fields->get_array();
  managers.reserve(entries.size() + 1);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto manager = read_manager(arena, entries[i], i);
    if (!manager) return fail_with(std::move(manager.error()));
    if (Manager* earlier = find_manager(managers, *manager))
      *earlier = *manager;
    else
      managers.push_back(*manager);
  }
  return managers;
}

bool is_reset(const json::Value& managed_fields) {
  const json::Array* entries = managed_fields.if_array();
  if (!entries) return false;
  if (entries->empty()) return true;
  const json::Object* only = entries->size() == 1 ? entries->front().if_object() : nullptr;
  return only && std::all_of(only->begin(), only->end(), [](const auto& member) {
           return member.value().is_null() || (member.value().is_string() && member.value().get_string().empty());
         });
}

json::Value write_managers(Managers managers, const json::Storage& storage) {
  if (managers.empty()) return json::Value(storage);
  std::sort(managers.begin(), managers.end(), [](const Manager& a, const Manager& b) {
    return std::tie(a.operation, a.time, a.name, a.api_version, a.subresource) <
           std::tie(b.operation, b.time, b.name, b.api_version, b.subresource);
  });
  json::Array out(storage);
  out.reserve(managers.size());
  for (const Manager& manager : managers) out.push_back(write_manager(manager, storage));
  return out;
}

Manager* find_manager(Managers& managers, const Manager& wanted) {
  auto found = std::find_if(managers.begin(), managers.end(), [&](const Manager& m) { return is_same(m, wanted); });
  return found == managers.end() ? nullptr : &*found;
}

void cap_updaters(FieldArena& arena, Managers& managers) {
  constexpr std::size_t most = 10;
  std::vector<Manager> updaters, kept;
  for (const Manager& manager : managers) (manager.operation == Operation::update ? updaters : kept).push_back(manager);
  if (updaters.size() <= most) return;
  std::sort(updaters.begin(), updaters.end(), [](const Manager& a, const Manager& b) {
    return a.time != b.time ? a.time < b.time : identity(a) < identity(b);
  });
  // Of each version the first is kept as it is until a second one comes, which makes it the bucket.
  std::vector<std::size_t> firsts;
  std::vector<char> gone(updaters.size());
  std::size_t left = updaters.size();
  for (std::size_t i = 0; i < updaters.size() && left > most; ++i) {
    const Manager& next = updaters[i];
    auto first = std::find_if(firsts.begin(), firsts.end(),
                              [&](std::size_t f) { return updaters[f].api_version == next.api_version; });
    if (first == firsts.end()) {
      firsts.push_back(i);
      continue;
    }
    Manager wanted{"ancient-changes", Operation::update, next.api_version, {}, {}, nullptr, nullptr};
    Manager* bucket = find_manager(updaters, wanted);
    if (bucket == &next) continue;
    if (!bucket) {
      bucket = &updaters[*first];
      bucket->name = wanted.name;
      bucket->subresource = {};
    }
    bucket->own(unite(arena, next.fields, bucket->fields));
    bucket->time = next.time;
    gone[i] = 1;
    --left;
  }
  managers = std::move(kept);
  for (std::size_t i = 0; i < updaters.size(); ++i)
    if (!gone[i]) managers.push_back(updaters[i]);
}

std::string identity(const Manager& manager) {
  std::string out = "{";
  auto member = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += out.size() > 1 ? ",\"" : "\"";
    out.append(name).append("\":");
    json::write_string(value, out);
  };
  member("manager", manager.name);
  member("operation", operation_text(manager.operation));
  if (manager.operation == Operation::update) member("apiVersion", manager.api_version);
  member("subresource", manager.subresource);
  return out + "}";
}

}  // namespace gatepost::kube::apply
