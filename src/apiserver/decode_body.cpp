#include "apiserver/decode_body.h"

#include "apiserver/audit/record.h"
#include "apiserver/managed_fields.h"
#include "json/parse.h"
#include "kube/crd/object.h"
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

constexpr std::string_view no_type = "couldn't get version/kind; json parse error: ";

Result<ParsedBody> parse_text(const std::string& body, MediaType type, const json::Storage& arena) {
  if (type == MediaType::json) {
    auto parsed = json::parse_strict(body, arena);
    if (!parsed) return fail(std::string(no_type) + parsed.error().text);
    ParsedBody out{std::move(parsed->value), {}};
    out.source.text = body;
    out.source.duplicates = !parsed->duplicates.empty();
    return out;
  }
  auto tree = yaml::read(body);
  if (!tree) return fail_with(std::move(tree.error()));
  auto converted = yaml::convert(*tree, arena);
  if (!converted) return fail_with(std::move(converted.error()));
  ParsedBody out{std::move(converted->value), {}};
  if (std::string complaint = yaml::strict_complaint(converted->duplicates); !complaint.empty())
    out.source.complaints.push_back(std::move(complaint));
  return out;
}

kube::ApiResult<ParsedBody> parse_protobuf(const std::string& body, const kube::GroupVersionKind& kind,
                                           const json::Storage& arena) {
  auto envelope = kube::protobuf::open_envelope(body);
  if (!envelope) return fail_with(unrecognized(kind.kind, envelope.error().text));
  json::Object object(arena);
  // A message of another kind is left closed: who reads the kind refuses it.
  if (envelope->kind.empty() || envelope->kind == kind.kind) {
    auto message = kube::protobuf::decode(envelope->raw, kind, arena);
    if (!message) return fail_with(kube::cannot_be_handled(kind, message.error().text));
    object = std::move(message->get_object());
  }
  if (!envelope->kind.empty()) object["kind"] = envelope->kind;
  if (!envelope->api_version.empty()) object["apiVersion"] = envelope->api_version;
  return ParsedBody{json::Value(std::move(object)), {}};
}

// What apimachinery shows of a body whose kind it cannot tell.
std::string shown(std::string_view body) {
  constexpr std::size_t most = 30;
  static constexpr char digits[] = "0123456789abcdef";
  if (body.empty()) return "<empty>";
  std::string_view head = body.substr(0, most);
  std::string out;
  if (body.front() == '{') {
    out = head;
  } else {
    for (char c : head) {
      out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(digits[c & 15]);
    }
  }
  return body.size() > most ? out + " ..." : out;
}

// What Go says of a document whose kind and version cannot be read; empty if they can.
std::string type_problem(const json::Value& document) {
  auto word = [](const json::Value& value) {
    return value.is_string()   ? "string"
           : value.is_bool()   ? "bool"
           : value.is_array()  ? "array"
           : value.is_object() ? "object"
                               : "number";
  };
  std::string text = std::string(no_type) + "json: cannot unmarshal ";
  if (!document.is_object())
    return text + word(document) +
           R"( into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" })";
  for (const auto& member : document.get_object()) {
    if (member.key() != "kind" && member.key() != "apiVersion") continue;
    if (member.value().is_string() || member.value().is_null()) continue;
    return text + word(member.value()) + " into Go struct field ." + std::string(member.key()) + " of type string";
  }
  return {};
}

}  // namespace

namespace {

// Whether `kind` is that of the call's custom resource itself, not of its scale.
bool is_custom(const Call& call, const kube::GroupVersionKind& kind) {
  const kube::ResourceInfo& resource = *call.resource;
  return resource.definition && kind == kube::GroupVersionKind{resource.group, resource.version, resource.kind};
}

// A custom object has no Go type that the body's kind could be decoded into: another version is refused, another kind
// is left to validation, a missing one cannot be read.
kube::ApiResult<void> check_custom_type(const Call& call, const json::Value& object) {
  const kube::ResourceInfo& resource = *call.resource;
  std::string_view kind = json::string_at(object, {"kind"}), version = json::string_at(object, {"apiVersion"});
  std::string wanted = kube::api_version(resource.group, resource.version);
  if (kind.empty())
    return fail_with(unrecognized(
        resource.kind, "Object 'Kind' is missing in '" + call.http.body + "' (" + shown(call.http.body) + ")"));
  if (version != wanted)
    return fail_with(kube::bad_request("the API version in the data (" + std::string(version) +
                                       ") does not match the expected API version (" + wanted + ")"));
  return {};
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

Result<kube::DecodeResult> decode_document(const Call& call, json::Value& object, const kube::GroupVersionKind& kind,
                                           kube::FieldValidation validation, const kube::DecodeSource& source) {
  return is_custom(call, kind) ? kube::crd::decode(object, *call.resource, validation, source)
                               : kube::decode(object, kind, validation, source);
}

kube::ApiResult<void> decode_object(Call& call, json::Value& object, const kube::GroupVersionKind& kind,
                                    kube::FieldValidation validation, const kube::DecodeSource& source) {
  spell_out_reset(object);
  auto decoded = decode_document(call, object, kind, validation, source);
  if (!decoded) return fail_with(kube::cannot_be_handled(kind, decoded.error().text));
  for (std::string& warning : decoded->warnings) call.trail.warnings.push_back(std::move(warning));
  if (!is_custom(call, kind)) kube::set_defaults(object, kind);
  return {};
}

std::string not_registered(std::string_view kind, std::string_view api_version) {
  return "no kind \"" + std::string(kind) + "\" is registered for version \"" + std::string(api_version) +
         "\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:31\"";
}

Result<void> check_convertible(const Call& call, const json::Value& document, const kube::GroupVersionKind& wanted) {
  std::string_view api_version = json::string_at(document, {"apiVersion"}), given = json::string_at(document, {"kind"});
  const std::string wanted_version = kube::api_version(wanted.group, wanted.version);
  if (api_version.empty()) api_version = wanted_version;
  if (given.empty()) given = wanted.kind;
  if (given == wanted.kind && api_version == wanted_version) return {};
  const std::size_t slash = api_version.find('/');
  if (slash != std::string_view::npos && api_version.find('/', slash + 1) != std::string_view::npos)
    return fail("unexpected GroupVersion string: " + std::string(api_version));
  kube::GroupVersionKind kind{std::string(slash == std::string_view::npos ? "" : api_version.substr(0, slash)),
                              std::string(api_version.substr(slash == std::string_view::npos ? 0 : slash + 1)),
                              std::string(given)};
  constexpr std::string_view list = "List";
  std::string_view item = given.ends_with(list) ? given.substr(0, given.size() - list.size()) : given;
  // Earlier versions of a group are registered although they are not served any more.
  const bool earlier = !kind.group.empty() && (kind.version.find("alpha") != std::string::npos ||
                                               kind.version.find("beta") != std::string::npos);
  if (earlier && kind.kind == wanted.kind && kind.group == wanted.group) return {};
  const kube::Registry& registry = *call.deps.registry;
  if (!registry.find_kind(kind.group, kind.version, given) && !registry.find_kind(kind.group, kind.version, item))
    return fail(not_registered(given, api_version));
  if (kind.kind == wanted.kind && kind.group == wanted.group) return {};
  json::Value copy(document, call.arena);
  if (auto decoded = kube::decode(copy, kind, kube::FieldValidation::ignore, {}); !decoded)
    return fail_with(std::move(decoded.error()));
  return fail("converting (" + kind.version + "." + kind.kind + ") to (" + internal_package(wanted.group) + "." +
              wanted.kind + "): unknown conversion");
}

kube::ApiResult<ParsedBody> parse_body(const Call& call, const kube::GroupVersionKind& kind, ParseErrors errors) {
  const std::string& body = call.http.body;
  MediaType type = media_type(call.http.headers.get("Content-Type"));
  if (type == MediaType::other)
    return fail_with(kube::unsupported_media_type(
        "the body of the request was in an unknown format - accepted media types include: application/json, "
        "application/yaml, application/vnd.kubernetes.protobuf"));
  if (type == MediaType::protobuf) return parse_protobuf(body, kind, call.arena);
  auto refuse = [&](const std::string& why) {
    return fail_with(errors == ParseErrors::bare ? kube::bad_request(why)
                                                 : unrecognized(kind.kind, why + " (" + shown(body) + ")"));
  };
  auto parsed = parse_text(body, type, call.arena);
  if (!parsed) return refuse(parsed.error().text);
  if (parsed->value.is_null()) parsed->value.emplace_object();  // null decodes into anything
  if (std::string problem = type_problem(parsed->value); !problem.empty()) return refuse(problem);
  return std::move(*parsed);
}

kube::ApiResult<json::Value> decode_body(Call& call, const kube::GroupVersionKind& kind,
                                         kube::FieldValidation validation) {
  auto parsed = parse_body(call, kind);
  if (!parsed) return fail_with(std::move(parsed.error()));
  json::Value object = std::move(parsed->value);
  if (is_custom(call, kind)) {
    if (auto fits = check_custom_type(call, object); !fits) return fail_with(std::move(fits.error()));
    if (auto decoded = decode_object(call, object, kind, validation, parsed->source); !decoded)
      return fail_with(std::move(decoded.error()));
    return object;
  }
  const std::string want_version = kube::api_version(kind.group, kind.version);
  std::string_view got_kind = json::string_at(object, {"kind"}), got_version = json::string_at(object, {"apiVersion"});
  if (auto fits = check_convertible(call, object, kind); !fits) {
    if (fits.error().text.starts_with("unexpected"))
      return fail_with(unrecognized(kind.kind, fits.error().text + " (" + shown(call.http.body) + ")"));
    std::string_view shown_kind = got_kind.empty() ? std::string_view(kind.kind) : got_kind;
    std::string_view shown_version = got_version.empty() ? std::string_view(kind.version) : got_version;
    return fail_with(kube::bad_request(std::string(shown_kind) + " in version \"" +
                                       std::string(shown_version.substr(shown_version.find('/') + 1)) +
                                       "\" cannot be handled as a " + kind.kind + ": " + fits.error().text));
  }
  if (!got_version.empty() && got_version != want_version) {
    return fail_with(kube::bad_request("the API version in the data (" + std::string(got_version) +
                                       ") does not match the expected API version (" + want_version + ")"));
  }
  if (auto decoded = decode_object(call, object, kind, validation, parsed->source); !decoded)
    return fail_with(std::move(decoded.error()));
  json::Object& fields = object.get_object();
  fields["kind"] = kind.kind;
  fields["apiVersion"] = want_version;
  if (call.record) audit::take_request_object(*call.record, object);
  return object;
}

}  // namespace gatepost::apiserver
