#include "diagnose/cluster.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_namespaces_by_name = 20;  // more are read as one list over all namespaces
constexpr const char* page_size = "1000";

enum class Need { required, optional };  // optional: a kind that a cluster may lack

struct Part {
  Table Cluster::* into;
  const char* prefix;    // "/api/v1/"
  const char* resource;  // "pods"
  Need need = Need::required;
};

const Part wide[] = {
    {&Cluster::namespaces, "/api/v1/", "namespaces"},
    {&Cluster::services, "/api/v1/", "services"},
    {&Cluster::slices, "/apis/discovery.k8s.io/v1/", "endpointslices"},
};

const Part of_namespace[] = {
    {&Cluster::pods, "/api/v1/", "pods"},
    {&Cluster::events, "/api/v1/", "events"},
    {&Cluster::deployments, "/apis/apps/v1/", "deployments"},
    {&Cluster::stateful_sets, "/apis/apps/v1/", "statefulsets"},
    {&Cluster::daemon_sets, "/apis/apps/v1/", "daemonsets"},
    {&Cluster::replica_sets, "/apis/apps/v1/", "replicasets"},
    {&Cluster::policies, "/apis/networking.k8s.io/v1/", "networkpolicies"},
    {&Cluster::certificates, "/apis/cert-manager.io/v1/", "certificates", Need::optional},
};

// All pages of a list.
net::Task<Result<void>> list(client::Rest* rest, std::string path, Table* into) {
  std::string next;
  do {
    std::string page = path + "?limit=" + page_size + (next.empty() ? "" : "&continue=" + next);
    auto reply = co_await rest->call("GET", page);
    if (!reply) co_return fail_with(std::move(reply.error()));
    if (reply->status != 200) co_return fail("GET " + path + ": " + reply->text);
    next = json::string_at(reply->body, {"metadata", "continue"});
    into->add_page(std::move(reply->body));
  } while (!next.empty());
  co_return Result<void>{};
}

}  // namespace

void Table::add_page(json::Value list) {
  pages_.push_back(std::move(list));
  const json::Array* items = json::array_at(pages_.back(), {"items"});
  if (!items) return;
  for (const json::Value& object : *items) {
    all_.push_back(&object);
    by_namespace_[std::string(json::string_at(object, {"metadata", "namespace"}))].push_back(&object);
  }
}

const json::Value* Table::find(std::string_view ns, std::string_view name) const {
  for (const json::Value* object : in(ns))
    if (json::string_at(*object, {"metadata", "name"}) == name) return object;
  return nullptr;
}

const std::vector<const json::Value*>& Table::in(std::string_view ns) const {
  static const std::vector<const json::Value*> none;
  auto found = by_namespace_.find(ns);
  return found == by_namespace_.end() ? none : found->second;
}

net::Task<Result<void>> read_cluster(client::Rest* rest, Cluster* cluster) {
  const std::string registration = "/apis/admissionregistration.k8s.io/v1/";
  auto validating = co_await list(rest, registration + "validatingwebhookconfigurations", &cluster->validating);
  if (!validating) co_return validating;
  auto mutating = co_await list(rest, registration + "mutatingwebhookconfigurations", &cluster->mutating);
  if (!mutating) co_return mutating;
  for (const Part& part : wide) {
    auto read = co_await list(rest, std::string(part.prefix) + part.resource, &(cluster->*part.into));
    if (!read) cluster->unseen.push_back(read.error().text);
  }
  co_return Result<void>{};
}

net::Task<void> load_namespaces(client::Rest* rest, Cluster* cluster, std::set<std::string> namespaces) {
  for (const std::string& seen : cluster->loaded) namespaces.erase(seen);
  if (namespaces.empty()) co_return;
  const bool all = namespaces.size() > most_namespaces_by_name;
  for (const Part& part : of_namespace) {
    std::vector<std::string> paths;
    if (all) {
      paths.push_back(std::string(part.prefix) + part.resource);
    } else {
      for (const std::string& ns : namespaces)
        paths.push_back(std::string(part.prefix) + "namespaces/" + ns + "/" + part.resource);
    }
    for (std::string& path : paths) {
      auto read = co_await list(rest, std::move(path), &(cluster->*part.into));
      if (read || part.need == Need::optional) continue;
      cluster->unseen.push_back(read.error().text);
      break;  // the same right is missing in the other namespaces, too
    }
  }
  cluster->loaded.merge(namespaces);
}

net::Task<void> load_secret(client::Rest* rest, Cluster* cluster, std::string ns, std::string name) {
  if (cluster->secrets.find(ns, name)) co_return;
  auto reply = co_await rest->call("GET", "/api/v1/namespaces/" + ns + "/secrets/" + name);
  if (!reply || (reply->status != 200 && reply->status != 404)) {
    cluster->unseen.push_back("Secret " + ns + "/" + name + ": " + (reply ? reply->text : reply.error().text));
    co_return;
  }
  if (reply->status == 404) co_return;
  json::Value page(json::Object{}, reply->body.storage());
  json::Array items(reply->body.storage());
  items.push_back(std::move(reply->body));
  page.get_object()["items"] = std::move(items);
  cluster->secrets.add_page(std::move(page));
}

}  // namespace gatepost::diagnose
