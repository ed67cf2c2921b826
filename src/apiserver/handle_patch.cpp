#include "apiserver/decode_body.h"
#include "apiserver/handlers.h"
#include "apiserver/managed_fields.h"
#include "apiserver/metadata.h"
#include "apiserver/options.h"
#include "apiserver/patch_body.h"
#include "apiserver/write.h"
#include "kube/patch/from_unstructured.h"
#include "kube/patch/go_print.h"
#include "kube/patch/patch.h"
#include "kube/patch/patched_text.h"
#include "net/go_text.h"

namespace gatepost::apiserver {
namespace {

std::string_view media_type(const Call& call) {
  std::string_view type = call.http.headers.get("Content-Type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

kube::ApiResult<kube::PatchType> patch_type(std::string_view media) {
  if (media == "application/json-patch+json") return kube::PatchType::json;
  if (media == "application/merge-patch+json") return kube::PatchType::merge;
  if (media == "application/strategic-merge-patch+json") return kube::PatchType::strategic;
  if (media == "application/apply-patch+yaml") return kube::PatchType::apply;
  kube::Status status = kube::unsupported_media_type("415: Unsupported Media Type");
  status.has_details = true;
  return fail_with(std::move(status));
}

// Custom objects have no merge keys: strategic patches are not for them.
kube::Status no_custom_patch() {
  return kube::unsupported_media_type(
      "the body of the request was in an unknown format - accepted media types include: "
      "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
}

// A JSON patch that does not fit the object: kube-apiserver's handler answers in general words, without the reason.
kube::Status does_not_fit() {
  kube::Status status;
  status.code = 422;
  status.reason = "Invalid";
  status.message = "the server rejected our request due to an error in our request";
  status.has_details = true;
  return status;
}

kube::ApiResult<void> patch_document(json::Value& document, kube::PatchType type, const json::Value& patch,
                                     const kube::GroupVersionKind& kind) {
  switch (type) {
    case kube::PatchType::json:
      if (auto applied = kube::apply_json_patch(document, patch); !applied) return fail_with(does_not_fit());
      return {};
    case kube::PatchType::merge:
      kube::apply_merge_patch(document, patch);
      return {};
    case kube::PatchType::strategic:
      return kube::apply_strategic_patch(document, patch, kind);
    case kube::PatchType::apply:
      break;
  }
  return {};
}

// `The request is invalid: patch: Invalid value: ...`: the kind's type does not hold what the patch made. Of a
// strategic patch the patch is shown, of the others what they made of the object.
kube::Status patch_invalid(json::Value document, kube::PatchType type, const json::Value& patch, std::string_view why) {
  std::string shown;
  if (type == kube::PatchType::strategic) {
    shown = kube::go_print(patch);
  } else {
    (void)patch_document(document, type, patch, {});
    shown = kube::patched_text(document, type, patch);
  }
  return kube::invalid(
      "", "", "", {{"FieldValueInvalid", "patch", "Invalid value: " + net::go_quote(shown) + ": " + std::string(why)}});
}

kube::ApiResult<json::Value> apply(Call& call, kube::PatchType type, const PatchBody& body, const json::Value& present,
                                   kube::FieldValidation validation) {
  const json::Value& patch = body.document;
  const kube::GroupVersionKind kind = kind_of(call);
  json::Value object(present, call.arena);
  if (auto patched = patch_document(object, type, patch, kind); !patched) return fail_with(std::move(patched.error()));
  if (!object.is_object()) return fail_with(kube::bad_request("the patched document is not an object"));
  auto refuse = [&](std::string_view why) {
    return fail_with(patch_invalid(json::Value(present, call.arena), type, patch, why));
  };
  if (type == kube::PatchType::strategic) {
    if (auto fits = kube::from_unstructured(object, kind); !fits) return refuse(fits.error().text);
  } else if (!call.resource->definition) {
    if (auto fits = check_convertible(call, object, kind); !fits) return refuse(fits.error().text);
  }
  kube::DecodeSource source;
  source.complaints = body.complaints;
  spell_out_reset(object);
  auto decoded = decode_document(call, object, kind, validation, source);
  if (!decoded) return refuse(decoded.error().text);
  for (std::string& warning : decoded->warnings) call.trail.warnings.push_back(std::move(warning));
  if (!call.resource->definition) {
    object.get_object()["kind"] = kind.kind;
    object.get_object()["apiVersion"] = kube::api_version(kind.group, kind.version);
  }
  kube::set_defaults(object, kind);
  if (auto agreed = agree_namespace(object, call); !agreed) return fail_with(std::move(agreed.error()));
  if (auto agreed = check_name(object, call); !agreed) return fail_with(std::move(agreed.error()));
  return object;
}

}  // namespace

Handled<> handle_patch(Call& call) {
  auto type = patch_type(media_type(call));
  if (call.resource->definition && (!type || *type == kube::PatchType::strategic))
    co_return fail_with(no_custom_patch());
  if (!type) co_return fail_with(std::move(type.error()));
  auto options = read_write_options(call, "PatchOptions");
  if (!options) co_return fail_with(std::move(options.error()));
  if (*type == kube::PatchType::apply) co_return co_await handle_apply(call, std::move(*options));
  // What cannot be read is told after the object was found.
  const auto patch = read_patch(call.http.body, call.arena, *type, options->field_validation);
  options->as_object = options_as("UpdateOptions", options->as_object);
  kube::PatchType how = *type;
  kube::FieldValidation validation = options->field_validation;
  Change change = [&call, how, validation, &patch, &options](const json::Value& present) {
    if (!patch) return kube::ApiResult<json::Value>(fail_with(kube::Status(patch.error())));
    auto patched = apply(call, how, *patch, present, validation);
    if (patched) track_fields(call, &present, *patched, *options);
    return patched;
  };
  co_return co_await change_object(call, std::move(change), *options);
}

}  // namespace gatepost::apiserver
