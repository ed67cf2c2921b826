#include "remedy/change.h"

#include <algorithm>
#include <set>

namespace gatepost::remedy {
namespace {

// Fields of metadata that the server writes by itself.
constexpr std::string_view server_owned[] = {"resourceVersion",   "managedFields", "generation", "uid",
                                             "creationTimestamp", "selfLink"};

bool skipped(const Path& at, std::string_view key) {
  if (at.empty()) return key == "status" || key == "apiVersion" || key == "kind";
  if (at.size() != 1 || at[0].key != "metadata") return false;
  return std::find(std::begin(server_owned), std::end(server_owned), key) != std::end(server_owned);
}

// Whether all items are objects with names of their own.
bool named(const json::Array& list) {
  std::set<std::string_view> seen;
  return std::all_of(list.begin(), list.end(), [&](const json::Value& item) {
    const std::string_view name = json::string_at(item, {"name"});
    return !name.empty() && seen.insert(name).second;
  });
}

const json::Value* item_of(const json::Array& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const json::Value& i) { return json::string_at(i, {"name"}) == name; });
  return found == list.end() ? nullptr : &*found;
}

std::optional<json::Value> copied(const json::Value* value) {
  if (!value) return std::nullopt;
  return json::Value(*value, json::Storage());
}

void compare(const json::Value* before, const json::Value* after, Path& path, std::vector<Change>& out);

void compare_member(const json::Value* before, const json::Value* after, PathStep step, Path& path,
                    std::vector<Change>& out) {
  path.push_back(std::move(step));
  compare(before, after, path, out);
  path.pop_back();
}

void compare_objects(const json::Object& before, const json::Object& after, Path& path, std::vector<Change>& out) {
  for (const auto& [key, value] : before)
    if (!skipped(path, key)) compare_member(&value, after.if_contains(key), {std::string(key)}, path, out);
  for (const auto& [key, value] : after)
    if (!skipped(path, key) && !before.if_contains(key)) compare_member(nullptr, &value, {std::string(key)}, path, out);
}

void compare_named(const json::Array& before, const json::Array& after, Path& path, std::vector<Change>& out) {
  for (const json::Value& item : before) {
    const std::string_view name = json::string_at(item, {"name"});
    compare_member(&item, item_of(after, name), {std::string(name), true}, path, out);
  }
  for (const json::Value& item : after) {
    const std::string_view name = json::string_at(item, {"name"});
    if (!item_of(before, name)) compare_member(nullptr, &item, {std::string(name), true}, path, out);
  }
}

// Maps that many write to: their members are compared even where the map is new.
bool shared_map(const Path& path) {
  return !path.empty() && (path.back().key == "annotations" || path.back().key == "labels");
}

void compare(const json::Value* before, const json::Value* after, Path& path, std::vector<Change>& out) {
  const json::Object none;
  if (!before && after->is_object() && shared_map(path)) return compare_objects(none, after->get_object(), path, out);
  if (!after && before->is_object() && shared_map(path)) return compare_objects(before->get_object(), none, path, out);
  if (before && after) {
    if (*before == *after) return;
    if (before->is_object() && after->is_object())
      return compare_objects(before->get_object(), after->get_object(), path, out);
    if (before->is_array() && after->is_array() && named(before->get_array()) && named(after->get_array()))
      return compare_named(before->get_array(), after->get_array(), path, out);
  }
  out.push_back({path, copied(before), copied(after)});
}

bool same(const json::Value* found, const std::optional<json::Value>& wanted) {
  if (!wanted) return !found;
  return found && *found == *wanted;
}

// The containers along the path are made where they are missing.
void set_at(json::Value& at, const Path& path, std::size_t depth, const std::optional<json::Value>& value) {
  if (depth == path.size()) {
    at = *value;
    return;
  }
  const PathStep& step = path[depth];
  const bool last = depth + 1 == path.size();
  if (!step.by_name) {
    if (!at.is_object()) {
      if (!value) return;
      at.emplace_object();
    }
    json::Object& object = at.get_object();
    if (last && !value) {
      object.erase(step.key);
      return;
    }
    if (!value && !object.if_contains(step.key)) return;
    set_at(object[step.key], path, depth + 1, value);
    if (!value && shared_map({step}) && object[step.key].is_object() && object[step.key].get_object().empty())
      object.erase(step.key);
    return;
  }
  if (!at.is_array()) {
    if (!value) return;
    at.emplace_array();
  }
  json::Array& list = at.get_array();
  auto found = std::find_if(list.begin(), list.end(),
                            [&](const json::Value& i) { return json::string_at(i, {"name"}) == step.key; });
  if (last && !value) {
    if (found != list.end()) list.erase(found);
    return;
  }
  if (found == list.end()) {
    if (!value) return;
    json::Object item;
    item["name"] = step.key;
    list.emplace_back(std::move(item));
    found = list.end() - 1;
  }
  set_at(*found, path, depth + 1, value);
}

bool starts_with(const Path& path, const Path& prefix) {
  return path.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

}  // namespace

std::string path_text(const Path& path) {
  std::string out;
  for (const PathStep& step : path) {
    const bool plain = !step.by_name && step.key.find_first_of("./") == std::string::npos;
    if (plain)
      out += (out.empty() ? "" : ".") + step.key;
    else
      out += "[" + step.key + "]";
  }
  return out;
}

std::vector<Change> changes_between(const json::Value& before, const json::Value& after) {
  std::vector<Change> out;
  Path path;
  compare(&before, &after, path, out);
  return out;
}

const json::Value* value_at(const json::Value& object, const Path& path) {
  const json::Value* at = &object;
  for (const PathStep& step : path) {
    if (step.by_name)
      at = at->is_array() ? item_of(at->get_array(), step.key) : nullptr;
    else
      at = at->is_object() ? at->get_object().if_contains(step.key) : nullptr;
    if (!at) return nullptr;
  }
  return at;
}

bool holds_before(const Change& change, const json::Value& object) {
  return same(value_at(object, change.path), change.before);
}

bool holds_after(const Change& change, const json::Value& object) {
  return same(value_at(object, change.path), change.after);
}

bool still_holds(const std::vector<Change>& changes, const json::Value& object) {
  return std::all_of(changes.begin(), changes.end(),
                     [&](const Change& c) { return holds_before(c, object) || holds_after(c, object); });
}

void make_changes(const std::vector<Change>& changes, json::Value& object) {
  for (const Change& change : changes) set_at(object, change.path, 0, change.after);
}

std::vector<Change> inverse(std::vector<Change> changes) {
  for (Change& change : changes) std::swap(change.before, change.after);
  return changes;
}

Undo undo_of(const json::Value& before, const json::Value& after, const json::Value& current) {
  Undo out;
  const std::vector<Change> made = changes_between(before, after);
  for (const Change& change : made) {
    if (holds_before(change, current))
      out.already.push_back(change);
    else if (holds_after(change, current))
      out.back.push_back({change.path, change.after, change.before});
    else
      out.conflicts.push_back({change.path, copied(value_at(current, change.path)), change.before});
  }
  for (Change& change : changes_between(after, current)) {
    const bool ours = std::any_of(made.begin(), made.end(), [&](const Change& mine) {
      return starts_with(change.path, mine.path) || starts_with(mine.path, change.path);
    });
    if (!ours) out.others.push_back(std::move(change));
  }
  return out;
}

}  // namespace gatepost::remedy
