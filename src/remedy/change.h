// What differs between two states of an object, field by field: the common ground of diffs, of retries on fresh objects
// and of undoing three-way. Pure. Lists whose items have unique names (webhooks, containers, named ports) are compared
// by name, other lists as one value. What the server itself writes (resourceVersion, managedFields, generation, status)
// is not compared.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "json/value.h"

namespace gatepost::remedy {

struct PathStep {
  std::string key;
  bool by_name = false;  // the item of a list whose name is `key`
  bool operator==(const PathStep&) const = default;
};
using Path = std::vector<PathStep>;

// "webhooks[w.test.io].clientConfig.caBundle", "metadata.annotations[cert-manager.io/inject-ca-from]"
std::string path_text(const Path& path);

struct Change {
  Path path;
  std::optional<json::Value> before, after;  // absent: the field is not there
};

std::vector<Change> changes_between(const json::Value& before, const json::Value& after);

// The value at the path, or null.
const json::Value* value_at(const json::Value& object, const Path& path);

// Whether the object has at this path what the change expects (its `before`).
bool holds_before(const Change& change, const json::Value& object);
bool holds_after(const Change& change, const json::Value& object);

// Whether all changes can be made to the object as planned: each field is as it was before, or already as wanted.
bool still_holds(const std::vector<Change>& changes, const json::Value& object);

// Writes the `after` of each change. A list item that is missing is added at the end.
void make_changes(const std::vector<Change>& changes, json::Value& object);

// The way back.
std::vector<Change> inverse(std::vector<Change> changes);

// Undoing three-way: `made` are the changes that were made, `current` the object of now.
struct Undo {
  std::vector<Change> back;       // to be made
  std::vector<Change> already;    // are as before already
  std::vector<Change> conflicts;  // somebody changed the same field since (`before` is what it is now)
  std::vector<Change> others;     // fields that others changed since; they stay
};
Undo undo_of(const json::Value& before, const json::Value& after, const json::Value& current);

}  // namespace gatepost::remedy
