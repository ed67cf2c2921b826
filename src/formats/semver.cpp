#include "formats/semver.h"

#include <algorithm>
#include <charconv>

namespace gatepost::formats {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}
bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_digit);
}
bool all_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_word);
}
bool leading_zero(std::string_view text) {
  return text.size() > 1 && text[0] == '0';
}
std::string quoted(std::string_view text) {
  return " \"" + std::string(text) + "\"";
}

std::vector<std::string_view> split(std::string_view text, char separator, std::size_t most) {
  std::vector<std::string_view> out;
  while (out.size() + 1 < most) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    out.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  out.push_back(text);
  return out;
}

Result<std::uint64_t> number(std::string_view text, const std::string& name) {
  std::string lower = name;
  lower[0] = static_cast<char>(lower[0] + ('a' - 'A'));
  if (!all_digits(text)) return fail("Invalid character(s) found in " + lower + " number" + quoted(text));
  if (leading_zero(text)) return fail(name + " number must not contain leading zeroes" + quoted(text));
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc::result_out_of_range)
    return fail("strconv.ParseUint: parsing" + quoted(text) + ": value out of range");
  if (error != std::errc{}) return fail("strconv.ParseUint: parsing" + quoted(text) + ": invalid syntax");
  return out;
}

int compare_prerelease(const std::string& a, const std::string& b) {
  const bool a_number = all_digits(a);
  const bool b_number = all_digits(b);
  if (a_number != b_number) return a_number ? -1 : 1;
  if (a_number && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

int order(std::uint64_t a, std::uint64_t b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

}  // namespace

int Semver::compare(const Semver& other) const {
  for (const int part : {order(major, other.major), order(minor, other.minor), order(patch, other.patch)})
    if (part != 0) return part;
  if (prerelease.empty() != other.prerelease.empty()) return prerelease.empty() ? 1 : -1;
  for (std::size_t i = 0; i < prerelease.size() && i < other.prerelease.size(); ++i)
    if (const int part = compare_prerelease(prerelease[i], other.prerelease[i]); part != 0) return part;
  return order(prerelease.size(), other.prerelease.size());
}

Result<Semver> parse_semver(std::string_view text) {
  if (text.empty()) return fail("Version string empty");
  const auto parts = split(text, '.', 3);
  if (parts.size() != 3) return fail("No Major.Minor.Patch elements found");
  Semver out;
  const auto major = number(parts[0], "Major");
  if (!major) return fail_with(major.error());
  const auto minor = number(parts[1], "Minor");
  if (!minor) return fail_with(minor.error());
  std::string_view patch_text = parts[2];
  std::vector<std::string_view> build;
  std::vector<std::string_view> prerelease;
  if (const std::size_t at = patch_text.find('+'); at != std::string_view::npos) {
    build = split(patch_text.substr(at + 1), '.', SIZE_MAX);
    patch_text = patch_text.substr(0, at);
  }
  if (const std::size_t at = patch_text.find('-'); at != std::string_view::npos) {
    prerelease = split(patch_text.substr(at + 1), '.', SIZE_MAX);
    patch_text = patch_text.substr(0, at);
  }
  const auto patch = number(patch_text, "Patch");
  if (!patch) return fail_with(patch.error());
  for (const std::string_view part : prerelease) {
    if (part.empty()) return fail("Prerelease is empty");
    if (!all_word(part)) return fail("Invalid character(s) found in prerelease" + quoted(part));
    if (all_digits(part) && leading_zero(part))
      return fail("Numeric PreRelease version must not contain leading zeroes" + quoted(part));
    out.prerelease.emplace_back(part);
  }
  for (const std::string_view part : build) {
    if (part.empty()) return fail("Build meta data is empty");
    if (!all_word(part)) return fail("Invalid character(s) found in build meta data" + quoted(part));
    out.build.emplace_back(part);
  }
  out.major = *major;
  out.minor = *minor;
  out.patch = *patch;
  return out;
}

Result<Semver> parse_semver_leniently(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  std::vector<std::string> parts;
  for (const std::string_view part : split(text, '.', 3)) {
    std::string kept(part);
    if (kept.size() > 1) {
      kept.erase(0, std::min(kept.find_first_not_of('0'), kept.size()));
      if (kept.empty() || !is_digit(kept[0])) kept.insert(0, 1, '0');
    }
    parts.push_back(std::move(kept));
  }
  if (parts.size() < 3) {
    if (parts.back().find_first_of("+-") != std::string::npos)
      return fail("short version cannot contain PreRelease/Build meta data");
    parts.resize(3, "0");
  }
  return parse_semver(parts[0] + "." + parts[1] + "." + parts[2]);
}

std::string semver_text(const Semver& version) {
  std::string out =
      std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.patch);
  for (std::size_t i = 0; i < version.prerelease.size(); ++i) out += (i == 0 ? "-" : ".") + version.prerelease[i];
  for (std::size_t i = 0; i < version.build.size(); ++i) out += (i == 0 ? "+" : ".") + version.build[i];
  return out;
}

}  // namespace gatepost::formats
