// A body decoded as one of several kinds, as the server does, and printed: refused in words, or printed as JSON that
// can be decoded again.
#include <cstdint>
#include <string>
#include <string_view>

#include "json/parse.h"
#include "kube/schema/object.h"
#include "kube/schema/print.h"

using namespace gatepost;

namespace {

std::string printed(json::Value& object, const kube::GroupVersionKind& kind) {
  object.get_object()["kind"] = kind.kind;
  object.get_object()["apiVersion"] = kube::api_version(kind.group, kind.version);
  std::string out;
  kube::print(object, kube::PrintForm::decoded, out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const kube::GroupVersionKind kinds[] = {
      {"", "v1", "Pod"},
      {"", "v1", "Secret"},
      {"", "v1", "Event"},
      {"", "v1", "ResourceQuota"},
      {"coordination.k8s.io", "v1", "Lease"},
      {"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration"},
      {"apiextensions.k8s.io", "v1", "CustomResourceDefinition"},
      {"apps", "v1", "Deployment"},
  };
  if (size == 0) return 0;
  const kube::GroupVersionKind& kind = kinds[data[0] % std::size(kinds)];
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto arena = json::make_arena();
  auto parsed = json::parse_strict(text, arena, {.max_depth = 200});
  if (!parsed || !parsed->value.is_object()) return 0;
  json::Value object = std::move(parsed->value);
  auto decoded = kube::decode(object, kind, kube::FieldValidation::warn, {text, !parsed->duplicates.empty(), {}});
  if (!decoded) {
    if (decoded.error().text.empty()) __builtin_trap();
    return 0;
  }
  std::string first = printed(object, kind);
  auto read = json::parse(first, arena);
  if (!read || !kube::decode(*read, kind, kube::FieldValidation::strict, {first, false, {}})) __builtin_trap();
  // A time of the year 1 is printed as null, which is no time; from then on nothing changes.
  std::string second = printed(*read, kind);
  read = json::parse(second, arena);
  if (!read || !kube::decode(*read, kind, kube::FieldValidation::strict, {second, false, {}})) __builtin_trap();
  if (printed(*read, kind) != second) __builtin_trap();
  return 0;
}
