#include "apiserver/custom/conversion_review.h"

#include "json/parse.h"
#include "json/write.h"
#include "kube/patch/go_print.h"
#include "kube/validation/metadata.h"

namespace gatepost::apiserver {
namespace {

constexpr std::string_view group = "apiextensions.k8s.io/";

Failure<Error> unregistered(std::string_view kind, std::string_view version) {
  return fail("no kind \"" + std::string(kind) + "\" is registered for version \"" + std::string(version) +
              "\" in scheme \"pkg/runtime/scheme.go:110\"");
}

Result<json::Array> converted_objects(const json::Value& review, const std::string& review_version,
                                      const std::string& uid) {
  const json::Value* response = json::find(review, "response");
  if (!response || response->is_null()) return fail("no response provided");
  std::string_view got = json::string_at(*response, {"uid"});
  if (review_version == "v1" && got != uid)
    return fail("expected response.uid=\"" + uid + "\", got \"" + std::string(got) + "\"");
  std::string_view status = json::string_at(*response, {"result", "status"});
  if (status != "Success") {
    std::string_view message = json::string_at(*response, {"result", "message"});
    if (!message.empty()) return fail(std::string(message));
    return fail("response.result.status was '" + std::string(status) + "', not 'Success'");
  }
  const json::Array* objects = json::array_at(*response, {"convertedObjects"});
  return objects ? *objects : json::Array();
}

// The labels or annotations of a converted object, put into the original metadata.
Result<void> take_texts(json::Object& metadata, const json::Value& from, const char* field) {
  const json::Value* given = json::find(from, field);
  if (!given || given->is_null()) {
    metadata.erase(field);
    return {};
  }
  if (!given->is_object())
    return fail("invalid metadata." + std::string(field) + " of type " + kube::go_type_printed(*given) +
                " in converted object");
  for (const auto& member : given->get_object())
    if (!member.value().is_string())
      return fail("metadata." + std::string(field) + "[" + std::string(member.key()) + "] must be a string, but is " +
                  kube::go_type_printed(member.value()) + " in converted object");
  kube::Errors errors;
  const json::Value holder =
      json::Object{{"metadata", json::Object{{std::string_view(field) == "labels" ? "labels" : "annotation", *given}}}};
  kube::Field root(&holder);
  kube::Field at = root["metadata"];
  if (std::string_view(field) == "labels")
    kube::validate_labels(errors, at["labels"]);
  else
    kube::validate_annotations(errors, at["annotation"]);
  auto found = errors.take();
  if (!found.empty()) return fail(found[0].field + ": " + found[0].message);
  metadata[field] = *given;
  return {};
}

}  // namespace

std::string conversion_review_version(const std::vector<std::string>& wanted) {
  for (const std::string& version : wanted)
    if (version == "v1" || version == "v1beta1") return version;
  return {};
}

std::string conversion_review(const std::string& review_version, const std::string& uid,
                              const std::string& wanted_api_version, const json::Value& object) {
  std::string out = "{\"kind\":\"ConversionReview\",\"apiVersion\":\"" + std::string(group) + review_version +
                    "\",\"request\":{\"uid\":\"" + uid + "\",\"desiredAPIVersion\":\"" + wanted_api_version +
                    "\",\"objects\":[";
  json::write(object, out);
  out += "]},\"response\":{\"uid\":\"\",\"convertedObjects\":null,\"result\":{\"metadata\":{}}}}\n";
  return out;
}

Result<json::Array> read_conversion_answer(const std::string& body, std::string_view content_type, int status,
                                           const std::string& review_version, const std::string& uid,
                                           const json::Storage& arena) {
  if (body.empty())
    return fail("0-length response with status code: " + std::to_string(status) +
                " and content type: " + std::string(content_type));
  auto review = json::parse(body, arena);
  if (!review) return fail("couldn't get version/kind; json parse error: " + review.error().text);
  std::string wanted = std::string(group) + review_version;
  std::string_view kind = json::string_at(*review, {"kind"}), version = json::string_at(*review, {"apiVersion"});
  bool other = !version.empty() && version != wanted;
  if (other && kind == "ConversionReview" && version.starts_with(group))
    return fail("converting (" + std::string(version.substr(group.size())) + ".ConversionReview) to (" +
                review_version + ".ConversionReview): unknown conversion");
  if ((!kind.empty() && kind != "ConversionReview") || other)
    return unregistered(kind, version.empty() ? wanted : version);
  if (review_version == "v1" && (kind.empty() || version.empty())) {
    std::string got = version.empty() ? "/" : std::string(version);
    return fail("expected webhook response of " + wanted + ", Kind=ConversionReview, got " + got +
                ", Kind=" + std::string(kind));
  }
  return converted_objects(*review, review_version, uid);
}

Result<void> accept_converted(json::Value& converted, const json::Value& original) {
  auto same = [&](std::initializer_list<std::string_view> path, const char* what) -> Result<void> {
    std::string_view before = json::string_at(original, path), after = json::string_at(converted, path);
    if (before == after) return {};
    return fail("returned invalid object: must have the same " + std::string(what) + ": " + std::string(before) +
                " != " + std::string(after));
  };
  if (auto kept = same({"metadata", "name"}, "name"); !kept) return kept;
  if (auto kept = same({"metadata", "namespace"}, "namespace"); !kept) return kept;
  if (auto kept = same({"metadata", "uid"}, "UID"); !kept) return kept;
  auto bad_metadata = [](const std::string& why) { return fail("returned invalid metadata: " + why); };
  const json::Value* given = json::find(converted, "metadata");
  if (!given) return bad_metadata("missing metadata in converted object");
  if (!given->is_object())
    return bad_metadata("invalid metadata of type " + kube::go_type_printed(*given) + " in converted object");
  const json::Value from = *given;
  const json::Value* before = json::find(original, "metadata");
  json::Object metadata(converted.storage());
  if (before && before->is_object()) metadata = before->get_object();
  for (const char* field : {"labels", "annotations"})
    if (auto taken = take_texts(metadata, from, field); !taken) return bad_metadata(taken.error().text);
  converted.get_object()["metadata"] = std::move(metadata);
  return {};
}

}  // namespace gatepost::apiserver
