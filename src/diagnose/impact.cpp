#include "diagnose/impact.h"

#include <algorithm>
#include <fmt/format.h>

#include "diagnose/deadlock.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_resources = 20;

std::vector<std::string> texts(const json::Value& rule, std::string_view key) {
  std::vector<std::string> out;
  if (const json::Array* values = json::array_at(rule, {key}))
    for (const json::Value& value : *values)
      if (value.is_string()) out.emplace_back(json::view(value.get_string()));
  return out;
}

// "CREATE,UPDATE deployments.apps"
std::vector<std::string> resources_of(const Subject& subject) {
  std::vector<std::string> out;
  const json::Array* rules = json::array_at(*subject.webhook, {"rules"});
  for (std::size_t i = 0; rules && i < rules->size(); ++i) {
    const json::Value& rule = (*rules)[i];
    const std::string operations = fmt::format("{}", fmt::join(texts(rule, "operations"), ","));
    for (const std::string& group : texts(rule, "apiGroups"))
      for (const std::string& resource : texts(rule, "resources"))
        if (out.size() < most_resources)
          out.push_back(fmt::format("{} {}{}{}", operations, resource, group.empty() ? "" : ".", group));
  }
  return out;
}

}  // namespace

report::Facts impact_of(const Subject& subject, const Cluster& cluster) {
  std::int64_t selected = 0;
  for (const json::Value* ns : cluster.namespaces.in(""))
    selected += selects_namespace(subject, cluster, json::string_at(*ns, {"metadata", "name"}));
  report::Facts out;
  out.push_back({"failsClosed", subject.fails_closed()});
  out.push_back({"resources", resources_of(subject)});
  out.push_back({"namespaces", selected});
  out.push_back({"kubeSystem", selects_namespace(subject, cluster, "kube-system")});
  if (!subject.by_service()) return out;
  out.push_back({"ownNamespace", selects_namespace(subject, cluster, subject.service_namespace)});
  out.push_back({"blocksOwnPods", blocks_own_pods(subject, cluster)});
  return out;
}

}  // namespace gatepost::diagnose
