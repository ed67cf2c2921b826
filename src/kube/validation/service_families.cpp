#include "formats/ip.h"
#include "kube/schema/default_hooks.h"
#include "kube/schema/prepare_kinds.h"
#include "kube/validation/address.h"
#include "kube/validation/service.h"

namespace gatepost::kube {
namespace {

constexpr std::string_view single = "SingleStack", prefer = "PreferDualStack", require = "RequireDualStack";

struct Spec {
  explicit Spec(json::Value& service) : object(service.get_object()["spec"].get_object()), root(&service) {}
  // The state of now, with its path for complaints.
  Field field() const { return root["spec"]; }
  json::Object& object;
  Field root;
};

bool same_list(const Field& a, const Field& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!a.item(i).is(b.item(i).text())) return false;
  return true;
}

// Two families are wanted where they can be had, before and now, and nothing about addresses changed: they stay.
bool is_settled(const Field& spec, const Field& old_spec) {
  Field policy = spec["ipFamilyPolicy"], old_policy = old_spec["ipFamilyPolicy"];
  Field ips = spec["clusterIPs"], old_ips = old_spec["clusterIPs"];
  Field families = spec["ipFamilies"], old_families = old_spec["ipFamilies"];
  return spec["type"].is(old_spec["type"].text()) && policy.is(prefer) && old_policy.is(prefer) &&
         same_list(ips, old_ips) && same_list(families, old_families);
}

void settle_policy(json::Object& spec, const Field& now, const Field* old_spec) {
  if (now["ipFamilyPolicy"].present()) return;
  bool anything = now["clusterIP"].is("None") && now["selector"].empty();
  std::string policy(anything ? require : single);
  if (old_spec) {
    Field old_policy = (*old_spec)["ipFamilyPolicy"];
    if (old_policy.present()) policy = old_policy.text();
  }
  spec["ipFamilyPolicy"] = policy;
}

// To ask for one family is to give up the second one that was there.
void reduce(json::Object& spec, const Field& now, const Field& old_spec) {
  for (std::string_view name : {"clusterIPs", "ipFamilies"}) {
    Field list = now[name], old_list = old_spec[name];
    if (list.size() > 1 && same_list(list, old_list)) spec[name].get_array().resize(1);
  }
}

void refuse_reduction(Errors& errors, const Field& now, const Field& old_spec) {
  Field policy = now["ipFamilyPolicy"];
  auto fewer = [&](std::string_view name, const char* complaint) {
    Field list = now[name], old_list = old_spec[name];
    if (!list.empty() && list.size() < old_list.size()) errors.invalid(policy, complaint);
  };
  fewer("clusterIPs", "must be 'SingleStack' to release the secondary cluster IP");
  fewer("ipFamilies", "must be 'SingleStack' to release the secondary IP family");
}

void refuse_two(Errors& errors, const Field& now) {
  Field policy = now["ipFamilyPolicy"], ips = now["clusterIPs"], families = now["ipFamilies"];
  if (!policy.is(single)) return;
  if (ips.size() == 2)
    errors.invalid(policy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
  if (families.size() == 2)
    errors.invalid(policy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
}

json::Array& families_of(json::Object& spec) {
  json::Value& families = spec["ipFamilies"];
  if (!families.is_array()) families.emplace_array();
  return families.get_array();
}

// The families that the addresses have, where the list does not say.
void infer_families(Errors& errors, json::Object& spec, const Field& now) {
  Field ips = now["clusterIPs"];
  std::size_t known = now["ipFamilies"].size();
  for (std::size_t i = 0; i < ips.size(); ++i) {
    Field one = ips.item(i);
    if (one.is("None")) return;
    if (i < known) continue;
    auto address = read_address(one.text());
    if (!address) continue;
    if (address->v6)
      errors.invalid_shown(one, shown(ips.value()), "IPv6 is not configured on this cluster");
    else
      families_of(spec).emplace_back("IPv4");
  }
}

// A service without addresses and without a selector may have endpoints of families that the cluster does not have.
void settle_anything(json::Object& spec) {
  json::Array& families = families_of(spec);
  if (families.empty()) families.emplace_back("IPv4");
  if (families.size() > 1 || text_of(spec, "ipFamilyPolicy") == single) return;
  bool has_v4 = families[0] == json::Value("IPv4");
  families.emplace_back(has_v4 ? "IPv6" : "IPv4");
}

void refuse_unconfigured(Errors& errors, const Field& now) {
  Field policy = now["ipFamilyPolicy"], families = now["ipFamilies"];
  if (policy.is(require)) errors.invalid(policy, "this cluster is not configured for dual-stack services");
  for_each(families, [&](const Field& family) {
    if (!family.is("IPv4")) errors.invalid(family, "not configured on this cluster");
  });
}

}  // namespace

std::vector<FieldError> settle_service(json::Value& service, const json::Value* old_service) {
  json::Value& spec_value = service.get_object()["spec"];
  if (!spec_value.is_object()) spec_value.emplace_object();
  Spec spec(service);
  Field old_root(old_service), old_spec = old_root["spec"];
  complete_service(spec.object, old_service ? old_spec.object() : nullptr);
  if (text_of(spec.object, "type") == "ExternalName") return {};
  Errors errors;
  {
    Field now = spec.field();
    if (old_service && is_settled(now, old_spec)) return {};
  }
  settle_policy(spec.object, spec.field(), old_service ? &old_spec : nullptr);
  Field now = spec.field();
  validate_cluster_addresses(errors, now);
  if (!errors.empty()) return errors.take();
  if (old_service) {
    if (text_of(spec.object, "ipFamilyPolicy") == single)
      reduce(spec.object, now, old_spec);
    else
      refuse_reduction(errors, now, old_spec);
  }
  refuse_two(errors, now);
  infer_families(errors, spec.object, now);
  if (!errors.empty()) return errors.take();
  if (text_of(spec.object, "clusterIP") == "None") {
    const json::Object* selector = object_of(spec.object, "selector");
    if (!selector || selector->empty()) {
      settle_anything(spec.object);
      return {};
    }
  }
  refuse_unconfigured(errors, now);
  if (!errors.empty()) return errors.take();
  if (json::Array& families = families_of(spec.object); families.empty()) families.emplace_back("IPv4");
  return {};
}

}  // namespace gatepost::kube
