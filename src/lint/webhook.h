// One webhook of a configuration as rules see it: what it asks for (by the rules and selectors of src/admission), how
// it fails, and who serves it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admission/predicates/match_conditions.h"
#include "admission/predicates/rules.h"
#include "kube/registry/registry.h"
#include "lint/bundle.h"
#include "lint/workload.h"

namespace gatepost::lint {

class Model;

enum class WebhookType { mutating, validating };

struct ServiceReference {
  std::string ns, name, path;
  std::int64_t port = 443;
  std::string text() const { return ns + "/" + name; }
  std::string host() const { return name + "." + ns + ".svc"; }
};

struct Webhook {
  const Manifest* owner = nullptr;
  const json::Value* value = nullptr;
  std::size_t index = 0;
  WebhookType type = WebhookType::validating;
  std::string name;
  Path path;  // webhooks[2]
  std::vector<admission::Rule> rules;
  Result<kube::LabelSelector> namespace_selector, object_selector;
  std::shared_ptr<const admission::MatchConditions> conditions;
  bool fails_closed = true;
  bool equivalent = true;
  std::int64_t timeout = 10;  // seconds
  std::optional<ServiceReference> service;
  std::string url;
  std::shared_ptr<const Bundle> bundle;

  // The backend, as far as the input holds it.
  const Manifest* service_manifest = nullptr;
  std::vector<const Workload*> workloads;  // that the Service selects
  std::int64_t container_port = 0;         // where the Service leads; 0: not known

  bool mutating() const { return type == WebhookType::mutating; }
  std::string configuration() const { return owner->kind + "/" + owner->name; }
  bool has(std::string_view field) const;  // written, and not null
  bool is_api_server() const { return service && service->ns == "default" && service->name == "kubernetes"; }
};

// An object that a request may be about. `group` of "" is the core group.
struct Target {
  std::string_view group, resource, subresource;
};

// "pods", "deployments.apps", "nodes/status": how people write it.
std::string to_text(const Target& target);

}  // namespace gatepost::lint
