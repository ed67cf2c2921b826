#include <algorithm>
#include <fmt/format.h>

#include "diagnose/nearest.h"
#include "remedy/remedies/candidates.h"
#include "remedy/remedies/remedies.h"

namespace gatepost::remedy {
namespace {

Repair named(const Ill& ill, std::string summary, std::string risk) {
  Repair out = repair_for(ill, "fix-service-reference");
  out.summary = std::move(summary);
  out.risk = std::move(risk);
  return out;
}

// A field of clientConfig.service.
Proposal with_reference(Scene& scene, const Ill& ill, std::string_view field, json::Value value, std::string summary) {
  const ObjectRef ref = ill.configuration();
  json::Value before = scene.current(*ill.subject->owner, ref);
  json::Value after(before, json::Storage());
  json::Value* entry = entry_of(after, ill.subject->name());
  json::Value* config = entry ? entry->get_object().if_contains("clientConfig") : nullptr;
  if (!config) return Proposal::none("the webhook is gone");
  child(*config, "service")[field] = std::move(value);
  Repair repair = named(ill, std::move(summary), "none goes unguarded; the webhook calls what it was meant to call");
  repair.steps.push_back(update_step(scene, fmt::format("fix-service-reference/{}", field), ref, std::move(before),
                                     std::move(after), repair.summary));
  return {std::move(repair), ""};
}

Proposal fix_port(Scene& scene, const Ill& ill) {
  const Choice<std::int64_t> port = service_port_for(*ill.backend.service, ill.subject->port);
  if (!port.one) return Proposal::none(port.why_not);
  return with_reference(scene, ill, "port", *port.one,
                        fmt::format("port {} instead of {}: {}", *port.one, ill.subject->port, port.reason));
}

Proposal fix_target_port(Scene& scene, const Ill& ill) {
  const Choice<json::Value> target = target_port_for(ill);
  if (!target.one) return Proposal::none(target.why_not);
  const ObjectRef ref = ref_of(*ill.backend.service, "v1", "Service");
  json::Value before = scene.current(*ill.backend.service, ref);
  json::Value after(before, json::Storage());
  json::Value* ports = after.get_object()["spec"].get_object().if_contains("ports");
  for (std::size_t i = 0; ports && ports->is_array() && i < ports->get_array().size(); ++i)
    if (json::int_at(ports->get_array()[i], {"port"}) == ill.subject->port)
      ports->get_array()[i].get_object()["targetPort"] = *target.one;
  Repair repair = named(ill, fmt::format("targetPort of {}: {}", ref.text(), target.reason),
                        "none goes unguarded; other clients of this port of the Service follow it as well");
  repair.steps.push_back(update_step(scene, "fix-service-reference/target-port", ref, std::move(before),
                                     std::move(after), repair.summary));
  return {std::move(repair), ""};
}

Proposal fix_selector(Scene& scene, const Ill& ill) {
  const Choice<json::Object> selector = selector_for(scene, ill);
  if (!selector.one) return Proposal::none(selector.why_not);
  const ObjectRef ref = ref_of(*ill.backend.service, "v1", "Service");
  json::Value before = scene.current(*ill.backend.service, ref);
  json::Value after(before, json::Storage());
  after.get_object()["spec"].get_object()["selector"] = *selector.one;
  Repair repair = named(ill, fmt::format("selector of {}: {}", ref.text(), selector.reason),
                        "none goes unguarded; all clients of the Service follow it to these pods");
  repair.steps.push_back(
      update_step(scene, "fix-service-reference/selector", ref, std::move(before), std::move(after), repair.summary));
  return {std::move(repair), ""};
}

// The Service is not where the webhook looks for it.
Proposal fix_place(Scene& scene, const Ill& ill) {
  const diagnose::Subject& subject = *ill.subject;
  std::vector<const json::Value*> elsewhere;
  std::vector<std::string> beside;
  for (const json::Value* service : scene.cluster.services.all()) {
    const std::string_view name = json::string_at(*service, {"metadata", "name"});
    const std::string_view ns = json::string_at(*service, {"metadata", "namespace"});
    if (!has_port(*service, subject.port)) continue;
    if (name == subject.service_name && ns != subject.service_namespace) elsewhere.push_back(service);
    if (ns == subject.service_namespace) beside.emplace_back(name);
  }
  if (elsewhere.size() == 1) {
    const std::string ns(json::string_at(*elsewhere.front(), {"metadata", "namespace"}));
    return with_reference(scene, ill, "namespace", json::Value(ns),
                          fmt::format("namespace {} instead of {}: the Service {} is only there", ns,
                                      subject.service_namespace, subject.service_name));
  }
  const auto similar = diagnose::nearest(subject.service_name, beside);
  if (elsewhere.empty() && similar.size() == 1)
    return with_reference(scene, ill, "name", json::Value(similar.front()),
                          fmt::format("Service {} instead of {}: the only one in {} that is called alike",
                                      similar.front(), subject.service_name, subject.service_namespace));
  return Proposal::none(elsewhere.empty() && similar.empty() ? "no other Service fits"
                                                             : "several Services fit: name the right one by hand");
}

Proposal fix_path(Scene& scene, const Ill& ill) {
  std::vector<std::string> served;
  for (const auto& [path, status] : ill.paths)
    if (status != 404) served.push_back(path);
  if (served.size() != 1)
    return Proposal::none(
        served.empty()
            ? "none of the paths that are usual is served: read the backend's documentation"
            : fmt::format("several paths are served ({}): name the right one by hand", fmt::join(served, ", ")));
  const std::string summary = fmt::format("path {} instead of {}: the only one that does not answer 404",
                                          served.front(), ill.subject->path.empty() ? "/" : ill.subject->path);
  return with_reference(scene, ill, "path", json::Value(served.front()), summary);
}

}  // namespace

Proposal fix_service_reference(Scene& scene, const Ill& ill) {
  if (!ill.subject->by_service()) return Proposal::none("it is called by a url, whose owner has to correct it");
  const std::string& root = ill.why();
  if (root == "wrong-path" || root == "not-found-path") return fix_path(scene, ill);
  if (!ill.backend.service) return fix_place(scene, ill);
  if (!ill.backend.service_port) return fix_port(scene, ill);
  if (root == "selector-matches-nothing") return fix_selector(scene, ill);
  return fix_target_port(scene, ill);
}

}  // namespace gatepost::remedy
