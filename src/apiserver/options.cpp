#include "apiserver/options.h"

#include <charconv>

#include "apiserver/decode_body.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/apply/manager_name.h"
#include "net/go_text.h"

namespace gatepost::apiserver {
namespace {

kube::FieldError not_supported(std::string field, const std::string& shown, std::string_view supported) {
  return {"FieldValueNotSupported", std::move(field),
          "Unsupported value: " + shown + ": supported values: " + std::string(supported)};
}

json::Value options_object(std::string_view kind, const json::Storage& arena) {
  json::Value value(json::Object(arena), arena);
  value.get_object()["kind"] = kind;
  value.get_object()["apiVersion"] = "meta.k8s.io/v1";
  return value;
}

std::string shown_list(const json::Array& values) {
  std::string out = "[";
  for (const json::Value& value : values) {
    if (out.size() > 1) out += ",";
    out += json::write(value);
  }
  return out + "]";
}

// dryRun may only be ["All"].
void check_dry_run(const json::Array& values, std::vector<kube::FieldError>& errors, bool& dry_run) {
  if (values.empty()) return;
  for (const json::Value& value : values)
    if (!value.is_string() || json::view(value.get_string()) != "All") {
      errors.push_back(not_supported("dryRun", shown_list(values), "\"All\""));
      return;
    }
  dry_run = true;
}

}  // namespace

kube::ApiResult<WriteOptions> read_write_options(const Call& call, std::string_view kind) {
  WriteOptions options{.as_object = options_object(kind, call.arena)};
  json::Object& object = options.as_object.get_object();
  const Query& query = call.info.query;
  std::vector<kube::FieldError> errors;

  bool is_apply =
      kind == "PatchOptions" && call.http.headers.get("Content-Type").starts_with("application/apply-patch");
  json::Array dry_run(call.arena);
  for (std::string_view value : query.all("dryRun")) dry_run.emplace_back(value);
  if (!dry_run.empty()) object["dryRun"] = dry_run;

  if (query.has("force") && kind == "PatchOptions") {
    options.force = query.flag("force");
    object["force"] = options.force;
    if (!is_apply)
      errors.push_back({"FieldValueForbidden", "force", "Forbidden: may not be specified for non-apply patch"});
  }
  options.field_manager = query.get("fieldManager");
  if (!options.field_manager.empty()) object["fieldManager"] = options.field_manager;
  if (options.field_manager.empty() && is_apply)
    errors.push_back({"FieldValueRequired", "fieldManager", "Required value: is required for apply patch"});
  if (options.field_manager.size() > 128)
    errors.push_back({"FieldValueTooLong", "fieldManager", "Too long: may not be more than 128 bytes"});
  for (const std::string& complaint : kube::apply::unprintable_characters(options.field_manager))
    errors.push_back({"FieldValueInvalid", "fieldManager",
                      "Invalid value: " + net::go_quote(options.field_manager) + ": " + complaint});
  check_dry_run(dry_run, errors, options.dry_run);

  std::string_view validation = query.get("fieldValidation");
  if (!validation.empty()) object["fieldValidation"] = validation;
  if (validation == "Strict")
    options.field_validation = kube::FieldValidation::strict;
  else if (validation == "Ignore")
    options.field_validation = kube::FieldValidation::ignore;
  else if (!validation.empty() && validation != "Warn")
    errors.push_back(not_supported("fieldValidation", "\"" + std::string(validation) + "\"",
                                   "\"\", \"Ignore\", \"Strict\", \"Warn\""));
  if (!errors.empty()) return fail_with(kube::invalid("meta.k8s.io", kind, "", errors));
  return options;
}

json::Value options_as(std::string_view kind, const json::Value& options) {
  json::Value other = options_object(kind, options.storage());
  for (const char* field : {"dryRun", "fieldManager", "fieldValidation"})
    if (const json::Value* value = json::find(options, field)) other.get_object()[field] = *value;
  return other;
}

namespace {

// Unlike other bodies this one is refused with the decoder's bare words. It may be of the DeleteOptions of any group.
kube::ApiResult<json::Value> read_delete_body(const Call& call) {
  const kube::GroupVersionKind kind{"", "v1", "DeleteOptions"};
  auto body = parse_body(call, kind, ParseErrors::bare);
  if (!body) return fail_with(std::move(body.error()));
  std::string_view given = json::string_at(body->value, {"kind"});
  if (!given.empty() && given != kind.kind)
    return fail_with(kube::bad_request(not_registered(given, json::string_at(body->value, {"apiVersion"}))));
  auto decoded = kube::decode(body->value, kind, kube::FieldValidation::ignore, body->source);
  if (!decoded) return fail_with(kube::bad_request(decoded.error().text));
  return std::move(body->value);
}

}  // namespace

kube::ApiResult<DeleteOptions> read_delete_options(const Call& call) {
  DeleteOptions options{.as_object = options_object("DeleteOptions", call.arena)};
  json::Object& object = options.as_object.get_object();
  const Query& query = call.info.query;
  std::vector<kube::FieldError> errors;

  if (!call.http.body.empty()) {
    auto body = read_delete_body(call);
    if (!body) return fail_with(std::move(body.error()));
    for (const auto& member : body->get_object())
      if (member.key() != "kind" && member.key() != "apiVersion") object[member.key()] = member.value();
  } else {
    json::Array dry_run(call.arena);
    for (std::string_view value : query.all("dryRun")) dry_run.emplace_back(value);
    if (!dry_run.empty()) object["dryRun"] = std::move(dry_run);
    std::string_view grace = query.get("gracePeriodSeconds");
    if (!grace.empty()) {
      std::int64_t seconds = 0;
      auto parsed = std::from_chars(grace.data(), grace.data() + grace.size(), seconds);
      if (parsed.ec != std::errc{} || parsed.ptr != grace.data() + grace.size())
        return fail_with(kube::bad_request("strconv.ParseInt: parsing \"" + std::string(grace) + "\": invalid syntax"));
      object["gracePeriodSeconds"] = seconds;
    }
    if (query.has("orphanDependents")) object["orphanDependents"] = query.flag("orphanDependents");
    if (query.has("propagationPolicy")) object["propagationPolicy"] = query.get("propagationPolicy");
  }

  const json::Value& read = options.as_object;
  if (const json::Array* dry_run = json::array_at(read, {"dryRun"})) check_dry_run(*dry_run, errors, options.dry_run);
  if (const json::Value* grace = json::find(read, "gracePeriodSeconds"); grace && grace->is_int64())
    options.grace_period_seconds = grace->get_int64();
  options.propagation_policy = json::string_at(read, {"propagationPolicy"});
  const json::Value* orphan = json::find(read, "orphanDependents");
  if (!options.propagation_policy.empty() && options.propagation_policy != "Orphan" &&
      options.propagation_policy != "Background" && options.propagation_policy != "Foreground")
    errors.push_back(not_supported("propagationPolicy", "\"" + options.propagation_policy + "\"",
                                   "\"Foreground\", \"Background\", \"Orphan\", \"nil\""));
  if (orphan && orphan->is_bool()) {
    if (!options.propagation_policy.empty())
      errors.push_back({"FieldValueInvalid", "propagationPolicy",
                        "Invalid value: \"" + options.propagation_policy +
                            "\": orphanDependents and deletionPropagation cannot be both set"});
    options.orphan_dependents = orphan->get_bool();
  }
  options.precondition_uid = json::string_at(read, {"preconditions", "uid"});
  options.precondition_resource_version = json::string_at(read, {"preconditions", "resourceVersion"});
  if (!errors.empty()) return fail_with(kube::invalid("meta.k8s.io", "DeleteOptions", "", errors));
  return options;
}

}  // namespace gatepost::apiserver
