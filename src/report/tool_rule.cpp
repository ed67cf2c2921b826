#include "report/tool_rule.h"

#include <cstdint>
#include <fmt/format.h>

namespace gatepost::report {
namespace {

// FNV-1a: an identity, no protection.
std::uint64_t hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t out = seed;
  for (char c : text) out = (out ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return out;
}

}  // namespace

std::string fingerprint(const Finding& finding) {
  std::string text;
  for (const std::string* part :
       {&finding.rule, &finding.file, &finding.configuration, &finding.webhook, &finding.path})
    text.append(*part).push_back('\n');
  for (const Evidence& one : finding.evidence) text += one.check + "\n" + one.detail + "\n";
  return fmt::format("{:016x}{:016x}", hash(text, 0xcbf29ce484222325ULL), hash(text, 0x84222325cbf29ce4ULL));
}

}  // namespace gatepost::report
