#include "x509/extensions.h"

#include <unordered_set>

#include "x509/algorithms.h"
#include "x509/der.h"
#include "x509/domain.h"
#include "x509/name_constraints.h"
#include "x509/text.h"

namespace gatepost::x509 {
namespace {

// What a reader did not understand counts against a critical extension.
enum class Handled { yes, no };

Result<Handled> read_key_usage(Certificate& certificate, const Extension& extension) {
  auto bits = Der(extension.value).bit_string();
  if (!bits) return fail("x509: invalid key usage");
  for (unsigned i = 0; i < 9; ++i) {
    if (bits->bit(i)) certificate.usage |= 1u << i;
  }
  return Handled::yes;
}

Result<Handled> read_basic_constraints(Certificate& certificate, const Extension& extension) {
  const auto invalid = [] { return fail("x509: invalid basic constraints"); };
  auto fields = Der(extension.value).enter(tag::sequence);
  if (!fields) return invalid();
  if (fields->next_is(tag::boolean)) {
    auto ca = fields->boolean();
    if (!ca) return invalid();
    certificate.is_ca = *ca;
  }
  if (fields->next_is(tag::integer)) {
    auto length = fields->small_integer();
    if (!length || *length < 0) return invalid();
    certificate.max_path_len = *length;
  }
  certificate.basic_constraints = true;
  return Handled::yes;
}

Result<Handled> read_san(Certificate& certificate, const Extension& extension) {
  certificate.has_san = true;
  auto names = Der(extension.value).enter(tag::sequence);
  if (!names) return fail("x509: invalid subject alternative names");
  while (!names->empty()) {
    auto name = names->any();
    if (!name) return fail("x509: invalid subject alternative name");
    const std::string_view value = name->content;
    switch (name->tag ^ 0x80) {
      case 1:
        if (!is_ascii(value)) return fail("x509: SAN rfc822Name is malformed");
        certificate.emails.emplace_back(value);
        break;
      case 2:
        if (!is_ascii(value)) return fail("x509: SAN dNSName is malformed");
        certificate.dns_names.emplace_back(value);
        break;
      case 6: {
        if (!is_ascii(value)) return fail("x509: SAN uniformResourceIdentifier is malformed");
        auto host = uri_host(value);
        if (!host)
          return fail("x509: cannot parse URI " + quoted(value) + ": parse " + quoted(value) + ": " +
                      host.error().text);
        if (!host->empty() && !is_domain_name(*host, DomainUse::name)) {
          return fail("x509: cannot parse URI " + quoted(value) + ": invalid domain");
        }
        certificate.uris.emplace_back(value);
        break;
      }
      case 7:
        if (value.size() != 4 && value.size() != 16) {
          return fail("x509: cannot parse IP address of length " + std::to_string(value.size()));
        }
        certificate.ip_addresses.emplace_back(value);
        break;
    }
  }
  const bool any = !certificate.dns_names.empty() || !certificate.emails.empty() || !certificate.ip_addresses.empty() ||
                   !certificate.uris.empty();
  return any ? Handled::yes : Handled::no;
}

Result<Handled> read_crl_distribution_points(const Extension& extension) {
  auto points = Der(extension.value).enter(tag::sequence);
  if (!points) return fail("x509: invalid CRL distribution points");
  while (!points->empty()) {
    auto point = points->enter(tag::sequence);
    if (!point) return fail("x509: invalid CRL distribution point");
    if (!point->next_is(tag::context_constructed(0))) continue;
    auto field = point->enter(tag::context_constructed(0));
    auto names = field ? field->enter(tag::context_constructed(0)) : std::nullopt;
    if (!names) return fail("x509: invalid CRL distribution point");
    while (names->next_is(tag::context(6))) {
      if (!names->any()) return fail("x509: invalid CRL distribution point");
    }
  }
  return Handled::yes;
}

Result<Handled> read_authority_key_id(Certificate& certificate, const Extension& extension) {
  if (extension.critical) return fail("x509: authority key identifier incorrectly marked critical");
  auto fields = Der(extension.value).enter(tag::sequence);
  if (!fields) return fail("x509: invalid authority key identifier");
  if (fields->next_is(tag::context(0))) {
    auto id = fields->content(tag::context(0));
    if (!id) return fail("x509: invalid authority key identifier");
    certificate.authority_key_id = *id;
  }
  return Handled::yes;
}

Result<Handled> read_subject_key_id(Certificate& certificate, const Extension& extension) {
  if (extension.critical) return fail("x509: subject key identifier incorrectly marked critical");
  auto id = Der(extension.value).content(tag::octet_string);
  if (!id) return fail("x509: invalid subject key identifier");
  certificate.subject_key_id = *id;
  return Handled::yes;
}

Result<Handled> read_ext_key_usage(Certificate& certificate, const Extension& extension) {
  auto usages = Der(extension.value).enter(tag::sequence);
  if (!usages) return fail("x509: invalid extended key usages");
  while (!usages->empty()) {
    auto oid = usages->oid();
    if (!oid) return fail("x509: invalid extended key usages");
    if (auto usage = ext_key_usage(*oid)) {
      certificate.ext_key_usages.push_back(*usage);
    } else {
      certificate.unknown_ext_key_usages.push_back(oid_text(*oid));
    }
  }
  return Handled::yes;
}

Result<Handled> read_policy_constraints(Certificate& certificate, const Extension& extension) {
  const auto invalid = [] { return fail("x509: invalid policy constraints extension"); };
  auto fields = Der(extension.value).enter(tag::sequence);
  if (!fields) return invalid();
  if (fields->next_is(tag::context(0))) {
    auto value = fields->small_integer(tag::context(0));
    if (!value) return invalid();
    certificate.require_explicit_policy = *value;
  }
  if (fields->next_is(tag::context(1)) && !fields->small_integer(tag::context(1))) return invalid();
  return Handled::yes;
}

Result<Handled> read_policies(Certificate& certificate, const Extension& extension) {
  const auto invalid = [] { return fail("x509: invalid certificate policies"); };
  auto policies = Der(extension.value).enter(tag::sequence);
  if (!policies) return invalid();
  std::unordered_set<std::string_view> seen;
  while (!policies->empty()) {
    auto policy = policies->enter(tag::sequence);
    if (!policy) return invalid();
    auto oid = policy->content(tag::object_identifier);
    if (!oid || !is_oid(*oid)) return invalid();
    if (!seen.insert(*oid).second) return invalid();
  }
  certificate.has_policies = !seen.empty();
  return Handled::yes;
}

Result<Handled> read_policy_mappings(const Extension& extension) {
  auto mappings = Der(extension.value).enter(tag::sequence);
  if (!mappings) return fail("x509: invalid policy mappings extension");
  while (!mappings->empty()) {
    auto mapping = mappings->enter(tag::sequence);
    if (!mapping || !mapping->content(tag::object_identifier) || !mapping->content(tag::object_identifier)) {
      return fail("x509: invalid policy mappings extension");
    }
  }
  return Handled::yes;
}

Result<Handled> read_inhibit_any_policy(const Extension& extension) {
  if (!Der(extension.value).small_integer()) return fail("x509: invalid inhibit any policy extension");
  return Handled::yes;
}

Result<Handled> read_authority_info_access(const Extension& extension) {
  if (extension.critical) return fail("x509: authority info access incorrectly marked critical");
  auto descriptions = Der(extension.value).enter(tag::sequence);
  if (!descriptions) return fail("x509: invalid authority info access");
  while (!descriptions->empty()) {
    auto description = descriptions->enter(tag::sequence);
    if (!description || !description->oid() || (description->next_is(tag::context(6)) && !description->any())) {
      return fail("x509: invalid authority info access");
    }
  }
  return Handled::yes;
}

Result<Handled> read_extension(Certificate& certificate, const Extension& extension) {
  static constexpr std::string_view authority_info_access("\x2b\x06\x01\x05\x05\x07\x01\x01", 8);
  if (extension.oid == authority_info_access) return read_authority_info_access(extension);
  if (extension.oid.size() != 3 || !extension.oid.starts_with("\x55\x1d")) return Handled::no;
  switch (extension.oid[2]) {  // 2.5.29.N
    case 14:
      return read_subject_key_id(certificate, extension);
    case 15:
      return read_key_usage(certificate, extension);
    case 17:
      return read_san(certificate, extension);
    case 19:
      return read_basic_constraints(certificate, extension);
    case 30: {
      auto all = read_name_constraints(certificate, extension);
      if (!all) return fail_with(all.error());
      return *all ? Handled::yes : Handled::no;
    }
    case 31:
      return read_crl_distribution_points(extension);
    case 32:
      return read_policies(certificate, extension);
    case 33:
      return read_policy_mappings(extension);
    case 35:
      return read_authority_key_id(certificate, extension);
    case 36:
      return read_policy_constraints(certificate, extension);
    case 37:
      return read_ext_key_usage(certificate, extension);
    case 54:
      return read_inhibit_any_policy(extension);
  }
  return Handled::no;
}

}  // namespace

Result<void> read_extensions(Certificate& certificate) {
  for (const Extension& extension : certificate.extensions) {
    auto handled = read_extension(certificate, extension);
    if (!handled) return fail_with(handled.error());
    if (extension.critical && *handled == Handled::no) certificate.unhandled_critical = true;
  }
  return {};
}

}  // namespace gatepost::x509
