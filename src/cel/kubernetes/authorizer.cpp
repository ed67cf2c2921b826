// The library authorizer: questions are collected step by step and put to the Authorizer of the evaluation.
#include "cel/kubernetes/authorizer.h"

#include <algorithm>

#include "cel/kubernetes/host_value.h"
#include "cel/libraries.h"
#include "formats/named_formats.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

// The texts of the question, owned.
struct Question {
  std::string path, group, version, resource, subresource, namespace_name, name, field_selector, label_selector;
  std::string service_account_namespace, service_account_name;
  bool operator==(const Question& other) const = default;
};

enum class Stage { Authorizer, PathCheck, GroupCheck, ResourceCheck };

const Type* stage_type(Stage stage) {
  static const Type types[] = {{TypeKind::Struct, false, "kubernetes.authorization.Authorizer", {}},
                               {TypeKind::Struct, false, "kubernetes.authorization.PathCheck", {}},
                               {TypeKind::Struct, false, "kubernetes.authorization.GroupCheck", {}},
                               {TypeKind::Struct, false, "kubernetes.authorization.ResourceCheck", {}}};
  return &types[static_cast<std::size_t>(stage)];
}

template <Stage S>
struct QuestionTraits {
  static const Type* type() { return stage_type(S); }
  static bool equals(const Question& a, const Question& b) { return a == b; }
  static std::string text(const Question&) { return type()->name; }
};
template <Stage S>
using QuestionValue = HostValue<Question, QuestionTraits<S>>;

struct DecisionTraits {
  static const Type* type() {
    static const Type type{TypeKind::Struct, false, "kubernetes.authorization.Decision", {}};
    return &type;
  }
  static bool equals(const AuthorizationAnswer& a, const AuthorizationAnswer& b) {
    return a.allowed == b.allowed && a.reason == b.reason && a.error == b.error;
  }
  static std::string text(const AuthorizationAnswer&) { return type()->name; }
};
using DecisionValue = HostValue<AuthorizationAnswer, DecisionTraits>;

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

Value path(Evaluation& evaluation, Args args) {
  const Question* from = QuestionValue<Stage::Authorizer>::get(args[0]);
  if (from == nullptr || !args[1].is(ValueKind::String)) return no_such_overload();
  if (blank(args[1].text())) return Value::error("path must not be empty");
  Question next = *from;
  next.path = args[1].text();
  return QuestionValue<Stage::PathCheck>::make(evaluation, std::move(next));
}

Value group(Evaluation& evaluation, Args args) {
  const Question* from = QuestionValue<Stage::Authorizer>::get(args[0]);
  if (from == nullptr || !args[1].is(ValueKind::String)) return no_such_overload();
  Question next = *from;
  next.group = args[1].text();
  return QuestionValue<Stage::GroupCheck>::make(evaluation, std::move(next));
}

Value service_account(Evaluation& evaluation, Args args) {
  const Question* from = QuestionValue<Stage::Authorizer>::get(args[0]);
  if (from == nullptr || !args[1].is(ValueKind::String) || !args[2].is(ValueKind::String)) return no_such_overload();
  if (!formats::find_named_format("dns1123Subdomain")->validate(args[2].text()).empty())
    return Value::error("Invalid service account name");
  if (!formats::find_named_format("dns1123Label")->validate(args[1].text()).empty())
    return Value::error("Invalid service account namespace");
  Question next = *from;
  next.service_account_namespace = args[1].text();
  next.service_account_name = args[2].text();
  return QuestionValue<Stage::Authorizer>::make(evaluation, std::move(next));
}

Value resource(Evaluation& evaluation, Args args) {
  const Question* from = QuestionValue<Stage::GroupCheck>::get(args[0]);
  if (from == nullptr || !args[1].is(ValueKind::String)) return no_such_overload();
  if (blank(args[1].text())) return Value::error("resource must not be empty");
  Question next = *from;
  next.resource = args[1].text();
  next.version = "*";
  return QuestionValue<Stage::ResourceCheck>::make(evaluation, std::move(next));
}

template <std::string Question::* Field>
Value refine(Evaluation& evaluation, Args args) {
  const Question* from = QuestionValue<Stage::ResourceCheck>::get(args[0]);
  if (from == nullptr || !args[1].is(ValueKind::String)) return no_such_overload();
  Question next = *from;
  next.*Field = args[1].text();
  return QuestionValue<Stage::ResourceCheck>::make(evaluation, std::move(next));
}

Value check(Evaluation& evaluation, Args args) {
  const Question* from = QuestionValue<Stage::PathCheck>::get(args[0]);
  if (from == nullptr) from = QuestionValue<Stage::ResourceCheck>::get(args[0]);
  if (from == nullptr || !args[1].is(ValueKind::String)) return no_such_overload();
  AuthorizationQuestion question{.path = from->path,
                                 .group = from->group,
                                 .version = from->version,
                                 .resource = from->resource,
                                 .subresource = from->subresource,
                                 .namespace_name = from->namespace_name,
                                 .name = from->name,
                                 .verb = args[1].text(),
                                 .field_selector = from->field_selector,
                                 .label_selector = from->label_selector,
                                 .service_account_namespace = from->service_account_namespace,
                                 .service_account_name = from->service_account_name};
  Authorizer* authorizer = evaluation.activation.authorizer;
  AuthorizationAnswer answer;
  if (authorizer != nullptr)
    answer = authorizer->check(question);
  else
    answer.error = "no authorizer";
  return DecisionValue::make(evaluation, std::move(answer));
}

Value allowed(Evaluation&, Args args) {
  const AuthorizationAnswer* answer = DecisionValue::get(args[0]);
  return answer != nullptr ? Value::of_bool(answer->allowed) : no_such_overload();
}
Value errored(Evaluation&, Args args) {
  const AuthorizationAnswer* answer = DecisionValue::get(args[0]);
  return answer != nullptr ? Value::of_bool(!answer->error.empty()) : no_such_overload();
}
template <std::string AuthorizationAnswer::* Field>
Value told(Evaluation& evaluation, Args args) {
  const AuthorizationAnswer* answer = DecisionValue::get(args[0]);
  return answer != nullptr ? evaluation.text(answer->*Field) : no_such_overload();
}

}  // namespace

const Type* authorizer_type() {
  return stage_type(Stage::Authorizer);
}
const Type* resource_check_type() {
  return stage_type(Stage::ResourceCheck);
}

Value authorizer_value(Arena& arena) {
  return Value::of_host(arena.make<QuestionValue<Stage::Authorizer>>(Question{}));
}

Value request_resource_value(Arena& arena, const AuthorizationQuestion& resource) {
  Question question;
  question.group = resource.group;
  question.version = "*";
  question.resource = resource.resource;
  question.subresource = resource.subresource;
  question.namespace_name = resource.namespace_name;
  question.name = resource.name;
  return Value::of_host(arena.make<QuestionValue<Stage::ResourceCheck>>(std::move(question)));
}

void add_authorizer(Declarations& to) {
  for (const Stage stage : {Stage::Authorizer, Stage::PathCheck, Stage::GroupCheck, Stage::ResourceCheck})
    to.type_name(stage_type(stage)->name, stage_type(stage));
  to.type_name(DecisionTraits::type()->name, DecisionTraits::type());
#define GATEPOST_AUTHORIZATION "$kubernetes.authorization."
  to.function(
      "path", path,
      {{"authorizer_path", "." GATEPOST_AUTHORIZATION "Authorizer,string->" GATEPOST_AUTHORIZATION "PathCheck"}});
  to.function(
      "group", group,
      {{"authorizer_group", "." GATEPOST_AUTHORIZATION "Authorizer,string->" GATEPOST_AUTHORIZATION "GroupCheck"}});
  to.function("serviceAccount", service_account,
              {{"authorizer_serviceaccount",
                "." GATEPOST_AUTHORIZATION "Authorizer,string,string->" GATEPOST_AUTHORIZATION "Authorizer"}});
  to.function("resource", resource,
              {{"groupcheck_resource",
                "." GATEPOST_AUTHORIZATION "GroupCheck,string->" GATEPOST_AUTHORIZATION "ResourceCheck"}});
  constexpr const char* kRefinement =
      "." GATEPOST_AUTHORIZATION "ResourceCheck,string->" GATEPOST_AUTHORIZATION "ResourceCheck";
  to.function("subresource", refine<&Question::subresource>, {{"resourcecheck_subresource", kRefinement}});
  to.function("namespace", refine<&Question::namespace_name>, {{"resourcecheck_namespace", kRefinement}});
  to.function("name", refine<&Question::name>, {{"resourcecheck_name", kRefinement}});
  to.function("fieldSelector", refine<&Question::field_selector>, {{"authorizer_fieldselector", kRefinement}});
  to.function("labelSelector", refine<&Question::label_selector>, {{"authorizer_labelselector", kRefinement}});
  to.function(
      "check", check,
      {{"pathcheck_check", "." GATEPOST_AUTHORIZATION "PathCheck,string->" GATEPOST_AUTHORIZATION "Decision"},
       {"resourcecheck_check", "." GATEPOST_AUTHORIZATION "ResourceCheck,string->" GATEPOST_AUTHORIZATION "Decision"}});
  to.function("errored", errored, {{"decision_errored", "." GATEPOST_AUTHORIZATION "Decision->bool"}});
  to.function("error", told<&AuthorizationAnswer::error>,
              {{"decision_error", "." GATEPOST_AUTHORIZATION "Decision->string"}});
  to.function("allowed", allowed, {{"decision_allowed", "." GATEPOST_AUTHORIZATION "Decision->bool"}});
  to.function("reason", told<&AuthorizationAnswer::reason>,
              {{"decision_reason", "." GATEPOST_AUTHORIZATION "Decision->string"}});
#undef GATEPOST_AUTHORIZATION
}

}  // namespace gatepost::cel
