#include "apiserver/decode_body.h"

#include "json/parse.h"
#include "kube/protobuf/decode.h"
#include "yaml/convert.h"

namespace gatepost::apiserver {
namespace {

// The package that holds the internal types of a group in Go, which the real texts name: "core.ConfigMap",
// "apps.Deployment".
std::string internal_package(std::string_view group) {
  if (group.empty()) return "core";
  return std::string(group.substr(0, group.find('.')));
}

kube::Status unrecognized(std::string_view kind, std::string_view why) {
  return kube::bad_request("the object provided is unrecognized (must be of type " + std::string(kind) +
                           "): " + std::string(why));
}

enum class MediaType { json, yaml, protobuf, other };

MediaType media_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  if (type.empty() || type == "application/json" || type == "*/*") return MediaType::json;
  if (type == "application/yaml") return MediaType::yaml;
  if (type == "application/vnd.kubernetes.protobuf") return MediaType::protobuf;
  return MediaType::other;
}

Result<json::StrictValue> parse_text(const std::string& body, MediaType type, const json::Storage& arena) {
  if (type == MediaType::json) return json::parse_strict(body, arena);
  auto value = yaml::parse(body, arena);
  if (!value) return fail_with(std::move(value.error()));
  return json::StrictValue{std::move(*value), {}};
}

kube::ApiResult<json::StrictValue> parse_protobuf(const std::string& body, const kube::GroupVersionKind& kind,
                                                  const json::Storage& arena) {
  auto envelope = kube::protobuf::open_envelope(body);
  if (!envelope) return fail_with(unrecognized(kind.kind, envelope.error().text));
  json::Object object(arena);
  // A message of another kind is left closed: who reads the kind refuses it.
  if (envelope->kind.empty() || envelope->kind == kind.kind) {
    auto message = kube::protobuf::decode(envelope->raw, kind, arena);
    if (!message)
      return fail_with(kube::bad_request(kind.kind + " in version \"" + kind.version + "\" cannot be handled as a " +
                                         kind.kind + ": " + message.error().text));
    object = std::move(message->get_object());
  }
  if (!envelope->kind.empty()) object["kind"] = envelope->kind;
  if (!envelope->api_version.empty()) object["apiVersion"] = envelope->api_version;
  return json::StrictValue{json::Value(std::move(object)), {}};
}

// apimachinery shows at most this much of a body that it cannot read.
std::string shown(std::string_view body) {
  constexpr std::size_t most = 100;
  return body.size() <= most ? std::string(body) : std::string(body.substr(0, most)) + "...";
}

}  // namespace

kube::GroupVersionKind kind_of(const Call& call) {
  if (call.subresource) {
    kube::GroupVersionKind kind = call.subresource->kind;
    if (kind.version.empty()) {
      kind.group = call.resource->group;
      kind.version = call.resource->version;
    }
    return kind;
  }
  return {call.resource->group, call.resource->version, call.resource->kind};
}

kube::ApiResult<void> decode_object(Call& call, json::Value& object, const kube::GroupVersionKind& kind,
                                    kube::FieldValidation validation, const std::vector<std::string>& duplicates) {
  auto decoded = kube::decode(object, kind, validation, duplicates);
  if (!decoded) return fail_with(std::move(decoded.error()));
  for (std::string& warning : decoded->warnings) call.trail.warnings.push_back(std::move(warning));
  kube::set_defaults(object, kind);
  return {};
}

kube::ApiResult<json::StrictValue> parse_body(const Call& call, const kube::GroupVersionKind& kind) {
  const std::string& body = call.http.body;
  MediaType type = media_type(call.http.headers.get("Content-Type"));
  if (type == MediaType::other)
    return fail_with(kube::unsupported_media_type(
        "the body of the request was in an unknown format - accepted media types include: application/json, "
        "application/yaml, application/vnd.kubernetes.protobuf"));
  if (type == MediaType::protobuf) return parse_protobuf(body, kind, call.arena);
  auto parsed = parse_text(body, type, call.arena);
  if (!parsed)
    return fail_with(unrecognized(
        kind.kind, "couldn't get version/kind; json parse error: " + parsed.error().text + " (" + shown(body) + ")"));
  if (!parsed->value.is_object()) {
    return fail_with(
        unrecognized(kind.kind, "couldn't get version/kind; json parse error: json: cannot unmarshal into Go value"));
  }
  return std::move(*parsed);
}

kube::ApiResult<json::Value> decode_body(Call& call, const kube::GroupVersionKind& kind,
                                         kube::FieldValidation validation) {
  auto parsed = parse_body(call, kind);
  if (!parsed) return fail_with(std::move(parsed.error()));
  std::vector<std::string> duplicates = std::move(parsed->duplicates);
  json::Value object = std::move(parsed->value);

  json::Object& fields = object.get_object();
  std::string_view got_kind = json::string_at(object, {"kind"});
  std::string_view got_version = json::string_at(object, {"apiVersion"});
  std::string want_version = kube::api_version(kind.group, kind.version);
  if (!got_kind.empty() && got_kind != kind.kind) {
    std::string group, version(got_version);
    if (std::size_t slash = version.find('/'); slash != std::string::npos) {
      group = version.substr(0, slash);
      version.erase(0, slash + 1);
    }
    if (!call.deps.registry->find_kind(group, version, got_kind))
      return fail_with(kube::bad_request("no kind \"" + std::string(got_kind) + "\" is registered for version \"" +
                                         std::string(got_version) +
                                         "\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:31\""));
    return fail_with(kube::bad_request(std::string(got_kind) + " in version \"" + version +
                                       "\" cannot be handled as a " + kind.kind + ": converting (" + version + "." +
                                       std::string(got_kind) + ") to (" + internal_package(kind.group) + "." +
                                       kind.kind + "): unknown conversion"));
  }
  if (!got_version.empty() && got_version != want_version) {
    return fail_with(kube::bad_request("the API version in the data (" + std::string(got_version) +
                                       ") does not match the expected API version (" + want_version + ")"));
  }
  fields["kind"] = kind.kind;
  fields["apiVersion"] = want_version;
  if (auto decoded = decode_object(call, object, kind, validation, duplicates); !decoded)
    return fail_with(std::move(decoded.error()));
  return object;
}

}  // namespace gatepost::apiserver
