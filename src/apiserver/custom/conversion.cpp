#include "apiserver/custom/conversion.h"

#include <chrono>

#include "admission/post.h"
#include "apiserver/custom/conversion_review.h"
#include "base/random.h"
#include "kube/crd/object.h"

namespace gatepost::apiserver {
namespace {

constexpr std::chrono::seconds timeout{30};  // of a webhook without one of its own (apiserver's util/webhook)

kube::Status failed(std::string text) {
  kube::Status status;
  status.code = 500;
  status.message = std::move(text);
  return status;
}

}  // namespace

net::Task<kube::ApiResult<json::Value>> Converter::convert(json::Value object,
                                                           std::shared_ptr<const kube::crd::Definition> definition,
                                                           const kube::crd::Version* to) {
  std::string from(json::string_at(object, {"apiVersion"}));
  std::string wanted = kube::api_version(definition->group, to->name);
  if (from == wanted) co_return object;
  if (definition->conversion) {
    std::string kind(json::string_at(object, {"kind"}));
    auto converted = co_await call_webhook(std::move(object), definition, wanted);
    if (!converted)
      co_return fail_with(failed("conversion webhook for " + from + ", Kind=" + kind + " " + converted.error().text));
    object = std::move(*converted);
  } else {
    object.get_object()["apiVersion"] = wanted;
  }
  kube::crd::settle(object, *definition, *to);
  co_return object;
}

net::Task<Result<json::Value>> Converter::call_webhook(json::Value object,
                                                       std::shared_ptr<const kube::crd::Definition> definition,
                                                       std::string wanted) {
  const kube::crd::ConversionWebhook& webhook = *definition->conversion;
  std::string version = conversion_review_version(webhook.review_versions), uid = random_uuid();
  if (version.empty()) co_return fail("failed: no supported conversion review versions");
  // Held, so that connections outlive the call.
  admission::Target::Handle& target = held_[definition->name];
  target = targets_.get(admission::read_client_config(webhook.client_config));
  if (!target->problem.empty()) co_return fail("failed: " + target->problem);
  auto response =
      co_await admission::post(target, "kube-apiserver", conversion_review(version, uid, wanted, object), timeout);
  if (!response) co_return fail("failed: " + response.error().text);
  auto objects = read_conversion_answer(response->body, response->headers.get("Content-Type"), response->status,
                                        version, uid, object.storage());
  if (!objects) co_return fail("failed: " + objects.error().text);
  if (objects->size() != 1) co_return fail("returned " + std::to_string(objects->size()) + " objects, expected 1");
  json::Value converted = std::move((*objects)[0]);
  if (!converted.is_object()) co_return fail("returned invalid object at index 0: it is no object");
  std::string_view got = json::string_at(converted, {"apiVersion"}), kind = json::string_at(converted, {"kind"});
  std::string_view own_kind = json::string_at(object, {"kind"});
  if (got != wanted)
    co_return fail("returned invalid object at index 0: invalid groupVersion (expected " + wanted + ", received " +
                   std::string(got) + ")");
  if (kind != own_kind)
    co_return fail("returned invalid object at index 0: invalid kind (expected " + std::string(own_kind) +
                   ", received " + std::string(kind) + ")");
  if (auto accepted = accept_converted(converted, object); !accepted) co_return fail_with(std::move(accepted.error()));
  co_return converted;
}

}  // namespace gatepost::apiserver
