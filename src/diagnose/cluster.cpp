#include "diagnose/cluster.h"

#include <algorithm>
#include <utility>

#include "diagnose/together.h"

namespace gatepost::diagnose {
namespace {

// Of more namespaces than that a kind is read as one list over all namespaces; of kinds with many objects it is cheaper
// to ask for namespaces by name for longer.
constexpr std::size_t most_by_name = 8, most_by_name_of_many = 30;
constexpr std::ptrdiff_t most_secrets_told = 5;  // that could not be read
constexpr std::size_t most_requests_at_once = 10;
constexpr const char* page_size = "2000";
constexpr std::string_view service_label = "kubernetes.io/service-name";

enum class Need { required, optional };  // optional: a kind that a cluster may lack, or that only adds detail

struct Part {
  Table Cluster::* into;
  std::vector<const char*> prefixes;  // "/api/v1/": the first that the cluster serves is read
  const char* resource;               // "pods"
  Need need = Need::required;
  const char* query = "";
  bool many = false;  // a cluster may have very many of them
};

const std::vector<const char*> registration = {"/apis/admissionregistration.k8s.io/v1/",
                                               "/apis/admissionregistration.k8s.io/v1beta1/"};

const Part wide[] = {
    {&Cluster::mutating, registration, "mutatingwebhookconfigurations"},
    {&Cluster::validating, registration, "validatingwebhookconfigurations"},
    {&Cluster::namespaces, {"/api/v1/"}, "namespaces"},
    {&Cluster::services, {"/api/v1/"}, "services"},
    {&Cluster::slices, {"/apis/discovery.k8s.io/v1/", "/apis/discovery.k8s.io/v1beta1/"}, "endpointslices"},
    {&Cluster::refusals, {"/api/v1/"}, "events", Need::optional, "&fieldSelector=reason%3DFailedCreate"},
};

const Part of_namespace[] = {
    {&Cluster::pods, {"/api/v1/"}, "pods", Need::required, "", true},
    {&Cluster::events, {"/api/v1/"}, "events", Need::required, "", true},
    {&Cluster::deployments, {"/apis/apps/v1/"}, "deployments"},
    {&Cluster::stateful_sets, {"/apis/apps/v1/"}, "statefulsets"},
    {&Cluster::daemon_sets, {"/apis/apps/v1/"}, "daemonsets"},
    {&Cluster::replica_sets, {"/apis/apps/v1/"}, "replicasets", Need::required, "", true},
    {&Cluster::jobs, {"/apis/batch/v1/"}, "jobs"},
    {&Cluster::budgets, {"/apis/policy/v1/", "/apis/policy/v1beta1/"}, "poddisruptionbudgets", Need::optional},
    {&Cluster::policies, {"/apis/networking.k8s.io/v1/"}, "networkpolicies"},
    {&Cluster::certificates, {"/apis/cert-manager.io/v1/"}, "certificates", Need::optional},
};

struct ListError {
  int status = 0;  // 0: no answer
  std::string text;
};

// All pages of a list.
net::Task<Result<void, ListError>> read_pages(client::Rest* rest, std::string path, std::string query, Table* into) {
  std::string next;
  do {
    std::string page = path + "?limit=" + page_size + query + (next.empty() ? "" : "&continue=" + next);
    auto reply = co_await rest->call("GET", page);
    if (!reply) co_return fail_with(ListError{0, std::move(reply.error().text)});
    if (reply->status != 200) co_return fail_with(ListError{reply->status, "GET " + path + ": " + reply->text});
    if (!json::array_at(reply->body, {"items"}) && !json::find(reply->body, "items"))
      co_return fail_with(ListError{reply->status, "GET " + path + ": the answer is no list; is this an API server?"});
    next = json::string_at(reply->body, {"metadata", "continue"});
    into->add_page(std::move(reply->body));
  } while (!next.empty());
  co_return Result<void, ListError>{};
}

// The list in the first version that is served. `scope` is "" or "namespaces/x/".
net::Task<void> read_part(client::Rest* rest, const Part* part, std::string scope, Cluster* cluster,
                          std::optional<ListError>* error) {
  for (const char* prefix : part->prefixes) {
    auto read = co_await read_pages(rest, prefix + scope + part->resource, part->query, &(cluster->*part->into));
    if (read) {
      error->reset();
      co_return;
    }
    *error = std::move(read.error());
    if ((*error)->status != 404) co_return;
  }
}

// EndpointSlices are newer than 1.16.
net::Task<void> read_endpoints(client::Rest* rest, Cluster* cluster, std::optional<ListError>* error) {
  Table endpoints;
  const Part part{nullptr, {}, "endpoints"};
  auto read = co_await read_pages(rest, std::string("/api/v1/") + part.resource, "", &endpoints);
  if (!read) {
    *error = std::move(read.error());
    co_return;
  }
  error->reset();
  json::Array items;
  for (const json::Value* one : endpoints.all()) items.push_back(*one);
  json::Object list;
  list["items"] = std::move(items);
  cluster->slices.add_page(slices_of_endpoints(json::Value(std::move(list))));
}

net::Task<void> read_metrics(client::Rest* rest, Cluster* cluster) {
  auto reply = co_await rest->call("GET", "/metrics");
  if (reply && reply->status == 200) {
    cluster->metrics = read_webhook_metrics(reply->text);
  } else {
    cluster->unseen.push_back("GET /metrics: " + (reply ? reply->text : reply.error().text));
  }
}

json::Value text(std::string_view from) {
  return json::Value(json::String(from));
}

bool is_configurations(const Part& part) {
  return part.into == &Cluster::mutating || part.into == &Cluster::validating;
}

}  // namespace

void Table::add_page(json::Value list) {
  pages_.push_back(std::move(list));
  const json::Array* items = json::array_at(pages_.back(), {"items"});
  if (!items) return;
  for (const json::Value& object : *items) {
    all_.push_back(&object);
    std::string ns(json::string_at(object, {"metadata", "namespace"}));
    if (auto service = json::string_at(object, {"metadata", "labels", service_label}); !service.empty())
      by_service_[ns + "/" + std::string(service)].push_back(&object);
    by_name_.emplace(ns + "/" + std::string(json::string_at(object, {"metadata", "name"})), &object);
    by_namespace_[std::move(ns)].push_back(&object);
  }
}

const json::Value* Table::find(std::string_view ns, std::string_view name) const {
  std::string key;
  key.reserve(ns.size() + name.size() + 1);
  key.append(ns).append("/").append(name);
  auto found = by_name_.find(key);
  return found == by_name_.end() ? nullptr : found->second;
}

const std::vector<const json::Value*>& Table::in(std::string_view ns) const {
  static const std::vector<const json::Value*> none;
  auto found = by_namespace_.find(ns);
  return found == by_namespace_.end() ? none : found->second;
}

const std::vector<const json::Value*>& Table::of_service(std::string_view ns, std::string_view name) const {
  static const std::vector<const json::Value*> none;
  auto found = by_service_.find(std::string(ns) + "/" + std::string(name));
  return found == by_service_.end() ? none : found->second;
}

net::Task<Result<void>> read_cluster(client::Rest* rest, Cluster* cluster) {
  std::vector<std::optional<ListError>> errors(std::size(wide));
  std::vector<net::Task<void>> tasks;
  for (std::size_t i = 0; i < std::size(wide); ++i) tasks.push_back(read_part(rest, &wide[i], "", cluster, &errors[i]));
  tasks.push_back(read_metrics(rest, cluster));
  co_await together(std::move(tasks), most_requests_at_once);
  std::size_t blind = 0;
  for (std::size_t i = 0; i < std::size(wide); ++i) {
    const Part& part = wide[i];
    if (errors[i] && errors[i]->status == 404 && part.into == &Cluster::slices)
      co_await read_endpoints(rest, cluster, &errors[i]);
    if (!errors[i]) continue;
    if (is_configurations(part) && (errors[i]->status != 403 || ++blind == 2)) co_return fail(errors[i]->text);
    if (part.need == Need::required) cluster->unseen.push_back(errors[i]->text);
    if (part.into == &Cluster::services || part.into == &Cluster::slices) cluster->sees_services = false;
  }
  co_return Result<void>{};
}

net::Task<void> load_namespaces(client::Rest* rest, Cluster* cluster, std::set<std::string> namespaces) {
  for (const std::string& seen : cluster->loaded) namespaces.erase(seen);
  if (namespaces.empty()) co_return;
  struct Read {
    const Part* part;
    std::optional<ListError> error;
  };
  std::deque<Read> reads;
  std::vector<net::Task<void>> tasks;
  for (const Part& part : of_namespace) {
    std::vector<std::string> scopes;
    for (const std::string& ns : namespaces) scopes.push_back("namespaces/" + ns + "/");
    if (scopes.size() > (part.many ? most_by_name_of_many : most_by_name)) scopes = {""};
    for (std::string& scope : scopes)
      tasks.push_back(read_part(rest, &part, std::move(scope), cluster, &reads.emplace_back(Read{&part, {}}).error));
  }
  co_await together(std::move(tasks), most_requests_at_once);
  const Part* told = nullptr;  // the same right is missing in the other namespaces, too
  for (const Read& read : reads) {
    if (!read.error) continue;
    if (read.part->into == &Cluster::certificates && read.error->status == 404) cluster->cert_manager = false;
    if (read.part->need == Need::required && std::exchange(told, read.part) != read.part)
      cluster->unseen.push_back(read.error->text);
  }
  cluster->loaded.merge(namespaces);
}

net::Task<void> load_secret(client::Rest* rest, Cluster* cluster, std::string ns, std::string name) {
  if (cluster->secrets.find(ns, name)) co_return;
  auto reply = co_await rest->call("GET", "/api/v1/namespaces/" + ns + "/secrets/" + name);
  if (!reply || (reply->status != 200 && reply->status != 404)) {
    constexpr std::string_view kind = "Secret ";
    const auto told = std::count_if(cluster->unseen.begin(), cluster->unseen.end(),
                                    [&](const std::string& one) { return one.starts_with(kind); });
    if (told < most_secrets_told)
      cluster->unseen.push_back(std::string(kind) + ns + "/" + name + ": " +
                                (reply ? reply->text : reply.error().text));
    co_return;
  }
  if (reply->status == 404) co_return;
  json::Value page(json::Object{}, reply->body.storage());
  json::Array items(reply->body.storage());
  items.push_back(std::move(reply->body));
  page.get_object()["items"] = std::move(items);
  cluster->secrets.add_page(std::move(page));
}

json::Value slices_of_endpoints(const json::Value& list) {
  json::Array out;
  const json::Array* items = json::array_at(list, {"items"});
  for (std::size_t i = 0; items && i < items->size(); ++i) {
    const json::Value& one = (*items)[i];
    const json::Array* subsets = json::array_at(one, {"subsets"});
    for (std::size_t k = 0; subsets && k < subsets->size(); ++k) {
      json::Object labels, metadata, slice;
      labels[service_label] = text(json::string_at(one, {"metadata", "name"}));
      metadata["namespace"] = text(json::string_at(one, {"metadata", "namespace"}));
      metadata["labels"] = std::move(labels);
      json::Array endpoints;
      for (bool ready : {true, false})
        if (const json::Array* addresses = json::array_at((*subsets)[k], {ready ? "addresses" : "notReadyAddresses"}))
          for (const json::Value& address : *addresses) {
            json::Object endpoint, conditions;
            conditions["ready"] = ready;
            endpoint["addresses"] = json::Array{text(json::string_at(address, {"ip"}))};
            endpoint["conditions"] = std::move(conditions);
            endpoints.push_back(std::move(endpoint));
          }
      slice["metadata"] = std::move(metadata);
      slice["endpoints"] = std::move(endpoints);
      if (const json::Array* ports = json::array_at((*subsets)[k], {"ports"})) slice["ports"] = *ports;
      out.push_back(std::move(slice));
    }
  }
  json::Object page;
  page["items"] = std::move(out);
  return json::Value(std::move(page));
}

}  // namespace gatepost::diagnose
