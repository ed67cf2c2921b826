// The environments of the server: which libraries, variables and types each has.
#include "cel/environment.h"
#include "cel/kubernetes/authorizer.h"
#include "cel/kubernetes/request_type.h"
#include "cel/libraries.h"

namespace gatepost::cel {

namespace {

std::shared_ptr<Declarations> with_admission_variables(bool authorizer) {
  auto out = std::make_shared<Declarations>(Environment::kubernetes_declarations());
  declare_request(*out);
  out->variable("object", dyn_type());
  out->variable("oldObject", dyn_type());
  if (authorizer) {
    out->variable("authorizer", authorizer_type());
    out->variable("authorizer.requestResource", resource_check_type());
  }
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

std::shared_ptr<const Environment> Environment::match_conditions() {
  static const auto environment = std::make_shared<const Environment>(with_admission_variables(true));
  return environment;
}

std::shared_ptr<const Environment> Environment::policy(const PolicyVariables& wanted) {
  auto out = with_admission_variables(wanted.authorizer);
  declare_namespace(*out);
  if (wanted.params) out->variable("params", dyn_type());
  if (wanted.patch_types) {
    add_json_patch(*out);
    declare_patch_types(*out);
  }
  declare_variables(*out, wanted.variables);
  return std::make_shared<const Environment>(std::move(out));
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
