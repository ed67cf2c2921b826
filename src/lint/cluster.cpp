#include "lint/cluster.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace gatepost::lint {
namespace {

constexpr const char* page_size = "500";

enum class Need { required, optional };  // optional: a kind that a cluster may lack

struct Kind {
  const char* path;
  const char* kind;
  const char* api_version;
  Need need = Need::optional;
};

const Kind configurations[] = {{"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
                                "ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1", Need::required},
                               {"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
                                "MutatingWebhookConfiguration", "admissionregistration.k8s.io/v1", Need::required}};

const Kind others[] = {
    {"/api/v1/namespaces", "Namespace", "v1", Need::required},
    {"/api/v1/services", "Service", "v1", Need::required},
    {"/apis/apps/v1/deployments", "Deployment", "apps/v1", Need::required},
    {"/apis/apps/v1/statefulsets", "StatefulSet", "apps/v1", Need::required},
    {"/apis/apps/v1/daemonsets", "DaemonSet", "apps/v1", Need::required},
    {"/apis/apps/v1/replicasets", "ReplicaSet", "apps/v1", Need::required},
    {"/apis/autoscaling/v2/horizontalpodautoscalers", "HorizontalPodAutoscaler", "autoscaling/v2"},
    {"/apis/policy/v1/poddisruptionbudgets", "PodDisruptionBudget", "policy/v1", Need::required},
    {"/apis/networking.k8s.io/v1/networkpolicies", "NetworkPolicy", "networking.k8s.io/v1", Need::required},
    {"/apis/rbac.authorization.k8s.io/v1/clusterroles", "ClusterRole", "rbac.authorization.k8s.io/v1"},
    {"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "ClusterRoleBinding", "rbac.authorization.k8s.io/v1"},
    {"/apis/rbac.authorization.k8s.io/v1/roles", "Role", "rbac.authorization.k8s.io/v1"},
    {"/apis/rbac.authorization.k8s.io/v1/rolebindings", "RoleBinding", "rbac.authorization.k8s.io/v1"},
    {"/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "CustomResourceDefinition", "apiextensions.k8s.io/v1"},
    {"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", "ValidatingAdmissionPolicy",
     "admissionregistration.k8s.io/v1"},
    {"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding",
     "admissionregistration.k8s.io/v1"},
    {"/apis/cert-manager.io/v1/certificates", "Certificate", "cert-manager.io/v1"},
    {"/apis/cert-manager.io/v1/issuers", "Issuer", "cert-manager.io/v1"},
    {"/apis/cert-manager.io/v1/clusterissuers", "ClusterIssuer", "cert-manager.io/v1"},
    {"/apis/monitoring.coreos.com/v1/prometheusrules", "PrometheusRule", "monitoring.coreos.com/v1"},
    {"/apis/security.istio.io/v1/peerauthentications", "PeerAuthentication", "security.istio.io/v1"}};

// Items of a list come without kind and apiVersion.
void add_items(json::Value& list, const Kind& kind, Manifests& into) {
  json::Value* items = list.is_object() ? list.get_object().if_contains("items") : nullptr;
  if (!items || !items->is_array()) return;
  for (json::Value& item : items->get_array()) {
    if (!item.is_object()) continue;
    item.get_object()["kind"] = kind.kind;
    item.get_object()["apiVersion"] = kind.api_version;
    add_object(std::move(item), into);
  }
}

net::Task<Result<void>> read_list(client::Rest* rest, Kind kind, std::string query, Manifests* into) {
  std::string next;
  do {
    const std::string path =
        std::string(kind.path) + "?limit=" + page_size + query + (next.empty() ? "" : "&continue=" + next);
    auto reply = co_await rest->call("GET", path);
    if (!reply) co_return fail_with(std::move(reply.error()));
    if (reply->status != 200) co_return fail(std::string("GET ") + kind.path + ": " + reply->text);
    next = json::string_at(reply->body, {"metadata", "continue"});
    add_items(reply->body, kind, *into);
    // The values live in the reply's memory.
    into->arenas.push_back(reply->body.storage());
  } while (!next.empty());
  co_return Result<void>{};
}

void drop_keys(Manifests& manifests) {
  for (Manifest& manifest : manifests.list) {
    if (manifest.kind != "Secret") continue;
    for (std::string_view field : {"data", "stringData"}) {
      json::Value* data = manifest.value.get_object().if_contains(field);
      if (!data || !data->is_object()) continue;
      std::vector<std::string> dropped;
      for (const auto& member : data->get_object())
        if (member.key() != "tls.crt" && member.key() != "ca.crt") dropped.emplace_back(member.key());
      for (const std::string& key : dropped) data->get_object().erase(key);
    }
  }
}

// label="value" of a line of metrics; empty if it is not there.
std::string_view label_of(std::string_view line, std::string_view label) {
  const std::string wanted = std::string(label) + "=\"";
  for (std::size_t at = line.find(wanted); at != std::string_view::npos; at = line.find(wanted, at + 1)) {
    if (at > 0 && line[at - 1] != '{' && line[at - 1] != ',') continue;
    const std::size_t begin = at + wanted.size();
    return line.substr(begin, line.find('"', begin) - begin);
  }
  return {};
}

double metric_number(std::string_view text) {
  if (text == "+Inf") return INFINITY;
  return std::strtod(std::string(text).c_str(), nullptr);
}

}  // namespace

Observed read_metrics(std::string_view text) {
  constexpr std::string_view metric = "apiserver_admission_webhook_admission_duration_seconds_bucket{";
  constexpr double share = 0.99, least_calls = 100;
  std::map<std::string, std::map<double, double>, std::less<>> buckets;  // name -> bound -> count
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(metric)) continue;
    const std::size_t space = line.rfind(' ');
    if (space == std::string_view::npos) continue;
    buckets[std::string(label_of(line, "name"))][metric_number(label_of(line, "le"))] +=
        metric_number(line.substr(space + 1));
  }
  Observed out;
  for (const auto& [name, counts] : buckets) {
    if (counts.empty() || counts.rbegin()->second < least_calls) continue;
    const double rank = share * counts.rbegin()->second;
    double below = 0, bound_below = 0;
    for (const auto& [bound, count] : counts) {
      if (count >= rank) {
        // Within a bucket calls are taken as spread evenly, as histogram_quantile does; the last one has no end.
        const double seconds =
            std::isinf(bound) ? bound_below : bound_below + (bound - bound_below) * (rank - below) / (count - below);
        out.p99_seconds[name] = seconds;
        break;
      }
      below = count, bound_below = bound;
    }
  }
  return out;
}

net::Task<Result<ClusterObjects>> read_cluster(client::Rest* rest) {
  ClusterObjects out;
  for (const Kind& kind : configurations) {
    auto read = co_await read_list(rest, kind, "", &out.manifests);
    if (!read) co_return fail_with(std::move(read.error()));
  }
  std::set<std::string> namespaces;
  for (const Manifest& manifest : out.manifests.list) {
    const json::Array* webhooks = json::array_at(manifest.value, {"webhooks"});
    for (std::size_t i = 0; webhooks && i < webhooks->size(); ++i)
      namespaces.emplace(json::string_at((*webhooks)[i], {"clientConfig", "service", "namespace"}));
  }
  for (const Kind& kind : others) {
    auto read = co_await read_list(rest, kind, "", &out.manifests);
    if (!read && kind.need == Need::required) out.unseen.push_back(read.error().text);
  }
  for (const std::string& ns : namespaces) {
    if (ns.empty()) continue;
    const std::string path = "/api/v1/namespaces/" + ns + "/secrets";
    auto read = co_await read_list(rest, {path.c_str(), "Secret", "v1", Need::optional},
                                   "&fieldSelector=type%3Dkubernetes.io%2Ftls", &out.manifests);
    if (!read) out.unseen.push_back(read.error().text);
  }
  drop_keys(out.manifests);
  if (auto metrics = co_await rest->call("GET", "/metrics"); metrics && metrics->status == 200)
    out.observed = read_metrics(metrics->text);
  co_return std::move(out);
}

}  // namespace gatepost::lint
