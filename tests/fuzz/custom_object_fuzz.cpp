// A schema on the first line and an object behind it: the schema is judged as a definition's, the object is decoded,
// defaulted and judged by it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "json/parse.h"
#include "kube/crd/prune.h"
#include "kube/crd/rules.h"
#include "kube/crd/validate_schema.h"
#include "kube/crd/validate_value.h"

using namespace gatepost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 8192;
  if (size > longest) return 0;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  json::Storage arena = json::make_arena();
  auto props = json::parse(text.substr(0, line), arena);
  auto object = json::parse(text.substr(line + 1), arena);
  if (!props || !object) return 0;
  auto errors = kube::crd::validate_schema(*props, "spec.validation.openAPIV3Schema", {});
  auto schema = kube::crd::read_schema(*props);
  if (!schema) return 0;
  json::Value before = *object;
  kube::crd::prune(*object, *schema, kube::crd::Root::yes, nullptr);
  kube::crd::prune_nulls(*object, &*schema);
  kube::crd::set_defaults(*object, *schema);
  kube::crd::validate_value(*object, *schema, &before);
  kube::crd::validate_list_types(*object, *schema);
  if (!errors.empty()) return 0;
  if (auto rules = kube::crd::Rules::make(*schema)) rules->validate(*object, &before, "", nullptr);
  return 0;
}
