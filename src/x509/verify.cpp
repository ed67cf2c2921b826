#include "x509/verify.h"

#include <algorithm>

#include "x509/chain.h"
#include "x509/hostname.h"
#include "x509/name_constraints.h"

namespace gatepost::x509 {
namespace {

// A usage holds for a chain when every certificate in it that lists usages lists it, or any.
bool allows_usage(const Chain& chain, ExtKeyUsage usage) {
  return std::all_of(chain.begin(), chain.end(), [&](const CertificatePtr& certificate) {
    const auto& listed = certificate->ext_key_usages;
    if (listed.empty() && certificate->unknown_ext_key_usages.empty()) return true;
    return std::find(listed.begin(), listed.end(), ExtKeyUsage::any) != listed.end() ||
           std::find(listed.begin(), listed.end(), usage) != listed.end();
  });
}

// RFC 5280's explicit policy: demanded by an authority, then every certificate below the root must name policies.
bool allows_policies(const Chain& chain) {
  if (chain.size() == 1) return true;
  const auto below_root = static_cast<std::int64_t>(chain.size()) - 1;
  std::int64_t skip = below_root + 1;  // certificates until policies are demanded
  bool valid_tree = true;
  for (std::int64_t i = below_root - 1; i >= 0; --i) {
    const Certificate& certificate = *chain[static_cast<std::size_t>(i)];
    if (!certificate.has_policies) valid_tree = false;
    if (skip == 0 && !valid_tree) return false;
    if (i == 0) break;
    if (!certificate.self_issued() && skip > 0) --skip;
    if (certificate.require_explicit_policy) skip = std::min(skip, *certificate.require_explicit_policy);
  }
  if (skip > 0) --skip;
  if (chain[0]->require_explicit_policy == 0) skip = 0;
  return skip > 0 || valid_tree;
}

}  // namespace

Result<std::vector<Chain>, VerifyError> verify(const CertificatePtr& leaf, const Pool& intermediates, const Pool& roots,
                                               const VerifyOptions& options) {
  if (auto sound = check_certificate(*leaf, CertificateRole::leaf, {}, options.now); !sound) {
    return fail_with(sound.error());
  }
  if (!options.name.empty()) {
    if (auto named = verify_hostname(*leaf, options.name); !named) {
      const bool no_san = named.error().kind == NameMismatch::no_san;
      return fail_with(VerifyError{no_san ? VerifyFailure::no_san : VerifyFailure::name_mismatch, named.error().text});
    }
  }
  std::vector<Chain> candidates;
  if (roots.contains(*leaf)) {
    candidates.push_back({leaf});
  } else {
    auto built = build_chains(leaf, intermediates, roots, options.now);
    if (!built) return built;
    candidates = std::move(*built);
  }
  std::vector<Chain> valid;
  std::size_t wrong_policies = 0, wrong_usage = 0;
  std::string constraint;
  for (auto& chain : candidates) {
    if (!allows_policies(chain)) {
      ++wrong_policies;
    } else if (options.usage != ExtKeyUsage::any && !allows_usage(chain, options.usage)) {
      ++wrong_usage;
    } else if (auto named = check_name_constraints(chain); !named) {
      if (constraint.empty()) constraint = named.error().text;
    } else {
      valid.push_back(std::move(chain));
    }
  }
  if (!valid.empty()) return valid;
  if (!constraint.empty()) {
    return fail_with(
        VerifyError{VerifyFailure::name_constraint,
                    "x509: a root or intermediate certificate is not authorized to sign for this name: " + constraint});
  }
  if (wrong_policies == 0) {
    return fail_with(
        VerifyError{VerifyFailure::incompatible_usage, "x509: certificate specifies an incompatible key usage"});
  }
  std::string detail;
  if (wrong_usage > 0) detail = std::to_string(wrong_usage) + " candidate chains with incompatible key usage, ";
  detail += std::to_string(wrong_policies) + " candidate chains with invalid policies";
  return fail_with(VerifyError{VerifyFailure::policies, "x509: no valid chains built: " + detail});
}

Result<std::vector<Chain>, VerifyError> verify_peer(std::span<const std::string> sent, const Pool* roots,
                                                    const VerifyOptions& options) {
  CertificatePtr leaf;
  Pool intermediates;
  for (const std::string& der : sent) {
    auto certificate = parse_certificate(der);
    if (!certificate) return fail_with(VerifyError{VerifyFailure::malformed, certificate.error().text});
    if (leaf) {
      intermediates.add(std::move(*certificate));
    } else {
      leaf = std::move(*certificate);
    }
  }
  if (!leaf) return fail_with(VerifyError{VerifyFailure::malformed, "x509: malformed certificate"});
  std::shared_ptr<const Pool> system;
  if (!roots) {
    system = system_pool();
    roots = system.get();
  }
  return verify(leaf, intermediates, *roots, options);
}

}  // namespace gatepost::x509
