#include "kube/apply/element_of.h"

#include <boost/container/small_vector.hpp>

#include "json/write.h"
#include "net/go_text.h"

namespace gatepost::kube::apply {
namespace {

std::string quoted(const std::vector<std::string>& keys) {
  std::string out = "[";
  for (const std::string& key : keys) out += (out.size() > 1 ? " " : "") + net::go_quote(key);
  return out + "]";
}

struct KeyPart {
  std::string_view name;
  const json::Value* value;
};

Result<PathElement> keyed(FieldArena& arena, const Schema& list, const json::Value& item) {
  if (item.is_null()) return fail("associative list with keys may not have a null element");
  if (!item.is_object()) return fail("associative list with keys may not have non-map elements");
  boost::container::small_vector<KeyPart, 4> parts;
  for (const std::string& key : list.list_map_keys) {
    const json::Value* value = item.get_object().if_contains(key);
    if (!value) value = key_default(*list.items, key);
    if (!value) continue;
    auto at = std::find_if(parts.begin(), parts.end(), [&](const KeyPart& part) { return part.name > key; });
    parts.insert(at, {key, value});
  }
  if (parts.empty())
    return fail("associative list with keys has an element that omits all key fields " + quoted(list.list_map_keys) +
                " (and doesn't have default values for any key fields)");
  std::string text = "{";
  for (const KeyPart& part : parts) {
    if (text.size() > 1) text += ',';
    json::write_string(part.name, text);
    text += ':';
    json::write(*part.value, text);
  }
  text += '}';
  return PathElement{ElementKind::key, arena.keep(text)};
}

}  // namespace

Result<PathElement> element_of(FieldArena& arena, const Type& list, const json::Value& item) {
  if (list.schema->list_type == ListType::map) return keyed(arena, *list.schema, item);
  if (item.is_object()) return fail("associative list without keys has an element that's a map type");
  if (item.is_array()) return fail("not supported: associative list with lists as elements");
  if (item.is_null()) return fail("associative list without keys has an element that's an explicit null");
  return PathElement{ElementKind::value, arena.keep(json::write(item))};
}

}  // namespace gatepost::kube::apply
