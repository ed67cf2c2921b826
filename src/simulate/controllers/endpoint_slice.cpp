// After kubernetes pkg/controller/endpointslice: the addresses behind each Service with a selector, at most 100 a
// slice.
#include <algorithm>

#include "simulate/controllers/controllers.h"
#include "simulate/controllers/endpoints_of.h"
#include "simulate/objects.h"

namespace gatepost::simulate {
namespace {

constexpr std::size_t most_endpoints = 100;
constexpr const char* manager = "endpointslice-controller.k8s.io";

json::Object endpoint_object(const Endpoint& endpoint) {
  json::Object out{
      {"addresses", json::Array{json::Value(endpoint.address)}},
      {"conditions",
       json::Object{{"ready", endpoint.ready}, {"serving", endpoint.serving}, {"terminating", endpoint.terminating}}},
      {"nodeName", endpoint.pod->node}};
  out["targetRef"] = json::Object{{"kind", "Pod"},
                                  {"namespace", endpoint.pod->key.ns},
                                  {"name", endpoint.pod->key.name},
                                  {"uid", endpoint.pod->uid}};
  return out;
}

json::Array ports_array(const Reach& reach) {
  json::Array ports;
  for (const EndpointPort& port : reach.ports) {
    json::Object out{{"name", port.name}, {"port", port.port}, {"protocol", port.protocol}};
    if (!port.app_protocol.empty()) out["appProtocol"] = port.app_protocol;
    ports.emplace_back(std::move(out));
  }
  return ports;
}

class EndpointSliceController final : public Controller {
 public:
  explicit EndpointSliceController(Api& api) : api_(api), account_(controller_account("endpointslice-controller")) {}
  std::string_view name() const override { return "endpointslice-controller"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    const Item& item = change.item();
    if (item.key.collection == collection::slices) {
      // Somebody else's change of a slice of ours.
      const std::string_view service =
          json::string_at(item.value, {"metadata", "labels", "kubernetes.io/service-name"});
      if (is_ours(item) && !service.empty()) keys.push_back(key_name(item.key.ns, service));
      return;
    }
    services_concerned(change, api_.cache(), keys);
  }

  net::Task<Outcome> sync(std::string key) override {
    auto [ns, name] = split_name(key);
    ItemPtr service = api_.cache().find(collection::services, ns, name);
    std::vector<ItemPtr> slices = slices_of(ns, name);
    if (!service || service->deleting) {
      bool all = true;
      for (const ItemPtr& slice : slices) {
        auto gone = co_await api_.write(remove_write(*slice, account_));
        all = all && (gone || gone.error().code == 404);
      }
      co_return all ? Outcome{} : retry();
    }
    if (!has_selector(*service)) co_return Outcome{};
    const Reach reach = reach_of(*service, api_.cache());
    std::size_t at = 0, index = 0;
    do {
      json::Array endpoints;
      for (std::size_t end = std::min(at + most_endpoints, reach.endpoints.size()); at < end; ++at)
        endpoints.emplace_back(endpoint_object(reach.endpoints[at]));
      ItemPtr present = index < slices.size() ? slices[index] : nullptr;
      auto put = co_await put_slice(service, present, std::move(endpoints), ports_array(reach));
      if (!put && put.error().code == 409) co_return retry();
      if (!put) {
        co_await api_.tell({service, "Service", "v1", true, "FailedToUpdateEndpointSlices",
                            "Error updating Endpoint Slices for Service " + key + ": " + put.error().message,
                            "endpoint-slice-controller"});
        co_return retry();
      }
      ++index;
    } while (at < reach.endpoints.size());
    for (; index < slices.size(); ++index) {
      auto gone = co_await api_.write(remove_write(*slices[index], account_));
      if (!gone && gone.error().code != 404) co_return retry();
    }
    co_return Outcome{};
  }

 private:
  static bool is_ours(const Item& slice) {
    return json::string_at(slice.value, {"metadata", "labels", "endpointslice.kubernetes.io/managed-by"}) == manager;
  }

  std::vector<ItemPtr> slices_of(const std::string& ns, const std::string& name) const {
    std::vector<ItemPtr> slices;
    for (const ItemPtr& slice : api_.cache().in(collection::slices, ns))
      if (is_ours(*slice) && !slice->deleting &&
          json::string_at(slice->value, {"metadata", "labels", "kubernetes.io/service-name"}) == name)
        slices.push_back(slice);
    return slices;
  }

  // The API server keeps an empty list as none.
  static json::Value list_or_none(json::Array list) {
    return list.empty() ? json::Value() : json::Value(std::move(list));
  }

  net::Task<kube::ApiResult<void>> put_slice(ItemPtr service, ItemPtr present, json::Array endpoints,
                                             json::Array ports) {
    if (present) {
      json::Value next = copy_of(*present);
      next.get_object()["endpoints"] = list_or_none(std::move(endpoints));
      next.get_object()["ports"] = list_or_none(std::move(ports));
      if (same_as_stored(next, present->value, "discovery.k8s.io", "v1", "EndpointSlice"))
        co_return kube::ApiResult<void>{};
      co_return co_await api_.write(update_write(*present, std::move(next), "", account_));
    }
    json::Value made(json::Object{}, json::make_arena());
    json::Object& slice = made.get_object();
    slice["kind"] = "EndpointSlice";
    slice["apiVersion"] = "discovery.k8s.io/v1";
    json::Object& metadata = child(slice, "metadata");
    metadata["generateName"] = service->key.name + "-";
    metadata["namespace"] = service->key.ns;
    if (const json::Object* labels = json::object_at(service->value, {"metadata", "labels"}))
      metadata["labels"] = *labels;
    json::Object& labels = child(metadata, "labels");
    labels["endpointslice.kubernetes.io/managed-by"] = manager;
    labels["kubernetes.io/service-name"] = service->key.name;
    if (json::string_at(service->value, {"spec", "clusterIP"}) == "None") labels["service.kubernetes.io/headless"] = "";
    metadata["ownerReferences"] = json::Array{json::Object{{"apiVersion", "v1"},
                                                           {"kind", "Service"},
                                                           {"name", service->key.name},
                                                           {"uid", service->uid},
                                                           {"controller", true},
                                                           {"blockOwnerDeletion", true}}};
    slice["addressType"] = "IPv4";
    slice["endpoints"] = list_or_none(std::move(endpoints));
    slice["ports"] = list_or_none(std::move(ports));
    Write write;
    write.collection = collection::slices;
    write.ns = service->key.ns;
    write.object = std::move(made);
    write.user = account_;
    co_return co_await api_.write(std::move(write));
  }

  Api& api_;
  const std::string account_;
};

// The older Endpoints objects, which kubectl get endpoints shows.
class EndpointsController final : public Controller {
 public:
  explicit EndpointsController(Api& api) : api_(api), account_(controller_account("endpoint-controller")) {}
  std::string_view name() const override { return "endpoint-controller"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    services_concerned(change, api_.cache(), keys);
  }

  net::Task<Outcome> sync(std::string key) override {
    auto [ns, name] = split_name(key);
    ItemPtr service = api_.cache().find(collection::services, ns, name);
    ItemPtr present = api_.cache().find(collection::endpoints, ns, name);
    if (!service || service->deleting) {
      if (!present || present->deleting) co_return Outcome{};
      auto gone = co_await api_.write(remove_write(*present, account_));
      co_return gone || gone.error().code == 404 ? Outcome{} : retry();
    }
    if (!has_selector(*service)) co_return Outcome{};
    json::Array subsets = subsets_of(reach_of(*service, api_.cache()));
    if (present) {
      json::Value next = copy_of(*present);
      if (subsets.empty())
        next.get_object().erase("subsets");
      else
        next.get_object()["subsets"] = std::move(subsets);
      if (same_as_stored(next, present->value, "", "v1", "Endpoints")) co_return Outcome{};
      auto put = co_await api_.write(update_write(*present, std::move(next), "", account_));
      co_return put ? Outcome{} : retry();
    }
    json::Value made(json::Object{}, json::make_arena());
    json::Object& endpoints = made.get_object();
    endpoints["kind"] = "Endpoints";
    endpoints["apiVersion"] = "v1";
    json::Object& metadata = child(endpoints, "metadata");
    metadata["name"] = name;
    metadata["namespace"] = ns;
    if (const json::Object* labels = json::object_at(service->value, {"metadata", "labels"}))
      metadata["labels"] = *labels;
    child(metadata, "labels")["endpoints.kubernetes.io/managed-by"] = "endpoint-controller";
    if (!subsets.empty()) endpoints["subsets"] = std::move(subsets);
    Write write;
    write.collection = collection::endpoints;
    write.ns = ns;
    write.name = name;
    write.object = std::move(made);
    write.user = account_;
    auto put = co_await api_.write(std::move(write));
    co_return put || put.error().reason == "AlreadyExists" ? Outcome{} : retry();
  }

 private:
  static json::Array subsets_of(const Reach& reach) {
    json::Array ready, not_ready;
    for (const Endpoint& endpoint : reach.endpoints) {
      if (endpoint.terminating) continue;
      json::Object out{{"ip", endpoint.address}, {"nodeName", endpoint.pod->node}};
      out["targetRef"] = json::Object{{"kind", "Pod"},
                                      {"namespace", endpoint.pod->key.ns},
                                      {"name", endpoint.pod->key.name},
                                      {"uid", endpoint.pod->uid}};
      (endpoint.ready ? ready : not_ready).emplace_back(std::move(out));
    }
    json::Array subsets;
    if (ready.empty() && not_ready.empty()) return subsets;
    json::Object subset;
    if (!ready.empty()) subset["addresses"] = std::move(ready);
    if (!not_ready.empty()) subset["notReadyAddresses"] = std::move(not_ready);
    json::Array ports;
    for (const EndpointPort& port : reach.ports) {
      json::Object out;
      if (!port.name.empty()) out["name"] = port.name;
      out["port"] = port.port;
      out["protocol"] = port.protocol;
      ports.emplace_back(std::move(out));
    }
    if (!ports.empty()) subset["ports"] = std::move(ports);
    subsets.emplace_back(std::move(subset));
    return subsets;
  }

  Api& api_;
  const std::string account_;
};

}  // namespace

std::unique_ptr<Controller> make_endpoint_slice_controller(Api& api) {
  return std::make_unique<EndpointSliceController>(api);
}

std::unique_ptr<Controller> make_endpoints_controller(Api& api) {
  return std::make_unique<EndpointsController>(api);
}

}  // namespace gatepost::simulate
