#include "rehearse/assume.h"

#include <algorithm>
#include <map>
#include <set>

#include "admission/resolve/url.h"
#include "kube/schema/object.h"
#include "simulate/objects.h"

namespace gatepost::rehearse {
namespace {

constexpr std::string_view workload_kinds[] = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"};

std::string_view kind_of(const Loaded& loaded) {
  return loaded.resource->kind;
}
std::string_view name_of(const Loaded& loaded) {
  return json::string_at(loaded.value, {"metadata", "name"});
}
std::string_view namespace_of(const Loaded& loaded) {
  return json::string_at(loaded.value, {"metadata", "namespace"});
}
bool is_workload(const Loaded& loaded) {
  return std::find(std::begin(workload_kinds), std::end(workload_kinds), kind_of(loaded)) != std::end(workload_kinds);
}
bool is_webhook_configuration(const Loaded& loaded) {
  return kind_of(loaded) == "ValidatingWebhookConfiguration" || kind_of(loaded) == "MutatingWebhookConfiguration";
}

bool holds(const json::Object* labels, const json::Object& selector) {
  return std::all_of(selector.begin(), selector.end(), [labels](const auto& pair) {
    const json::Value* value = labels ? labels->if_contains(pair.key()) : nullptr;
    return value && *value == pair.value();
  });
}

std::string joined(const std::set<std::string>& words) {
  std::string text;
  constexpr std::size_t most = 8;
  std::size_t count = 0;
  for (const std::string& word : words) {
    if (count++ == most) return text + " and " + std::to_string(words.size() - most) + " more";
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

class Filler {
 public:
  Filler(Input& input, const kube::Registry& registry) : input_(input), registry_(registry) {}

  Assumed run() {
    for (const Loaded& loaded : webhooks()) add_backends(loaded.value);
    add_nodes();
    add_namespaces();
    return std::move(out_);
  }

 private:
  std::vector<Loaded> webhooks() const {
    std::vector<Loaded> found;
    for (const Loaded& loaded : input_.objects)
      if (is_webhook_configuration(loaded)) found.push_back(loaded);
    return found;
  }

  void add(std::string_view group, std::string_view version, std::string_view kind, json::Object object) {
    const kube::ResourceInfo* resource = registry_.find_kind(group, version, kind);
    if (!resource) return;
    object["kind"] = kind;
    object["apiVersion"] = kube::api_version(group, version);
    json::Value value(std::move(object));
    kube::GroupVersionKind of{std::string(group), std::string(version), std::string(kind)};
    (void)kube::decode(value, of, kube::FieldValidation::ignore);
    kube::set_defaults(value, of);
    input_.objects.push_back({resource, std::move(value), "assumed"});
  }

  void add_backends(const json::Value& configuration) {
    const json::Array* hooks = json::array_at(configuration, {"webhooks"});
    if (!hooks) return;
    for (const json::Value& hook : *hooks) {
      const json::Value* client = json::find(hook, "clientConfig");
      if (!client) continue;
      const admission::ClientConfig config = admission::read_client_config(*client);
      if (config.service) add_backend(std::string(json::string_at(hook, {"name"})), *config.service);
    }
  }

  void add_backend(const std::string& webhook, const admission::ServiceReference& reference) {
    const std::string id = reference.ns + "/" + reference.name;
    if (!seen_.insert(id).second || id == "default/kubernetes") return;
    const Loaded* service = nullptr;
    for (const Loaded& loaded : input_.objects)
      if (kind_of(loaded) == "Service" && namespace_of(loaded) == reference.ns && name_of(loaded) == reference.name)
        service = &loaded;
    json::Object selector;
    if (service) {
      const json::Object* given = json::object_at(service->value, {"spec", "selector"});
      // Without a selector somebody else tells where it is.
      if (!given || given->empty()) return;
      selector = *given;
      for (const Loaded& loaded : input_.objects) {
        if (namespace_of(loaded) != reference.ns) continue;
        const bool fits =
            (is_workload(loaded) &&
             holds(json::object_at(loaded.value, {"spec", "template", "metadata", "labels"}), selector)) ||
            (kind_of(loaded) == "Pod" && holds(json::object_at(loaded.value, {"metadata", "labels"}), selector));
        if (fits) return;
      }
      out_.lines.push_back("Service " + id + " of webhook " + webhook +
                           " selects no workload of the input: assumed a Deployment of one replica with the labels it "
                           "selects");
    } else {
      selector = json::Object{{"app", reference.name}};
      out_.lines.push_back(
          "Service " + id + " of webhook " + webhook +
          " is not in the input: assumed, with a Deployment of one replica labelled app=" + reference.name);
      add("", "v1", "Service",
          {{"metadata", json::Object{{"name", reference.name}, {"namespace", reference.ns}}},
           {"spec",
            json::Object{{"selector", selector},
                         {"type", "ClusterIP"},
                         {"ports", json::Array{json::Object{{"port", reference.port}, {"targetPort", 8443}}}}}}});
    }
    out_.backends.push_back(id);
    add("apps", "v1", "Deployment",
        {{"metadata", json::Object{{"name", reference.name}, {"namespace", reference.ns}, {"labels", selector}}},
         {"spec", json::Object{{"replicas", 1},
                               {"selector", json::Object{{"matchLabels", selector}}},
                               {"template",
                                json::Object{{"metadata", json::Object{{"labels", selector}}},
                                             {"spec", json::Object{{"containers", json::Array{json::Object{
                                                                                      {"name", "webhook"},
                                                                                      {"image", "webhook"}}}}}}}}}}});
  }

  // Three nodes, or as many as the pods need, with every label that a workload asks for.
  void add_nodes() {
    std::int64_t pods = 0;
    json::Object labels{{"kubernetes.io/os", "linux"}, {"kubernetes.io/arch", "amd64"}};
    for (const Loaded& loaded : input_.objects) {
      if (kind_of(loaded) == "Node") return;
      if (is_workload(loaded)) {
        pods += std::max<std::int64_t>(json::int_at(loaded.value, {"spec", "replicas"}, 1), 1);
        take_labels(*json::find(loaded.value, "spec"), labels);
      } else if (kind_of(loaded) == "Pod") {
        ++pods;
        known_nodes_.insert(std::string(json::string_at(loaded.value, {"spec", "nodeName"})));
      }
    }
    known_nodes_.erase("");
    constexpr std::int64_t fewest = 3, pods_a_node = 60;
    const std::int64_t count = std::max(fewest, pods / pods_a_node + 1);
    for (std::int64_t i = 1; static_cast<std::int64_t>(known_nodes_.size()) < count; ++i)
      known_nodes_.insert("node-" + std::to_string(i));
    std::size_t index = 0;
    for (const std::string& node : known_nodes_) {
      json::Object own = labels;
      own["kubernetes.io/hostname"] = node;
      constexpr std::string_view zones[] = {"zone-a", "zone-b", "zone-c"};
      own["topology.kubernetes.io/zone"] = zones[index++ % std::size(zones)];
      add("", "v1", "Node",
          {{"metadata", json::Object{{"name", node}, {"labels", std::move(own)}}},
           {"status", simulate::node_status()}});
    }
    out_.lines.push_back("the input has no nodes: assumed " + std::to_string(known_nodes_.size()) +
                         ", each with room for 110 pods");
  }

  static void take_labels(const json::Value& spec, json::Object& labels) {
    if (const json::Object* wanted = json::object_at(spec, {"template", "spec", "nodeSelector"}))
      for (const auto& pair : *wanted) labels[pair.key()] = pair.value();
    const json::Array* terms =
        json::array_at(spec, {"template", "spec", "affinity", "nodeAffinity",
                              "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
    if (!terms || terms->empty()) return;
    const json::Array* expressions = json::array_at(terms->front(), {"matchExpressions"});
    if (!expressions) return;
    for (const json::Value& expression : *expressions) {
      const std::string_view op = json::string_at(expression, {"operator"}), key = json::string_at(expression, {"key"});
      const json::Array* values = json::array_at(expression, {"values"});
      if (op == "Exists")
        labels.insert(json::Object::value_type(key, ""));
      else if (op == "In" && values && !values->empty() && !labels.contains(key))
        labels[key] = values->front();
    }
  }

  void add_namespaces() {
    std::set<std::string> known, missing;
    for (Loaded& loaded : input_.objects) {
      if (kind_of(loaded) == "Namespace") {
        // The API server sets this label itself.
        simulate::child(simulate::child(loaded.value.get_object(), "metadata"),
                        "labels")["kubernetes.io/metadata.name"] = std::string(name_of(loaded));
        known.insert(std::string(name_of(loaded)));
      } else if (!namespace_of(loaded).empty()) {
        missing.insert(std::string(namespace_of(loaded)));
      }
    }
    constexpr std::string_view own[] = {"default", "kube-system", "kube-public", "kube-node-lease"};
    for (const std::string& name : known) missing.erase(name);
    std::set<std::string> told = missing;
    for (std::string_view name : own) {
      told.erase(std::string(name));
      if (!known.contains(std::string(name))) missing.insert(std::string(name));
    }
    for (const std::string& name : missing)
      add("", "v1", "Namespace",
          {{"metadata",
            json::Object{{"name", name}, {"labels", json::Object{{"kubernetes.io/metadata.name", name}}}}}});
    if (!told.empty())
      out_.lines.push_back("not in the input: namespace" + std::string(told.size() > 1 ? "s " : " ") + joined(told) +
                           ": assumed, with no labels but kubernetes.io/metadata.name");
  }

  Input& input_;
  const kube::Registry& registry_;
  std::set<std::string> seen_, known_nodes_;
  Assumed out_;
};

}  // namespace

Assumed fill_gaps(Input& input, const kube::Registry& registry) {
  return Filler(input, registry).run();
}

}  // namespace gatepost::rehearse
