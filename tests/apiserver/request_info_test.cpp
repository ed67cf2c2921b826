// What a method and a path ask for.
#include "apiserver/request_info.h"

#include <gtest/gtest.h>

namespace gatepost::apiserver {
namespace {

struct Row {
  const char *name, *method, *target;
  const char* told;  // "verb group/version ns resource[/subresource] name [rest...]", or "path verb path"
};

std::string describe(const RequestInfo& info) {
  if (!info.is_resource) return "path " + info.verb + " " + info.path;
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
  std::string out = info.verb + " " + info.group + "/" + info.version + " " + or_dash(info.ns) + " " + info.resource +
                    (info.subresource.empty() ? "" : "/" + info.subresource) + " " + or_dash(info.name);
  for (const std::string& segment : info.rest) out += " " + segment;
  return out;
}

class RequestInfos : public testing::TestWithParam<Row> {};

TEST_P(RequestInfos, AreRead) {
  EXPECT_EQ(describe(read_request_info(GetParam().method, GetParam().target)), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RequestInfos,
    testing::Values(
        Row{"root", "GET", "/", "path get /"}, Row{"health", "GET", "/healthz/ping", "path get /healthz/ping"},
        Row{"api", "GET", "/api", "path get /api"}, Row{"version", "GET", "/api/v1", "path get /api/v1"},
        Row{"group", "GET", "/apis/apps", "path get /apis/apps"},
        Row{"group_version", "GET", "/apis/apps/v1", "path get /apis/apps/v1"},
        Row{"list", "GET", "/api/v1/pods", "list /v1 - pods -"},
        Row{"list_in_namespace", "GET", "/api/v1/namespaces/a/pods", "list /v1 a pods -"},
        Row{"get", "GET", "/apis/apps/v1/namespaces/a/deployments/d", "get apps/v1 a deployments d"},
        Row{"head_is_get", "HEAD", "/api/v1/nodes/n", "get /v1 - nodes n"},
        Row{"create", "POST", "/api/v1/namespaces/a/pods", "create /v1 a pods -"},
        Row{"update", "PUT", "/api/v1/namespaces/a/pods/p", "update /v1 a pods p"},
        Row{"patch", "PATCH", "/api/v1/namespaces/a/pods/p", "patch /v1 a pods p"},
        Row{"delete", "DELETE", "/api/v1/namespaces/a/pods/p", "delete /v1 a pods p"},
        Row{"deletecollection", "DELETE", "/api/v1/namespaces/a/pods", "deletecollection /v1 a pods -"},
        Row{"other_method", "OPTIONS", "/api/v1/pods", " /v1 - pods -"},
        Row{"subresource", "GET", "/api/v1/namespaces/a/pods/p/log", "get /v1 a pods/log p"},
        Row{"proxy_path", "GET", "/api/v1/namespaces/a/services/https:s:443/proxy/x/y",
            "get /v1 a services/proxy https:s:443 x y"},
        // Requests for a Namespace carry its name as their namespace.
        Row{"namespaces", "GET", "/api/v1/namespaces", "list /v1 - namespaces -"},
        Row{"namespace", "GET", "/api/v1/namespaces/a", "get /v1 a namespaces a"},
        Row{"namespace_status", "PUT", "/api/v1/namespaces/a/status", "update /v1 a namespaces/status a"},
        Row{"namespace_finalize", "PUT", "/api/v1/namespaces/a/finalize", "update /v1 a namespaces/finalize a"},
        Row{"trailing_slash", "GET", "/api/v1/namespaces/a/pods/", "list /v1 a pods -"},
        Row{"escaped", "GET", "/api/v1/namespaces/a/configmaps/x%2Dy", "get /v1 a configmaps x-y"},
        Row{"plus_is_a_plus", "GET", "/api/v1/namespaces/a/configmaps/x+y", "get /v1 a configmaps x+y"},
        Row{"watch", "GET", "/api/v1/pods?watch=true", "watch /v1 - pods -"},
        Row{"watch_1", "GET", "/api/v1/pods?watch=1", "watch /v1 - pods -"},
        Row{"watch_false", "GET", "/api/v1/pods?watch=false", "list /v1 - pods -"},
        Row{"watch_0", "GET", "/api/v1/pods?watch=0", "list /v1 - pods -"},
        // apimachinery reads every other value as true, the empty one too.
        Row{"watch_empty", "GET", "/api/v1/pods?watch", "watch /v1 - pods -"},
        Row{"watch_yes", "GET", "/api/v1/pods?watch=yes", "watch /v1 - pods -"},
        Row{"watch_False", "GET", "/api/v1/pods?watch=False", "list /v1 - pods -"},
        Row{"watch_of_one", "GET", "/api/v1/namespaces/a/pods?watch=1&fieldSelector=metadata.name%3Dp",
            "watch /v1 a pods p"},
        Row{"list_of_one", "GET", "/api/v1/namespaces/a/pods?fieldSelector=spec.x%3D1,metadata.name%3D%3Dp",
            "list /v1 a pods p"},
        Row{"list_of_all_but_one", "GET", "/api/v1/pods?fieldSelector=metadata.name!%3Dp", "list /v1 - pods -"},
        Row{"old_watch", "GET", "/api/v1/watch/namespaces/a/pods", "watch /v1 a pods -"},
        Row{"old_watch_of_one", "GET", "/api/v1/watch/namespaces/a/pods/p", "watch /v1 a pods p"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Query, IsDecoded) {
  Query query = Query::parse("a=1&b=x%20y+z&a=2&flag&&e=%zz&=n");
  EXPECT_EQ(query.get("a"), "1");
  EXPECT_EQ(query.all("a"), (std::vector<std::string_view>{"1", "2"}));
  EXPECT_EQ(query.get("b"), "x y z");
  EXPECT_TRUE(query.has("flag"));
  EXPECT_TRUE(query.flag("flag"));
  EXPECT_FALSE(query.has("none"));
  EXPECT_FALSE(query.flag("none"));
}

}  // namespace
}  // namespace gatepost::apiserver
