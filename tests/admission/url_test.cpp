// Where a webhook is called, and the names that its errors carry.
#include "admission/resolve/url.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace gatepost::admission {
namespace {

struct Row {
  const char* name;
  const char* client_config;
  const char* url;  // or the error's text
};

class Urls : public testing::TestWithParam<Row> {};

TEST_P(Urls, Are) {
  auto config = json::parse(GetParam().client_config, json::make_arena());
  ASSERT_TRUE(config);
  auto url = base_url(read_client_config(*config));
  EXPECT_EQ(url ? *url : "error: " + url.error().text, GetParam().url);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Urls,
    testing::Values(Row{"service", R"({"service":{"namespace":"ns","name":"hook"}})", "https://hook.ns.svc:443/"},
                    Row{"service_with_port_and_path",
                        R"({"service":{"namespace":"ns","name":"hook","port":8443,"path":"/validate"}})",
                        "https://hook.ns.svc:8443/validate"},
                    Row{"path_without_a_slash", R"({"service":{"namespace":"ns","name":"hook","path":"a/b"}})",
                        "https://hook.ns.svc:443/a/b"},
                    Row{"path_is_cleaned", R"({"service":{"namespace":"ns","name":"hook","path":"//a/./b/../c/"}})",
                        "https://hook.ns.svc:443/a/c"},
                    Row{"url", R"({"url":"https://h.example.com/x"})", "https://h.example.com/x"},
                    Row{"url_with_port", R"({"url":"https://127.0.0.1:9443/"})", "https://127.0.0.1:9443/"},
                    Row{"url_without_path", R"({"url":"https://h"})", "https://h/"},
                    Row{"service_goes_before_url", R"({"url":"https://h","service":{"namespace":"ns","name":"s"}})",
                        "https://s.ns.svc:443/"},
                    Row{"neither", "{}", "error: webhook configuration must have either service or URL"},
                    Row{"unreadable_url", R"({"url":"https://h:x/"})",
                        R"(error: Unparsable URL: parse "https://h:x/": invalid port ":x" after host)"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(CleanPath, IsGosJoin) {
  for (auto [path, clean] : {std::pair{"", "/"}, std::pair{"/", "/"}, std::pair{"..", "/"}, std::pair{"/a/..", "/"},
                             std::pair{"a//b", "/a/b"}, std::pair{"/a/../../b", "/b"}, std::pair{"/...", "/..."}})
    EXPECT_EQ(clean_path(path), clean) << path;
}

TEST(ClientConfig, Bundle) {
  auto of = [](const char* text) { return read_client_config(*json::parse(text, json::make_arena())).ca_bundle; };
  EXPECT_EQ(of("{}"), "");
  EXPECT_EQ(of(R"({"caBundle":"aGVsbG8="})"), "hello");
  EXPECT_EQ(of(R"({"caBundle":"no base64!"})"), "no base64!");  // kept, to be refused by name
}

}  // namespace
}  // namespace gatepost::admission
