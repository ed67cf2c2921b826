#include "apiserver/audit/record.h"
#include "apiserver/decode_body.h"
#include "apiserver/handlers.h"
#include "apiserver/lifecycle.h"
#include "apiserver/metadata.h"
#include "apiserver/options.h"
#include "apiserver/service_accounts/tokens.h"
#include "apiserver/stored.h"
#include "apiserver/write.h"
#include "json/parse.h"

namespace gatepost::apiserver {
namespace {

constexpr std::string_view group = "authentication.k8s.io", kind = "TokenRequest";

kube::FieldError must_match(std::string_view field, std::string_view given) {
  return {"FieldValueInvalid", "metadata." + std::string(field),
          "Invalid value: \"" + std::string(given) + "\": must match the service account " + std::string(field) +
              " if specified"};
}

kube::ApiResult<json::Value> stored(const Call& call, const std::string& resource, const std::string& ns,
                                    const std::string& name) {
  const auto found = call.deps.store.get({"/" + resource, ns, name});
  if (!found) return fail_with(kube::not_found("", resource, name));
  auto object = json::parse(*found->bytes, call.arena);
  if (!object) return fail_with(kube::internal_error(object.error().text));
  return std::move(*object);
}

TokenReference reference_to(const json::Value& object) {
  return {std::string(json::string_at(object, {"metadata", "name"})),
          std::string(json::string_at(object, {"metadata", "uid"}))};
}

// Fills in what the request leaves open, and checks it against the account that it is for.
kube::ApiResult<void> complete(const Call& call, json::Value& request, const TokenReference& account) {
  const std::string given_name(json::string_at(request, {"metadata", "name"})),
      given_ns(json::string_at(request, {"metadata", "namespace"})), uid(json::string_at(request, {"metadata", "uid"}));
  if (!given_name.empty() && given_name != call.info.name)
    return fail_with(kube::invalid(group, kind, call.info.name, {must_match("name", given_name)}));
  if (!given_ns.empty() && given_ns != call.info.ns)
    return fail_with(kube::invalid(group, kind, call.info.name, {must_match("namespace", given_ns)}));
  if (!uid.empty() && uid != account.uid)
    return fail_with(kube::conflict(group, kind, call.info.name,
                                    "the UID in the token request (" + uid +
                                        ") does not match the UID of the service account (" + account.uid + ")"));
  json::Object& metadata = metadata_of(request);
  metadata["name"] = call.info.name;
  metadata["namespace"] = call.info.ns;
  metadata["uid"] = account.uid;
  metadata["creationTimestamp"] = rfc3339(call.deps.now());
  json::Value& spec = request.get_object()["spec"];
  if (!spec.is_object()) spec.emplace_object();
  const json::Array* audiences = json::array_at(spec, {"audiences"});
  if (!audiences || audiences->empty()) {
    json::Array own(call.arena);
    for (const std::string& audience : call.deps.tokens->audiences()) own.emplace_back(audience);
    spec.get_object()["audiences"] = std::move(own);
  }
  constexpr std::int64_t usual = 3600, least = 600, most = std::int64_t{1} << 32;
  const json::Value* asked = json::find(spec, "expirationSeconds");
  if (!asked || asked->is_null()) spec.get_object()["expirationSeconds"] = usual;
  const std::int64_t seconds = json::int_at(spec, {"expirationSeconds"});
  const char* why = seconds < least  ? "may not specify a duration less than 10 minutes"
                    : seconds > most ? "may not specify a duration larger than 2^32 seconds"
                                     : nullptr;
  if (why)
    return fail_with(kube::invalid(
        group, kind, "",
        {{"FieldValueInvalid", "spec.expirationSeconds", "Invalid value: " + std::to_string(seconds) + ": " + why}}));
  return {};
}

// What spec.boundObjectRef names goes into the claims.
kube::ApiResult<void> bind(const Call& call, const json::Value& request, TokenClaims& claims) {
  const json::Value* ref = json::find_path(request, {"spec", "boundObjectRef"});
  if (!ref || !ref->is_object()) return {};
  const std::string api(json::string_at(*ref, {"apiVersion"})), of(json::string_at(*ref, {"kind"})),
      name(json::string_at(*ref, {"name"})), uid(json::string_at(*ref, {"uid"}));
  const bool is_core = api.find('/') == api.npos;
  TokenReference* into = of == "Pod"      ? &claims.pod
                         : of == "Secret" ? &claims.secret
                         : of == "Node"   ? &claims.node
                                          : nullptr;
  if (!is_core || !into) {
    const std::size_t slash = api.find('/');
    const std::string in = is_core ? "/" + api : api.substr(0, slash) + "/" + api.substr(slash + 1);
    return fail_with(kube::bad_request("cannot bind token to object of type " + in + ", Kind=" + of));
  }
  const std::string resource = of == "Pod" ? "pods" : of == "Secret" ? "secrets" : "nodes";
  auto object = stored(call, resource, of == "Node" ? "" : call.info.ns, name);
  if (!object) return fail_with(std::move(object.error()));
  *into = reference_to(*object);
  if (of == "Pod") {
    if (json::string_at(*object, {"spec", "serviceAccountName"}) != call.info.name)
      return fail_with(kube::bad_request("cannot bind token for serviceaccount \"" + call.info.name +
                                         "\" to pod running with different serviceaccount name."));
    const std::string node(json::string_at(*object, {"spec", "nodeName"}));
    if (!node.empty()) {
      auto found = stored(call, "nodes", "", node);
      claims.node = found ? reference_to(*found) : TokenReference{node, ""};
    }
  }
  if (!uid.empty() && uid != into->uid)
    return fail_with(kube::conflict("", of, name,
                                    "the UID in the bound object reference (" + uid +
                                        ") does not match the UID in record. The object might have been deleted and "
                                        "then recreated"));
  return {};
}

}  // namespace

Handled<> handle_token(Call& call) {
  auto options = read_write_options(call, "CreateOptions");
  if (!options) co_return fail_with(std::move(options.error()));
  auto request = decode_body(call, kind_of(call), options->field_validation);
  if (!request) co_return fail_with(std::move(request.error()));
  auto account = stored(call, "serviceaccounts", call.info.ns, call.info.name);
  if (!account) co_return fail_with(std::move(account.error()));
  TokenClaims claims;
  claims.ns = call.info.ns;
  claims.account = reference_to(*account);
  admission::Attributes attributes = attributes_for(call, admission::Operation::create, std::move(*request),
                                                    json::Value(), options->as_object, options->dry_run);
  if (auto allowed = check_namespace_lifecycle(call, attributes); !allowed)
    co_return fail_with(std::move(allowed.error()));
  if (auto admitted = co_await call.deps.admission.mutate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  if (auto completed = complete(call, attributes.object, claims.account); !completed)
    co_return fail_with(std::move(completed.error()));
  if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  if (auto bound = bind(call, attributes.object, claims); !bound) co_return fail_with(std::move(bound.error()));
  json::Value& answer = attributes.object;
  claims.seconds = json::int_at(answer, {"spec", "expirationSeconds"});
  if (const json::Array* audiences = json::array_at(answer, {"spec", "audiences"}))
    for (const json::Value& audience : *audiences)
      if (audience.is_string()) claims.audiences.emplace_back(json::view(audience.get_string()));
  const WallTime now = call.deps.now();
  json::Object status(call.arena);
  status["token"] = call.deps.tokens->issue(claims, now).token;
  status["expirationTimestamp"] = rfc3339(now + std::chrono::seconds(claims.seconds));
  answer.get_object()["status"] = std::move(status);
  co_return json_answer(201, encode(std::as_const(answer)));
}

}  // namespace gatepost::apiserver
