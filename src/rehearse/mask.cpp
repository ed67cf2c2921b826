#include <algorithm>
#include <map>

#include "rehearse/snapshot.h"

namespace gatepost::rehearse {
namespace {

// Names that every cluster has, and values that mean something by themselves.
constexpr std::string_view plain[] = {"default",     "kube-system",
                                      "kube-public", "kube-node-lease",
                                      "kubernetes",  "true",
                                      "false",       "",
                                      "enabled",     "disabled",
                                      "linux",       "amd64",
                                      "arm64",       "endpointslice-controller.k8s.io"};

class Masker {
 public:
  explicit Masker(std::string_view salt) : salt_(salt) {}

  // The same text always gets the same mask.
  std::string mask(std::string_view text) {
    if (std::find(std::begin(plain), std::end(plain), text) != std::end(plain)) return std::string(text);
    auto [known, fresh] = known_.try_emplace(std::string(text));
    if (fresh) known->second = "m" + digest(text, 10);
    return known->second;
  }

  // What a controller named after its owner keeps the owner's mask in front.
  void learn(std::string_view name, std::string_view owner) {
    if (owner.empty() || known_.contains(std::string(name))) return;
    std::string prefix(owner);
    prefix += '-';
    if (!name.starts_with(prefix)) return;
    known_[std::string(name)] = mask(owner) + "-" + digest(name, 6);
  }

  void object(json::Value& value) {
    json::Object& fields = value.get_object();
    const std::string kind(json::string_at(value, {"kind"}));
    metadata(fields);
    if (kind.ends_with("WebhookConfiguration")) {
      if (json::Value* hooks = fields.if_contains("webhooks"); hooks && hooks->is_array())
        for (json::Value& hook : hooks->get_array()) webhook(hook.get_object());
      return;
    }
    walk(value, "");
    if (kind == "Service") {
      json::Value* spec = fields.if_contains("spec");
      if (spec && spec->is_object()) spec->get_object().erase("externalName");
    }
  }

 private:
  std::string digest(std::string_view text, std::size_t length) const {
    std::uint64_t hash = 1469598103934665603ull;
    for (std::string_view part : {std::string_view(salt_), text})
      for (char byte : part) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ull;
    hash ^= hash >> 31;
    hash *= 0x94d049bb133111ebull;
    hash ^= hash >> 29;
    constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
    std::string out;
    for (std::size_t i = 0; i < length; ++i, hash /= letters.size()) out += letters[hash % letters.size()];
    return out;
  }

  void text(json::Value& value) {
    if (value.is_string()) value = mask(json::view(value.get_string()));
  }
  void values_of(json::Value& object) {
    if (object.is_object())
      for (auto& pair : object.get_object()) text(pair.value());
  }
  void texts_of(json::Value& list) {
    if (list.is_array())
      for (json::Value& value : list.get_array()) text(value);
  }

  void metadata(json::Object& fields) {
    json::Value* metadata = fields.if_contains("metadata");
    if (!metadata || !metadata->is_object()) return;
    for (std::string_view name : {"name", "namespace"})
      if (json::Value* value = metadata->get_object().if_contains(name)) text(*value);
    metadata->get_object().erase("generateName");
    if (json::Value* labels = metadata->get_object().if_contains("labels")) values_of(*labels);
    if (json::Value* owners = metadata->get_object().if_contains("ownerReferences"); owners && owners->is_array())
      for (json::Value& owner : owners->get_array())
        if (json::Value* name = owner.is_object() ? owner.get_object().if_contains("name") : nullptr) text(*name);
  }

  void webhook(json::Object& hook) {
    if (json::Value* name = hook.if_contains("name")) text(*name);
    for (std::string_view field : {"namespaceSelector", "objectSelector"})
      if (json::Value* selector = hook.if_contains(field)) walk(*selector, field);
    json::Value* client = hook.if_contains("clientConfig");
    if (!client || !client->is_object()) return;
    if (json::Value* url = client->get_object().if_contains("url"); url && url->is_string())
      *url = "https://" + mask(json::view(url->get_string())) + ".masked.example/";
    if (json::Value* service = client->get_object().if_contains("service"); service && service->is_object())
      for (std::string_view field : {"name", "namespace"})
        if (json::Value* value = service->get_object().if_contains(field)) text(*value);
  }

  // By what a field is called wherever it stands.
  void walk(json::Value& value, std::string_view key) {
    if (value.is_array()) {
      for (json::Value& item : value.get_array()) walk(item, key);
      return;
    }
    if (!value.is_object()) return;
    const bool requirement = value.get_object().contains("operator") && value.get_object().contains("values");
    for (auto& pair : value.get_object()) {
      const std::string_view name = pair.key();
      json::Value& field = pair.value();
      if (key == "" && name == "metadata") continue;  // the object's own, done
      if (name == "labels" || name == "matchLabels" || name == "nodeSelector" || (name == "selector" && is_flat(field)))
        values_of(field);
      else if (requirement && name == "values")
        texts_of(field);
      else if (name == "nodeName" || name == "image" || name == "serviceAccountName" || name == "hostname")
        text(field);
      else if (name == "addresses" && key == "status")
        field = json::Array();
      else if ((key == "containers" || key == "targetRef" || key == "ports") && (name == "name" || name == "namespace"))
        text(field);
      else if (name == "targetPort" || name == "message" || name == "serviceName")
        text(field);
      else
        walk(field, name);
    }
  }
  static bool is_flat(const json::Value& value) {
    if (!value.is_object()) return false;
    return std::all_of(value.get_object().begin(), value.get_object().end(),
                       [](const auto& pair) { return pair.value().is_string(); });
  }

  const std::string salt_;
  std::map<std::string, std::string> known_;
};

std::string_view controller_of(const json::Value& object) {
  if (const json::Array* owners = json::array_at(object, {"metadata", "ownerReferences"}))
    for (const json::Value& owner : *owners)
      if (json::bool_at(owner, {"controller"})) return json::string_at(owner, {"name"});
  return "";
}

}  // namespace

void mask_names(std::vector<json::Value>& objects, std::string_view salt) {
  Masker masker(salt);
  // Owners first: ReplicaSets before pods.
  for (const bool pods : {false, true})
    for (const json::Value& object : objects)
      if ((json::string_at(object, {"kind"}) == "Pod") == pods)
        masker.learn(json::string_at(object, {"metadata", "name"}), controller_of(object));
  for (json::Value& object : objects) masker.object(object);
}

}  // namespace gatepost::rehearse
