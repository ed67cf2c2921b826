#include "kube/validation/pod_resources.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/pod.h"
#include "kube/validation/structure.h"

namespace gatepost::kube {
namespace {

using formats::Quantity;
using Amounts = std::map<std::string_view, Quantity>;
using NameRule = void (*)(Errors& errors, const Field& place, std::string_view name);

constexpr std::string_view huge_pages_prefix = "hugepages-";

bool is_standard_container_resource(std::string_view name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.starts_with(huge_pages_prefix);
}

}  // namespace

bool is_standard_resource(std::string_view name) {
  static constexpr std::array<std::string_view, 17> standard = {"storage",
                                                                "requests.cpu",
                                                                "requests.memory",
                                                                "requests.storage",
                                                                "requests.ephemeral-storage",
                                                                "limits.cpu",
                                                                "limits.memory",
                                                                "limits.ephemeral-storage",
                                                                "pods",
                                                                "resourcequotas",
                                                                "services",
                                                                "replicationcontrollers",
                                                                "secrets",
                                                                "persistentvolumeclaims",
                                                                "configmaps",
                                                                "services.nodeports",
                                                                "services.loadbalancers"};
  return is_standard_container_resource(name) || name.starts_with("requests.hugepages-") ||
         std::find(standard.begin(), standard.end(), name) != standard.end();
}

namespace {

bool is_native(std::string_view name) {
  return name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
}

void validate_pod_level_name(Errors& errors, const Field& place, std::string_view name) {
  std::size_t before = errors.size();
  validate_resource_name(errors, place, name);
  if (errors.size() == before && name != "cpu" && name != "memory" && !name.starts_with(huge_pages_prefix))
    errors.not_supported_shown(place, shown(name), {"cpu", "hugepages-", "memory"});
}

void whole_pages(Errors& errors, const Field& place, std::string_view name) {
  auto amount = Quantity::parse(place.text());
  if (!name.starts_with(huge_pages_prefix) || !amount) return;
  auto page = Quantity::parse(name.substr(huge_pages_prefix.size()));
  bool whole = page && page->sign() > 0 && page->milli_value() % 1000 == 0 && page->value() != 0 &&
               amount->value() % page->value() == 0;
  if (!whole)
    errors.invalid(place, std::string(place.text()) + " is not positive integer multiple of " + std::string(name));
}

void within_limit(Errors& errors, const Field& requests, const Field& request, const Field& limit,
                  std::string_view name) {
  auto wanted = Quantity::parse(request.text()), most = Quantity::parse(limit.text());
  if (!wanted || !most) return;
  int order = wanted->compare(*most);
  std::string of = std::string(name) + " limit of " + std::string(limit.text());
  if (order != 0 && !overcommit_allowed(name))
    errors.invalid_text(requests, request.text(), "must be equal to " + of);
  else if (order > 0)
    errors.invalid_text(requests, request.text(), "must be less than or equal to " + of);
}

// The names of the claims that a container's resources refer to.
void validate_claim_references(Errors& errors, const Field& references, const ClaimNames& claims) {
  std::set<std::string> used;
  for_each(references, [&](const Field& reference) {
    std::string name(reference["name"].text());
    Field request = reference["request"];
    if (name.empty()) {
      errors.required(reference);
      return;
    }
    if (used.contains(name)) {
      errors.duplicate_shown(reference, shown(std::string_view(name)));
    } else {
      std::string key = name;
      if (!request.text().empty()) {
        errors.invalid_each(request, request.text(), formats::dns1123_label(request.text()));
        key += "/" + std::string(request.text());
      }
      if (used.contains(key))
        errors.duplicate_shown(reference, shown(std::string_view(key)));
      else if (request.text().empty())
        for (const std::string& other : used)
          if (other.starts_with(name + "/")) errors.duplicate_shown(reference, shown(std::string_view(name)));
      used.insert(key);
    }
    if (claims.contains(name)) return;
    std::string detail = "must be one of the names in pod.spec.resourceClaims";
    if (claims.empty()) detail += " which is empty";
    char separator = ':';
    for (std::string_view claim : claims) {
      detail += separator;
      detail += ' ';
      detail += claim;
      separator = ',';
    }
    errors.not_found(reference, name, detail);
  });
}

void validate_requirements(Errors& errors, const Field& resources, NameRule name_rule, const ClaimNames& claims) {
  Field limits = resources["limits"], requests = resources["requests"];
  bool compute = false, huge_pages = false;
  auto each = [&](const Field& list, auto check) {
    if (!list.object()) return;
    for (const auto& entry : *list.object()) {
      std::string_view name = entry.key();
      Field place = list.key(name);
      name_rule(errors, place, name);
      validate_quantity(errors, place, name);
      check(name, place);
      whole_pages(errors, place, name);
      huge_pages |= name.starts_with(huge_pages_prefix);
      compute |= name == "cpu" || name == "memory";
    }
  };
  each(limits, [](std::string_view, const Field&) {});
  each(requests, [&](std::string_view name, const Field& request) {
    Field limit = limits.key(name);
    if (limit.present())
      within_limit(errors, requests, request, limit, name);
    else if (!overcommit_allowed(name))
      errors.required(limits, "Limit must be set for non overcommitable resources");
  });
  if (huge_pages && !compute) errors.forbidden(resources, "HugePages require cpu or memory");
  validate_claim_references(errors, resources["claims"], claims);
}

void for_each_amount(const Field& list, auto each) {
  if (!list.object()) return;
  for (const auto& entry : *list.object()) {
    Field place = list.key(entry.key());
    if (auto amount = Quantity::parse(place.text())) each(entry.key(), *amount);
  }
}

void add(Amounts& to, const Amounts& more) {
  for (const auto& [name, amount] : more) {
    auto [found, fresh] = to.emplace(name, amount);
    if (!fresh) found->second = found->second.plus(amount);
  }
}

void raise(Amounts& to, const Amounts& least) {
  for (const auto& [name, amount] : least) {
    auto [found, fresh] = to.emplace(name, amount);
    if (!fresh && amount.compare(found->second) > 0) found->second = amount;
  }
}

// What all containers need at once: those that run, or the largest step of initialisation with the sidecars before it.
Amounts needed_at_once(const Field& spec, std::string_view which) {
  auto of = [&](const Field& container) {
    Amounts out;
    Field resources = container["resources"];
    for_each_amount(resources[which],
                    [&](std::string_view name, const Quantity& amount) { out.emplace(name, amount); });
    return out;
  };
  Amounts running, sidecars, initialising;
  Field containers = spec["containers"], init_containers = spec["initContainers"];
  for_each(containers, [&](const Field& container) { add(running, of(container)); });
  for_each(init_containers, [&](const Field& container) {
    Amounts own = of(container);
    if (container["restartPolicy"].is("Always")) {
      add(running, own);
      add(sidecars, own);
      own = sidecars;
    } else {
      add(own, sidecars);
    }
    raise(initialising, own);
  });
  raise(running, initialising);
  return running;
}

void consistent_with_containers(Errors& errors, const Field& spec, const Field& resources) {
  Field requests = resources["requests"], limits = resources["limits"];
  auto enough = [&](const Field& list, std::string_view name, const Quantity& needed, const char* of) {
    Field place = list.key(name);
    auto amount = Quantity::parse(place.text());
    if (place.present() && amount && needed.compare(*amount) > 0)
      errors.invalid(place, std::string("must be greater than or equal to aggregate container ") + of + " of " +
                                needed.canonical());
  };
  for (const auto& [name, needed] : needed_at_once(spec, "requests")) enough(requests, name, needed, "requests");
  for (const auto& [name, needed] : needed_at_once(spec, "limits"))
    if (name.starts_with(huge_pages_prefix)) enough(limits, name, needed, "limits");
  // The real path goes on below the pod's resources.
  Field containers = spec["containers"];
  Field place = resources["containers"].with(containers.value());
  for_each(place, [&](const Field& container) {
    Field own_resources = container["resources"];
    for_each_amount(own_resources["limits"], [&](std::string_view name, const Quantity& limit) {
      auto most = Quantity::parse(limits.key(name).text());
      Field named = container.key(name);
      if (limits.key(name).present() && most && limit.compare(*most) > 0)
        errors.invalid_text(named["limits"], limit.canonical(),
                            "must be less than or equal to pod limits of " + most->canonical());
    });
  });
}

constexpr std::array claim_members = {Member{"Name", "name", "\"\""}, Member{"ResourceClaimName", "resourceClaimName"},
                                      Member{"ResourceClaimTemplateName", "resourceClaimTemplateName"}};

}  // namespace

bool is_extended_resource(std::string_view name) {
  return !is_native(name) && !name.starts_with("requests.") &&
         formats::label_key("requests." + std::string(name)).empty();
}

bool overcommit_allowed(std::string_view name) {
  return is_native(name) && !name.starts_with(huge_pages_prefix);
}

void validate_resource_name(Errors& errors, const Field& place, std::string_view name) {
  auto complaints = formats::label_key(name);
  errors.invalid_each(place, name, complaints);
  if (complaints.empty() && name.find('/') == std::string_view::npos && !is_standard_resource(name))
    errors.invalid_text(place, name, "must be a standard resource type or fully qualified");
}

void validate_container_resource_name(Errors& errors, const Field& place, std::string_view name) {
  validate_resource_name(errors, place, name);
  if (name.find('/') == std::string_view::npos) {
    if (!is_standard_container_resource(name))
      errors.invalid_text(place, name, "must be a standard resource for containers");
  } else if (!is_native(name) && !is_extended_resource(name)) {
    errors.invalid_text(place, name, "doesn't follow extended resource name standard");
  }
}

ClaimNames validate_resource_claims(Errors& errors, const Field& claims, const Field* pod_metadata) {
  ClaimNames all, seen;
  for_each(claims, [&](const Field& claim) {
    Field name = claim["name"], direct = claim["resourceClaimName"], made = claim["resourceClaimTemplateName"];
    if (!name.text().empty()) all.insert(name.text());
    if (pod_metadata) {
      Field annotations = (*pod_metadata)["annotations"];
      if (annotations.key("kubernetes.io/config.mirror").value()) {
        Field nowhere(nullptr);
        errors.forbidden(nowhere[""], "static pods do not support resource claims");
        return;
      }
    }
    if (name.text().empty())
      errors.required(name);
    else if (seen.contains(name.text()))
      errors.duplicate(name);
    else {
      errors.invalid_each(name, name.text(), formats::dns1123_label(name.text()));
      seen.insert(name.text());
    }
    if (direct.present() && made.present())
      errors.invalid_shown(claim, shown_structure(claim, claim_members),
                           "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
    if (!direct.present() && !made.present())
      errors.invalid_shown(claim, shown_structure(claim, claim_members),
                           "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
    for (const Field& reference : {direct, made})
      if (reference.present())
        errors.invalid_each(reference, reference.text(), formats::dns1123_subdomain(reference.text()));
  });
  return all;
}

void validate_container_resources(Errors& errors, const Field& resources, const ClaimNames& claims) {
  validate_requirements(errors, resources, validate_container_resource_name, claims);
}

void validate_overhead(Errors& errors, const Field& overhead) {
  if (!overhead.object()) return;
  // The rules of requirements, whose limits these amounts are.
  json::Value requirements(json::Object{{"limits", *overhead.value()}});
  validate_container_resources(errors, overhead.with(&requirements), {});
}

void validate_pod_level_resources(Errors& errors, const Field& spec, const ClaimNames& claims) {
  Field resources = spec["resources"], os = spec["os"];
  if (!resources.present()) return;
  if (os["name"].is("windows")) {
    errors.forbidden(resources, "may not be set for a windows pod");
    return;
  }
  if (resources["claims"].present())
    errors.forbidden(resources["claims"], "claims may not be set for Resources at pod-level");
  validate_requirements(errors, resources, validate_pod_level_name, claims);
  consistent_with_containers(errors, spec, resources);
}

}  // namespace gatepost::kube
