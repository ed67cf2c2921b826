#include "diagnose/dry_run.h"

#include <algorithm>
#include <fmt/format.h>

#include "json/write.h"

namespace gatepost::diagnose {
namespace {

// Objects that are small and valid, for the kinds that webhooks are mostly about. {ns} is the namespace.
struct Template {
  Asked asked;
  std::string_view kind, path, body;
};

const Template templates[] = {
    {{admission::Operation::create, "", "v1", "pods", "", false},
     "Pod",
     "/api/v1/namespaces/{ns}/pods",
     R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"gatepost-probe"},"spec":{"containers":[{"name":"probe","image":"probe"}]}})"},
    {{admission::Operation::create, "", "v1", "configmaps", "", false},
     "ConfigMap",
     "/api/v1/namespaces/{ns}/configmaps",
     R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"gatepost-probe"}})"},
    {{admission::Operation::create, "", "v1", "secrets", "", false},
     "Secret",
     "/api/v1/namespaces/{ns}/secrets",
     R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"gatepost-probe"}})"},
    {{admission::Operation::create, "", "v1", "services", "", false},
     "Service",
     "/api/v1/namespaces/{ns}/services",
     R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"gatepost-probe"},"spec":{"ports":[{"port":443}]}})"},
    {{admission::Operation::create, "", "v1", "serviceaccounts", "", false},
     "ServiceAccount",
     "/api/v1/namespaces/{ns}/serviceaccounts",
     R"({"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"gatepost-probe"}})"},
    {{admission::Operation::create, "apps", "v1", "deployments", "", false},
     "Deployment",
     "/apis/apps/v1/namespaces/{ns}/deployments",
     R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"gatepost-probe"},"spec":{"selector":{"matchLabels":{"app":"p"}},)"
     R"("template":{"metadata":{"labels":{"app":"p"}},"spec":{"containers":[{"name":"probe","image":"probe"}]}}}})"},
    {{admission::Operation::create, "batch", "v1", "jobs", "", false},
     "Job",
     "/apis/batch/v1/namespaces/{ns}/jobs",
     R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"gatepost-probe"},"spec":{"template":{"spec":{"restartPolicy":"Never",)"
     R"("containers":[{"name":"probe","image":"probe"}]}}}})"},
    {{admission::Operation::create, "networking.k8s.io", "v1", "ingresses", "", false},
     "Ingress",
     "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
     R"({"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"gatepost-probe"},)"
     R"("spec":{"defaultBackend":{"service":{"name":"probe","port":{"number":80}}}}})"},
    {{admission::Operation::create, "apps", "v1", "statefulsets", "", false},
     "StatefulSet",
     "/apis/apps/v1/namespaces/{ns}/statefulsets",
     R"({"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"gatepost-probe"},"spec":{"serviceName":"p","selector":{"matchLabels":{"app":"p"}},)"
     R"("template":{"metadata":{"labels":{"app":"p"}},"spec":{"containers":[{"name":"probe","image":"probe"}]}}}})"},
    {{admission::Operation::create, "apps", "v1", "daemonsets", "", false},
     "DaemonSet",
     "/apis/apps/v1/namespaces/{ns}/daemonsets",
     R"({"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"gatepost-probe"},"spec":{"selector":{"matchLabels":{"app":"p"}},)"
     R"("template":{"metadata":{"labels":{"app":"p"}},"spec":{"containers":[{"name":"probe","image":"probe"}]}}}})"},
    {{admission::Operation::create, "", "v1", "namespaces", "", true},
     "Namespace",
     "/api/v1/namespaces",
     R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"gatepost-probe"}})"},
};

// A namespace that the webhook is called for; "default" when it can be.
std::string matching_namespace(const Subject& subject, const Cluster& cluster) {
  if (cluster.has_namespace("default") && selects_namespace(subject, cluster, "default")) return "default";
  for (const json::Value* ns : cluster.namespaces.in(""))
    if (selects_namespace(subject, ns) && json::string_at(*ns, {"metadata", "deletionTimestamp"}).empty())
      return std::string(json::string_at(*ns, {"metadata", "name"}));
  return "";
}

// Labels that the webhook's objectSelector asks for, as JSON members: "a":"b". nullopt where none can be made up.
std::optional<std::string> wanted_labels(const Subject& subject) {
  if (!subject.objects) return std::nullopt;
  using Operator = kube::LabelSelector::Operator;
  std::string out;
  for (const auto& one : subject.objects->requirements()) {
    if (one.op == Operator::not_in || one.op == Operator::does_not_exist) continue;  // true of an absent label
    if (one.op != Operator::in && one.op != Operator::exists) return std::nullopt;
    out += out.empty() ? "" : ",";
    json::write_string(one.key, out);
    out += ":";
    json::write_string(one.values.empty() ? "probe" : one.values.front(), out);
  }
  return out;
}

}  // namespace

DryRun dry_run_for(const Subject& subject, const Cluster& cluster) {
  const std::string_view effects = json::string_at(*subject.webhook, {"sideEffects"});
  if (effects != "None" && effects != "NoneOnDryRun") return {};
  if (const json::Array* conditions = json::array_at(*subject.webhook, {"matchConditions"});
      conditions && !conditions->empty())
    return {};  // nobody can tell which object meets them
  const std::string ns = matching_namespace(subject, cluster);
  const std::optional<std::string> labels = wanted_labels(subject);
  if (!labels) return {};
  for (const Template& candidate : templates) {
    if (!calls_for(subject, candidate.asked)) continue;
    const bool of_namespace = !candidate.asked.cluster_scoped;
    // A Namespace is judged by its own labels.
    if (of_namespace ? ns.empty() : !subject.namespaces || !subject.namespaces->everything()) continue;
    std::string path(candidate.path);
    if (of_namespace) path.replace(path.find("{ns}"), 4, ns);
    std::string body(candidate.body);
    constexpr std::string_view name = R"("name":"gatepost-probe")";
    if (!labels->empty()) body.insert(body.find(name) + name.size(), ",\"labels\":{" + *labels + "}");
    return {path + "?dryRun=All", std::move(body), candidate.asked, std::string(candidate.kind),
            of_namespace ? ns : "gatepost-probe"};
  }
  return {};
}

std::string review_of(const DryRun& run, const std::string& api_version, const std::string& uid) {
  const std::string kind =
      fmt::format(R"({{"group":"{}","version":"{}","kind":"{}"}})", run.asked.group, run.asked.version, run.kind);
  const std::string resource = fmt::format(R"({{"group":"{}","version":"{}","resource":"{}"}})", run.asked.group,
                                           run.asked.version, run.asked.resource);
  return fmt::format(
      R"({{"kind":"AdmissionReview","apiVersion":"{}","request":{{"uid":"{}","kind":{},"resource":{},"requestKind":{},)"
      R"("requestResource":{},"name":"gatepost-probe","namespace":"{}","operation":"CREATE","userInfo":{{"username":"gatepost"}},)"
      R"("object":{},"oldObject":null,"dryRun":true,"options":{{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1","dryRun":["All"]}}}}}})",
      api_version, uid, kind, resource, kind, resource, run.ns, run.body);
}

std::string command_of(const DryRun& run) {
  if (run.asked.resource == "pods")
    return fmt::format("kubectl -n {} run gatepost-probe --image=probe --dry-run=server", run.ns);
  if (run.asked.resource == "configmaps" || run.asked.resource == "serviceaccounts")
    return fmt::format("kubectl -n {} create {} gatepost-probe --dry-run=server", run.ns,
                       run.asked.resource.substr(0, run.asked.resource.size() - 1));
  return fmt::format("kubectl create --dry-run=server -f - <<< '{}'", run.body);
}

}  // namespace gatepost::diagnose
