// Sequences of updates and applies with what apimachinery 0.36.3's field manager made of them, over the OpenAPI of
// kube-apiserver 1.36 and without defaulting. A step is {op, manager, subresource, force, object} and either the error
// or the result; a step comes a second after those before it, whose times are all the same.
#include <fstream>
#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "kube/apply/field_manager.h"
#include "kube/schema/object.h"

namespace gatepost::kube::apply {
namespace {

constexpr WallTime recorded_at{std::chrono::seconds(1'767'225'600)};

GroupVersionKind kind_of(const json::Value& object) {
  std::string version(json::string_at(object, {"apiVersion"})), group;
  if (std::size_t slash = version.find('/'); slash != std::string::npos) {
    group = version.substr(0, slash);
    version.erase(0, slash + 1);
  }
  return {group, version, std::string(json::string_at(object, {"kind"}))};
}

json::Value without_managed_fields(json::Value object) {
  object.get_object()["metadata"].get_object().erase("managedFields");
  return object;
}

// The entries as they print: their order and that of the fields in them counts.
std::string managed_text(const json::Value& object) {
  const json::Array* entries = json::array_at(object, {"metadata", "managedFields"});
  if (!entries) return "none";
  json::Array out = *entries;
  for (json::Value& entry : out)
    if (entry.get_object().contains("time")) entry.get_object()["time"] = rfc3339(recorded_at);
  return json::write(out);
}

// What Go shows of fields that were not given depends on the decoder, which has tests of its own.
json::Value without_zeros(const json::Value& value) {
  if (const json::Array* list = value.if_array()) {
    json::Array out;
    for (const json::Value& item : *list) out.push_back(without_zeros(item));
    return out;
  }
  const json::Object* map = value.if_object();
  if (!map) return value;
  json::Object out;
  for (const auto& member : *map) {
    json::Value inside = without_zeros(member.value());
    bool is_zero = inside.is_null() || inside == json::Value(0) || inside == json::Value("") ||
                   inside == json::Value(json::Object()) || inside == json::Value(json::Array());
    if (!is_zero) out.emplace(member.key(), std::move(inside));
  }
  return out;
}

json::Value shown(const json::Value& object) {
  return without_zeros(without_managed_fields(object));
}

void run_step(const json::Value& step, json::Value& live) {
  const json::Value object = step.at("object");
  Writer writer{kind_of(object), std::string(json::string_at(step, {"subresource"})),
                std::string(json::string_at(step, {"manager"})), recorded_at + std::chrono::seconds(1)};
  const json::Value* present = live.is_null() ? nullptr : &live;
  const json::Value* error = json::find(step, "error");
  json::Value made = object;
  if (json::string_at(step, {"op"}) == "apply") {
    auto applied = apply(present, object, writer, json::bool_at(step, {"force"}) ? Force::yes : Force::no);
    if (error) {
      ASSERT_FALSE(applied) << "expected " << json::write(*error);
      EXPECT_EQ(applied.error().message, json::view(error->get_string()));
      return;
    }
    ASSERT_TRUE(applied) << applied.error().message;
    made = *applied;
    auto decoded = decode(made, writer.kind, FieldValidation::ignore);
    ASSERT_TRUE(decoded) << decoded.error().text;
  } else {
    track_update(present, made, writer);
  }
  const json::Value& expected = step.at("result");
  EXPECT_EQ(managed_text(made), managed_text(expected));
  made.get_object()["metadata"].get_object()["uid"] = json::string_at(expected, {"metadata", "uid"});
  EXPECT_EQ(shown(made), shown(expected)) << json::write(shown(made)) << "\n" << json::write(shown(expected));
  live = expected;
}

TEST(FieldManager, DoesAsTheRealOneDid) {
  std::ifstream file(TEST_DATA_DIR "/apply/recorded.jsonl");
  std::string line;
  std::size_t cases = 0;
  while (std::getline(file, line)) {
    auto parsed = json::parse(line, json::make_arena());
    ASSERT_TRUE(parsed);
    ++cases;
    json::Value live;
    int number = 0;
    for (const json::Value& step : parsed->at("steps").get_array()) {
      SCOPED_TRACE(std::string(json::string_at(*parsed, {"name"})) + ", step " + std::to_string(++number));
      run_step(step, live);
    }
  }
  EXPECT_GT(cases, 15u);
}

}  // namespace
}  // namespace gatepost::kube::apply
