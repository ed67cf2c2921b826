// Values printed as kube-apiserver's internal types: rows of objects with what Kubernetes 1.36's own conversion and
// encoding/json made of them, rows of texts with their diffs as go-difflib found them.
#include "kube/internal_types/print.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "json/parse.h"
#include "kube/internal_types/table.h"
#include "kube/internal_types/unified_diff.h"

namespace gatepost::kube {
namespace {

std::vector<json::Value> rows_of(const std::string& name, const json::Storage& arena) {
  auto text = files::read(std::string(TEST_DATA_DIR) + "/internal_types/" + name);
  std::vector<json::Value> rows;
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    std::size_t end = rest.find('\n');
    rows.push_back(*json::parse(rest.substr(0, end), arena));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return rows;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (;;) {
    std::size_t end = text.find('\n');
    lines.push_back(std::string(text.substr(0, end)) + "\n");
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

TEST(InternalText, IsWhatTheConversionGives) {
  json::Storage arena = json::make_arena(1 << 20);
  auto rows = rows_of("print_rows.jsonl", arena);
  ASSERT_GT(rows.size(), 60u);
  for (const json::Value& row : rows)
    EXPECT_EQ(internal_text(json::find(row, "value"), json::string_at(row, {"type"})), json::string_at(row, {"text"}))
        << json::string_at(row, {"type"});
}

TEST(InternalText, ShowsWhatIsUnset) {
  auto text = [](std::string_view type) { return internal_text(nullptr, type); };
  EXPECT_EQ(text("string"), "\"\"");
  EXPECT_EQ(text("*string"), "null");
  EXPECT_EQ(text("[]string"), "null");
  EXPECT_EQ(text("quantity"), "\"0\"");
  EXPECT_EQ(text("io.k8s.api.core.v1.LocalObjectReference"), R"({"Name":""})");
}

TEST(InternalText, TakesFieldsFromTheStructAround) {
  json::Storage arena = json::make_arena();
  json::Value spec = *json::parse(R"({"hostPID":true,"securityContext":{"runAsUser":1}})", arena);
  std::string text =
      internal_text(json::find(spec, "securityContext"), "*io.k8s.api.core.v1.PodSecurityContext", &spec);
  EXPECT_TRUE(text.starts_with(R"({"HostNetwork":false,"HostPID":true,)")) << text;
}

TEST(InternalText, LeavesValuesOfAnotherTypeAsTheyAre) {
  json::Value text = "x";
  EXPECT_EQ(internal_text(&text, "io.k8s.api.core.v1.PodSpec"), "\"x\"");
  EXPECT_EQ(internal_text(&text, "[]string"), "\"x\"");
}

TEST(InternalTypes, AreFoundAlongAPath) {
  json::Storage arena = json::make_arena();
  json::Value pod = *json::parse(R"({"apiVersion":"v1","kind":"Pod"})", arena);
  std::string_view type = internal_type_of(pod);
  EXPECT_EQ(type, "io.k8s.api.core.v1.Pod");
  type = internal_type_of_field(internal_type_of_field(type, "spec"), "tolerations");
  EXPECT_EQ(internal_type_of_items(type), "io.k8s.api.core.v1.Toleration");
  EXPECT_EQ(internal_type_of_field(type, "key"), "");
}

TEST(UnifiedDiff, IsThatOfDifflib) {
  json::Storage arena = json::make_arena(1 << 20);
  auto rows = rows_of("diff_rows.jsonl", arena);
  ASSERT_GT(rows.size(), 30u);
  for (const json::Value& row : rows)
    EXPECT_EQ(unified_diff(lines_of(json::string_at(row, {"before"})), lines_of(json::string_at(row, {"now"}))),
              json::string_at(row, {"diff"}));
}

TEST(InternalDiff, PrintsTheOldValueAsItIsStored) {
  json::Storage arena = json::make_arena();
  json::Value before = *json::parse(R"({"finalizers":[]})", arena),
              now = *json::parse(R"({"finalizers":["a"]})", arena);
  EXPECT_EQ(internal_diff(&before, &now, "io.k8s.api.core.v1.NamespaceSpec"),
            "@@ -1,3 +1,5 @@\n {\n- \"Finalizers\": null\n+ \"Finalizers\": [\n+  \"a\"\n+ ]\n }\n");
}

}  // namespace
}  // namespace gatepost::kube
