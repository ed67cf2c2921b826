#include "lint/bundle.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "lint/rules/common.h"
#include "x509/pem.h"

namespace gatepost::lint {
namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// A text in the place of a certificate: its bytes are letters.
bool is_letters(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

// Words that stand where a bundle is to be put.
bool is_placeholder(std::string_view written, const std::string* decoded) {
  constexpr std::array<std::string_view, 12> words = {"ca_bundle", "cabundle", "ca-bundle", "placeholder",
                                                      "replace",   "changeme", "change-me", "${",
                                                      "{{",        "<",        "...",       "your"};
  auto holds_word = [&](const std::string& text) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string::npos; });
  };
  if (!decoded) return holds_word(lowered(written));
  if (is_blank(*decoded)) return true;
  const bool is_pem = decoded->find("-----BEGIN") != std::string::npos;
  if (!is_pem && (holds_word(lowered(written)) || holds_word(lowered(*decoded)))) return true;
  if (is_pem && decoded->find("...") != std::string::npos) return true;
  std::string_view rest = *decoded;
  while (auto block = x509::decode_pem(rest))
    if (block->type == "CERTIFICATE" && !block->bytes.empty() && is_letters(block->bytes)) return true;
  return false;
}

}  // namespace

std::vector<x509::CertificatePtr> certificates_of(std::string_view pem) {
  std::vector<x509::CertificatePtr> out;
  while (auto block = x509::decode_pem(pem)) {
    if (block->type != "CERTIFICATE") continue;
    if (auto parsed = x509::parse_certificate(std::move(block->bytes))) out.push_back(std::move(*parsed));
  }
  return out;
}

Bundle read_bundle(std::string_view written) {
  Bundle out;
  if (written.empty()) return out;
  auto decoded = base64::decode(written);
  if (is_placeholder(written, decoded ? &*decoded : nullptr) || is_blank(written)) {
    out.state = Bundle::State::placeholder;
    return out;
  }
  out.state = Bundle::State::unparsable;
  if (!decoded) {
    out.reason = decoded.error().text;
    return out;
  }
  const std::string& pem = *decoded;
  out.certificates = certificates_of(pem);
  std::string_view rest = pem;
  bool any_block = false, any_certificate = false;
  while (auto block = x509::decode_pem(rest)) {
    any_block = true;
    any_certificate = any_certificate || block->type == "CERTIFICATE";
    out.holds_private_key = out.holds_private_key || block->type.ends_with("PRIVATE KEY");
  }
  if (!any_block)
    out.reason = "it holds no PEM block";
  else if (!any_certificate)
    out.reason = "it holds no CERTIFICATE block";
  else if (out.certificates.empty())
    out.reason = "its CERTIFICATE block does not parse";
  else
    out.state = Bundle::State::certificates;
  return out;
}

}  // namespace gatepost::lint
