#include "admission/review.h"

#include <algorithm>

#include "admission/predicates/rules.h"
#include "base/base64.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/registry/registry.h"
#include "kube/schema/object.h"
#include "kube/schema/print.h"

namespace gatepost::admission {
namespace {

void member(std::string& out, std::string_view key, std::string_view text) {
  out.append(",\"").append(key).append("\":");
  json::write_string(text, out);
}

void optional_member(std::string& out, std::string_view key, std::string_view text) {
  if (!text.empty()) member(out, key, text);
}

void write_kind(std::string& out, std::string_view key, const Kind& kind) {
  out.append(",\"").append(key).append("\":{\"group\":");
  json::write_string(kind.group, out);
  member(out, "version", kind.version);
  member(out, "kind", kind.kind);
  out.push_back('}');
}

void write_resource(std::string& out, std::string_view key, const Resource& resource) {
  out.append(",\"").append(key).append("\":{\"group\":");
  json::write_string(resource.group, out);
  member(out, "version", resource.version);
  member(out, "resource", resource.resource);
  out.push_back('}');
}

void write_strings(std::string& out, const std::vector<std::string>& values) {
  out.push_back('[');
  for (const std::string& value : values) {
    if (&value != &values.front()) out.push_back(',');
    json::write_string(value, out);
  }
  out.push_back(']');
}

void write_user(std::string& out, const UserInfo& user) {
  out += ",\"userInfo\":{";
  std::string inner;
  optional_member(inner, "username", user.name);
  optional_member(inner, "uid", user.uid);
  if (!user.groups.empty()) {
    inner += ",\"groups\":";
    write_strings(inner, user.groups);
  }
  if (!user.extra.empty()) {
    inner += ",\"extra\":{";
    for (const auto& [key, values] : user.extra) {
      if (inner.back() != '{') inner.push_back(',');
      json::write_string(key, inner);
      inner.push_back(':');
      write_strings(inner, values);
    }
    inner.push_back('}');
  }
  if (!inner.empty()) out.append(inner, 1);
  out.push_back('}');
}

void write_value(std::string& out, std::string_view key, const json::Value& value) {
  out.append(",\"").append(key).append("\":");
  json::write(value, out);
}

void write_object(std::string& out, std::string_view key, const json::Value& object) {
  out.append(",\"").append(key).append("\":");
  kube::print(object, kube::PrintForm::decoded, out);
}

void write_facts(std::string& out, const Attributes& attributes, const VersionedRequest& request) {
  write_kind(out, "kind", request.kind());
  write_resource(out, "resource", request.resource());
  optional_member(out, "subResource", attributes.subresource);
  write_kind(out, "requestKind", attributes.kind);
  write_resource(out, "requestResource", attributes.resource);
  optional_member(out, "requestSubResource", attributes.subresource);
  optional_member(out, "name", attributes.name);
  optional_member(out, "namespace", attributes.ns);
  member(out, "operation", operation_name(attributes.operation));
  write_user(out, attributes.user);
}

void write_options(std::string& out, const Attributes& attributes) {
  out += attributes.dry_run ? ",\"dryRun\":true" : ",\"dryRun\":false";
  write_value(out, "options", attributes.options);
}

std::string_view api_version_of(ReviewVersion version) {
  return version == ReviewVersion::v1 ? "admission.k8s.io/v1" : "admission.k8s.io/v1beta1";
}

// ---- reading

AnswerError call_error(std::string text) {
  return {AnswerError::Kind::call, std::move(text)};
}
AnswerError invalid(std::string text) {
  return {AnswerError::Kind::invalid, std::move(text)};
}

std::string json_word(const json::Value& value) {
  if (value.is_string()) return "string";
  if (value.is_bool()) return "bool";
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  return "number";
}

constexpr std::string_view type_meta =
    R"(struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" })";

Failure<AnswerError> wrong_field(const json::Value& value, std::string_view field, std::string_view type) {
  return fail_with(call_error("json: cannot unmarshal " + json_word(value) +
                              " into Go struct field AdmissionResponse.response." + std::string(field) + " of type " +
                              std::string(type)));
}

// What the serializer says of a body that is no JSON: Kubernetes' decoder recognises JSON by its first character and
// tries everything else as YAML, where a line of plain words is a string.
AnswerError unreadable(std::string_view body, const std::string& json_problem) {
  std::size_t start = body.find_first_not_of(" \t\r\n");
  bool looks_like_json = start != std::string_view::npos && body[start] == '{';
  if (looks_like_json) return call_error("couldn't get version/kind; json parse error: " + json_problem);
  bool mapping = body.find(": ") != std::string_view::npos || body.find(":\n") != std::string_view::npos;
  if (mapping) return invalid("webhook response was absent");
  return call_error(
      "couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type " +
      std::string(type_meta));
}

// The members of `response` with their types.
Result<ReviewAnswer, AnswerError> read_response(const json::Value& response, std::string& uid, bool& has_patch,
                                                const json::Value*& patch_type) {
  ReviewAnswer answer;
  for (const char* field : {"uid", "patch", "patchType"})
    if (const json::Value* value = json::find(response, field); value && !value->is_null() && !value->is_string())
      return wrong_field(*value, field,
                         std::string_view(field) == "uid"     ? "types.UID"
                         : std::string_view(field) == "patch" ? "[]uint8"
                                                              : "v1.PatchType");
  uid = json::string_at(response, {"uid"});
  if (const json::Value* allowed = json::find(response, "allowed"); allowed && !allowed->is_null()) {
    if (!allowed->is_bool()) return wrong_field(*allowed, "allowed", "bool");
    answer.allowed = allowed->get_bool();
  }
  if (const json::Value* status = json::find(response, "status"); status && !status->is_null()) {
    if (!status->is_object()) return wrong_field(*status, "status", "v1.Status");
    answer.status = *status;
  }
  if (const json::Value* warnings = json::find(response, "warnings"); warnings && !warnings->is_null()) {
    if (!warnings->is_array()) return wrong_field(*warnings, "warnings", "[]string");
    for (const json::Value& warning : warnings->get_array()) {
      if (!warning.is_string()) return wrong_field(warning, "warnings", "string");
      answer.warnings.emplace_back(json::view(warning.get_string()));
    }
  }
  if (const json::Value* notes = json::find(response, "auditAnnotations"); notes && !notes->is_null()) {
    if (!notes->is_object()) return wrong_field(*notes, "auditAnnotations", "map[string]string");
    for (const auto& note : notes->get_object()) {
      if (!note.value().is_string()) return wrong_field(note.value(), "auditAnnotations", "string");
      answer.audit_annotations.emplace_back(note.key(), json::view(note.value().get_string()));
    }
  }
  std::string_view patch = json::string_at(response, {"patch"});
  auto decoded = base64::decode(patch);
  if (!decoded) return fail_with(call_error(decoded.error().text));
  answer.patch = std::move(*decoded);
  has_patch = !answer.patch.empty();
  patch_type = json::find(response, "patchType");
  if (patch_type && patch_type->is_null()) patch_type = nullptr;
  return answer;
}

}  // namespace

kube::ApiResult<VersionedRequest> VersionedRequest::make(const Attributes& attributes, const Kind& kind,
                                                         const Resource& resource) {
  VersionedRequest request(attributes, kind, resource);
  if (kind == attributes.kind) return request;
  kube::GroupVersionKind from{attributes.kind.group, attributes.kind.version, attributes.kind.kind};
  kube::GroupVersionKind to{kind.group, kind.version, kind.kind};
  request.converted_.emplace(attributes.object, attributes.old_object);
  for (json::Value* object : {&request.converted_->first, &request.converted_->second})
    if (object->is_object())
      if (auto converted = kube::convert(*object, from, to); !converted) return fail_with(std::move(converted.error()));
  return request;
}

ReviewPrinter::ReviewPrinter(const Attributes& attributes, const VersionedRequest& request) {
  rest_.reserve(2048);
  write_facts(rest_, attributes, request);
  write_object(rest_, "object", request.object());
  write_object(rest_, "oldObject", request.old_object());
  write_options(rest_, attributes);
  rest_.push_back('}');
}

std::string ReviewPrinter::body(ReviewVersion version, const std::string& uid) const {
  std::string out;
  out.reserve(rest_.size() + 160);
  out.append("{\"kind\":\"AdmissionReview\",\"apiVersion\":\"").append(api_version_of(version));
  out.append("\",\"request\":{\"uid\":\"").append(uid).append("\"").append(rest_).append("}\n");
  return out;
}

Result<ReviewAnswer, AnswerError> read_answer(const std::string& body, std::string_view content_type, int status,
                                              ReviewVersion version, HookType type, const std::string& uid) {
  if (body.empty())
    return fail_with(call_error("0-length response with status code: " + std::to_string(status) +
                                " and content type: " + std::string(content_type)));
  std::string_view want = api_version_of(version);
  json::Arena arena;  // the answer keeps nothing of it
  auto parsed = json::parse(body, arena.storage());
  if (!parsed) {
    // A body that is no JSON is tried as YAML, where nearly every text is a string or a mapping.
    return fail_with(unreadable(body, parsed.error().text));
  }
  if (!parsed->is_object() && !parsed->is_null())
    return fail_with(call_error("couldn't get version/kind; json parse error: json: cannot unmarshal " +
                                json_word(*parsed) + " into Go value of type " + std::string(type_meta)));
  const json::Value empty((json::Object()));
  const json::Value& review = parsed->is_null() ? empty : *parsed;
  std::string_view kind = json::string_at(review, {"kind"}), api = json::string_at(review, {"apiVersion"});
  bool other_version = !api.empty() && api != want;
  if (other_version && kind == "AdmissionReview" && api.starts_with("admission.k8s.io/")) {
    std::string_view got = api.substr(api.find('/') + 1), wanted = want.substr(want.find('/') + 1);
    return fail_with(call_error("converting (" + std::string(got) + ".AdmissionReview) to (" + std::string(wanted) +
                                ".AdmissionReview): unknown conversion"));
  }
  if ((!kind.empty() && kind != "AdmissionReview") || other_version)
    return fail_with(call_error("no kind \"" + std::string(kind) + "\" is registered for version \"" +
                                std::string(api.empty() ? want : api) + "\" in scheme \"pkg/runtime/scheme.go:110\""));
  const json::Value* response = json::find(review, "response");
  if (!response || response->is_null()) return fail_with(invalid("webhook response was absent"));
  if (!response->is_object())
    return fail_with(call_error("json: cannot unmarshal " + json_word(*response) +
                                " into Go struct field AdmissionReview.response of type v1.AdmissionResponse"));
  std::string got_uid;
  bool has_patch = false;
  const json::Value* patch_type = nullptr;
  auto answer = read_response(*response, got_uid, has_patch, patch_type);
  if (!answer) return answer;
  if (version == ReviewVersion::v1) {
    if (got_uid != uid) return fail_with(invalid("expected response.uid=\"" + uid + "\", got \"" + got_uid + "\""));
    if (api != want || kind != "AdmissionReview") {
      std::string got_group(api.substr(0, api.find('/'))),
          got_version(api.find('/') == std::string_view::npos ? "" : api.substr(api.find('/') + 1));
      return fail_with(invalid("expected webhook response of " + std::string(want) + ", Kind=AdmissionReview, got " +
                               got_group + "/" + got_version + ", Kind=" + std::string(kind)));
    }
  }
  std::string_view patch_type_text = patch_type ? json::view(patch_type->get_string()) : "";
  if (type == HookType::validating) {
    if (version == ReviewVersion::v1 && has_patch)
      return fail_with(invalid("validating webhook may not return response.patch"));
    if (version == ReviewVersion::v1 && patch_type)
      return fail_with(invalid("validating webhook may not return response.patchType"));
    answer->patch.clear();
    return answer;
  }
  if (version == ReviewVersion::v1) {
    if (has_patch && !patch_type)
      return fail_with(invalid("webhook returned response.patch but not response.patchType"));
    if (!has_patch && patch_type)
      return fail_with(invalid("webhook returned response.patchType but not response.patch"));
    if (patch_type && patch_type_text.empty())
      return fail_with(invalid("webhook returned invalid response.patchType of \"\""));
  }
  // v1beta1 knows one type of patch and never looked at its name.
  answer->patch_type = version == ReviewVersion::v1 ? patch_type_text : "JSONPatch";
  return answer;
}

}  // namespace gatepost::admission
