#include "kube/apply/last_applied.h"

#include <algorithm>

#include "json/parse.h"
#include "json/write.h"
#include "kube/apply/check.h"
#include "kube/apply/merge.h"

namespace gatepost::kube::apply {
namespace {

constexpr const char* annotation = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::size_t most_annotation_bytes = 256 * 1024;

// As Go prints maps: the keys sorted.
json::Value with_sorted_keys(const json::Value& value) {
  if (const json::Array* list = value.if_array()) {
    json::Array out;
    for (const json::Value& item : *list) out.push_back(with_sorted_keys(item));
    return out;
  }
  const json::Object* map = value.if_object();
  if (!map) return value;
  std::vector<std::string_view> keys;
  for (const auto& member : *map) keys.push_back(member.key());
  std::sort(keys.begin(), keys.end());
  json::Object out;
  for (std::string_view key : keys) out.emplace(key, with_sorted_keys(map->at(key)));
  return out;
}

std::size_t annotation_bytes(const json::Object& annotations) {
  std::size_t bytes = 0;
  for (const auto& member : annotations)
    bytes += member.key().size() + (member.value().is_string() ? member.value().get_string().size() : 0);
  return bytes;
}

json::Object* annotations_of(json::Value& object) {
  json::Object* fields = object.if_object();
  json::Value* metadata = fields ? fields->if_contains("metadata") : nullptr;
  json::Object* inside = metadata ? metadata->if_object() : nullptr;
  json::Value* annotations = inside ? inside->if_contains("annotations") : nullptr;
  return annotations ? annotations->if_object() : nullptr;
}

}  // namespace

void keep_real_conflicts(FieldArena& arena, std::vector<Conflict>& conflicts, const json::Value& live, const Type& type,
                         std::string_view version) {
  std::string_view text = json::string_at(live, {"metadata", "annotations", annotation});
  if (text.empty()) return;
  auto last = json::parse(text, json::Storage());
  if (!last || json::string_at(*last, {"apiVersion"}) != version || misfit(type, *last, Doubled::refused)) return;
  Comparison since = compare(arena, type, *last, live);
  FieldSet own = fields_of(arena, type, *last);
  for (FieldSet changed : {since.modified, since.added, since.removed}) own = subtract(arena, own, changed);
  std::erase_if(conflicts, [&](const Conflict& conflict) { return contains(own, conflict.path); });
}

void renew_last_applied(json::Value& object, const json::Value& applied) {
  json::Object* annotations = annotations_of(object);
  const json::Value* present = annotations ? annotations->if_contains(annotation) : nullptr;
  if (!present || !present->is_string() || present->get_string().empty()) return;
  json::Value shown = with_sorted_keys(applied);
  if (json::Object* given = annotations_of(shown)) given->erase(annotation);
  (*annotations)[annotation] = json::write(shown) + "\n";
  if (annotation_bytes(*annotations) > most_annotation_bytes) annotations->erase(annotation);
}

}  // namespace gatepost::kube::apply
