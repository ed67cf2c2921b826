// The form of an answer: what Accept asks for, warnings, and the token of a list that goes on.
#include "apiserver/continue_token.h"
#include "apiserver/desk.h"
#include "apiserver/negotiate.h"
#include "apiserver/warnings.h"

namespace gatepost::apiserver {
namespace {

using testing::Desk;

struct Row {
  const char *name, *accept;
  const char* told;  // "json object", "yaml table", "406"
};

class Accept : public ::testing::TestWithParam<Row> {};

TEST_P(Accept, IsNegotiated) {
  auto format = negotiate(GetParam().accept, "kubectl", "");
  std::string told = !format ? std::to_string(format.error().code)
                             : std::string(format->encoding == Format::Encoding::json ? "json " : "yaml ") +
                                   (format->form == Format::Form::object  ? "object"
                                    : format->form == Format::Form::table ? "table"
                                                                          : "partial");
  EXPECT_EQ(told, GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Accept,
    ::testing::Values(
        Row{"nothing", "", "json object"}, Row{"anything", "*/*", "json object"},
        Row{"json", "application/json", "json object"}, Row{"yaml", "application/yaml", "yaml object"},
        Row{"protobuf_or_json", "application/vnd.kubernetes.protobuf,application/json", "json object"},
        Row{"protobuf_alone", "application/vnd.kubernetes.protobuf", "406"}, Row{"html", "text/html", "406"},
        Row{"browser", "text/html,application/xhtml+xml,*/*;q=0.8", "json object"},
        Row{"table", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "json table"},
        Row{"old_table", "application/json;as=Table;v=v1beta1;g=meta.k8s.io", "json table"},
        Row{"table_with_spaces", "application/json; as=Table; v=v1; g=meta.k8s.io", "json table"},
        Row{"table_of_another_group", "application/json;as=Table;v=v1;g=example.com,application/json", "json object"},
        Row{"table_of_another_version", "application/json;as=Table;v=v9;g=meta.k8s.io", "406"},
        Row{"metadata", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "json partial"},
        Row{"metadata_list", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "json partial"},
        Row{"another_form", "application/json;as=Photo;v=v1;g=meta.k8s.io,application/yaml", "yaml object"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Pretty, ForPeopleOrWhenAsked) {
  for (auto [agent, parameter, pretty] :
       {std::tuple{"kubectl/v1.36", "", false}, std::tuple{"curl/8", "", true}, std::tuple{"Wget/1", "", true},
        std::tuple{"Mozilla/5.0 (X11)", "", true}, std::tuple{"kubectl", "true", true},
        std::tuple{"kubectl", "1", true}, std::tuple{"curl/8", "false", false}, std::tuple{"curl/8", "0", false}})
    EXPECT_EQ(negotiate("", agent, parameter)->pretty, pretty) << agent << " " << parameter;
}

std::vector<std::string> warned(const std::vector<std::string>& warnings) {
  net::http::Headers headers;
  add_warnings(warnings, headers);
  std::vector<std::string> out;
  for (const auto [name, value] : headers) out.emplace_back(value);
  return out;
}

TEST(Warnings, AreQuotedAndToldOnce) {
  using List = std::vector<std::string>;
  EXPECT_EQ(warned({"a \"b\" \\", "", "x", "a \"b\" \\"}), (List{R"(299 - "a \"b\" \\")", R"(299 - "x")"}));
  EXPECT_EQ(warned({"two\nlines", "\x7f", "\xc2\x85", "ä"}), List{"299 - \"ä\""});
}

TEST(Warnings, AreCutWhenTheyAreTooMuch) {
  const std::string long_one(3000, 'a'), another(3000, 'b');
  EXPECT_EQ(warned({long_one}), std::vector<std::string>{"299 - \"" + long_one + "\""});
  const auto both = warned({long_one, another});
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0], "299 - \"" + std::string(256, 'a') + "\"");
  EXPECT_EQ(both[1], "299 - \"" + std::string(256, 'b') + "\"");
}

TEST(ContinueToken, RoundTripsAndIsRefusedWhenItIsNone) {
  for (bool with_namespace : {true, false}) {
    ContinueToken token{42, with_namespace ? "ns" : "", "name"};
    auto read = decode_continue(encode_continue(token, with_namespace), with_namespace);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->revision, 42u);
    EXPECT_EQ(read->ns, token.ns);
    EXPECT_EQ(read->name, "name");
  }
  for (const char* bad : {"!", "e30", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIifQ"}) {
    auto read = decode_continue(bad, false);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, 400);
  }
}

TEST(List, GoesOnWhereItStopped) {
  Desk desk;
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  for (const char* name : {"a", "b", "c"}) desk.create(maps, std::string(R"({"metadata":{"name":")") + name + "\"}}");
  std::string token, seen;
  do {
    const json::Value page = desk.get(maps + "?limit=2" + (token.empty() ? "" : "&continue=" + token)).json();
    for (const json::Value& item : *json::array_at(page, {"items"}))
      seen += json::string_at(item, {"metadata", "name"});
    EXPECT_EQ(json::int_at(page, {"metadata", "remainingItemCount"}), token.empty() ? 1 : 0);
    token = json::string_at(page, {"metadata", "continue"});
    seen += "|";
  } while (!token.empty());
  EXPECT_EQ(seen, "ab|c|");
}

TEST(Request, BadOnesAreToldWhatIsWrong) {
  Desk desk;
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  EXPECT_EQ(desk.ask("GET", maps, "", {{"Authorization", "Bearer wrong"}}).verdict(), "401 Unauthorized");
  EXPECT_EQ(desk.ask("GET", maps, "", {{"Authorization", "Bearer jane"}}).verdict(),
            "403 configmaps is forbidden: User \"jane\" cannot list resource \"configmaps\" in API group \"\" in the "
            "namespace \"default\"");
  EXPECT_EQ(desk.ask("POST", maps, "{").status, 400);
  EXPECT_EQ(desk.ask("POST", maps, "{}", {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(desk.get(maps + "/none").verdict(), "404 configmaps \"none\" not found");
  EXPECT_EQ(desk.get(maps + "?labelSelector=a%3D%3D%3Db").status, 400);
  EXPECT_EQ(desk.get(maps + "?fieldSelector=spec.x%3Dy").verdict(),
            "400 \"spec.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
  EXPECT_EQ(desk.get(maps + "?timeout=soon").status, 400);
}

}  // namespace
}  // namespace gatepost::apiserver
