#include "kube/status.h"

#include <algorithm>

#include "json/write.h"
#include "net/go_text.h"

namespace gatepost::kube {
namespace {

std::string qualified(std::string_view group, std::string_view resource) {
  return group.empty() ? std::string(resource) : std::string(resource) + "." + std::string(group);
}

std::string quoted(std::string_view text) {
  return net::go_quote(text);
}

Status make(int code, std::string reason, std::string message) {
  Status status;
  status.code = code;
  status.reason = std::move(reason);
  status.message = std::move(message);
  return status;
}

Status about(int code, std::string reason, std::string message, std::string_view group, std::string_view kind,
             std::string_view name) {
  Status status = make(code, std::move(reason), std::move(message));
  status.has_details = true;
  status.details_group = group;
  status.details_kind = kind;
  status.details_name = name;
  return status;
}

void member(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  if (out.back() != '{') out.push_back(',');
  json::write_string(key, out);
  out.push_back(':');
  json::write_string(value, out);
}

void write_causes(std::string& out, const std::vector<StatusCause>& causes) {
  if (causes.empty()) return;
  if (out.back() != '{') out.push_back(',');
  out += "\"causes\":[";
  for (const StatusCause& cause : causes) {
    if (&cause != &causes.front()) out.push_back(',');
    out.push_back('{');
    member(out, "reason", cause.reason);
    member(out, "message", cause.message);
    member(out, "field", cause.field);
    out.push_back('}');
  }
  out.push_back(']');
}

}  // namespace

std::string to_json(const Status& status) {
  std::string out = R"({"kind":"Status","apiVersion":"v1","metadata":{})";
  member(out, "status", status.status);
  member(out, "message", status.message);
  member(out, "reason", status.reason);
  if (!status.extra_details_json.empty()) {
    out += ",\"details\":" + status.extra_details_json;
  } else if (status.has_details || !status.causes.empty()) {
    std::string details = "{";
    member(details, "name", status.details_name);
    member(details, "group", status.details_group);
    member(details, "kind", status.details_kind);
    member(details, "uid", status.details_uid);
    write_causes(details, status.causes);
    if (status.retry_after_seconds > 0) {
      if (details.back() != '{') details.push_back(',');
      details += "\"retryAfterSeconds\":" + std::to_string(status.retry_after_seconds);
    }
    out += ",\"details\":" + details + "}";
  }
  if (status.code != 0) out += ",\"code\":" + std::to_string(status.code);
  return out + "}";
}

Status not_found(std::string_view group, std::string_view resource, std::string_view name) {
  return about(404, "NotFound", qualified(group, resource) + " " + quoted(name) + " not found", group, resource, name);
}

Status already_exists(std::string_view group, std::string_view resource, std::string_view name) {
  return about(409, "AlreadyExists", qualified(group, resource) + " " + quoted(name) + " already exists", group,
               resource, name);
}

Status conflict(std::string_view group, std::string_view resource, std::string_view name, std::string_view why) {
  return about(
      409, "Conflict",
      "Operation cannot be fulfilled on " + qualified(group, resource) + " " + quoted(name) + ": " + std::string(why),
      group, resource, name);
}

Status bad_request(std::string message) {
  return make(400, "BadRequest", std::move(message));
}

Status forbidden(std::string_view group, std::string_view resource, std::string_view name, std::string_view why) {
  std::string subject = qualified(group, resource);
  if (!name.empty()) subject += (subject.empty() ? "" : " ") + quoted(name);
  return about(403, "Forbidden",
               subject.empty() ? "forbidden: " + std::string(why) : subject + " is forbidden: " + std::string(why),
               group, resource, name);
}

Status unauthorized() {
  return make(401, "Unauthorized", "Unauthorized");
}

Status method_not_supported(std::string_view group, std::string_view resource, std::string_view verb) {
  return about(405, "MethodNotAllowed",
               std::string(verb) + " is not supported on resources of kind " + quoted(qualified(group, resource)),
               group, resource, "");
}

Status internal_error(std::string_view why) {
  Status status = make(500, "InternalError", "Internal error occurred: " + std::string(why));
  status.has_details = true;
  status.causes.push_back({"", std::string(why), ""});
  return status;
}

Status plain_error(std::string message) {
  return make(500, "", std::move(message));
}

Status request_entity_too_large(std::string_view why) {
  return make(413, "RequestEntityTooLarge", "Request entity too large: " + std::string(why));
}

Status timeout(std::string message, std::int64_t retry_after_seconds) {
  Status status = make(504, "Timeout", "Timeout: " + std::move(message));
  status.has_details = true;
  status.retry_after_seconds = retry_after_seconds;
  return status;
}

Status gone(std::string message) {
  return make(410, "Expired", std::move(message));
}
Status unsupported_media_type(std::string message) {
  return make(415, "UnsupportedMediaType", std::move(message));
}
Status not_acceptable(std::string message) {
  return make(406, "NotAcceptable", std::move(message));
}

Status invalid(std::string_view group, std::string_view kind, std::string_view name,
               const std::vector<FieldError>& errors) {
  // As an aggregate of errors prints: what was said already is not said again.
  std::vector<std::string> said;
  for (const FieldError& error : errors) {
    std::string text = error.field + ": " + error.message;
    if (std::find(said.begin(), said.end(), text) == said.end()) said.push_back(std::move(text));
  }
  std::string list;
  for (const std::string& text : said) list += (list.empty() ? "" : ", ") + text;
  if (said.size() > 1) list = "[" + list + "]";
  Status status =
      about(422, "Invalid", qualified(group, kind) + " " + quoted(name) + " is invalid: " + list, group, kind, name);
  for (const FieldError& error : errors) status.causes.push_back({error.reason, error.message, error.field});
  return status;
}

}  // namespace gatepost::kube
