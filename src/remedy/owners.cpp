#include "remedy/owners.h"

#include <algorithm>
#include <fmt/format.h>

#include "remedy/change.h"

namespace gatepost::remedy {
namespace {

std::string annotation(const json::Value& object, std::string_view key) {
  return std::string(json::string_at(object, {"metadata", "annotations", key}));
}

std::string label(const json::Value& object, std::string_view key) {
  return std::string(json::string_at(object, {"metadata", "labels", key}));
}

bool has_manager(const json::Value& object, std::string_view part) {
  const json::Array* managed = json::array_at(object, {"metadata", "managedFields"});
  return managed && std::any_of(managed->begin(), managed->end(), [&](const json::Value& entry) {
           return json::string_at(entry, {"manager"}).find(part) != std::string_view::npos;
         });
}

void add_argo(const json::Value& object, std::vector<Owner>& out) {
  std::string application = annotation(object, "argocd.argoproj.io/tracking-id");
  application = application.substr(0, application.find(':'));
  if (application.empty()) application = label(object, "argocd.argoproj.io/instance");
  if (application.empty() && has_manager(object, "argocd")) application = label(object, "app.kubernetes.io/instance");
  if (!application.empty() || has_manager(object, "argocd"))
    out.push_back({"Argo CD", application.empty() ? "" : "application " + application});
}

void add_flux(const json::Value& object, std::vector<Owner>& out) {
  for (const char* kind : {"kustomize", "helm"}) {
    const std::string prefix = std::string(kind) + ".toolkit.fluxcd.io/";
    const std::string name = label(object, prefix + "name");
    if (name.empty()) continue;
    out.push_back({"Flux", fmt::format("{} {}/{}", kind[0] == 'k' ? "Kustomization" : "HelmRelease",
                                       label(object, prefix + "namespace"), name)});
    return;
  }
  if (has_manager(object, "kustomize-controller") || has_manager(object, "helm-controller"))
    out.push_back({"Flux", ""});
}

void add_operators(const json::Value& object, std::vector<Owner>& out) {
  if (const std::string owner = label(object, "olm.owner"); !owner.empty()) {
    out.push_back({"OLM", "ClusterServiceVersion " + owner});
    return;
  }
  const json::Array* owners = json::array_at(object, {"metadata", "ownerReferences"});
  for (std::size_t i = 0; owners && i < owners->size(); ++i)
    out.push_back({"an operator", fmt::format("{}/{}", json::string_at((*owners)[i], {"kind"}),
                                              json::string_at((*owners)[i], {"name"}))});
  if (!out.empty()) return;
  const std::string by = label(object, "app.kubernetes.io/managed-by");
  if (!by.empty() && by != "Helm") out.push_back({by, ""});
}

bool writes_bundle(const Step& step) {
  if (!step.before || !step.after) return false;
  const auto changes = changes_between(*step.before, *step.after);
  return std::any_of(changes.begin(), changes.end(),
                     [](const Change& change) { return change.path.back().key == "caBundle"; });
}

std::string advice(const Owner& owner, const Step& step) {
  const std::string object = step.object.text();
  const bool bundle = writes_bundle(step);
  const std::string who = owner.what.empty() ? owner.system : owner.system + " (" + owner.what + ")";
  if (owner.system == "Helm")
    return fmt::format("{} belongs to {}: set it in the chart's values as well{}, or the next helm upgrade undoes it",
                       object, who, bundle ? " (leave caBundle to ca-injector, or give the chart this CA)" : "");
  if (owner.system == "Argo CD")
    return fmt::format(
        "{} belongs to {}: change it in Git{}, or the next sync undoes it", object, who,
        bundle ? " or list caBundle under spec.ignoreDifferences (with RespectIgnoreDifferences=true)" : "");
  if (owner.system == "Flux")
    return fmt::format(
        "{} belongs to {}: change it in Git, or the next reconciliation undoes it (flux suspend holds it off)", object,
        who);
  if (owner.system == "OLM")
    return fmt::format(
        "{} belongs to {}: OLM writes it anew; set it in the Subscription's config or the operator's own "
        "resource",
        object, who);
  if (owner.system == "cert-manager's ca-injector")
    return fmt::format(
        "caBundle of {} is written by {}: if its source holds another CA it overwrites this; mend the source", object,
        who);
  return fmt::format(
      "{} belongs to {}: its controller may undo this; set it in the operator's own resource or settings", object, who);
}

}  // namespace

std::vector<Owner> owners_of(const json::Value& object) {
  std::vector<Owner> out;
  add_argo(object, out);
  add_flux(object, out);
  const std::string release = annotation(object, "meta.helm.sh/release-name");
  if (out.empty() && (!release.empty() || label(object, "app.kubernetes.io/managed-by") == "Helm"))
    out.push_back({"Helm", release.empty() ? ""
                                           : fmt::format("release {} in {}", release,
                                                         annotation(object, "meta.helm.sh/release-namespace"))});
  if (out.empty()) add_operators(object, out);
  return out;
}

std::vector<std::string> lasting_lines(const std::vector<Step>& steps) {
  std::vector<std::string> out;
  const auto add = [&out](std::string line) {
    if (std::find(out.begin(), out.end(), line) == out.end()) out.push_back(std::move(line));
  };
  for (const Step& step : steps) {
    if (!step.writes() || !step.before || step.stays == Stays::temporary) continue;
    for (const Owner& owner : owners_of(*step.before)) add(advice(owner, step));
    for (const char* key : {"cert-manager.io/inject-ca-from", "cert-manager.io/inject-ca-from-secret"})
      if (const std::string from = annotation(*step.before, key); !from.empty() && writes_bundle(step))
        add(advice({"cert-manager's ca-injector", "from " + from}, step));
  }
  return out;
}

}  // namespace gatepost::remedy
