#include <optional>

#include "json/parse.h"
#include "json/write.h"
#include "kube/patch/json_pointer.h"
#include "kube/patch/patch.h"

// Semantics and texts are those of gopkg.in/evanphx/json-patch.v4, which kube-apiserver uses. Two of them differ from
// RFC 6902: `replace` of a key that an object does not have sets it, and negative array indices count from the end.
namespace gatepost::kube {
namespace {

constexpr std::size_t most_operations = 10000;  // kube-apiserver's bound for a JSON patch

constexpr const char* missing = "missing value";
constexpr const char* test_failed = "test failed";

// The value at a place: null pointer for an object's missing key, an error for an array's bad index.
Result<const json::Value*> get(const Place& place) {
  if (place.container->is_object()) return place.container->get_object().if_contains(place.key);
  auto at = array_place(place.key, place.container->get_array().size());
  if (!at) return fail_with(std::move(at.error()));
  return &place.container->get_array()[*at];
}

Result<void> add_at(const Place& place, json::Value value) {
  if (place.container->is_object()) {
    place.container->get_object()[place.key] = std::move(value);
    return {};
  }
  json::Array& array = place.container->get_array();
  if (place.key == "-") {
    array.push_back(std::move(value));
    return {};
  }
  if (auto index = parse_index(place.key); !index)
    return fail("value was not a proper array index: '" + place.key + "': " + index.error().text);
  auto at = array_place(place.key, array.size() + 1);
  if (!at) return fail_with(std::move(at.error()));
  array.insert(array.begin() + static_cast<std::ptrdiff_t>(*at), std::move(value));
  return {};
}

Result<void> remove_at(const Place& place) {
  if (place.container->is_object()) {
    if (place.container->get_object().stable_erase(place.key) == 0)
      return fail("Unable to remove nonexistent key: " + place.key + ": " + missing);
    return {};
  }
  json::Array& array = place.container->get_array();
  auto at = array_place(place.key, array.size());
  if (!at) return fail_with(std::move(at.error()));
  array.erase(array.begin() + static_cast<std::ptrdiff_t>(*at));
  return {};
}

// Numbers are equal as they are written: 1 is not 1.0.
bool equal(const json::Value& a, const json::Value& b) {
  if (a.is_object() && b.is_object()) {
    if (a.get_object().size() != b.get_object().size()) return false;
    for (const auto& member : a.get_object()) {
      const json::Value* other = b.get_object().if_contains(member.key());
      if (!other || !equal(member.value(), *other)) return false;
    }
    return true;
  }
  if (a.is_array() && b.is_array()) {
    if (a.get_array().size() != b.get_array().size()) return false;
    for (std::size_t i = 0; i < a.get_array().size(); ++i)
      if (!equal(a.get_array()[i], b.get_array()[i])) return false;
    return true;
  }
  return a == b;
}

class Operation {
 public:
  Operation(json::Value& document, const json::Value& operation) : document_(document), operation_(operation) {}

  Result<void> apply() {
    std::string kind = text("op").value_or("unknown");
    if (kind == "add") return add();
    if (kind == "remove") return remove();
    if (kind == "replace") return replace();
    if (kind == "move") return move();
    if (kind == "test") return test();
    if (kind == "copy") return copy();
    return fail("Unexpected kind: " + kind);
  }

 private:
  std::optional<std::string> text(std::string_view key) const {
    const json::Value* value = json::find(operation_, key);
    if (!value || !value->is_string()) return std::nullopt;
    return std::string(json::view(value->get_string()));
  }

  const json::Value* value() const { return json::find(operation_, "value"); }
  json::Value value_or_null() const {
    const json::Value* given = value();
    return given ? *given : json::Value();
  }

  static std::string missing_field(std::string_view field) {
    return field == "path" ? std::string("operation missing path field: ") + missing
                           : std::string("operation, missing from field: ") + missing;
  }

  Result<void> add() {
    auto path = text("path");
    if (!path) return fail(std::string("add operation failed to decode path: ") + missing);
    Place place = find_place(document_, *path);
    if (!place.container)
      return fail("add operation does not apply: doc is missing path: \"" + *path + "\": " + missing);
    if (auto added = add_at(place, value_or_null()); !added)
      return fail("error in add for path: '" + *path + "': " + added.error().text);
    return {};
  }

  Result<void> remove() {
    auto path = text("path");
    if (!path) return fail(std::string("remove operation failed to decode path: ") + missing);
    Place place = find_place(document_, *path);
    if (!place.container)
      return fail("remove operation does not apply: doc is missing path: \"" + *path + "\": " + missing);
    if (auto removed = remove_at(place); !removed)
      return fail("error in remove for path: '" + *path + "': " + removed.error().text);
    return {};
  }

  Result<void> replace() {
    auto path = text("path");
    if (!path) return fail("replace operation failed to decode path: " + missing_field("path"));
    if (path->empty()) {
      json::Value whole = value_or_null();
      if (!whole.is_object() && !whole.is_array())
        return fail("replace operation value must be object or array: %!w(<nil>)");
      document_ = std::move(whole);
      return {};
    }
    Place place = find_place(document_, *path);
    if (!place.container)
      return fail("replace operation does not apply: doc is missing path: " + *path + ": " + missing);
    if (!get(place)) return fail("replace operation does not apply: doc is missing key: " + *path + ": " + missing);
    if (place.container->is_object()) {
      place.container->get_object()[place.key] = value_or_null();
    } else {
      auto at = array_place(place.key, place.container->get_array().size());
      place.container->get_array()[*at] = value_or_null();
    }
    return {};
  }

  Result<void> move() {
    auto from = text("from");
    if (!from) return fail("move operation failed to decode from: " + missing_field("from"));
    Place source = find_place(document_, *from);
    if (!source.container)
      return fail("move operation does not apply: doc is missing from path: " + *from + ": " + missing);
    auto found = get(source);
    if (!found) return fail("error in move for path: '" + source.key + "': " + found.error().text);
    json::Value moved = *found ? **found : json::Value();
    if (auto removed = remove_at(source); !removed)
      return fail("error in move for path: '" + source.key + "': " + removed.error().text);
    auto path = text("path");
    if (!path) return fail("move operation failed to decode path: " + missing_field("path"));
    Place target = find_place(document_, *path);
    if (!target.container)
      return fail("move operation does not apply: doc is missing destination path: " + *path + ": " + missing);
    if (auto added = add_at(target, std::move(moved)); !added)
      return fail("error in move for path: '" + *path + "': " + added.error().text);
    return {};
  }

  Result<void> test() {
    auto path = text("path");
    if (!path) return fail("test operation failed to decode path: " + missing_field("path"));
    auto failed = [&] { return fail("testing value " + *path + " failed: " + test_failed); };
    if (path->empty()) {
      if (value() && equal(document_, *value())) return {};
      return failed();
    }
    Place place = find_place(document_, *path);
    if (!place.container) return fail("test operation does not apply: is missing path: " + *path + ": " + missing);
    auto found = get(place);
    if (!found) return fail("error in test for path: '" + *path + "': " + found.error().text);
    bool nothing_wanted = !value() || value()->is_null();
    bool nothing_there = !*found || (*found)->is_null();
    if (nothing_there || nothing_wanted) {
      if (nothing_there && nothing_wanted) return {};
      return failed();
    }
    if (equal(**found, *value())) return {};
    return failed();
  }

  Result<void> copy() {
    auto from = text("from");
    if (!from) return fail("copy operation failed to decode from: " + missing_field("from"));
    Place source = find_place(document_, *from);
    if (!source.container)
      return fail("copy operation does not apply: doc is missing from path: " + *from + ": " + missing);
    auto found = get(source);
    if (!found) return fail("error in copy for from: '" + *from + "': " + found.error().text);
    auto path = text("path");
    if (!path) return fail(std::string("copy operation failed to decode path: ") + missing);
    json::Value copied = *found ? **found : json::Value();
    Place target = find_place(document_, *path);
    if (!target.container)
      return fail("copy operation does not apply: doc is missing destination path: " + *path + ": " + missing);
    if (auto added = add_at(target, std::move(copied)); !added)
      return fail("error while adding value during copy: " + added.error().text);
    return {};
  }

  json::Value& document_;
  const json::Value& operation_;
};

// What decoding into jsonpatch.Patch (a list of maps) says of something else.
Failure<Error> no_patch(const json::Value& value, std::string_view type) {
  std::string word = value.is_string()   ? "string"
                     : value.is_bool()   ? "bool"
                     : value.is_object() ? "object"
                     : value.is_array()  ? "array"
                                         : "number";
  return fail("json: cannot unmarshal " + word + " into Go value of type " + std::string(type));
}

}  // namespace

Result<void> apply_json_patch(json::Value& document, const json::Value& patch) {
  if (patch.is_null()) return {};
  if (!patch.is_array()) return no_patch(patch, "jsonpatch.Patch");
  for (const json::Value& operation : patch.get_array())
    if (!operation.is_object() && !operation.is_null()) return no_patch(operation, "jsonpatch.Operation");
  if (patch.get_array().size() > most_operations)
    return fail("The allowed maximum operations in a JSON patch is " + std::to_string(most_operations) + ", got " +
                std::to_string(patch.get_array().size()));
  for (const json::Value& operation : patch.get_array())
    if (auto applied = Operation(document, operation).apply(); !applied) return applied;
  return {};
}

Result<void> apply_json_patch(json::Value& document, std::string_view patch_bytes) {
  auto patch = json::parse(patch_bytes, document.storage());
  if (!patch) return fail_with(std::move(patch.error()));
  return apply_json_patch(document, *patch);
}

}  // namespace gatepost::kube
