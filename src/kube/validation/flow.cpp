#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "formats/names.h"
#include "kube/validation/kinds.h"

// FlowSchema and PriorityLevelConfiguration (pkg/apis/flowcontrol/validation).
namespace gatepost::kube {
namespace {

constexpr std::int64_t highest_precedence = 10000, most_queues = 10'000'000, hash_bits = 60;
constexpr Choices verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"};

bool has_wildcard(const Field& list) {
  bool found = false;
  for_each(list, [&](const Field& item) { found |= item.is("*"); });
  return found;
}

void alone_if_wildcard(Errors& errors, const Field& list, const char* what) {
  if (list.size() > 1 && has_wildcard(list))
    errors.invalid(list, std::string("if '*' is present, must not specify other ") + what);
}

void validate_verbs(Errors& errors, const Field& list) {
  if (list.empty()) return errors.required(list, "verbs must contain at least one value");
  if (has_wildcard(list)) return alone_if_wildcard(errors, list, "verbs");
  bool known = true;
  for_each(list, [&](const Field& verb) { known &= verb.is_one_of(verbs); });
  if (!known) errors.not_supported(list, verbs);
}

void validate_url(Errors& errors, const Field& url) {
  std::string_view path = url.text();
  if (path.empty())
    errors.invalid(url, "must not be empty");
  else if (!path.starts_with('/'))
    errors.invalid(url, "must start with slash");
  else if (path.find(' ') != std::string_view::npos)
    errors.invalid(url, "must not contain white-space");
  else if (path.find("//") != std::string_view::npos)
    errors.invalid(url, "must not contain double slash");
  else if (auto stars = std::count(path.begin(), path.end(), '*'); stars > 1 || (stars == 1 && !path.ends_with("/*")))
    errors.invalid(url, "wildcard can only do suffix matching");
}

void validate_url_rule(Errors& errors, const Field& rule) {
  Field urls = rule["nonResourceURLs"];
  validate_verbs(errors, rule["verbs"]);
  if (urls.empty())
    errors.required(urls, "nonResourceURLs must contain at least one value");
  else if (has_wildcard(urls))
    alone_if_wildcard(errors, urls, "non-resource URLs");
  else
    for_each(urls, [&](const Field& url) { validate_url(errors, url); });
}

void validate_resource_rule(Errors& errors, const Field& rule) {
  Field groups = rule["apiGroups"], resources = rule["resources"], spaces = rule["namespaces"];
  validate_verbs(errors, rule["verbs"]);
  if (groups.empty()) errors.required(groups, "resource rules must supply at least one api group");
  alone_if_wildcard(errors, groups, "api groups");
  if (resources.empty()) errors.required(resources, "resource rules must supply at least one resource");
  alone_if_wildcard(errors, resources, "resources");
  if (spaces.empty() && !rule["clusterScope"].truth())
    errors.required(spaces, "resource rules that are not cluster scoped must supply at least one namespace");
  if (has_wildcard(spaces)) return alone_if_wildcard(errors, spaces, "namespaces");
  for_each(spaces, [&](const Field& space) {
    for (const std::string& complaint : formats::dns1123_label(space.text()))
      errors.invalid(space, "each member of this list must be '*' or a DNS-1123 label; " + complaint);
  });
}

void validate_account(Errors& errors, const Field& account) {
  Field name = account["name"], space = account["namespace"];
  if (name.text().empty())
    errors.required(name);
  else if (!name.is("*"))
    errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
  if (space.text().empty())
    errors.required(space, "must specify namespace for service account");
  else
    errors.invalid_each(space, space.text(), formats::dns1123_label(space.text()));
}

void validate_subject(Errors& errors, const Field& subject) {
  struct Form {
    std::string_view kind, member;
  };
  // In the order in which members that do not belong are told.
  static constexpr std::array forms = {Form{"ServiceAccount", "serviceAccount"}, Form{"User", "user"},
                                       Form{"Group", "group"}};
  Field kind = subject["kind"];
  auto own = std::find_if(forms.begin(), forms.end(), [&](const Form& form) { return kind.is(form.kind); });
  if (own == forms.end()) {
    errors.not_supported(kind, {"Group", "ServiceAccount", "User"});
    return;
  }
  Field member = subject[own->member];
  if (!member.present())
    errors.required(member,
                    std::string(own->member) + " is required when subject kind is '" + std::string(own->kind) + "'");
  else if (own->kind == "ServiceAccount")
    validate_account(errors, member);
  else if (member["name"].text().empty())
    errors.required(member["name"]);
  for (const Form& form : forms)
    if (&form != &*own && subject[form.member].present())
      errors.forbidden(subject[form.member], std::string(form.member) + " is forbidden when subject kind is not '" +
                                                 std::string(form.kind) + "'");
}

void validate_conditions(Errors& errors, const Field& status) {
  Field conditions = status["conditions"];
  std::set<std::string_view> types;
  for_each(conditions, [&](const Field& condition) {
    Field type = condition["type"];
    if (!types.insert(type.text()).second) errors.duplicate_shown(type, shown(type.text()));
    if (type.text().empty()) errors.required(type);
  });
}

void create_schema(Errors& errors, const Field& object) {
  Field spec = object["spec"], metadata = object["metadata"];
  Field precedence = spec["matchingPrecedence"], method = spec["distinguisherMethod"],
        level = spec["priorityLevelConfiguration"], rules = spec["rules"];
  std::int64_t value = precedence.integer();
  auto complain = [&](const std::string& what) { errors.invalid_number(precedence, value, what); };
  if (value <= 0) complain("must be a positive value");
  if (value > highest_precedence) complain("must not be greater than " + std::to_string(highest_precedence));
  if (value == 1 && !metadata["name"].is("exempt"))
    complain("only the schema named 'exempt' may have matchingPrecedence 1");
  if (method.present() && !method["type"].is_one_of({"ByNamespace", "ByUser"}))
    errors.not_supported_shown(method["type"], "{\"Type\":" + shown(method["type"].text()) + "}",
                               {"ByNamespace", "ByUser"});
  Field name = level["name"];
  if (name.text().empty())
    errors.required(name, "must reference a priority level");
  else
    errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
  for_each(rules, [&](const Field& rule) {
    Field subjects = rule["subjects"], resources = rule["resourceRules"], urls = rule["nonResourceRules"];
    if (subjects.empty()) errors.required(subjects, "subjects must contain at least one value");
    for_each(subjects, [&](const Field& subject) { validate_subject(errors, subject); });
    if (resources.empty() && urls.empty())
      errors.required(rule, "at least one of resourceRules and nonResourceRules has to be non-empty");
    for_each(resources, [&](const Field& one) { validate_resource_rule(errors, one); });
    for_each(urls, [&](const Field& one) { validate_url_rule(errors, one); });
  });
  validate_conditions(errors, object["status"]);
}

void validate_queuing(Errors& errors, const Field& queuing) {
  Field length = queuing["queueLengthLimit"], queues = queuing["queues"], hand = queuing["handSize"];
  auto complain = [&](const Field& field, const std::string& what) {
    errors.invalid_number(field, field.integer(), what);
  };
  if (length.integer() <= 0) complain(length, "must be positive");
  if (queues.integer() <= 0)
    complain(queues, "must be positive");
  else if (queues.integer() > most_queues)
    complain(queues, "must not be greater than " + std::to_string(most_queues));
  // The bits of a hash that dealing a hand uses up.
  auto needed = [&] {
    return std::ceil(std::log2(static_cast<double>(queues.integer())) * static_cast<double>(hand.integer()));
  };
  if (hand.integer() <= 0)
    complain(hand, "must be positive");
  else if (hand.integer() > queues.integer())
    complain(hand, "should not be greater than queues (" + std::to_string(queues.integer()) + ")");
  else if (needed() > hash_bits)
    complain(hand, "required entropy bits of deckSize " + std::to_string(queues.integer()) + " and handSize " +
                       std::to_string(hand.integer()) + " should not be greater than " + std::to_string(hash_bits));
}

void validate_response(Errors& errors, const Field& response) {
  Field type = response["type"], queuing = response["queuing"];
  if (type.is("Reject")) {
    if (queuing.present()) errors.forbidden(queuing, "must be nil if limited.limitResponse.type is not Limited");
  } else if (type.is("Queue")) {
    if (queuing.present())
      validate_queuing(errors, queuing);
    else
      errors.required(queuing, "must not be empty if limited.limitResponse.type is Limited");
  } else {
    errors.choice(type, {"Queue", "Reject"});
  }
}

void validate_shares(Errors& errors, const Field& level) {
  Field shares = level["nominalConcurrencyShares"];
  if (shares.integer() < 0) errors.invalid(shares, "must be a non-negative integer");
}

void validate_lendable(Errors& errors, const Field& level) {
  Field lendable = level["lendablePercent"];
  if (lendable.present() && (lendable.integer() < 0 || lendable.integer() > 100))
    errors.invalid(lendable, "must be between 0 and 100, inclusive");
}

void create_level(Errors& errors, const Field& object) {
  Field spec = object["spec"], metadata = object["metadata"];
  Field type = spec["type"], limited = spec["limited"], exempt = spec["exempt"];
  if (metadata["name"].is("exempt") != type.is("Exempt"))
    errors.invalid_text(type, type.text(), "must be 'Exempt' if and only if `name` is 'exempt'");
  if (type.is("Exempt")) {
    if (limited.present()) errors.forbidden(limited, "must be nil if the type is not Limited");
    validate_shares(errors, exempt);
    validate_lendable(errors, exempt);
  } else if (type.is("Limited")) {
    if (exempt.present()) errors.forbidden(exempt, "must be nil if the type is Limited");
    if (limited.present()) {
      validate_shares(errors, limited);
      Field response = limited["limitResponse"], borrowing = limited["borrowingLimitPercent"];
      validate_response(errors, response);
      validate_lendable(errors, limited);
      if (borrowing.integer() < 0) errors.invalid(borrowing, "if specified, must be a non-negative integer");
    } else {
      errors.required(limited, "must not be empty when type is Limited");
    }
  } else {
    errors.choice(type, {"Exempt", "Limited"});
  }
  validate_conditions(errors, object["status"]);
}

}  // namespace

std::span<const KindRules> flow_rules() {
  static constexpr std::array rows = {
      KindRules{"flowcontrol.apiserver.k8s.io", "FlowSchema", create_schema},
      KindRules{"flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", create_level},
  };
  return rows;
}

}  // namespace gatepost::kube
