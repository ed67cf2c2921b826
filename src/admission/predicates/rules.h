// Rules: which operations on which resources a webhook asks for (RuleWithOperations).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admission/attributes.h"
#include "base/result.h"
#include "json/value.h"
#include "kube/selector/selector.h"

namespace gatepost::admission {

enum class Scope { all, cluster, namespaced };

// Lists as written; "*" stands for everything, "pods/*" for every subresource, "*/*" for all.
struct Rule {
  std::vector<std::string> operations, groups, versions, resources;
  Scope scope = Scope::all;
};

// As stored.
Rule read_rule(const json::Value& value);

// The texts of a list; items of other types are skipped.
std::vector<std::string> read_texts(const json::Value& value, std::string_view key);

// The label selector of a configuration; one that is not there matches everything.
Result<kube::LabelSelector> read_selector(const json::Value& value, std::string_view key);

// What of a request the rules look at.
struct RuleSubject {
  Operation operation;
  std::string_view group, version, resource, subresource;
  bool cluster_scoped;  // no namespace, or a Namespace itself
};

RuleSubject rule_subject(const Attributes& attributes);

bool matches(const Rule& rule, const RuleSubject& subject);

// Webhook configurations and admission policies are never subject to webhooks: nobody could repair them any more.
bool is_exempt(const Attributes& attributes);

// "CREATE"
std::string_view operation_name(Operation operation);

}  // namespace gatepost::admission
