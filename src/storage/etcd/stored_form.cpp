#include "storage/etcd/stored_form.h"

#include <array>

#include "json/cursor.h"
#include "json/parse.h"

namespace gatepost::storage::etcd {
namespace {

constexpr std::string_view kCore = "core";

}  // namespace

std::string key_for(std::string_view prefix, const Key& key) {
  std::string out(prefix);
  out += '/';
  if (key.collection.starts_with('/')) out += kCore;
  out += key.collection;
  if (!key.ns.empty()) out += '/' + key.ns;
  return out + '/' + key.name;
}

std::optional<Key> parse_key(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix) || text.size() <= prefix.size() || text[prefix.size()] != '/') return std::nullopt;
  text.remove_prefix(prefix.size() + 1);
  std::array<std::string_view, 4> parts;
  std::size_t count = 0;
  for (bool more = true; more; ++count) {
    if (count == parts.size()) return std::nullopt;
    const std::size_t slash = text.find('/');
    parts[count] = text.substr(0, slash);
    if (parts[count].empty()) return std::nullopt;
    more = slash != std::string_view::npos;
    if (more) text.remove_prefix(slash + 1);
  }
  if (count < 3) return std::nullopt;
  Key key;
  if (parts[0] != kCore) key.collection = parts[0];
  key.collection += '/';
  key.collection += parts[1];
  if (count == 4) key.ns = parts[2];
  key.name = parts[count - 1];
  return key;
}

Result<std::string> with_revision(std::string_view value, Revision revision) {
  auto parsed = json::parse(value, json::make_arena(value.size() * 2));
  if (!parsed) return fail(parsed.error().text);
  if (!json::object_at(*parsed, {"metadata"})) return fail("it has no metadata");
  const std::string number = '"' + std::to_string(revision) + '"';
  const auto replaced = [&](std::string_view before, std::string_view with) {
    const auto at = static_cast<std::size_t>(before.data() - value.data());
    std::string out;
    out.reserve(value.size() + with.size());
    out += value.substr(0, at);
    out += with;
    out += value.substr(at + before.size());
    return out;
  };
  json::Cursor cursor(value);
  std::string own;
  for (cursor.open(); cursor.more();) {
    const bool found = cursor.key(own) == "metadata";
    const std::string_view metadata = cursor.value();
    if (!found || !metadata.starts_with('{')) continue;
    json::Cursor inside(metadata);
    bool empty = true;
    for (inside.open(); inside.more();) {
      empty = false;
      const bool version = inside.key(own) == "resourceVersion";
      const std::string_view present = inside.value();
      if (version) return replaced(present, number);
    }
    return replaced(metadata.substr(0, 1), "{\"resourceVersion\":" + number + (empty ? "" : ","));
  }
  return fail("it has no metadata");
}

}  // namespace gatepost::storage::etcd
