#include "remedy/issue_plan.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "diagnose/dry_run.h"
#include "remedy/api.h"
#include "remedy/issue.h"
#include "remedy/planner.h"
#include "remedy/remedies/bundles.h"
#include "remedy/remedies/rollout.h"
#include "remedy/scene.h"

namespace gatepost::remedy {
namespace {

// The Secret's step: made where it is not there, else its three keys written anew.
Step secret_step(const ObjectRef& ref, const std::optional<json::Value>& present, const ServingCertificate& made) {
  Step out;
  out.id = "renew-certificate/secret";
  out.object = ref;
  out.summary = "write the new certificate and its key into " + ref.text();
  json::Value after = present ? json::Value(*present, json::Storage()) : json::Value(json::Object{});
  if (!present) {
    json::Object metadata;
    metadata["name"] = ref.name;
    metadata["namespace"] = ref.ns;
    json::Object& object = after.get_object();
    object["apiVersion"] = "v1";
    object["kind"] = "Secret";
    object["metadata"] = std::move(metadata);
    object["type"] = "kubernetes.io/tls";
    out.action = Action::create;
  } else {
    out.before = *present;
  }
  json::Object& data = child(after, "data");
  data["tls.crt"] = base64::encode(made.certificate_pem);
  data["tls.key"] = base64::encode(made.key_pem);
  data["ca.crt"] = base64::encode(made.ca_pem);
  out.after = std::move(after);
  return out;
}

}  // namespace

std::vector<std::string> names_for(const IssueIntoCluster& wanted) {
  std::vector<std::string> out;
  if (!wanted.service.empty()) {
    const std::string base = wanted.service + "." + wanted.ns;
    out = {base + ".svc", base + ".svc.cluster.local", base, wanted.service};
  }
  out.insert(out.end(), wanted.names.begin(), wanted.names.end());
  return out;
}

net::Task<Result<Plan>> issue_plan(client::Rest* rest, IssueIntoCluster wanted) {
  Scene scene;
  scene.now = wanted.now;
  if (auto read = co_await diagnose::read_cluster(rest, &scene.cluster); !read)
    co_return fail_with(std::move(read.error()));
  co_await diagnose::load_namespaces(rest, &scene.cluster, {wanted.ns});
  scene.subjects = diagnose::subjects(scene.cluster);
  auto made = issue_serving({.names = names_for(wanted), .lifetime = wanted.lifetime, .now = wanted.now});
  if (!made) co_return fail_with(std::move(made.error()));
  Api api(*rest);
  const ObjectRef ref{"v1", "Secret", wanted.ns, wanted.secret};
  auto present = co_await api.get(ref);
  if (!present) co_return fail(present.error().text);

  Plan plan = empty_plan(wanted.now, rest->connection().server);
  Repair repair;
  repair.remedy = "renew-certificate";
  repair.summary =
      fmt::format("issue an own CA and a serving certificate for {} into {}", names_for(wanted).front(), ref.text());
  repair.risk = "none goes unguarded; nobody renews the certificate by itself: run this again in time";
  repair.goal = Goal::stored;
  repair.verify = "the objects are stored as planned";
  Ill ill;
  for (const diagnose::Subject& subject : scene.subjects) {
    if (subject.service_name != wanted.service || subject.service_namespace != wanted.ns) continue;
    ill.subject = &subject;
    break;
  }
  if (ill.subject) {
    repair.webhook = ill.subject->name();
    repair.configuration = ill.subject->kind + "/" + ill.subject->configuration;
    diagnose::DryRun probe = diagnose::dry_run_for(*ill.subject, scene.cluster);
    repair.probe = {std::move(probe.path), std::move(probe.body)};
    add_bundles(scene, *ill.subject, made->ca_pem, repair.steps);
  }
  repair.steps.push_back(secret_step(ref, *present, *made));
  if (ill.subject) {
    ill.backend = diagnose::find_backend(*ill.subject, scene.cluster);
    diagnose::find_pods(*ill.subject, scene.cluster, ill.backend);
    add_restart(scene, ill, "renew-certificate/", repair.steps);
    if (ill.backend.ready_endpoints() > 0) {
      repair.goal = Goal::answers;
      repair.verify = "a dry run that the API server calls the webhook for";
    }
  }
  plan.repairs.push_back(std::move(repair));
  finish_plan(plan);
  co_return plan;
}

}  // namespace gatepost::remedy
