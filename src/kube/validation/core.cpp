#include <algorithm>
#include <array>
#include <set>

#include "base/base64.h"
#include "formats/names.h"
#include "formats/quantity.h"
#include "json/parse.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"

namespace gatepost::kube {
namespace {

constexpr std::size_t largest_secret = 1 << 20;

// The bytes of base64 text.
std::size_t decoded_size(std::string_view text) {
  std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  return text.size() / 4 * 3 - std::min(padding, text.size());
}

std::string_view text_of(const json::Value& value) {
  return value.is_string() ? json::view(value.get_string()) : std::string_view{};
}

void frozen(Errors& errors, const Field& object, const Field& old_object, Choices names) {
  if (!old_object["immutable"].truth()) return;
  static constexpr const char* why = "field is immutable when `immutable` is set";
  if (!object["immutable"].truth()) errors.forbidden(object["immutable"], why);
  for (std::string_view name : names)
    if (!equal(object[name], old_object[name])) errors.forbidden(object[name], why);
}

void validate_config_map(Errors& errors, const Field& object) {
  Field data = object["data"], binary = object["binaryData"];
  std::size_t total = 0;
  if (data.object())
    for (const auto& entry : *data.object()) {
      Field place = data.key(entry.key());
      errors.invalid_each(place, entry.key(), formats::config_map_key(entry.key()));
      if (binary.key(entry.key()).value())
        errors.invalid_text(place, entry.key(), "duplicate of key present in binaryData");
      total += text_of(entry.value()).size();
    }
  if (binary.object())
    for (const auto& entry : *binary.object()) {
      errors.invalid_each(binary.key(entry.key()), entry.key(), formats::config_map_key(entry.key()));
      total += decoded_size(text_of(entry.value()));
    }
  if (total > largest_secret) errors.too_long(object[""], largest_secret);
}

void update_config_map(Errors& errors, const Field& object, const Field& old_object) {
  frozen(errors, object, old_object, {"data", "binaryData"});
  validate_metadata(errors, object["metadata"], true, formats::dns1123_subdomain);
  validate_config_map(errors, object);
}

void validate_docker_config(Errors& errors, const Field& data, std::string_view key) {
  Field entry = data.key(key);
  if (!entry.value()) {
    errors.required(entry);
    return;
  }
  auto bytes = base64::decode(entry.text());
  if (!bytes) return;
  auto parsed = json::parse(*bytes, json::make_arena());
  std::string complaint;
  if (!parsed)
    complaint = parsed.error().text;
  else if (!parsed->is_object() && !parsed->is_null())
    complaint = "json: cannot unmarshal " +
                std::string(parsed->is_string()  ? "string"
                            : parsed->is_array() ? "array"
                            : parsed->is_bool()  ? "bool"
                                                 : "number") +
                " into Go value of type map[string]interface {}";
  if (!complaint.empty()) errors.invalid_text(entry, "<secret contents redacted>", complaint);
}

void validate_secret(Errors& errors, const Field& object) {
  Field data = object["data"], type = object["type"];
  std::size_t total = 0;
  if (data.object())
    for (const auto& entry : *data.object()) {
      errors.invalid_each(data.key(entry.key()), entry.key(), formats::config_map_key(entry.key()));
      total += decoded_size(text_of(entry.value()));
    }
  if (total > largest_secret) errors.too_long(data, largest_secret);
  auto need = [&](std::string_view key) {
    if (!data.key(key).value()) errors.required(data.key(key));
  };
  if (type.is("kubernetes.io/service-account-token")) {
    Field metadata = object["metadata"];
    Field annotations = metadata["annotations"];
    Field account = annotations.key("kubernetes.io/service-account.name");
    if (account.text().empty()) errors.required(account);
  } else if (type.is("kubernetes.io/dockercfg")) {
    validate_docker_config(errors, data, ".dockercfg");
  } else if (type.is("kubernetes.io/dockerconfigjson")) {
    validate_docker_config(errors, data, ".dockerconfigjson");
  } else if (type.is("kubernetes.io/basic-auth")) {
    if (!data.key("username").value() && !data.key("password").value()) {
      need("username");
      need("password");
    }
  } else if (type.is("kubernetes.io/ssh-auth")) {
    if (data.key("ssh-privatekey").text().empty()) errors.required(data.key("ssh-privatekey"));
  } else if (type.is("kubernetes.io/tls")) {
    need("tls.crt");
    need("tls.key");
  }
}

void update_secret(Errors& errors, const Field& object, const Field& old_object) {
  Field type = object["type"];
  if (type.text() != old_object["type"].text()) errors.invalid_text(type, type.text(), "field is immutable");
  frozen(errors, object, old_object, {"data"});
  validate_metadata(errors, object["metadata"], true, formats::dns1123_subdomain);
  validate_secret(errors, object);
}

void validate_namespace(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field finalizers = spec["finalizers"];
  for_each(finalizers, [&](const Field& finalizer) {
    auto complaints = formats::label_key(finalizer.text());
    errors.invalid_each(finalizers, finalizer.text(), complaints);
    if (finalizer.text().find('/') == std::string_view::npos &&
        !finalizer.is_one_of({"kubernetes", "orphan", "foregroundDeletion"}))
      errors.invalid_text(finalizers, finalizer.text(),
                          "name is neither a standard finalizer name nor is it fully qualified");
  });
}

}  // namespace

std::span<const KindRules> core_rules() {
  static constexpr std::array rows = {
      KindRules{"", "ConfigMap", validate_config_map, update_config_map},
      KindRules{"", "Secret", validate_secret, update_secret},
      KindRules{"", "Namespace", validate_namespace, nullptr},
  };
  return rows;
}

}  // namespace gatepost::kube
