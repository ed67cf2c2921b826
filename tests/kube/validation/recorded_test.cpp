// The recorded answers of the groups validation and config, as far as they judge a new object: manifest -> decode ->
// defaults -> prepare -> validate gives the refusal of the real server, or none.
#include <gtest/gtest.h>

#include "base/files.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/schema/object.h"
#include "kube/validation/service.h"
#include "kube/validation/validate.h"
#include "yaml/convert.h"

namespace gatepost::kube {
namespace {

struct Case {
  std::string name;
  std::string object;    // JSON
  std::string accepted;  // "" or the message of the 422
  std::string causes;    // as JSON
  int code = 0;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.object;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::vector<Case> load(const std::string& group) {
  static const json::Storage arena = json::make_arena(1 << 20);
  std::string folder = std::string(TEST_DATA_DIR) + "/../conformance/";
  auto scenarios_text = files::read(folder + "scenarios/" + group + ".yaml");
  auto golden_text = files::read(folder + "golden/" + group + ".json");
  if (!scenarios_text || !golden_text) return {};
  // The scenarios are written for a reader that takes y and n as texts.
  std::string quoted = replaced(replaced(*scenarios_text, ": n\n", ": 'n'\n"), ": y\n", ": 'y'\n");
  auto scenarios = yaml::parse(quoted, arena);
  auto golden = json::parse(*golden_text, arena);
  if (!scenarios || !golden) return {};
  std::vector<Case> out;
  for (const json::Value& scenario : scenarios->get_array()) {
    std::string name(json::string_at(scenario, {"name"}));
    const json::Array* steps = json::array_at(scenario, {"steps"});
    const json::Array* answers = json::array_at(*golden, {name, "steps"});
    if (!steps || !answers || steps->empty() || answers->empty()) continue;
    const json::Value* object = json::find((*steps)[0], "create");
    int code = static_cast<int>(json::int_at((*answers)[0], {"code"}));
    if (!object || (code != 201 && code != 422)) continue;
    Case one{name, json::write(*object), "", "[]", code};
    one.object = replaced(one.object, "{{ns}}", "space");
    one.object = replaced(one.object, "{{ca}}", "Y2E=");
    for (const char* backend : {"good", "other"})
      one.object = replaced(one.object, "{{url:" + std::string(backend) + "}}", "https://127.0.0.1:9443");
    if (code == 422) {
      one.accepted = json::string_at((*answers)[0], {"body", "message"});
      if (const json::Array* causes = json::array_at((*answers)[0], {"body", "details", "causes"}))
        one.causes = json::write(json::Value(*causes));
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::string causes_of(const std::vector<FieldError>& errors) {
  json::Array out;
  for (const FieldError& error : errors)
    out.push_back({{"field", error.field}, {"message", error.message}, {"reason", error.reason}});
  return json::write(json::Value(out));
}

class Recorded : public testing::TestWithParam<Case> {};

TEST_P(Recorded, Equals) {
  const Case& wanted = GetParam();
  auto object = json::parse(wanted.object, json::make_arena());
  ASSERT_TRUE(object);
  std::string_view api_version = json::string_at(*object, {"apiVersion"});
  std::size_t slash = api_version.find('/');
  std::string group(slash == std::string_view::npos ? "" : api_version.substr(0, slash));
  std::string version(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
  auto registry = Registry::builtin();
  const ResourceInfo* resource = registry->find_kind(group, version, json::string_at(*object, {"kind"}));
  ASSERT_TRUE(resource);
  GroupVersionKind kind{group, version, resource->kind};
  json::Object& metadata = object->get_object()["metadata"].get_object();
  if (json::string_at(*object, {"metadata", "name"}).empty() && metadata.contains("generateName"))
    metadata["name"] = "generated";
  metadata["uid"] = "u";
  if (resource->namespaced)
    metadata["namespace"] = "space";
  else
    metadata.erase("namespace");
  auto decoded = decode(*object, kind, FieldValidation::warn);
  ASSERT_TRUE(decoded) << decoded.error().text;
  set_defaults(*object, kind);
  std::vector<FieldError> errors;
  if (resource->kind == "Service") errors = settle_service(*object, nullptr);
  prepare_for_create(*object, *resource);
  if (errors.empty()) errors = validate_create(*object, *resource);
  if (wanted.code == 201) {
    EXPECT_TRUE(errors.empty()) << causes_of(errors);
    return;
  }
  EXPECT_EQ(causes_of(errors), wanted.causes);
  std::string name(json::string_at(*object, {"metadata", "name"}));
  EXPECT_EQ(invalid(group, resource->kind, name, errors).message, wanted.accepted);
}

// A run without its data would be a run without tests.
TEST(RecordedData, IsThere) {
  EXPECT_GE(load("validation").size(), 40u);
  EXPECT_GE(load("config").size(), 70u);
}

std::string label(const testing::TestParamInfo<Case>& info) {
  std::string out = info.param.name;
  for (char& c : out)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return out;
}

INSTANTIATE_TEST_SUITE_P(Validation, Recorded, testing::ValuesIn(load("validation")), label);
INSTANTIATE_TEST_SUITE_P(Config, Recorded, testing::ValuesIn(load("config")), label);

}  // namespace
}  // namespace gatepost::kube
