// What a write is refused for before anything is looked up or changed, in the words of kube-apiserver 1.36.
#include "apiserver/desk.h"

namespace gatepost::apiserver {
namespace {

using testing::Desk;
using testing::Told;

constexpr const char* maps = "/api/v1/namespaces/default/configmaps";
constexpr const char* one = "/api/v1/namespaces/default/configmaps/one";

class Refusals : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(desk.ask("POST", maps, R"({"metadata":{"name":"one","labels":{"a":"b"}},"data":{"a":"b"}})").status, 201);
  }
  Told patch(const std::string& type, const std::string& body, const std::string& query = "") {
    net::http::Headers headers;
    headers.add("Content-Type", "application/" + type);
    return desk.ask("PATCH", one + query, body, std::move(headers));
  }

  Desk desk;
};

TEST_F(Refusals, APatchCannotMakeTheObjectAnotherKind) {
  struct Row {
    const char *patch, *why;
  };
  for (
      const Row& row : {
          Row{R"({"kind":"Nope"})",
              R"(no kind "Nope" is registered for version "v1" in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:31")"},
          Row{R"({"apiVersion":"v2"})",
              R"(no kind "ConfigMap" is registered for version "v2" in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:31")"},
          Row{R"({"apiVersion":"a/b/c"})", "unexpected GroupVersion string: a/b/c"},
          Row{R"({"kind":"Secret"})", "illegal base64 data at input byte 0"},
          Row{R"({"kind":"Namespace","data":null})",
              "converting (v1.Namespace) to (core.ConfigMap): unknown conversion"},
          Row{R"({"kind":"Deployment","apiVersion":"apps/v1","data":null})",
              "converting (v1.Deployment) to (core.ConfigMap): unknown conversion"},
      }) {
    Told told = patch("merge-patch+json", row.patch);
    EXPECT_EQ(told.status, 422) << row.patch;
    EXPECT_TRUE(told.message().ends_with(std::string("\": ") + row.why)) << row.patch << '\n' << told.message();
  }
  // Who does not say it, and a strategic patch, which is merged into the type, leave it as it is.
  for (auto [type, body] : {std::pair{"merge-patch+json", R"({"kind":null,"apiVersion":null})"},
                            std::pair{"strategic-merge-patch+json", R"({"kind":"Secret","apiVersion":"v9"})"}}) {
    Told told = patch(type, body);
    EXPECT_EQ(told.status, 200) << told.body;
    EXPECT_EQ(json::string_at(told.json(), {"kind"}), "ConfigMap");
    EXPECT_EQ(json::string_at(told.json(), {"apiVersion"}), "v1");
  }
}

TEST_F(Refusals, AChangedObjectMustHaveItsName) {
  const std::string nameless =
      "400 the name of the object (one based on URL) was undeterminable: name must be provided";
  EXPECT_EQ(patch("merge-patch+json", R"({"metadata":{"name":null}})").verdict(), nameless);
  EXPECT_EQ(patch("merge-patch+json", R"({"metadata":null})").verdict(), nameless);
  EXPECT_EQ(patch("json-patch+json", R"([{"op":"remove","path":"/metadata"}])").verdict(), nameless);
  EXPECT_EQ(desk.ask("PUT", one, R"({"data":{}})").verdict(), nameless);
  EXPECT_EQ(desk.ask("PUT", one, R"({"metadata":{"name":"two"}})").verdict(),
            "400 the name of the object (two) does not match the name on the URL (one)");
}

TEST_F(Refusals, ABodyOfAnotherKindIsToldWithItsOwn) {
  struct Row {
    const char *body, *verdict;
  };
  for (const Row& row : {
           Row{R"({"kind":"Nope","apiVersion":"v1","metadata":{"name":"d"}})",
               "400 Nope in version \"v1\" cannot be handled as a ConfigMap: no kind \"Nope\" is registered for "
               "version "
               "\"v1\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:31\""},
           Row{R"({"kind":"ConfigMapList","apiVersion":"v1","items":[]})",
               "400 ConfigMapList in version \"v1\" cannot be handled as a ConfigMap: converting (v1.ConfigMapList) to "
               "(core.ConfigMap): unknown conversion"},
           Row{R"({"kind":"Secret","apiVersion":"v1","metadata":{"name":"d"}})",
               "400 Secret in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Secret) to "
               "(core.ConfigMap): unknown conversion"},
           Row{R"({"apiVersion":"a/b/c","kind":"ConfigMap","metadata":{"name":"d"}})",
               "400 the object provided is unrecognized (must be of type ConfigMap): unexpected GroupVersion string: "
               "a/b/c ({\"apiVersion\":\"a/b/c\",\"kind\":\" ...)"},
       })
    EXPECT_EQ(desk.ask("POST", maps, row.body).verdict(), row.verdict);
  EXPECT_EQ(desk.ask("POST", "/apis/apps/v1/namespaces/default/deployments",
                     R"({"kind":"Deployment","apiVersion":"apps/v1beta2","metadata":{"name":"d"}})")
                .verdict(),
            "400 the API version in the data (apps/v1beta2) does not match the expected API version (apps/v1)");
}

TEST_F(Refusals, DeleteOptionsAreDecodedAndToldInBareWords) {
  struct Row {
    const char *body, *verdict;
  };
  for (const Row& row : {
           Row{R"({"gracePeriodSeconds":"x"})",
               "400 json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64"},
           Row{R"({"dryRun":"All"})",
               "400 json: cannot unmarshal string into Go struct field DeleteOptions.dryRun of type []string"},
           Row{"{", "400 couldn't get version/kind; json parse error: unexpected end of JSON input"},
           Row{R"({"kind":"Pod","apiVersion":"v1"})",
               "400 no kind \"Pod\" is registered for version \"v1\" in scheme "
               "\"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:31\""},
           Row{R"({"propagationPolicy":"Bad"})",
               "422 DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Bad\": "
               "supported "
               "values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""},
       })
    EXPECT_EQ(desk.ask("DELETE", one, row.body).verdict(), row.verdict);
  EXPECT_EQ(desk.ask("DELETE", one, R"({"kind":"DeleteOptions","apiVersion":"apps/v1"})").status, 200);
}

TEST_F(Refusals, OptionsAndPathsThatMeanNothing) {
  EXPECT_EQ(
      desk.ask("POST", std::string(maps) + "?dryRun=", R"({"metadata":{"name":"d"}})").verdict(),
      "422 CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"\"]: supported values: \"All\"");
  EXPECT_EQ(patch("merge-patch+json", "null").verdict(), "400 Invalid JSON Patch");
  for (const char* method : {"PUT", "PATCH"}) {
    net::http::Headers headers;
    headers.add("Content-Type", "application/merge-patch+json");
    EXPECT_EQ(desk.ask(method, maps, "{}", std::move(headers)).verdict(),
              "405 the server does not allow this method on the requested resource");
  }
  for (const char* path : {"/api/v1/namespaces/default/namespaces", "/api/v1/namespaces/default/nodes/x",
                           "/apis/rbac.authorization.k8s.io/v1/namespaces/default/clusterroles"})
    EXPECT_EQ(desk.ask("GET", path).verdict(), "404 the server could not find the requested resource") << path;
}

TEST_F(Refusals, KeysThatAnAppliedConfigurationHoldsTwiceAreWarnedOf) {
  Told told = patch("apply-patch+yaml",
                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: c, a: d, b: e, b: f}\n",
                    "?fieldManager=f&force=true");
  EXPECT_EQ(told.status, 200) << told.body;
  std::vector<std::string> warnings;
  for (const auto [name, value] : told.headers)
    if (name == "Warning") warnings.emplace_back(value);
  EXPECT_EQ(warnings, (std::vector<std::string>{R"(299 - "line 4: key \"a\" already set in map")",
                                                R"(299 - "line 4: key \"b\" already set in map")"}));
}

TEST_F(Refusals, ATokenIsReviewed) {
  const std::string reviews = "/apis/authentication.k8s.io/v1/tokenreviews";
  auto status = [&](const char* spec) {
    Told told = desk.ask("POST", reviews, std::string(R"({"spec":)") + spec + "}");
    const json::Value answer = told.json(), *found = json::find(answer, "status");
    return told.status == 201 && found ? json::write(*found) : told.verdict();
  };
  const std::string jane =
      R"({"authenticated":true,"user":{"username":"jane","uid":"2","groups":["system:authenticated"]},"audiences":["https://kubernetes.default.svc"]})";
  const std::string nobody = R"({"user":{},"error":"invalid bearer token"})";
  EXPECT_EQ(status(R"({"token":"jane"})"), jane);
  EXPECT_EQ(status(R"({"token":"jane","audiences":["x","https://kubernetes.default.svc"]})"), jane);
  EXPECT_EQ(status(R"({"token":"jane","audiences":["x"]})"), nobody);
  EXPECT_EQ(status(R"({"token":"joe"})"), nobody);
  EXPECT_EQ(status("{}"), "400 token is required for TokenReview in authentication");
}

}  // namespace
}  // namespace gatepost::apiserver
