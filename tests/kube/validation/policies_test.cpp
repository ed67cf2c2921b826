// Rules of admission policies beyond the recorded answers: what each expression may use, and of which type it must be.
#include <gtest/gtest.h>

#include "json/parse.h"
#include "kube/schema/object.h"
#include "kube/validation/validate.h"

namespace gatepost::kube {
namespace {

std::string complaints(const std::string& kind, const std::string& spec) {
  GroupVersionKind gvk{"admissionregistration.k8s.io", "v1", kind};
  const ResourceInfo* resource = Registry::builtin()->find_kind(gvk.group, gvk.version, gvk.kind);
  if (!resource) return "no such kind";
  auto object = json::parse(
      R"j({"apiVersion":"admissionregistration.k8s.io/v1","kind":")j" + kind +
          R"j(","metadata":{"name":"x"},"spec":{"matchConstraints":{"resourceRules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}]},)j" +
          spec + "}}",
      json::make_arena());
  if (!object) return object.error().text;
  EXPECT_TRUE(decode(*object, gvk, FieldValidation::ignore));
  set_defaults(*object, gvk);
  prepare_for_create(*object, *resource);
  std::string out;
  for (const FieldError& error : validate_create(*object, *resource))
    out += (out.empty() ? "" : "\n") + error.field + ": " + error.message.substr(0, error.message.find("\n"));
  return out;
}

struct Row {
  const char* spec;
  const char* complaints;
};

TEST(ValidatingPolicy, Expressions) {
  const Row rows[] = {
      {R"j("validations":[{"expression":"object.x == 1"}])j", ""},
      {R"j("validations":[{"expression":"object.x"}])j",
       R"j(spec.validations[0].expression: Invalid value: "object.x": must evaluate to bool but got dyn)j"},
      {R"j("validations":[{"expression":"params.x == 1"}])j",
       R"j(spec.validations[0].expression: Invalid value: "params.x == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container ''))j"},
      {R"j("paramKind":{"apiVersion":"v1","kind":"X"},"matchConditions":[{"name":"a","expression":"params.x == 1"}],"validations":[{"expression":"params.x == 1","messageExpression":"string(params.x)"}])j",
       ""},
      {R"j("validations":[{"expression":"variables.x == 1"}])j",
       R"j(spec.validations[0].expression: Invalid value: "variables.x == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'variables' (in container ''))j"},
      {R"j("variables":[{"name":"y","expression":"1"}],"validations":[{"expression":"variables.x == 1"}])j",
       R"j(spec.validations[0].expression: Invalid value: "variables.x == 1": compilation failed: ERROR: <input>:1:10: undefined field 'x')j"},
      {R"j("variables":[{"name":"y","expression":"1"}],"matchConditions":[{"name":"a","expression":"variables.y == 1"}],"validations":[{"expression":"true"}])j",
       R"j(spec.matchConditions[0].expression: Invalid value: "variables.y == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'variables' (in container ''))j"},
      {R"j("variables":[{"name":"y","expression":"authorizer.path('/x').check('get').allowed()"}],"validations":[{"expression":"variables.y","messageExpression":"string(variables.y)"}])j",
       ""},
      {R"j("validations":[{"expression":"true","messageExpression":"authorizer.path('/x').check('get').reason()"}])j",
       R"j(spec.validations[0].messageExpression: Invalid value: "authorizer.path('/x').check('get').reason()": compilation failed: ERROR: <input>:1:1: undeclared reference to 'authorizer' (in container ''))j"},
      {R"j("validations":[{"expression":"true","messageExpression":"1"}])j",
       R"j(spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string but got int)j"},
      {R"j("variables":[{"name":"y","expression":"nope"},{"name":"z","expression":"variables.y + 1"}],"validations":[{"expression":"variables.y == 1"}])j",
       R"j(spec.variables[0].expression: Invalid value: "nope": compilation failed: ERROR: <input>:1:1: undeclared reference to 'nope' (in container ''))j"},
      {R"j("variables":[{"name":"y","expression":"Object{}"}],"validations":[{"expression":"true"}])j",
       R"j(spec.variables[0].expression: Invalid value: "Object{}": compilation failed: ERROR: <input>:1:7: undeclared reference to 'Object' (in container ''))j"},
      {R"j("validations":[{"expression":"timestamp(object.t)"}])j",
       R"j(spec.validations[0].expression: Invalid value: "timestamp(object.t)": must evaluate to bool but got google.protobuf.Timestamp)j"},
      {R"j("auditAnnotations":[{"key":"a","valueExpression":" 1 "}])j",
       R"j(spec.auditAnnotations[0].valueExpression: Invalid value: " 1 ": must evaluate to one of [string null_type] but got int)j"},
      {R"j("auditAnnotations":[{"key":"a","valueExpression":"null"},{"key":"b","valueExpression":"'x'"}])j", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(complaints("ValidatingAdmissionPolicy", row.spec), row.complaints) << row.spec;
}

TEST(MutatingPolicy, Expressions) {
  const Row rows[] = {
      {R"j("reinvocationPolicy":"Never","mutations":[{"patchType":"JSONPatch","jsonPatch":{"expression":"[JSONPatch{op: 'add', path: '/a', value: Object.a{}}]"}}])j",
       ""},
      {R"j("reinvocationPolicy":"Never","mutations":[{"patchType":"JSONPatch","jsonPatch":{"expression":" 1 "}}])j",
       R"j(spec.mutations[0].jsonPatch.expression: Invalid value: "1": must evaluate to list(JSONPatch) but got int)j"},
      {R"j("reinvocationPolicy":"Never","mutations":[{"patchType":"ApplyConfiguration","applyConfiguration":{"expression":"Object.spec{}"}}])j",
       R"j(spec.mutations[0].applyConfiguration.expression: Invalid value: "Object.spec{}": must evaluate to Object but got Object.spec)j"},
      {R"j("reinvocationPolicy":"Never","variables":[{"name":"y","expression":"1"}],"mutations":[{"patchType":"ApplyConfiguration","applyConfiguration":{"expression":"Object{spec: Object.spec{replicas: variables.y}}"}}])j",
       ""},
  };
  for (const Row& row : rows) EXPECT_EQ(complaints("MutatingAdmissionPolicy", row.spec), row.complaints) << row.spec;
}

}  // namespace
}  // namespace gatepost::kube
