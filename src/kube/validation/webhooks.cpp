#include <algorithm>
#include <array>
#include <set>

#include "cel/environment.h"
#include "cel/types.h"
#include "formats/names.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/webhook_rules.h"
#include "net/url.h"

namespace gatepost::kube {
namespace {

constexpr std::size_t most_conditions = 64;

bool has_wildcard(const Field& list) {
  bool found = false;
  for_each(list, [&](const Field& item) { found |= item.is("*"); });
  return found;
}

// "a/b" -> a, b; without a slash `sub` is nothing.
struct ResourceText {
  std::string resource;
  std::optional<std::string> sub;
};

ResourceText split_resource(std::string_view text) {
  std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {std::string(text), std::nullopt};
  return {std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

void validate_rule_resources(Errors& errors, const Field& resources) {
  if (resources.empty()) errors.required(resources);
  std::set<std::string> all_subs_of, all_resources_of;
  bool double_star = false, star = false, plain = false;
  for_each(resources, [&](const Field& item) {
    std::string text(item.text());
    if (text.empty()) {
      errors.required(item);
      return;
    }
    double_star |= text == "*/*";
    star |= text == "*";
    auto [resource, sub] = split_resource(text);
    if (!sub) {
      plain = text != "*";
      return;
    }
    if (all_subs_of.contains(resource))
      errors.invalid(item, "if '" + resource + "/*' is present, must not specify " + text);
    if (all_resources_of.contains(*sub))
      errors.invalid(item, "if '*/" + *sub + "' is present, must not specify " + text);
    if (*sub == "*") all_subs_of.insert(resource);
    if (resource == "*") all_resources_of.insert(*sub);
  });
  if (resources.size() > 1 && double_star)
    errors.invalid(resources, "if '*/*' is present, must not specify other resources");
  if (star && plain)
    errors.invalid(resources, "if '*' is present, must not specify other resources without subresources");
}

void validate_url(Errors& errors, const Field& url) {
  static constexpr const char* form = "; desired format: https://host[/path]";
  auto parsed = net::url::parse(url.text());
  if (!parsed) {
    errors.required(url, "url must be a valid URL: " + parsed.error().text + form);
    return;
  }
  if (parsed->scheme != "https")
    errors.invalid_text(url, parsed->scheme, std::string("'https' is the only allowed URL scheme") + form);
  if (parsed->host.empty()) errors.invalid_text(url, "", std::string("host must be specified") + form);
  if (parsed->user) {
    std::string user = net::url::path_escape(parsed->user->name);
    if (parsed->user->password) user += ":" + net::url::path_escape(*parsed->user->password);
    errors.invalid_text(url, user, "user information is not permitted in the URL");
  }
  if (!parsed->fragment.empty()) errors.invalid_text(url, parsed->fragment, "fragments are not permitted in the URL");
  if (!parsed->raw_query.empty())
    errors.invalid_text(url, parsed->raw_query, "query parameters are not permitted in the URL");
}

void validate_service_path(Errors& errors, const Field& path) {
  std::string_view text = path.text();
  if (text.empty() || text == "/") return;
  if (text == "//") {
    errors.invalid(path, "segment[0] may not be empty");
    return;
  }
  if (!text.starts_with('/')) errors.invalid(path, "must start with a '/'");
  std::string_view rest = text.substr(1);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  for (std::size_t i = 0;; ++i) {
    std::size_t slash = rest.find('/');
    std::string_view step = rest.substr(0, slash);
    std::string segment = "segment[" + std::to_string(i) + "]";
    if (step.empty())
      errors.invalid(path, segment + " may not be empty");
    else
      for (const std::string& complaint : formats::dns1123_subdomain(step))
        errors.invalid(path, segment + ": " + complaint);
    if (slash == std::string_view::npos) return;
    rest.remove_prefix(slash + 1);
  }
}

void validate_service(Errors& errors, const Field& service) {
  // kube-apiserver hands name and namespace over in the wrong order, so each is told missing by the other's name.
  if (service["namespace"].text().empty()) errors.required(service["name"]);
  if (service["name"].text().empty()) errors.required(service["namespace"]);
  Field port = service["port"];
  if (auto complaints = formats::port_number(port.integer(443)); !complaints.empty())
    errors.invalid(port, "port is not valid: " + formats::joined(complaints, ", "));
  validate_service_path(errors, service["path"]);
}

void validate_client_config(Errors& errors, const Field& config) {
  Field url = config["url"], service = config["service"];
  if (url.present() == service.present())
    errors.required(config, "exactly one of url or service is required");
  else if (url.present())
    validate_url(errors, url);
  else
    validate_service(errors, service);
}

void validate_review_versions(Errors& errors, const Field& versions, bool require_known) {
  if (versions.empty()) {
    errors.required(versions, "must specify one of v1, v1beta1");
    return;
  }
  std::set<std::string_view> seen;
  bool known = false;
  for_each(versions, [&](const Field& version) {
    if (!seen.insert(version.text()).second) {
      errors.invalid(version, "duplicate version");
      return;
    }
    errors.invalid_each(version, version.text(), formats::dns1035_label(version.text()));
    known |= version.is_one_of({"v1", "v1beta1"});
  });
  if (require_known && !known) errors.invalid(versions, "must include at least one of v1, v1beta1");
}

void validate_expression(Errors& errors, const Field& field, cel::Environment::Params params) {
  std::string text(trimmed(field.text()));
  auto program = cel::Environment::match_conditions(params)->compile(text);
  if (!program) {
    bool check = program.error().stage == cel::CompileError::Stage::Check;
    std::string detail = (check ? "compilation failed: " : "program instantiation failed: ") + program.error().text;
    if (check)
      errors.invalid_text(field, text, std::move(detail));
    else
      errors.internal(field, std::move(detail));
    return;
  }
  std::string type = cel::declared_name(program->result_type());
  if (type != "bool") errors.invalid_text(field, text, "must evaluate to bool but got " + type);
}

// What an update may leave as it was, because the stored object had it already.
struct Leniency {
  bool conditions = false, side_effects = false, versions = false, names = false, selector_values = false;
};

void validate_webhook(Errors& errors, const Field& hook, bool mutating, const Leniency& lenient) {
  Field name = hook["name"];
  if (name.text().empty())
    errors.required(name);
  else if (std::string complaint = formats::fully_qualified_name(name.text()); !complaint.empty())
    errors.invalid(name, complaint);
  Field rules = hook["rules"];
  for_each(rules, [&](const Field& rule) { validate_rule_with_operations(errors, rule); });
  auto optional_choice = [&](std::string_view key, Choices choices) {
    Field field = hook[key];
    if (field.present() && !field.is_one_of(choices)) errors.not_supported(field, choices);
  };
  optional_choice("failurePolicy", {"Fail", "Ignore"});
  optional_choice("matchPolicy", {"Equivalent", "Exact"});
  Field side_effects = hook["sideEffects"];
  if (!side_effects.present())
    errors.required(side_effects, lenient.side_effects ? "must specify one of None, NoneOnDryRun, Some, Unknown"
                                                       : "must specify one of None, NoneOnDryRun");
  else if (lenient.side_effects)
    optional_choice("sideEffects", {"None", "NoneOnDryRun", "Some", "Unknown"});
  else
    optional_choice("sideEffects", {"None", "NoneOnDryRun"});
  Field timeout = hook["timeoutSeconds"];
  if (timeout.present() && (timeout.integer() > 30 || timeout.integer() < 1))
    errors.invalid(timeout, "the timeout value must be between 1 and 30 seconds");
  SelectorValues values = lenient.selector_values ? SelectorValues::any : SelectorValues::checked;
  validate_label_selector(errors, hook["namespaceSelector"], values);
  validate_label_selector(errors, hook["objectSelector"], values);
  if (mutating) optional_choice("reinvocationPolicy", {"IfNeeded", "Never"});
  validate_client_config(errors, hook["clientConfig"]);
  if (!lenient.conditions) validate_match_conditions(errors, hook["matchConditions"], cel::Environment::Params::none);
}

void validate_webhooks(Errors& errors, const Field& configuration, bool mutating, const Leniency& lenient) {
  std::set<std::string_view> names;
  Field hooks = configuration["webhooks"];
  for_each(hooks, [&](const Field& hook) {
    validate_webhook(errors, hook, mutating, lenient);
    validate_review_versions(errors, hook["admissionReviewVersions"], !lenient.versions);
    Field name = hook["name"];
    if (!lenient.names && !name.text().empty() && !names.insert(name.text()).second) errors.duplicate(name);
  });
}

Leniency leniency_of(const Field& now, const Field& before) {
  Leniency out;
  Field hooks = now["webhooks"], old_hooks = before["webhooks"];
  out.conditions = hooks.size() == old_hooks.size();
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < old_hooks.size(); ++i) {
    Field old_hook = old_hooks.item(i);
    if (out.conditions) {
      Field hook = hooks.item(i);
      out.conditions = equal(hook["matchConditions"], old_hook["matchConditions"]);
    }
    out.side_effects |= !old_hook["sideEffects"].is_one_of({"None", "NoneOnDryRun"});
    bool known = old_hook["admissionReviewVersions"].empty();
    Field versions = old_hook["admissionReviewVersions"];
    for_each(versions, [&](const Field& version) { known |= version.is_one_of({"v1", "v1beta1"}); });
    out.versions |= !known;
    out.names |= !names.insert(old_hook["name"].text()).second;
    Errors selectors;
    validate_label_selector(selectors, old_hook["namespaceSelector"]);
    validate_label_selector(selectors, old_hook["objectSelector"]);
    out.selector_values |= !selectors.empty();
  }
  return out;
}

void create_validating(Errors& errors, const Field& object) {
  validate_webhooks(errors, object, false, {});
}
void create_mutating(Errors& errors, const Field& object) {
  validate_webhooks(errors, object, true, {});
}
void update_validating(Errors& errors, const Field& now, const Field& before) {
  validate_webhooks(errors, now, false, leniency_of(now, before));
}
void update_mutating(Errors& errors, const Field& now, const Field& before) {
  validate_webhooks(errors, now, true, leniency_of(now, before));
}

}  // namespace

void validate_webhook_url(Errors& errors, const Field& url) {
  validate_url(errors, url);
}

void validate_webhook_service(Errors& errors, const Field& service) {
  validate_service(errors, service);
}

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view space = " \t\n\r\v\f";
  std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

void validate_rule_with_operations(Errors& errors, const Field& rule) {
  Field operations = rule["operations"], groups = rule["apiGroups"], versions = rule["apiVersions"],
        scope = rule["scope"];
  if (operations.empty()) errors.required(operations);
  if (operations.size() > 1 && has_wildcard(operations))
    errors.invalid(operations, "if '*' is present, must not specify other operations");
  for_each(operations, [&](const Field& operation) {
    static constexpr auto known = {std::string_view("*"), std::string_view("CONNECT"), std::string_view("CREATE"),
                                   std::string_view("DELETE"), std::string_view("UPDATE")};
    if (!operation.is_one_of(known)) errors.not_supported(operation, known);
  });
  if (groups.empty()) errors.required(groups);
  if (groups.size() > 1 && has_wildcard(groups))
    errors.invalid(groups, "if '*' is present, must not specify other API groups");
  if (versions.empty()) errors.required(versions);
  if (versions.size() > 1 && has_wildcard(versions))
    errors.invalid(versions, "if '*' is present, must not specify other API versions");
  for_each(versions, [&](const Field& version) {
    if (version.text().empty()) errors.required(version);
  });
  validate_rule_resources(errors, rule["resources"]);
  if (scope.present() && !scope.is_one_of({"*", "Cluster", "Namespaced"}))
    errors.not_supported(scope, {"*", "Cluster", "Namespaced"});
}

void validate_match_conditions(Errors& errors, const Field& conditions, cel::Environment::Params params) {
  std::set<std::string_view> names;
  if (conditions.size() > most_conditions) errors.too_many(conditions, conditions.size(), most_conditions);
  for_each(conditions, [&](const Field& condition) {
    Field expression = condition["expression"], name = condition["name"];
    if (trimmed(expression.text()).empty())
      errors.required(expression);
    else
      validate_expression(errors, expression, params);
    if (name.text().empty()) {
      errors.required(name);
      return;
    }
    errors.invalid_each(name, name.text(), formats::label_key(name.text()));
    if (!names.insert(name.text()).second) errors.duplicate(name);
  });
}

std::span<const KindRules> webhook_rules() {
  static constexpr std::array rows = {
      KindRules{"admissionregistration.k8s.io", "ValidatingWebhookConfiguration", create_validating, update_validating,
                false, false},
      KindRules{"admissionregistration.k8s.io", "MutatingWebhookConfiguration", create_mutating, update_mutating, false,
                false},
  };
  return rows;
}

}  // namespace gatepost::kube
