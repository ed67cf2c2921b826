#include "cel/regex.h"

#include <re2/re2.h>

#include "cel/evaluation.h"

namespace gatepost::cel {

std::string to_re2_text(std::string_view pattern) {
  // Go knows (?<name>...), this RE2 only (?P<name>...).
  std::string out;
  out.reserve(pattern.size());
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    out += pattern[i];
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += pattern[++i];
    } else if (pattern[i] == '[') {
      in_class = true;
    } else if (pattern[i] == ']') {
      in_class = false;
    } else if (!in_class && pattern.substr(i).starts_with("(?<") && i + 3 < pattern.size() && pattern[i + 3] != '=' &&
               pattern[i + 3] != '!') {
      out += "?P";
      ++i;
    }
  }
  return out;
}

std::string regex_problem(std::string_view pattern) {
  const re2::RE2 compiled(to_re2_text(pattern), re2::RE2::Quiet);
  if (compiled.ok()) return "";
  std::string_view kind = "invalid regexp";
  switch (compiled.error_code()) {
    case re2::RE2::ErrorBadEscape:
      kind = "invalid escape sequence";
      break;
    case re2::RE2::ErrorBadCharClass:
      kind = "invalid character class";
      break;
    case re2::RE2::ErrorBadCharRange:
      kind = "invalid character class range";
      break;
    case re2::RE2::ErrorMissingBracket:
      kind = "missing closing ]";
      break;
    case re2::RE2::ErrorMissingParen:
      kind = "missing closing )";
      break;
    case re2::RE2::ErrorUnexpectedParen:
      kind = "unexpected )";
      break;
    case re2::RE2::ErrorTrailingBackslash:
      kind = "trailing backslash at end of expression";
      break;
    case re2::RE2::ErrorRepeatArgument:
      kind = "missing argument to repetition operator";
      break;
    case re2::RE2::ErrorRepeatSize:
      kind = "invalid repeat count";
      break;
    case re2::RE2::ErrorRepeatOp:
      kind = "invalid nested repetition operator";
      break;
    case re2::RE2::ErrorBadPerlOp:
      kind = "invalid or unsupported Perl syntax";
      break;
    case re2::RE2::ErrorBadUTF8:
      kind = "invalid UTF-8";
      break;
    case re2::RE2::ErrorBadNamedCapture:
      kind = "invalid named capture";
      break;
    case re2::RE2::ErrorPatternTooLarge:
      kind = "expression too large";
      break;
    default:
      break;
  }
  return "error parsing regexp: " + std::string(kind) + ": `" + compiled.error_arg() + "`";
}

const re2::RE2* Evaluation::regex(std::string_view pattern, std::string& problem) {
  if (prepared != nullptr) return prepared;
  const auto* compiled = arena.make<re2::RE2>(to_re2_text(pattern), re2::RE2::Quiet);
  if (compiled->ok()) return compiled;
  problem = regex_problem(pattern);
  return nullptr;
}

}  // namespace gatepost::cel
