#include "x509/chain.h"

#include "x509/public_key.h"
#include "x509/text.h"

namespace gatepost::x509 {
namespace {

constexpr int max_signature_checks = 100;

Failure<VerifyError> refuse(VerifyFailure failure, std::string text) {
  return fail_with(VerifyError{failure, std::move(text)});
}

Failure<VerifyError> out_of_dates(VerifyFailure failure, WallTime now, std::chrono::sys_seconds bound) {
  return refuse(failure, "x509: certificate has expired or is not yet valid: current time " +
                             date_text(std::chrono::floor<std::chrono::seconds>(now)) +
                             (failure == VerifyFailure::expired ? " is after " : " is before ") + date_text(bound));
}

// Seconds and the rest apart: the bounds reach beyond what a time in nanoseconds can hold.
bool before(WallTime now, std::chrono::sys_seconds bound) {
  return std::chrono::floor<std::chrono::seconds>(now) < bound;
}
bool after(WallTime now, std::chrono::sys_seconds bound) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(now);
  return whole > bound || (whole == bound && now > whole);
}

// The same subject, key and alternative names: a loop of cross-signatures.
bool is_in_chain(const Certificate& candidate, const Chain& chain) {
  for (const auto& certificate : chain) {
    if (candidate.raw_subject != certificate->raw_subject ||
        candidate.public_key_info != certificate->public_key_info) {
      continue;
    }
    if (candidate.has_san != certificate->has_san) return false;
    if (!candidate.has_san || candidate.raw_san() == certificate->raw_san()) return true;
  }
  return false;
}

class Builder {
 public:
  Builder(const Pool& intermediates, const Pool& roots, WallTime now)
      : intermediates_(intermediates), roots_(roots), now_(now) {}

  Result<std::vector<Chain>, VerifyError> build(const Chain& below) {
    const Certificate& child = *below.back();
    Search search;
    for (const auto& parent : roots_.possible_parents(child)) {
      if (!exhausted_) consider(search, below, parent, CertificateRole::root);
    }
    for (const auto& parent : intermediates_.possible_parents(child)) {
      if (!exhausted_) consider(search, below, parent, CertificateRole::intermediate);
    }
    if (!search.chains.empty()) return std::move(search.chains);
    if (exhausted_) {
      return refuse(VerifyFailure::too_many_checks,
                    "x509: signature check attempts limit reached while verifying certificate chain");
    }
    if (search.last) return fail_with(std::move(*search.last));
    return refuse(VerifyFailure::unknown_authority, "x509: certificate signed by unknown authority" + search.hint);
  }

 private:
  struct Search {
    std::vector<Chain> chains;
    std::string hint;                 // why the first candidate was refused
    std::optional<VerifyError> last;  // the last candidate's own error; a refused signature does not count
  };

  void consider(Search& search, const Chain& below, const CertificatePtr& parent, CertificateRole role) {
    if (++checks_ > max_signature_checks) {
      exhausted_ = true;
      return;
    }
    if (!parent->public_key || is_in_chain(*parent, below)) return;
    if (auto sound = check_signature(*below.back(), *parent); !sound) {
      note(search, sound.error().text, *parent);
      return;
    }
    search.last.reset();
    if (auto sound = check_certificate(*parent, role, below, now_); !sound) {
      note(search, sound.error().text, *parent);
      search.last = sound.error();
      return;
    }
    Chain chain = below;
    chain.push_back(parent);
    if (role == CertificateRole::root) {
      search.chains.push_back(std::move(chain));
      return;
    }
    auto above = build(chain);
    if (!above) {
      search.last = above.error();
      return;
    }
    for (auto& found : *above) search.chains.push_back(std::move(found));
  }

  static void note(Search& search, const std::string& error, const Certificate& candidate) {
    if (!search.hint.empty()) return;
    std::string name(candidate.subject.common_name());
    if (name.empty()) {
      const auto organizations = candidate.subject.organizations();
      name = organizations.empty() ? "serial:" + candidate.serial_text() : std::string(organizations[0]);
    }
    search.hint = " (possibly because of " + quoted(error) +
                  " while trying to verify candidate authority certificate " + quoted(name) + ")";
  }

  const Pool& intermediates_;
  const Pool& roots_;
  WallTime now_;
  int checks_ = 0;
  bool exhausted_ = false;
};

}  // namespace

Result<void, VerifyError> check_certificate(const Certificate& certificate, CertificateRole role, const Chain& below,
                                            WallTime now) {
  if (certificate.unhandled_critical) {
    return refuse(VerifyFailure::unhandled_extension, "x509: unhandled critical extension");
  }
  if (!below.empty() && below.back()->raw_issuer != certificate.raw_subject) {
    return refuse(VerifyFailure::unknown_authority,
                  "x509: issuer name does not match subject from issuing certificate");
  }
  if (before(now, certificate.not_before)) {
    return out_of_dates(VerifyFailure::not_yet_valid, now, certificate.not_before);
  }
  if (after(now, certificate.not_after)) return out_of_dates(VerifyFailure::expired, now, certificate.not_after);
  if (role == CertificateRole::intermediate && (!certificate.basic_constraints || !certificate.is_ca)) {
    return refuse(VerifyFailure::not_a_ca, "x509: certificate is not authorized to sign other certificates");
  }
  if (certificate.basic_constraints && certificate.max_path_len >= 0 &&
      static_cast<std::int64_t>(below.size()) - 1 > certificate.max_path_len) {
    return refuse(VerifyFailure::path_too_long, "x509: too many intermediates for path length constraint");
  }
  return {};
}

Result<std::vector<Chain>, VerifyError> build_chains(const CertificatePtr& leaf, const Pool& intermediates,
                                                     const Pool& roots, WallTime now) {
  return Builder(intermediates, roots, now).build({leaf});
}

}  // namespace gatepost::x509
