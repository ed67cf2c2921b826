// GP501-GP509, GP515-GP518: whether what a configuration points at is there.
#include <map>
#include <set>

#include "lint/join.h"
#include "lint/rules/common.h"
#include "lint/rules/disjoint.h"

namespace gatepost::lint {
namespace {

void service_not_found(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.service || webhook.is_api_server() || webhook.service_manifest) continue;
    std::string message = fmt::format("there is no Service {} in the {}", webhook.service->text(),
                                      model.from_cluster() ? "cluster" : "input");
    if (!model.from_cluster() && model.of_kind("Service").empty())
      message += ", which holds no Service at all (add its manifest, or use --cluster)";
    sink.add(webhook, "clientConfig.service", std::move(message));
  }
}

bool is_always_there(std::string_view ns) {
  return is_one_of(ns, {"default", "kube-system", "kube-public", "kube-node-lease"});
}

void namespace_not_found(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.service) continue;
    const std::string& ns = webhook.service->ns;
    if (ns.empty() || is_always_there(ns) || model.declares_namespace(ns)) continue;
    // What is installed into a namespace that somebody else makes does not declare it.
    const bool unknown = !model.from_cluster() &&
                         (!model.has_company() || (model.is_inhabited(ns) && model.of_kind("Namespace").empty()));
    if (!unknown) sink.add(webhook, "clientConfig.service.namespace", fmt::format("there is no namespace {}", ns));
  }
}

void service_port_not_found(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.service_manifest || webhook.is_api_server()) continue;
    if (webhook.service_manifest->text({"spec", "type"}) == "ExternalName") continue;
    if (service_port(*webhook.service_manifest, webhook.service->port)) continue;
    std::vector<std::string> ports;
    const json::Array* list = json::array_at(webhook.service_manifest->value, {"spec", "ports"});
    for (std::size_t i = 0; list && i < list->size(); ++i)
      ports.push_back(std::to_string(json::int_at((*list)[i], {"port"})));
    sink.add(webhook, "clientConfig.service.port",
             fmt::format("Service {} has no port {}{}, but {}", webhook.service->text(), webhook.service->port,
                         json::find_path(*webhook.value, {"clientConfig", "service", "port"}) ? "" : " (the default)",
                         ports.empty() ? "none at all" : joined(ports)));
  }
}

std::string shown(const json::Value& port) {
  return port.is_string() ? std::string(json::view(port.get_string()))
                          : std::to_string(port.is_int64() ? port.get_int64() : 0);
}

void target_port_unmatched(const Model& model, Sink& sink) {
  std::set<std::pair<const Manifest*, std::int64_t>> told;
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.service_manifest || webhook.workloads.empty()) continue;
    const json::Array* ports = json::array_at(webhook.service_manifest->value, {"spec", "ports"});
    for (std::size_t i = 0; ports && i < ports->size(); ++i) {
      if (json::int_at((*ports)[i], {"port"}) != webhook.service->port) continue;
      const json::Value* target = json::find((*ports)[i], "targetPort");
      const json::Value implied(webhook.service->port);
      if (!target || target->is_null()) target = &implied;
      const bool listed =
          std::any_of(webhook.workloads.begin(), webhook.workloads.end(), [&](const Workload* workload) {
            return target->is_string() ? workload->port_number(json::view(target->get_string())) != 0
                                       : workload->declares_port(target->is_int64() ? target->get_int64() : 0);
          });
      if (listed || !told.emplace(webhook.service_manifest, webhook.service->port).second) continue;
      sink.add(*webhook.service_manifest, Path("spec.ports") / i / "targetPort",
               fmt::format("no container of {} {} declares the port {}", webhook.workloads.front()->kind(),
                           webhook.workloads.front()->manifest->name, shown(*target)),
               &webhook);
    }
  }
}

bool has_selector(const Manifest& service) {
  const json::Object* selector = json::object_at(service.value, {"spec", "selector"});
  return selector && !selector->empty();
}

void selector_matches_no_pods(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.service_manifest || !webhook.workloads.empty() || !has_selector(*webhook.service_manifest)) continue;
    sink.add(
        *webhook.service_manifest, Path("spec.selector"),
        fmt::format("the Service of {} selects pods that no workload in {} makes", webhook.name, webhook.service->ns),
        &webhook);
  }
}

void external_name_backend(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.service_manifest || webhook.is_api_server()) continue;
    if (webhook.service_manifest->text({"spec", "type"}) == "ExternalName")
      sink.add(*webhook.service_manifest, Path("spec.externalName"),
               "the Service is a name elsewhere, which API servers resolve in different ways or not at all", &webhook);
    else if (!has_selector(*webhook.service_manifest))
      sink.add(*webhook.service_manifest, Path("spec.selector"),
               "the Service has no selector: its endpoints are kept by hand", &webhook);
  }
}

// --- URLs

struct Url {
  std::string scheme, user, host, query, fragment;
  bool valid = false;
};

// Enough of a URL for these rules: scheme://[user@]host[:port][/path][?query][#fragment].
Url read_url(std::string_view text) {
  Url out;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return out;
  out.scheme = lowered(text.substr(0, colon));
  text.remove_prefix(colon + 3);
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    out.fragment = text.substr(hash);
    text = text.substr(0, hash);
  }
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    out.query = text.substr(mark);
    text = text.substr(0, mark);
  }
  std::string_view authority = text.substr(0, text.find('/'));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    out.user = authority.substr(0, at + 1);
    authority.remove_prefix(at + 1);
  }
  if (authority.starts_with('['))
    out.host = authority.substr(1, authority.find(']') == std::string_view::npos ? 0 : authority.find(']') - 1);
  else
    out.host = lowered(authority.substr(0, authority.find(':')));
  out.valid = !out.host.empty();
  return out;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "::1" ||
         host == "0:0:0:0:0:0:0:1";
}

bool is_in_cluster(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  return host.ends_with(".svc") || host.ends_with(".cluster.local") || host.find(".svc.") != std::string_view::npos;
}

void url_to_cluster_service(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    if (!webhook.url.empty() && is_in_cluster(read_url(webhook.url).host))
      sink.add(webhook, "clientConfig.url",
               fmt::format("{} is a name of the cluster's DNS, which API servers need not know",
                           read_url(webhook.url).host));
}

void url_localhost(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    if (!webhook.url.empty() && is_loopback(read_url(webhook.url).host))
      sink.add(webhook, "clientConfig.url", "the backend has to run beside every API server");
}

void url_malformed(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    const json::Value* written = json::find_path(*webhook.value, {"clientConfig", "url"});
    if (!written || written->is_null()) continue;
    const Url url = read_url(webhook.url);
    std::vector<std::string> wrong;
    if (!url.valid) wrong.emplace_back("it is no absolute URL");
    if (url.valid && url.scheme != "https") wrong.emplace_back("its scheme is not https");
    if (!url.user.empty()) wrong.emplace_back("it names a user");
    if (!url.query.empty()) wrong.emplace_back("it has a query");
    if (!url.fragment.empty()) wrong.emplace_back("it has a fragment");
    if (!wrong.empty()) sink.add(webhook, "clientConfig.url", fmt::format("the URL is refused: {}", joined(wrong)));
  }
}

// --- GP515

void orphaned_configuration(const Model& model, Sink& sink) {
  std::set<const Manifest*> seen;
  for (const Webhook& webhook : model.webhooks()) {
    const Manifest& owner = *webhook.owner;
    if (!seen.insert(&owner).second) continue;
    const json::Array* owners = json::array_at(owner.value, {"metadata", "ownerReferences"});
    for (std::size_t i = 0; owners && i < owners->size(); ++i) {
      const std::string_view kind = json::string_at((*owners)[i], {"kind"}),
                             name = json::string_at((*owners)[i], {"name"});
      // A configuration alone, as it is exported, tells nothing of its owner.
      if (!is_one_of(kind, {"CustomResourceDefinition", "Namespace", "ClusterRole"}) || model.find(kind, "", name) ||
          (!model.from_cluster() && !model.has_company()))
        continue;
      sink.add(owner, Path("metadata.ownerReferences") / i, fmt::format("its owner, {} {}, is gone", kind, name),
               &webhook);
    }
    const std::string_view ns = owner.annotation("meta.helm.sh/release-namespace"),
                           release = owner.annotation("meta.helm.sh/release-name");
    const bool knows = model.from_cluster() || !model.of_kind("Namespace").empty() || model.has_company();
    if (!ns.empty() && knows && !is_always_there(ns) && !model.declares_namespace(ns) && !model.is_inhabited(ns)) {
      sink.add(owner, Path("metadata.annotations") / "meta.helm.sh/release-namespace",
               fmt::format("the namespace {} of its release {} is gone", ns, release), &webhook);
      continue;
    }
    if (!model.from_cluster()) continue;
    // Rules on custom resources that no definition serves any more.
    bool custom = !webhook.rules.empty();
    std::string group;
    for (const Webhook& one : model.webhooks())
      if (one.owner == &owner)
        for (const admission::Rule& rule : one.rules)
          for (const std::string& name : rule.groups) {
            group = name;
            custom = custom && name != "*" && !model.registry().has_group(name) &&
                     std::none_of(model.of_kind("CustomResourceDefinition").begin(),
                                  model.of_kind("CustomResourceDefinition").end(), [&](const Manifest* definition) {
                                    return definition->text({"spec", "group"}) == name;
                                  });
          }
    if (custom && !model.of_kind("CustomResourceDefinition").empty())
      sink.add(webhook, "rules", fmt::format("nothing of the group {} is defined any more", group));
  }
}

// --- GP516

bool share_a_rule(const Model& model, const Webhook& a, const Webhook& b) {
  for (const admission::Rule& rule : a.rules)
    for (const std::string& group : rule.groups)
      for (const std::string& item : rule.resources) {
        const std::size_t slash = item.find('/');
        const std::string resource = item.substr(0, slash);
        const Target target{
            group == "*" ? "" : std::string_view(group), resource == "*" ? "pods" : std::string_view(resource),
            slash == std::string::npos || item.ends_with("/*") ? std::string_view()
                                                               : std::string_view(item).substr(slash + 1)};
        for (const Operations& operation :
             {Operations{true, false, false, false}, Operations{false, true, false, false},
              Operations{false, false, true, false}})
          if (model.asks_for(a, target, operation) && model.asks_for(b, target, operation)) return true;
      }
  return false;
}

bool have_conditions_of_their_own(const Webhook& a, const Webhook& b) {
  const json::Value* one = json::find(*a.value, "matchConditions");
  const json::Value* other = json::find(*b.value, "matchConditions");
  return one && other && *one != *other;
}

void overlapping_webhooks(const Model& model, Sink& sink) {
  // Those that may be the same one: by the address they call, or by their own name in several configurations.
  std::map<std::string, std::vector<const Webhook*>> groups;
  for (const Webhook& webhook : model.webhooks()) {
    const std::string kind = webhook.owner->kind + "\n";
    if (webhook.service)
      groups[kind +
             fmt::format("service {}:{}{}", webhook.service->text(), webhook.service->port, webhook.service->path)]
          .push_back(&webhook);
    else if (!webhook.url.empty())
      groups[kind + "url " + webhook.url].push_back(&webhook);
    if (!webhook.name.empty()) groups[kind + "name " + webhook.name].push_back(&webhook);
  }
  constexpr std::size_t most_compared = 50;
  std::set<std::pair<const Webhook*, const Webhook*>> told;
  for (const auto& [key, webhooks] : groups)
    for (std::size_t i = 0; i < std::min(webhooks.size(), most_compared); ++i)
      for (std::size_t j = i + 1; j < std::min(webhooks.size(), most_compared); ++j) {
        const Webhook &a = *webhooks[i], &b = *webhooks[j];
        // The same object in two files, such as an overlay and what it is made of.
        if (a.owner != b.owner && a.owner->name == b.owner->name) continue;
        if (exclude_each_other(a, b) || have_conditions_of_their_own(a, b) || !share_a_rule(model, a, b) ||
            !told.emplace(&a, &b).second)
          continue;
        sink.add(b, "rules",
                 fmt::format("{} of {} is called for the same objects{}", a.name, a.owner->name,
                             key.find("\nname ") != std::string::npos ? "" : " at the same address"));
      }
}

void api_server_itself_as_backend(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    if (webhook.is_api_server())
      sink.add(webhook, "clientConfig.service",
               "the API server calls itself (an aggregated API): it trusts its own CA, and an empty caBundle is right");
}

// --- GP518

void service_selects_foreign_pods(const Model& model, Sink& sink) {
  std::set<const Manifest*> seen;
  for (const Webhook& webhook : model.webhooks()) {
    const Manifest* service = webhook.service_manifest;
    if (!service || !seen.insert(service).second) continue;
    if (webhook.workloads.size() > 1)
      sink.add(*service, Path("spec.selector"),
               fmt::format("the Service leads to pods of {} {} and of {} {}", webhook.workloads[0]->kind(),
                           webhook.workloads[0]->manifest->name, webhook.workloads[1]->kind(),
                           webhook.workloads[1]->manifest->name),
               &webhook);
    if (webhook.workloads.empty()) continue;
    for (const Manifest* other : model.of_kind_in("Service", webhook.service->ns)) {
      const json::Object* selector = json::object_at(other->value, {"spec", "selector"});
      if (other == service || !selector || selector->empty()) continue;
      if (!carries(webhook.workloads[0]->pod_labels(), *selector) || !service_port(*other, webhook.service->port))
        continue;
      const bool serves_another = std::any_of(model.webhooks().begin(), model.webhooks().end(),
                                              [&](const Webhook& one) { return one.service_manifest == other; });
      if (serves_another) continue;
      sink.add(*service, Path("spec.selector"),
               fmt::format("Service {} has the same port {} on the same pods", other->name, webhook.service->port),
               &webhook);
    }
  }
}

constexpr Rule rules[] = {{"GP501", service_not_found},
                          {"GP502", namespace_not_found},
                          {"GP503", service_port_not_found},
                          {"GP504", target_port_unmatched},
                          {"GP505", selector_matches_no_pods},
                          {"GP506", external_name_backend},
                          {"GP507", url_to_cluster_service},
                          {"GP508", url_localhost},
                          {"GP509", url_malformed},
                          {"GP515", orphaned_configuration},
                          {"GP516", overlapping_webhooks},
                          {"GP517", api_server_itself_as_backend},
                          {"GP518", service_selects_foreign_pods}};

}  // namespace

std::span<const Rule> reference_rules() {
  return rules;
}

}  // namespace gatepost::lint
