// GP6: what the fields mean.
#include <cctype>
#include <charconv>
#include <set>

#include "kube/validation/webhook_rules.h"
#include "lint/condition_risk.h"
#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

constexpr std::string_view beta_api = "admissionregistration.k8s.io/v1beta1";

void side_effects_block_dry_run(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    const std::string_view written = json::string_at(*webhook.value, {"sideEffects"});
    const bool by_default = written.empty() && webhook.owner->api_version == beta_api;
    if (written == "Unknown" || written == "Some" || by_default)
      sink.add(webhook, "sideEffects",
               fmt::format("sideEffects is {}: every dry run of what it matches is refused",
                           by_default ? "Unknown by default" : written));
  }
}

void review_versions(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    if (!holds(admission::read_texts(*webhook.value, "admissionReviewVersions"), "v1"))
      sink.add(webhook, "admissionReviewVersions", "v1 is not among the versions of reviews that the webhook takes");
}

void match_policy_exact(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    if (!webhook.equivalent)
      sink.add(webhook, "matchPolicy", "requests that come in another served version pass the webhook by");
}

void reinvocation_needs_idempotence(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    if (json::string_at(*webhook.value, {"reinvocationPolicy"}) == "IfNeeded")
      sink.add(webhook, "reinvocationPolicy",
               "the webhook may see its own work again: its patches have to be idempotent");
}

// "00-name", "zz-name", "aaa.name", "999_name"
bool forces_order(std::string_view name) {
  std::size_t count = 0;
  while (count < name.size() && std::isdigit(static_cast<unsigned char>(name[count])) != 0) ++count;
  if (count == 0)
    while (count < name.size() && name[count] == name[0] && is_one_of(name.substr(0, 1), {"a", "z"})) ++count;
  const bool digits = count > 0 && std::isdigit(static_cast<unsigned char>(name[0])) != 0;
  return (digits || count > 1) && count < name.size() && is_one_of(name.substr(count, 1), {"-", "_", "."});
}

void relies_on_order(const Model& model, Sink& sink) {
  std::set<const Manifest*> seen;
  for (const Webhook& webhook : model.webhooks()) {
    if (forces_order(webhook.owner->name)) {
      if (seen.insert(webhook.owner).second)
        sink.add(*webhook.owner, Path("metadata.name"), "the name seems to be chosen for its place in the order",
                 &webhook);
    } else if (forces_order(webhook.name)) {
      sink.add(webhook, "name", "the name seems to be chosen for its place in the order");
    }
  }
}

// "matchConditions[3].expression" -> matchConditions / 3 / expression
Path path_of(std::string_view field) {
  Path out;
  while (!field.empty()) {
    const std::size_t end = std::min(field.find_first_of(".["), field.size());
    if (end > 0) out = out / field.substr(0, end);
    field.remove_prefix(end);
    if (field.starts_with('[')) {
      std::size_t index = 0;
      const std::size_t close = std::min(field.find(']'), field.size());
      std::from_chars(field.data() + 1, field.data() + close, index);
      out = out / index;
      field.remove_prefix(std::min(close + 1, field.size()));
    }
    if (field.starts_with('.')) field.remove_prefix(1);
  }
  return out;
}

void match_condition_invalid(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.has("matchConditions")) continue;
    kube::Errors errors;
    const kube::Field root(webhook.value);
    const kube::Field conditions = root["matchConditions"];
    kube::validate_match_conditions(errors, conditions, cel::Environment::Params::none);
    for (const kube::FieldError& error : errors.take())
      sink.add(webhook, path_of(error.field), fmt::format("the API server refuses it: {}", error.message));
  }
}

void match_condition_can_error(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    const json::Array* list = json::array_at(*webhook.value, {"matchConditions"});
    if (!list) continue;
    std::vector<std::string> expressions;
    for (const json::Value& one : *list) expressions.emplace_back(json::string_at(one, {"expression"}));
    RequestKinds kinds;
    for (const admission::Rule& rule : webhook.rules) {
      kinds.may_lack_object = kinds.may_lack_object || holds(rule.operations, "DELETE") || holds(rule.operations, "*");
      kinds.may_lack_old_object =
          kinds.may_lack_old_object || holds(rule.operations, "CREATE") || holds(rule.operations, "*");
    }
    const std::vector<std::string> risky = risky_accesses(expressions, kinds);
    for (std::size_t i = 0; i < risky.size(); ++i)
      if (!risky[i].empty())
        sink.add(webhook, Path("matchConditions") / i / "expression",
                 fmt::format("{} may not be there; the error then takes the failurePolicy's way", risky[i]));
  }
}

bool is_beta(std::string_view version) {
  return version.find("alpha") != std::string_view::npos || version.find("beta") != std::string_view::npos;
}

void removed_or_beta_api(const Model& model, Sink& sink) {
  std::set<const Manifest*> seen;
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.owner->api_version == beta_api && seen.insert(webhook.owner).second)
      sink.add(*webhook.owner, Path("apiVersion"), "admissionregistration.k8s.io/v1beta1 is gone since 1.22", &webhook);
    for (std::size_t i = 0; i < webhook.rules.size(); ++i) {
      const admission::Rule& rule = webhook.rules[i];
      const bool only_beta = !rule.versions.empty() && std::all_of(rule.versions.begin(), rule.versions.end(), is_beta);
      const bool built_in = std::any_of(rule.groups.begin(), rule.groups.end(), [&](const std::string& group) {
        return model.registry().has_group(group) || is_one_of(group, {"extensions", "policy"});
      });
      if (only_beta && built_in)
        sink.add(webhook, Path("rules") / i / "apiVersions",
                 fmt::format("only {} is asked for, which stops matching when it is no longer served",
                             joined(rule.versions)));
    }
  }
}

void name_not_qualified(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    const auto dots = std::count(webhook.name.begin(), webhook.name.end(), '.');
    if (dots < 2) sink.add(webhook, "name", fmt::format("\"{}\" has fewer than three labels", webhook.name));
  }
}

void conversion_webhook_several_stored_versions(const Model& model, Sink& sink) {
  for (const Manifest* definition : model.of_kind("CustomResourceDefinition")) {
    const json::Array* stored = json::array_at(definition->value, {"status", "storedVersions"});
    if (definition->text({"spec", "conversion", "strategy"}) == "Webhook" && stored && stored->size() > 1)
      sink.add(*definition, Path("status.storedVersions"),
               fmt::format("objects are stored in {} versions, and a webhook converts between them", stored->size()));
  }
}

void crd_validation_by_webhook(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    std::set<std::string> resources;
    bool custom = !webhook.rules.empty();
    for (const admission::Rule& rule : webhook.rules) {
      for (const std::string& group : rule.groups)
        custom = custom && group != "*" && !model.registry().has_group(group) && !group.empty();
      for (const std::string& item : rule.resources) {
        const std::string resource = item.substr(0, item.find('/'));
        custom = custom && resource != "*";
        resources.insert(resource);
      }
      custom = custom && !holds(rule.operations, "CONNECT") && !holds(rule.operations, "DELETE");
    }
    if (custom && resources.size() == 1)
      sink.add(webhook, "rules",
               fmt::format("the webhook only {} {}, which their own definition may do",
                           webhook.mutating() ? "sets defaults of" : "validates", *resources.begin()));
  }
}

// Words in a webhook's name or path for checks that look at the object alone.
bool sounds_static(const Webhook& webhook) {
  const std::string words =
      lowered(webhook.name + " " + webhook.owner->name + " " + (webhook.service ? webhook.service->path : webhook.url));
  for (std::string_view word :
       {"label",  "annotation", "image",    "registr",   "tag",       "latest",  "replica", "limit",
        "quota",  "privileg",   "hostpath", "host-path", "capabilit", "naming",  "require", "deny",
        "forbid", "disallow",   "block",    "restrict",  "protect",   "immutab", "schema",  "static",
        "policy", "check",      "guard",    "validat",   "allow"})
    if (words.find(word) != std::string::npos) return true;
  return false;
}

void policy_candidate(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.mutating() || webhook.rules.empty() || !sounds_static(webhook)) continue;
    const std::string_view effects = json::string_at(*webhook.value, {"sideEffects"});
    if (!effects.empty() && effects != "None") continue;
    const bool narrow = std::all_of(webhook.rules.begin(), webhook.rules.end(), [&](const admission::Rule& rule) {
      return !holds(rule.groups, "*") && !holds(rule.resources, "*") && !holds(rule.resources, "*/*") &&
             std::all_of(rule.groups.begin(), rule.groups.end(),
                         [&](const std::string& group) { return model.registry().has_group(group); });
    });
    if (narrow)
      sink.add(webhook, "rules", "the check looks static: a ValidatingAdmissionPolicy could make it without a backend");
  }
}

constexpr Rule rules[] = {{"GP601", side_effects_block_dry_run},
                          {"GP602", review_versions},
                          {"GP603", match_policy_exact},
                          {"GP604", reinvocation_needs_idempotence},
                          {"GP605", relies_on_order},
                          {"GP606", match_condition_invalid},
                          {"GP607", match_condition_can_error},
                          {"GP608", removed_or_beta_api},
                          {"GP609", name_not_qualified},
                          {"GP610", conversion_webhook_several_stored_versions},
                          {"GP611", crd_validation_by_webhook},
                          {"GP612", policy_candidate}};

}  // namespace

std::span<const Rule> semantics_rules() {
  return rules;
}

}  // namespace gatepost::lint
