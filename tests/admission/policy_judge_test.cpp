// What a validating policy says of one request: rows of specs and objects.
#include <gtest/gtest.h>

#include "admission/policy/judge.h"
#include "json/parse.h"

namespace gatepost::admission {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text, json::Storage());
  if (!value) throw std::runtime_error(std::string(text) + ": " + value.error().text);
  return *value;
}

struct Row {
  const char* name;
  const char* spec;
  const char* object;
  const char* expected;  // decisions and annotations, one a line
};

std::string told(const Judgement& judgement) {
  std::string out;
  for (const Decision& decision : judgement.decisions)
    out += decision.admit ? "admit\n" : "deny " + decision.reason + ": " + decision.message + "\n";
  for (const AnnotationResult& annotation : judgement.annotations) {
    using Kind = AnnotationResult::Kind;
    out += annotation.key + (annotation.kind == Kind::publish   ? " = "
                             : annotation.kind == Kind::exclude ? " excluded"
                                                                : " failed: ");
    out += annotation.text + "\n";
  }
  return out;
}

class Asks final : public cel::Authorizer {
 public:
  cel::AuthorizationAnswer check(const cel::AuthorizationQuestion& question) override {
    return {.allowed = question.verb == "get" && question.resource == "configmaps", .reason = "", .error = ""};
  }
};

Judgement judged(const Row& row) {
  auto policy = Policy::compile(json::Object({{"metadata", {{"name", "p"}}}, {"spec", parsed(row.spec)}}));
  json::Value object = parsed(row.object), params = parsed(R"j({"data":{"limit":"5"}})j");
  json::Value ns = parsed(R"j({"metadata":{"name":"team"}})j");
  Attributes attributes;
  attributes.resource = {"", "v1", "configmaps"};
  attributes.kind = {"", "v1", "ConfigMap"};
  attributes.name = "m";
  attributes.ns = "team";
  RequestValues values(attributes);
  Asks asks;
  Inputs inputs{.object = &object,
                .request = &values.get(attributes.kind, attributes.resource),
                .params = &params,
                .namespace_object = &ns,
                .attributes = &attributes,
                .authorizer = &asks};
  return judge(*policy, inputs);
}

TEST(Judge, DecidesAsTheRealServer) {
  const Row rows[] = {
      {"holds", R"j({"validations":[{"expression":"object.n < 5"}]})j", R"j({"n":1})j", "admit\n"},
      {"the expression is the message", R"j({"validations":[{"expression":" object.n < 5 "}]})j", R"j({"n":7})j",
       "deny Invalid: failed expression: object.n < 5\n"},
      {"message and reason",
       R"j({"validations":[{"expression":"object.n < 5","message":" big ","reason":"Forbidden"}]})j", R"j({"n":7})j",
       "deny Forbidden: big\n"},
      {"message expression",
       R"j({"validations":[{"expression":"object.n < 5","message":"m","messageExpression":"' n is ' + string(object.n)"}]})j",
       R"j({"n":7})j", "deny Invalid: n is 7\n"},
      {"a message expression that fails is not used",
       R"j({"validations":[{"expression":"object.n < 5","message":"m","messageExpression":"object.x"},
           {"expression":"object.n < 5","message":"m","messageExpression":"string(object.x)"},
           {"expression":"object.n < 5","message":"m","messageExpression":"'a\\nb'"},
           {"expression":"object.n < 5","messageExpression":"'  '"}]
})j",
       R"j({"n":7})j",
       "deny Invalid: m\ndeny Invalid: m\ndeny Invalid: m\ndeny Invalid: failed expression: object.n < 5\n"},
      {"an expression that fails", R"j({"validations":[{"expression":"object.x < 5"},{"expression":"true"}]})j", "{}",
       "deny : expression 'object.x < 5' resulted in error: no such key: x\nadmit\n"},
      {"fails open",
       R"j({"failurePolicy":"Ignore","validations":[{"expression":"object.x < 5"},{"expression":"false"}]})j", "{}",
       "admit\ndeny Invalid: failed expression: false\n"},
      {"does not compile", R"j({"validations":[{"expression":"1"}]})j", "{}",
       "deny : compilation error: must evaluate to bool but got int\n"},
      {"variables see those before them",
       R"j({"variables":[{"name":"a","expression":"object.n"},{"name":"b","expression":"variables.a + 1"}],
           "validations":[{"expression":"variables.b < 5","messageExpression":"string(variables.b)"}]
})j",
       R"j({"n":7})j", "deny Invalid: 8\n"},
      {"a variable that fails, and one that is not used",
       R"j({"variables":[{"name":"a","expression":"object.x"},{"name":"b","expression":"1/0"},{"name":"c","expression":"nope"}],
           "validations":[{"expression":"variables.a < 5"},{"expression":"variables.c == 1"}]})j",
       "{}",
       "deny : expression 'variables.a < 5' resulted in error: composited variable \"a\" fails to evaluate: no such "
       "key: x\n"
       "deny : expression 'variables.c == 1' resulted in error: composited variable \"c\" fails to compile: "
       "compilation failed: ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')\n"
       " | nope\n | ^\n"},
      {"conditions do not hold",
       R"j({"matchConditions":[{"name":"c","expression":"object.n > 5"}],"validations":[{"expression":"false"}]})j",
       R"j({"n":1})j", ""},
      {"conditions that fail",
       R"j({"matchConditions":[{"name":"c","expression":"object.x"},{"name":"d","expression":"object.x == 1"}],
           "validations":[{"expression":"true"}]})j",
       "{}",
       "deny : [compilation error: must evaluate to bool but got dyn, expression 'object.x == 1' resulted in error: no "
       "such key: x]\n"},
      {"conditions that fail open",
       R"j({"failurePolicy":"Ignore","matchConditions":[{"name":"c","expression":"object.x == 1"}],"validations":[{"expression":"false"}]})j",
       "{}", ""},
      {"conditions have no namespaceObject",
       R"j({"matchConditions":[{"name":"c","expression":"namespaceObject == null"}],"validations":[{"expression":"namespaceObject.metadata.name != 'team'"}]})j",
       "{}", "deny Invalid: failed expression: namespaceObject.metadata.name != 'team'\n"},
      {"params, request, authorizer",
       R"j({"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"validations":[{"expression":"int(params.data.limit) == 5"},
           {"expression":"request.name == 'm' && request.resource.resource == 'configmaps' && !request.dryRun"},
           {"expression":"authorizer.requestResource.check('get').allowed()"},
           {"expression":"authorizer.requestResource.check('list').allowed()"}]
})j",
       "{}",
       "admit\nadmit\nadmit\ndeny Invalid: failed expression: "
       "authorizer.requestResource.check('list').allowed()\n"},
      {"audit annotations",
       R"j({"auditAnnotations":[{"key":"a","valueExpression":"' x '"},{"key":"b","valueExpression":"null"},
           {"key":"c","valueExpression":"''"},{"key":"d","valueExpression":"string(object.x)"}]
})j",
       "{}",
       "a = x\nb excluded\nc excluded\nd failed: expression 'string(object.x)' resulted in error: no such key: x\n"},
      {"audit annotations have no authorizer",
       R"j({"auditAnnotations":[{"key":"a","valueExpression":"string(authorizer.path('/x').check('get').allowed())"}]
})j",
       "{}",
       "a failed: expression 'string(authorizer.path('/x').check('get').allowed())' resulted in error: no such "
       "attribute(s): authorizer\n"},
      {"one expression is too dear",
       R"j({"validations":[{"expression":"object.l.all(a, object.l.all(b, object.l.all(c, object.l.all(d, a + b + c + d > 0))))"}]
})j",
       R"j({"l":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]})j",
       "deny : expression 'object.l.all(a, object.l.all(b, object.l.all(c, object.l.all(d, a + b + c + d > 0))))' "
       "resulted in error: operation cancelled: actual cost limit exceeded\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(told(judged(row)), row.expected) << row.name;
}

// Ten expressions of nearly a million each use the policy's budget up; that ends the policy as a whole.
TEST(Judge, EndsWhenTheBudgetIsSpent) {
  std::string dear = "object.l.all(a, object.l.all(b, object.l.all(c, a + b + c > 0)))", spec = R"j({"validations":[)j";
  for (int i = 0; i < 24; ++i) spec += (i ? "," : "") + std::string("{\"expression\":\"") + dear + "\"}";
  spec += "]}";
  std::string list;
  for (int i = 1; i <= 60; ++i) list += (i > 1 ? "," : "") + std::to_string(i);
  std::string object = "{\"l\":[" + list + "]}";
  EXPECT_EQ(told(judged({"", spec.c_str(), object.c_str(), ""})),
            "deny : validation failed due to running out of cost budget, no further validation rules will be run\n");
}

TEST(Judge, VariablesCannotExhaustTheStack) {
  std::string spec = R"j({"variables":[{"name":"v0","expression":"1"})j";
  for (int i = 1; i < 2000; ++i)
    spec += ",{\"name\":\"v" + std::to_string(i) + "\",\"expression\":\"variables.v" + std::to_string(i - 1) + "\"}";
  spec += R"j(],"validations":[{"expression":"variables.v1999 == 1"},{"expression":"variables.v50 == 1"}]})j";
  std::string text = told(judged({"", spec.c_str(), "{}", ""}));
  EXPECT_TRUE(text.find("variables are nested too deeply") != std::string::npos) << text.substr(0, 200);
  EXPECT_TRUE(text.ends_with("\nadmit\n"));
}

}  // namespace
}  // namespace gatepost::admission
