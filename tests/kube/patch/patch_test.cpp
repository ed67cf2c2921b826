#include "kube/patch/patch.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "json/parse.h"
#include "json/write.h"

namespace gatepost::kube {
namespace {

// Rows recorded from the libraries that kube-apiserver 1.36 uses (gopkg.in/evanphx/json-patch.v4 4.13, apimachinery's
// strategicpatch): columns, then the resulting document or "E " and the error with its newlines as \n.
std::vector<std::vector<std::string>> rows(const std::string& file) {
  std::ifstream in(std::string(TEST_DATA_DIR) + "/patch/" + file);
  std::vector<std::vector<std::string>> out;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> columns;
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) columns.push_back(cell);
    out.push_back(columns);
  }
  return out;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) c == '\n' ? out += "\\n" : out += c;
  return out;
}

void expect(const std::string& answer, const std::string& patch, const json::Value& document,
            const std::string* error) {
  if (answer.starts_with("E ")) {
    ASSERT_TRUE(error) << patch << "\n" << json::write(document);
    EXPECT_EQ(escaped(*error), answer.substr(2)) << patch;
    return;
  }
  ASSERT_FALSE(error) << patch << "\n" << *error;
  auto wanted = json::parse(answer, json::make_arena());
  ASSERT_TRUE(wanted);
  EXPECT_TRUE(*wanted == document) << patch << "\n" << answer << "\n" << json::write(document);
}

TEST(JsonPatch, AsRecorded) {
  auto all = rows("json_patch.tsv");
  ASSERT_GT(all.size(), 100u);
  for (const auto& row : all) {
    json::Value document = *json::parse(row[0], json::make_arena());
    auto applied = apply_json_patch(document, std::string_view(row[1]));
    expect(row[2], row[1], document, applied ? nullptr : &applied.error().text);
  }
}

TEST(JsonPatch, OperationsAreBounded) {
  std::string patch = "[";
  for (int i = 0; i < 10001; ++i) patch += std::string(i ? "," : "") + R"({"op":"test","path":"/a","value":1})";
  json::Value document = *json::parse(R"({"a":1})", json::make_arena());
  auto applied = apply_json_patch(document, patch + "]");
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().text, "The allowed maximum operations in a JSON patch is 10000, got 10001");
}

TEST(StrategicMerge, AsRecorded) {
  auto all = rows("strategic.tsv");
  ASSERT_GT(all.size(), 60u);
  for (const auto& row : all) {
    auto arena = json::make_arena();
    json::Value document = *json::parse(row[1], arena);
    json::Value patch = *json::parse(row[2], arena);
    std::string group = row[0] == "Deployment" ? "apps" : "";
    auto applied = apply_strategic_patch(document, patch, {group, "v1", row[0]});
    expect(row[3], row[2], document, applied ? nullptr : &applied.error().message);
  }
}

struct Merge {
  const char *document, *patch, *out;
};

class MergePatch : public testing::TestWithParam<Merge> {};

TEST_P(MergePatch, Equals) {
  json::Value document = *json::parse(GetParam().document, json::make_arena());
  apply_merge_patch(document, *json::parse(GetParam().patch, json::make_arena()));
  EXPECT_EQ(json::write(document), GetParam().out);
}

// RFC 7386, appendix A.
INSTANTIATE_TEST_SUITE_P(
    Rows, MergePatch,
    testing::Values(Merge{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
                    Merge{R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
                    Merge{R"({"a":"b"})", R"({"a":null})", "{}"},
                    Merge{R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
                    Merge{R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
                    Merge{R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
                    Merge{R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
                    Merge{R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
                    Merge{R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
                    Merge{R"({"a":"b"})", R"(["c"])", R"(["c"])"}, Merge{R"({"a":"foo"})", "null", "null"},
                    Merge{R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
                    Merge{"[1,2]", R"({"a":"b","c":null})", R"({"a":"b"})"},
                    Merge{"{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}));

}  // namespace
}  // namespace gatepost::kube
