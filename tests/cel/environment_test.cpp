// The environments of the server: variables, types, budgets, hooks.
#include "cel/environment.h"

#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cel/kubernetes/authorizer.h"
#include "cel/tool.h"
#include "json/parse.h"

namespace gatepost::cel {
namespace {

using ::testing::HasSubstr;

json::Value parse(std::string_view text) {
  return *json::parse(text, {});
}

TEST(MatchConditions, KnowTheirVariables) {
  const std::pair<const char*, const char*> rows[] = {
      {"object.metadata.name == oldObject.metadata.name", ""},
      {"request.kind.group == '' && request.userInfo.groups.exists(g, g == 'x') && request.options.a", ""},
      {"authorizer.requestResource.check('get').allowed()", ""},
      {"request.uid != ''", "undefined field 'uid'"},
      {"namespaceObject.metadata.name == 'x'", ""},
      {"params.x == 1", "undeclared reference to 'params'"},
      {"variables.x == 1", "undeclared reference to 'variables'"}};
  for (const auto& [expression, error] : rows) {
    const auto program = Environment::match_conditions()->compile(expression);
    EXPECT_THAT(program ? std::string() : program.error().text, HasSubstr(error)) << expression;
    EXPECT_EQ(program.has_value(), std::string_view(error).empty()) << expression;
  }
}

TEST(Program, StopsAtItsBudget) {
  const json::Value object = parse(R"({"l":[1,2,3,4,5,6,7,8,9,10]})");
  const Variable variables[] = {{"object", Value::of_json(object)}};
  const auto program =
      Environment::match_conditions()->compile("object.l.all(a, object.l.all(b, object.l.all(c, a + b + c > 0)))");
  ASSERT_TRUE(program);
  Arena arena;
  CostBudget budget{500};
  const auto value = program->evaluate({.variables = variables}, arena, budget);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, EvaluationError::Kind::CostExceeded);
  EXPECT_EQ(value.error().text, "operation cancelled: actual cost limit exceeded");
}

class OnlyPods : public Authorizer {
 public:
  AuthorizationAnswer check(const AuthorizationQuestion& question) override {
    return {.allowed = question.resource == "pods" && question.verb == "get", .reason = "asked", .error = ""};
  }
};

TEST(Authorizer, IsAskedByTheCaller) {
  OnlyPods authorizer;
  Arena arena;
  const Variable variables[] = {{"authorizer", authorizer_value(arena)},
                                {"authorizer.requestResource", request_resource_value(arena, {.resource = "nodes"})}};
  const std::pair<const char*, bool> rows[] = {{"authorizer.group('').resource('pods').check('get').allowed()", true},
                                               {"authorizer.group('').resource('pods').check('list').allowed()", false},
                                               {"authorizer.requestResource.check('get').allowed()", false},
                                               {"authorizer.requestResource.check('get').reason() == 'asked'", true}};
  for (const auto& [expression, expected] : rows) {
    const auto program = Environment::match_conditions()->compile(expression);
    ASSERT_TRUE(program) << program.error().text;
    CostBudget budget;
    const auto value = program->evaluate({.variables = variables, .authorizer = &authorizer}, arena, budget);
    ASSERT_TRUE(value) << value.error().text;
    EXPECT_EQ(value->is_true(), expected) << expression;
  }
}

class OneVariable : public LazyVariables {
 public:
  bool find(std::string_view name, Evaluation&, Value& out) override {
    ++asked;
    out = Value::of_int(7);
    return name == "x";
  }
  int asked = 0;
};

TEST(Policy, VariablesAreComputedWhenUsed) {
  PolicyEnvironments environments(Environment::Params::none);
  environments.declare_variable("x", int_type());
  const auto program = environments.expressions().compile("false || variables.x == 7");
  ASSERT_TRUE(program) << program.error().text;
  OneVariable lazy;
  Arena arena;
  CostBudget budget;
  const auto value = program->evaluate({.variables = {}, .lazy = &lazy}, arena, budget);
  ASSERT_TRUE(value) << value.error().text;
  EXPECT_TRUE(value->is_true());
  EXPECT_EQ(lazy.asked, 1);
  EXPECT_FALSE(environments.expressions().compile("variables.y == 7"));
}

TEST(Policy, LazyFieldsMayBeTestedAndOptional) {
  PolicyEnvironments environments(Environment::Params::none);
  environments.declare_variable("x", int_type());
  environments.declare_variable("z", nullptr);
  for (const char* expression : {"has(variables.x)", "!has(variables.z)", "variables.?x.orValue(1) == 7",
                                 "variables.?z.orValue(1) == 1", "variables.x + 1 == 8"}) {
    const auto program = environments.expressions().compile(expression);
    ASSERT_TRUE(program) << program.error().text;
    OneVariable lazy;
    Arena arena;
    CostBudget budget;
    const auto value = program->evaluate({.variables = {}, .lazy = &lazy}, arena, budget);
    ASSERT_TRUE(value) << expression << ": " << value.error().text;
    EXPECT_TRUE(value->is_true()) << expression;
  }
}

// All environments of a policy see a variable as soon as it is declared, with the types that fields can have.
TEST(Policy, VariablesHaveTypes) {
  PolicyEnvironments environments(Environment::Params::declared);
  const auto compiled = [&](const char* expression) { return environments.messages().compile(expression).has_value(); };
  EXPECT_FALSE(compiled("variables.a + 'x'"));
  environments.declare_variable("a", string_type());
  EXPECT_TRUE(compiled("variables.a + 'x'"));
  EXPECT_FALSE(compiled("variables.a + 1"));
  const auto object = environments.expressions().compile("namespaceObject.metadata");
  ASSERT_TRUE(object);
  environments.declare_variable("b", &object->result_type());  // objects are dyn
  EXPECT_TRUE(compiled("variables.b + 1"));
  environments.declare_variable("c", nullptr);
  EXPECT_TRUE(compiled("variables.c + params.x"));
  EXPECT_FALSE(compiled("authorizer.path('/x').check('get').allowed()"));
  EXPECT_TRUE(environments.mutations().compile("Object{spec: Object.spec{x: variables.a}}"));
  EXPECT_FALSE(environments.expressions().compile("Object{}"));
}

TEST(Policy, MakesPatchesAndObjects) {
  PolicyEnvironments environments(Environment::Params::none);
  const Environment* environment = &environments.mutations();
  Arena arena;
  CostBudget budget;
  const auto patch = environment->compile(
      "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: 'x'}]");
  ASSERT_TRUE(patch) << patch.error().text;
  EXPECT_EQ(format_type(patch->result_type()), "list(JSONPatch)");
  EXPECT_EQ(debug_text(*patch->evaluate({}, arena, budget)),
            R"([JSONPatch{"op": "add", "path": "/metadata/labels/a~1b", "value": "x"}])");
  const auto object = environment->compile("Object{spec: Object.spec{replicas: 3}}");
  ASSERT_TRUE(object) << object.error().text;
  EXPECT_EQ(debug_text(*object->evaluate({}, arena, budget)), R"(Object{"spec": Object.spec{"replicas": 3}})");
  EXPECT_FALSE(environment->compile("JSONPatch{nope: 1}"));
}

TEST(SchemaRule, KnowsTheFieldsOfSelf) {
  TypePool types;
  SchemaType number{.reading = SchemaType::Reading::AsIs, .type = int_type()};
  SchemaType text{.reading = SchemaType::Reading::AsIs, .type = string_type()};
  SchemaType set{.reading = SchemaType::Reading::List,
                 .type = types.list(string_type()),
                 .element = &text,
                 .list_kind = SchemaType::ListKind::Set};
  SchemaType self{.reading = SchemaType::Reading::Object, .type = types.object("selfType")};
  self.fields = {{"replicas", {&number, ""}}, {"max__dash__size", {&number, "max-size"}}, {"tags", {&set, ""}}};
  const auto environment = Environment::schema_rule(self, true, false);
  const json::Value now = parse(R"({"replicas":3,"max-size":5,"tags":["a","b"]})");
  const json::Value before = parse(R"({"replicas":2,"max-size":5,"tags":["b","a"]})");
  const Variable variables[] = {{"self", Value::of_json(now, &self)}, {"oldSelf", Value::of_json(before, &self)}};
  const std::pair<const char*, const char*> rows[] = {{"self.replicas <= self.max__dash__size", "true"},
                                                      {"self.replicas >= oldSelf.replicas", "true"},
                                                      {"self.tags == oldSelf.tags", "true"},
                                                      {"self.tags + ['b', 'c']", R"(["a", "b", "c"])"}};
  for (const auto& [expression, expected] : rows) {
    const auto program = environment->compile(expression);
    ASSERT_TRUE(program) << program.error().text;
    Arena arena;
    CostBudget budget;
    EXPECT_EQ(debug_text(*program->evaluate({.variables = variables}, arena, budget)), expected) << expression;
  }
  const auto wrong = environment->compile("self.nope == 1");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().text, HasSubstr("undefined field 'nope'"));
}

TEST(Tool, ShowsTypeResultAndCost) {
  const auto good =
      show_expression({.expression = "object.metadata.name + '!'", .object = R"({"metadata":{"name":"web"}})"});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->text, "type: string\nresult: \"web!\"\ncost: 4 (estimate 2 to 1844674407370955265)\n");
  const auto bad = show_expression({.expression = "object.metadata.name ="});
  ASSERT_TRUE(bad);
  EXPECT_FALSE(bad->ok);
  EXPECT_THAT(bad->text, HasSubstr("token recognition error at: '='"));
  EXPECT_EQ(
      show_vectors(
          "{\"expr\":\"1 + 1\",\"value\":{\"int64Value\":\"2\"}}\n{\"expr\":\"1\",\"value\":{\"int64Value\":\"2\"}}\n",
          Verbose::No)
          .text,
      "FAIL /: gave 1, expected 2\n1 passed, 1 failed, 0 skipped\n");
}

}  // namespace
}  // namespace gatepost::cel
