// What single kinds do beside their row in data/defaults.strategies, when an object is made or changed.
#pragma once

#include <chrono>
#include <string_view>

#include "json/value.h"

namespace gatepost::kube {

using Instant = std::chrono::system_clock::time_point;

// One structure before and after a change, as JSON objects.
struct Update {
  json::Object& object;
  const json::Object& old_object;
  std::string_view subresource;
  Instant now;
};

// After the strategy's row was applied. Each looks only at its own kind.
void prepare_new_pod(json::Object& pod);
void prepare_new_job(json::Object& job);
void prepare_new_namespace(json::Object& ns);
void prepare_new_volume(json::Object& volume);
void prepare_new_claim(json::Object& claim);
void prepare_new_attributes_class(json::Object& attributes_class);
void prepare_new_node(json::Object& node);
void prepare_new_daemon_set(json::Object& daemon_set);
void prepare_new_autoscaler(json::Object& autoscaler);
void prepare_new_definition(json::Object& definition);
void prepare_new_api_service(json::Object& api_service);

// On every write of a kind that holds pods: what a feature gate keeps out.
void drop_disabled_fields(json::Object& object);

// Before the row's rules for updates.
void prepare_service_update(const Update& update);
void prepare_namespace_update(const Update& update);
void prepare_secret_update(const Update& update);
void prepare_claim_update(const Update& update);
void prepare_daemon_set_update(const Update& update);
void prepare_volume_update(const Update& update);
void prepare_pod_update(const Update& update);
void prepare_request_update(const Update& update);     // CertificateSigningRequest
void prepare_definition_update(const Update& update);  // after the row

// Before all else on a write of a Service: what was given out before and the client left out stays, and the single
// address and the list agree. `old_spec` is null on a create.
void complete_service(json::Object& spec, const json::Object* old_spec);

// A service account names its secrets, nothing more.
void clean_secret_references(json::Object& service_account);

// "Guaranteed", "Burstable" or "BestEffort".
std::string_view quality_of_service(json::Object& pod);

}  // namespace gatepost::kube
