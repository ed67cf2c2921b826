// Rules: what of a request each member of a RuleWithOperations looks at.
#include "admission/predicates/rules.h"

#include <gtest/gtest.h>

namespace gatepost::admission {
namespace {

struct Row {
  const char* name;
  Rule rule;
  const char* resource;  // group/version/resource[/subresource] of the request
  Operation operation = Operation::create;
  const char* ns = "team";
  bool matches = true;
};

Attributes request(const Row& row) {
  Attributes out;
  std::string text = row.resource;
  std::string* parts[] = {&out.resource.group, &out.resource.version, &out.resource.resource, &out.subresource};
  for (std::string* part : parts) {
    std::size_t slash = std::min(text.find('/'), text.size());
    *part = text.substr(0, slash);
    text.erase(0, slash + 1);
  }
  out.operation = row.operation;
  out.ns = row.ns;
  return out;
}

class Rules : public testing::TestWithParam<Row> {};

TEST_P(Rules, Match) {
  EXPECT_EQ(matches(GetParam().rule, rule_subject(request(GetParam()))), GetParam().matches);
}

const Rule pods{{"CREATE"}, {""}, {"v1"}, {"pods"}};

Rule with(std::vector<std::string> Rule::* member, std::vector<std::string> value) {
  Rule out = pods;
  out.*member = std::move(value);
  return out;
}

Rule scoped(Scope scope, std::vector<std::string> resources = {"*"}) {
  return {{"*"}, {"*"}, {"*"}, std::move(resources), scope};
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Rules,
    testing::Values(
        Row{"all_equal", pods, "/v1/pods"}, Row{"other_group", pods, "apps/v1/pods", Operation::create, "team", false},
        Row{"other_version", pods, "/v2/pods", Operation::create, "team", false},
        Row{"other_resource", pods, "/v1/services", Operation::create, "team", false},
        Row{"other_operation", pods, "/v1/pods", Operation::update, "team", false},
        Row{"any_operation", with(&Rule::operations, {"*"}), "/v1/pods", Operation::connect},
        Row{"several_operations", with(&Rule::operations, {"UPDATE", "DELETE"}), "/v1/pods", Operation::remove},
        Row{"any_group", with(&Rule::groups, {"*"}), "apps/v1/pods"},
        Row{"any_version", with(&Rule::versions, {"*"}), "/v2/pods"},
        Row{"any_resource", with(&Rule::resources, {"*"}), "/v1/services"},
        Row{"any_resource_has_no_subresource", with(&Rule::resources, {"*"}), "/v1/pods/status", Operation::create,
            "team", false},
        Row{"a_resource_has_no_subresource", pods, "/v1/pods/status", Operation::create, "team", false},
        Row{"one_subresource", with(&Rule::resources, {"pods/status"}), "/v1/pods/status"},
        Row{"one_subresource_is_not_the_resource", with(&Rule::resources, {"pods/status"}), "/v1/pods",
            Operation::create, "team", false},
        // "pods/*" and "*/*" hold for the resource itself too: its subresource is the empty one.
        Row{"any_subresource", with(&Rule::resources, {"pods/*"}), "/v1/pods/exec"},
        Row{"any_subresource_and_itself", with(&Rule::resources, {"pods/*"}), "/v1/pods"},
        Row{"any_subresource_of_another", with(&Rule::resources, {"pods/*"}), "/v1/services/status", Operation::create,
            "team", false},
        Row{"one_subresource_of_any", with(&Rule::resources, {"*/scale"}), "/v1/pods/scale"},
        Row{"everything", with(&Rule::resources, {"*/*"}), "/v1/services/proxy"},
        Row{"no_resources", with(&Rule::resources, {}), "/v1/pods", Operation::create, "team", false},
        Row{"second_of_the_list", with(&Rule::resources, {"services", "pods"}), "/v1/pods"},
        Row{"namespaced_scope", scoped(Scope::namespaced), "/v1/pods"},
        Row{"namespaced_scope_without_namespace", scoped(Scope::namespaced), "/v1/nodes", Operation::create, "", false},
        Row{"cluster_scope", scoped(Scope::cluster), "/v1/nodes", Operation::create, ""},
        Row{"cluster_scope_in_a_namespace", scoped(Scope::cluster), "/v1/pods", Operation::create, "team", false},
        // A request for a Namespace carries its name as the namespace, and yet is one of the cluster.
        Row{"cluster_scope_for_a_namespace", scoped(Scope::cluster), "/v1/namespaces"},
        Row{"namespaced_scope_for_a_namespace", scoped(Scope::namespaced), "/v1/namespaces", Operation::create, "team",
            false},
        Row{"namespaces_of_another_group", scoped(Scope::namespaced), "example.com/v1/namespaces"},
        Row{"all_scopes", scoped(Scope::all), "/v1/namespaces"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Exempt, WhatWouldLockEverybodyOut) {
  Attributes attributes;
  attributes.kind = {"admissionregistration.k8s.io", "v1", ""};
  for (const char* kind : {"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
                           "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}) {
    attributes.kind.kind = kind;
    EXPECT_TRUE(is_exempt(attributes)) << kind;
  }
  attributes.kind.group = "example.com";
  EXPECT_FALSE(is_exempt(attributes));
  attributes.kind = {"", "v1", "Pod"};
  EXPECT_FALSE(is_exempt(attributes));
}

}  // namespace
}  // namespace gatepost::admission
