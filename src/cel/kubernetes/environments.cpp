// The environments of the server: which libraries, variables and types each has.
#include "cel/environment.h"
#include "cel/kubernetes/authorizer.h"
#include "cel/kubernetes/request_type.h"
#include "cel/libraries.h"

namespace gatepost::cel {

namespace {

std::shared_ptr<Declarations> admission_variables(Environment::Params params) {
  auto out = std::make_shared<Declarations>(Environment::kubernetes_declarations());
  declare_request(*out);
  declare_namespace(*out);
  out->variable("object", dyn_type());
  out->variable("oldObject", dyn_type());
  if (params == Environment::Params::declared) out->variable("params", dyn_type());
  return out;
}

void add_authorizer_variables(Declarations& to) {
  to.variable("authorizer", authorizer_type());
  to.variable("authorizer.requestResource", resource_check_type());
}

std::shared_ptr<const Environment> make_match_conditions(Environment::Params params) {
  auto declarations = admission_variables(params);
  add_authorizer_variables(*declarations);
  return std::make_shared<const Environment>(std::move(declarations));
}

std::shared_ptr<const Declarations> with_authorizer(std::shared_ptr<const Declarations> parent) {
  auto out = std::make_shared<Declarations>(std::move(parent));
  add_authorizer_variables(*out);
  return out;
}

std::shared_ptr<const Declarations> with_patch_types(std::shared_ptr<const Declarations> parent) {
  auto out = std::make_shared<Declarations>(std::move(parent));
  add_authorizer_variables(*out);
  add_json_patch(*out);
  declare_patch_types(*out);
  return out;
}

}  // namespace

std::shared_ptr<const Declarations> Environment::kubernetes_declarations() {
  static const std::shared_ptr<const Declarations> declarations = [] {
    auto out = std::make_shared<Declarations>();
    add_standard_library(*out);
    add_optionals(*out);
    add_strings(*out, StringsVersion::V2);
    add_sets(*out);
    add_two_variable_comprehensions(*out);
    add_lists(*out);
    add_urls(*out);
    add_regex(*out);
    add_kubernetes_lists(*out);
    add_quantities(*out);
    add_network(*out);
    add_named_formats(*out);
    add_semver(*out);
    add_authorizer(*out);
    return out;
  }();
  return declarations;
}

std::shared_ptr<Declarations> Environment::complete_declarations() {
  auto out = std::make_shared<Declarations>();
  out->dialect = Dialect::Language;
  add_standard_library(*out);
  add_optionals(*out);
  add_strings(*out, StringsVersion::V4);
  add_math(*out);
  add_sets(*out);
  add_encoders(*out);
  add_bindings(*out);
  add_blocks(*out);
  add_well_known_messages(*out);
  add_two_variable_comprehensions(*out);
  add_lists(*out);
  add_urls(*out);
  add_regex(*out);
  add_kubernetes_lists(*out);
  add_quantities(*out);
  add_network(*out);
  add_named_formats(*out);
  add_semver(*out);
  add_authorizer(*out);
  add_json_patch(*out);
  return out;
}

std::shared_ptr<const Environment> Environment::match_conditions(Params params) {
  static const auto plain = make_match_conditions(Params::none), with_params = make_match_conditions(Params::declared);
  return params == Params::declared ? with_params : plain;
}

PolicyEnvironments::PolicyEnvironments(Environment::Params params, Variables variables)
    : shared_(admission_variables(params)),
      variables_(variables == Variables::declared ? &declare_variables(*shared_) : nullptr),
      expressions_(with_authorizer(shared_)),
      messages_(shared_),
      mutations_(with_patch_types(shared_)) {}

void PolicyEnvironments::declare_variable(const std::string& name, const Type* type) {
  if (variables_ != nullptr) add_variable(*shared_, *variables_, name, type);
}

std::shared_ptr<const Environment> Environment::schema_rule(const SchemaType& self, bool with_old_self,
                                                            bool optional_old_self) {
  auto out = std::make_shared<Declarations>(kubernetes_declarations());
  declare_schema(*out, self);
  out->variable("self", self.type);
  if (with_old_self) out->variable("oldSelf", optional_old_self ? out->types().optional(self.type) : self.type);
  return std::make_shared<const Environment>(std::move(out));
}

}  // namespace gatepost::cel
