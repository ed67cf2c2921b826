#include "simulate/objects.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "formats/go_duration.h"
#include "json/write.h"
#include "kube/schema/object.h"

namespace gatepost::simulate {

std::string controller_account(std::string_view name) {
  return "system:serviceaccount:kube-system:" + std::string(name);
}

std::string annotation(const json::Value& object, std::string_view name) {
  return std::string(json::string_at(object, {"metadata", "annotations", name}));
}

json::Value copy_of(const Item& item) {
  return json::Value(item.value, json::make_arena(8 * 1024));
}

json::Object& child(json::Object& parent, std::string_view name) {
  json::Value& value = parent[name];
  if (!value.is_object()) value = json::Object(parent.storage());
  return value.get_object();
}

json::Object& status_of(json::Value& object) {
  return child(object.get_object(), "status");
}

std::string_view phase_of(const Item& pod) {
  return json::string_at(pod.value, {"status", "phase"});
}

bool is_finished(const Item& pod) {
  const std::string_view phase = phase_of(pod);
  return phase == "Succeeded" || phase == "Failed";
}

bool is_active(const Item& pod) {
  return !pod.deleting && !is_finished(pod);
}

std::string_view condition_status(const json::Value& object, std::string_view type) {
  if (const json::Array* conditions = json::array_at(object, {"status", "conditions"}))
    for (const json::Value& condition : *conditions)
      if (json::string_at(condition, {"type"}) == type) return json::string_at(condition, {"status"});
  return "";
}

bool is_ready(const Item& pod) {
  return condition_status(pod.value, "Ready") == "True";
}

bool set_condition(json::Value& object, std::string_view type, std::string_view status, std::string_view reason,
                   std::string_view message, WallTime now) {
  json::Object& parent = status_of(object);
  json::Value& list = parent["conditions"];
  if (!list.is_array()) list = json::Array(parent.storage());
  json::Array& conditions = list.get_array();
  auto found = std::find_if(conditions.begin(), conditions.end(), [type](const json::Value& condition) {
    return json::string_at(condition, {"type"}) == type;
  });
  if (found == conditions.end()) {
    conditions.emplace_back(json::Object(conditions.storage()));
    found = std::prev(conditions.end());
    found->get_object()["type"] = type;
  }
  const bool turned = json::string_at(*found, {"status"}) != status;
  const bool differs =
      turned || json::string_at(*found, {"reason"}) != reason || json::string_at(*found, {"message"}) != message;
  if (!differs) return false;
  json::Object& condition = found->get_object();
  condition["status"] = status;
  if (turned || !condition.contains("lastTransitionTime")) condition["lastTransitionTime"] = rfc3339(now);
  if (reason.empty())
    condition.erase("reason");
  else
    condition["reason"] = reason;
  if (message.empty())
    condition.erase("message");
  else
    condition["message"] = message;
  return true;
}

bool drop_condition(json::Value& object, std::string_view type) {
  json::Object& parent = status_of(object);
  json::Value* list = parent.if_contains("conditions");
  if (!list || !list->is_array()) return false;
  json::Array& conditions = list->get_array();
  for (auto at = conditions.begin(); at != conditions.end(); ++at) {
    if (json::string_at(*at, {"type"}) != type) continue;
    conditions.erase(at);
    return true;
  }
  return false;
}

json::Value pod_of_template(const Item& owner, std::string_view api_version, std::string_view kind,
                            std::string generate_name, std::string name) {
  json::Storage arena = json::make_arena(8 * 1024);
  json::Value pod(json::Object(arena), arena);
  json::Object& fields = pod.get_object();
  fields["kind"] = "Pod";
  fields["apiVersion"] = "v1";
  json::Object metadata(arena);
  if (!generate_name.empty()) metadata["generateName"] = generate_name;
  if (!name.empty()) metadata["name"] = name;
  metadata["namespace"] = owner.key.ns;
  for (std::string_view part : {"labels", "annotations"})
    if (const json::Object* given = json::object_at(owner.value, {"spec", "template", "metadata", part}))
      metadata[part] = *given;
  json::Object reference(arena);
  reference["apiVersion"] = api_version;
  reference["kind"] = kind;
  reference["name"] = owner.key.name;
  reference["uid"] = owner.uid;
  reference["controller"] = true;
  reference["blockOwnerDeletion"] = true;
  json::Array owners(arena);
  owners.emplace_back(std::move(reference));
  metadata["ownerReferences"] = std::move(owners);
  fields["metadata"] = std::move(metadata);
  if (const json::Value* spec = json::find_path(owner.value, {"spec", "template", "spec"}))
    fields["spec"] = *spec;
  else
    fields["spec"] = json::Object(arena);
  return pod;
}

json::Object node_status() {
  json::Object room{{"cpu", "32"}, {"memory", "128Gi"}, {"pods", "110"}, {"ephemeral-storage", "200Gi"}};
  json::Object ready{{"type", "Ready"},
                     {"status", "True"},
                     {"reason", "KubeletReady"},
                     {"message", "kubelet is posting ready status"}};
  return {{"allocatable", room}, {"capacity", room}, {"conditions", json::Array{std::move(ready)}}};
}

std::string template_hash(const json::Value& value) {
  std::uint32_t hash = 2166136261u;
  for (char byte : json::write(value)) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619u;
  // Kubernetes' rand.SafeEncodeString: digits of the number in letters that spell nothing.
  constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
  std::string text;
  for (char digit : std::to_string(hash)) text += letters[static_cast<unsigned char>(digit) % letters.size()];
  return text;
}

std::int64_t scaled(const json::Value* value, std::int64_t total, Rounding rounding, std::int64_t otherwise) {
  if (!value) return otherwise;
  if (value->is_int64()) return value->get_int64();
  if (!value->is_string()) return otherwise;
  std::string_view text = json::view(value->get_string());
  std::int64_t percent = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (read.ec != std::errc{} || text.substr(static_cast<std::size_t>(read.ptr - text.data())) != "%") return otherwise;
  constexpr std::int64_t whole = 100;
  return rounding == Rounding::up ? (total * percent + whole - 1) / whole : total * percent / whole;
}

std::chrono::milliseconds duration_or(std::string_view text, std::chrono::milliseconds otherwise) {
  if (text.empty()) return otherwise;
  auto read = formats::parse_go_duration(text);
  return read ? std::chrono::duration_cast<std::chrono::milliseconds>(*read) : otherwise;
}

bool same_as_stored(const json::Value& a, const json::Value& b, std::string_view group, std::string_view version,
                    std::string_view kind) {
  if (a == b) return true;
  const kube::GroupVersionKind of{std::string(group), std::string(version), std::string(kind)};
  json::Value left(a, json::make_arena()), right(b, json::make_arena());
  (void)kube::decode(left, of, kube::FieldValidation::ignore);
  (void)kube::decode(right, of, kube::FieldValidation::ignore);
  return left == right;
}

Write update_write(const Item& item, json::Value object, std::string subresource, std::string user) {
  Write write;
  write.verb = Write::Verb::update;
  write.collection = item.key.collection;
  write.subresource = std::move(subresource);
  write.ns = item.key.ns;
  write.name = item.key.name;
  write.object = std::move(object);
  write.user = std::move(user);
  return write;
}

Write remove_write(const Item& item, std::string user) {
  Write write;
  write.verb = Write::Verb::remove;
  write.collection = item.key.collection;
  write.ns = item.key.ns;
  write.name = item.key.name;
  write.user = std::move(user);
  return write;
}

net::Task<kube::ApiResult<void>> create_pods(Api* api, ItemPtr owner, std::string api_version, std::string kind,
                                             std::string account, std::int64_t count) {
  std::string component(account.substr(account.rfind(':') + 1));
  std::set<std::string> known;
  for (const auto& [name, pod] : api->cache().controlled_by(owner->uid)) known.insert(name);
  std::int64_t batch = 1;
  while (count > 0) {
    for (std::int64_t i = std::min(batch, count); i > 0; --i, --count) {
      Write write;
      write.collection = collection::pods;
      write.ns = owner->key.ns;
      write.object = pod_of_template(*owner, api_version, kind, owner->key.name + "-", "");
      write.user = account;
      auto made = co_await api->write(std::move(write));
      if (made) continue;
      co_await api->tell(
          {owner, kind, api_version, true, "FailedCreate", "Error creating: " + made.error().message, component});
      co_return made;
    }
    batch *= 2;
  }
  co_return kube::ApiResult<void>{};
}

net::Task<kube::ApiResult<void>> delete_pod(Api* api, ItemPtr owner, std::string api_version, std::string kind,
                                            std::string account, ItemPtr pod) {
  std::string component(account.substr(account.rfind(':') + 1));
  auto gone = co_await api->write(remove_write(*pod, account));
  const bool missing = !gone && gone.error().code == 404;
  if (!gone && !missing) {
    co_await api->tell(
        {owner, kind, api_version, true, "FailedDelete", "Error deleting: " + gone.error().message, component});
    co_return gone;
  }
  co_await api->tell({owner, kind, api_version, false, "SuccessfulDelete", "Deleted pod: " + pod->key.name, component});
  co_return kube::ApiResult<void>{};
}

}  // namespace gatepost::simulate
