#include "kube/patch/patched_text.h"

#include "json/sort_keys.h"
#include "json/write.h"
#include "kube/patch/json_pointer.h"

namespace gatepost::kube {
namespace {

// Where the document has an object that the patch does not only name but goes into, both are maps in Go.
void sort_along(json::Value& document, const json::Value& patch) {
  if (!patch.is_object()) return json::sort_all_keys(document);
  if (!document.is_object()) return;
  json::sort_keys(document.get_object());
  for (const auto& member : patch.get_object())
    if (json::Value* inner = document.get_object().if_contains(member.key()); inner && !member.value().is_null())
      sort_along(*inner, member.value());
}

void sort_containers(json::Value& document, std::string_view path) {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;) {
    slash = path.find('/', slash + 1);
    Place place = find_place(document, path.substr(0, slash));
    if (place.container && place.container->is_object()) json::sort_keys(place.container->get_object());
  }
}

}  // namespace

std::string patched_text(const json::Value& document, PatchType type, const json::Value& patch) {
  json::Value sorted(document, document.storage());
  if (type == PatchType::merge) {
    sort_along(sorted, patch);
  } else if (patch.is_array()) {
    if (sorted.is_object()) json::sort_keys(sorted.get_object());
    for (const json::Value& operation : patch.get_array()) {
      sort_containers(sorted, json::string_at(operation, {"path"}));
      sort_containers(sorted, json::string_at(operation, {"from"}));
    }
  }
  return json::write(sorted);
}

}  // namespace gatepost::kube
