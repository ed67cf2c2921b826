#include "kube/crd/formats.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <re2/re2.h>
#include <string>

#include "formats/go_duration.h"
#include "formats/ip.h"
#include "net/url.h"

namespace gatepost::kube::crd {
namespace {

// A format whose name is compared without its dashes.
struct Format {
  std::string_view name;
  bool (*check)(std::string_view text);
};

bool full_match(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::FullMatch({text.data(), text.size()}, pattern);
}

bool partial_match(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::PartialMatch({text.data(), text.size()}, pattern);
}

std::string digits_of(std::string_view text) {
  std::string out;
  for (char c : text)
    if (c >= '0' && c <= '9') out.push_back(c);
  return out;
}

bool is_uri(std::string_view text) {
  return net::url::valid_request_uri(text);
}

bool is_atom(char c) {
  constexpr std::string_view specials = "()<>[]:;@\\,.\" \t\r\n";
  return static_cast<unsigned char>(c) > 32 && c != 127 && specials.find(c) == std::string_view::npos;
}

// Dot-separated words of RFC 5322.
bool is_dot_atom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '.' ? text[i - 1] == '.' : !is_atom(text[i])) return false;
  return true;
}

bool is_address(std::string_view text) {
  std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return false;
  std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
  bool quoted = local.size() >= 2 && local.front() == '"' && local.back() == '"';
  bool literal = domain.size() >= 2 && domain.front() == '[' && domain.back() == ']';
  return (quoted || is_dot_atom(local)) && (literal || is_dot_atom(domain));
}

// net/mail's ParseAddress: an address alone, or behind a name in angle brackets.
bool is_email(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (!text.ends_with('>')) return is_address(text);
  std::size_t open = text.rfind('<');
  return open != std::string_view::npos && is_address(text.substr(open + 1, text.size() - open - 2));
}

bool is_hostname(std::string_view text) {
  static const re2::RE2 pattern(
      R"(^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$)");
  if (!partial_match(pattern, text) || text.size() > 255) return false;
  for (std::size_t start = 0; start <= text.size();) {
    std::size_t dot = std::min(text.find('.', start), text.size());
    if (dot - start > 63) return false;
    start = dot + 1;
  }
  return true;
}

// Leading zeros are allowed, as in Kubernetes' sloppy parser.
bool is_ipv4_quad(std::string_view text) {
  int parts = 0;
  while (parts < 4) {
    std::size_t dot = parts < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || dot == 0) return false;
    std::string_view part = text.substr(0, dot);
    unsigned value = 0;
    auto parsed = std::from_chars(part.data(), part.data() + part.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != part.data() + part.size() || value > 255) return false;
    text = dot < text.size() ? text.substr(dot + 1) : std::string_view();
    ++parts;
  }
  return text.empty();
}

bool is_ip_without_zone(std::string_view text) {
  auto parsed = formats::parse_ip(text);
  return parsed && parsed->zone.empty();
}

bool is_ipv4(std::string_view text) {
  if (text.find(':') != std::string_view::npos)
    return text.find('.') != std::string_view::npos && is_ip_without_zone(text);
  return is_ipv4_quad(text);
}

bool is_ipv6(std::string_view text) {
  return text.find(':') != std::string_view::npos && is_ip_without_zone(text);
}

bool is_cidr(std::string_view text) {
  std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  std::string_view address = text.substr(0, slash), bits = text.substr(slash + 1);
  bool v6 = address.find(':') != std::string_view::npos;
  if (v6 ? !is_ip_without_zone(address) : !is_ipv4_quad(address)) return false;
  int value = 0;
  auto parsed = std::from_chars(bits.data(), bits.data() + bits.size(), value);
  return !bits.empty() && bits.front() != '-' && parsed.ec == std::errc{} && parsed.ptr == bits.data() + bits.size() &&
         value <= (v6 ? 128 : 32);
}

bool is_mac(std::string_view text) {
  static const re2::RE2 pattern(
      "([0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}).*|[0-9a-fA-F]{4}\\.[0-9a-fA-F]{4}\\.[0-9a-fA-F]{4}.*");
  if (!full_match(pattern, text)) return false;
  bool dotted = text.size() > 4 && text[4] == '.';
  const std::size_t group = dotted ? 4 : 2;
  const char separator = text[group];
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < text.size(); i += group + 1) {
    if (i + group > text.size()) return false;
    for (char c : text.substr(i, group))
      if (!std::isxdigit(static_cast<unsigned char>(c))) return false;
    bytes += group / 2;
    if (i + group < text.size() && text[i + group] != separator) return false;
    if (i + group + 1 == text.size()) return false;
  }
  return bytes == 6 || bytes == 8 || bytes == 20;
}

template <std::size_t version>
bool is_uuid(std::string_view text) {
  static const std::array<re2::RE2, 4> patterns{
      "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}",
      "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}",
      "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}",
      "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}"};
  return full_match(patterns[version], text);
}

std::string without_space_and_dash(std::string_view text) {
  std::string out;
  for (char c : text)
    if (c != '-' && c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') out.push_back(c);
  return out;
}

bool is_isbn10(std::string_view text) {
  static const re2::RE2 pattern("[0-9]{9}X|[0-9]{10}");
  std::string number = without_space_and_dash(text);
  if (!full_match(pattern, number)) return false;
  int sum = 0;
  for (int i = 0; i < 9; ++i) sum += (i + 1) * (number[static_cast<std::size_t>(i)] - '0');
  sum += 10 * (number[9] == 'X' ? 10 : number[9] - '0');
  return sum % 11 == 0;
}

bool is_isbn13(std::string_view text) {
  static const re2::RE2 pattern("[0-9]{13}");
  std::string number = without_space_and_dash(text);
  if (!full_match(pattern, number)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 12; ++i) sum += (i % 2 ? 3 : 1) * (number[i] - '0');
  return number[12] - '0' == (10 - sum % 10) % 10;
}

bool is_isbn(std::string_view text) {
  return is_isbn10(text) || is_isbn13(text);
}

bool is_credit_card(std::string_view text) {
  static const re2::RE2 pattern(
      "4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])"
      "[0-9]{11}|(?:2131|1800|35\\d{3})\\d{11}");
  std::string number = digits_of(text);
  if (!full_match(pattern, number)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < number.size(); ++i) {
    int digit = number[number.size() - 1 - i] - '0';
    if (i % 2) digit = digit * 2 >= 10 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

bool is_ssn(std::string_view text) {
  static const re2::RE2 pattern("\\d{3}[- ]?\\d{2}[- ]?\\d{4}");
  return text.size() == 11 && full_match(pattern, text);
}

bool is_hex_color(std::string_view text) {
  static const re2::RE2 pattern("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})");
  return full_match(pattern, text);
}

bool is_rgb_color(std::string_view text) {
  static const re2::RE2 pattern(
      "rgb\\(\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*,\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*,"
      "\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*\\)");
  return full_match(pattern, text);
}

bool is_base64(std::string_view text) {
  static const re2::RE2 pattern(
      "(?:[A-Za-z0-9+\\/]{4})*(?:[A-Za-z0-9+\\/]{2}==|[A-Za-z0-9+\\/]{3}=|[A-Za-z0-9+\\/]{4})");
  return full_match(pattern, text);
}

bool is_password(std::string_view) {
  return true;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int year = 0;
  unsigned month = 0, day = 0;
  auto number = [&](std::size_t at, std::size_t size, auto& out) {
    auto parsed = std::from_chars(text.data() + at, text.data() + at + size, out);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + at + size && text[at] != '-';
  };
  if (!number(0, 4, year) || !number(5, 2, month) || !number(8, 2, day)) return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)).ok();
}

bool is_date_time(std::string_view text) {
  static const re2::RE2 pattern("([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))");
  if (text.size() < 12 || (text[10] != 'T' && text[10] != 't') || !is_date(text.substr(0, 10))) return false;
  std::string time(text.substr(11));
  for (char& c : time)
    if (c == 'Z') c = 'z';
  return full_match(pattern, time) && time.substr(0, 2) <= "23" && time.substr(3, 2) <= "59" &&
         time.substr(6, 2) <= "59";
}

bool is_duration(std::string_view text) {
  if (formats::parse_go_duration(text)) return true;
  // Scala's form: numbers and the names of units anywhere.
  static const re2::RE2 pattern(R"((\d+)\s*([A-Za-zµ]+))");
  constexpr std::array<std::string_view, 13> exact{"ns", "us", "µs", "ms", "s",   "m",  "h",
                                                   "hr", "d",  "w",  "wk", "min", "sec"};
  constexpr std::array<std::string_view, 8> prefixes{"nano", "micro", "milli", "sec", "min", "hour", "day", "week"};
  re2::StringPiece input(text.data(), text.size());
  std::string number, unit;
  bool found = false;
  while (re2::RE2::FindAndConsume(&input, pattern, &number, &unit)) {
    if (number.size() > 18) return false;
    std::transform(unit.begin(), unit.end(), unit.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    found |= std::find(exact.begin(), exact.end(), unit) != exact.end() ||
             std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view p) { return unit.starts_with(p); });
  }
  return found;
}

bool is_short_name(std::string_view text) {
  static const re2::RE2 pattern("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  return text.size() <= 63 && full_match(pattern, text);
}

bool is_long_name(std::string_view text) {
  static const re2::RE2 pattern("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  return text.size() <= 253 && full_match(pattern, text);
}

bool is_bson_id(std::string_view text) {
  return text.size() == 24 &&
         std::all_of(text.begin(), text.end(), [](char c) { return std::isxdigit(static_cast<unsigned char>(c)); });
}

constexpr std::array known{Format{"bsonobjectid", is_bson_id},
                           Format{"uri", is_uri},
                           Format{"email", is_email},
                           Format{"hostname", is_hostname},
                           Format{"ipv4", is_ipv4},
                           Format{"ipv6", is_ipv6},
                           Format{"cidr", is_cidr},
                           Format{"mac", is_mac},
                           Format{"uuid", is_uuid<0>},
                           Format{"uuid3", is_uuid<1>},
                           Format{"uuid4", is_uuid<2>},
                           Format{"uuid5", is_uuid<3>},
                           Format{"isbn", is_isbn},
                           Format{"isbn10", is_isbn10},
                           Format{"isbn13", is_isbn13},
                           Format{"creditcard", is_credit_card},
                           Format{"ssn", is_ssn},
                           Format{"hexcolor", is_hex_color},
                           Format{"rgbcolor", is_rgb_color},
                           Format{"byte", is_base64},
                           Format{"password", is_password},
                           Format{"date", is_date},
                           Format{"duration", is_duration},
                           Format{"datetime", is_date_time},
                           Format{"k8sshortname", is_short_name},
                           Format{"k8slongname", is_long_name}};

const Format* find_format(std::string_view name) {
  std::string normal;
  for (char c : name)
    if (c != '-') normal.push_back(c);
  auto found = std::find_if(known.begin(), known.end(), [&](const Format& format) { return format.name == normal; });
  return found == known.end() ? nullptr : &*found;
}

}  // namespace

bool is_known_format(std::string_view type, std::string_view format) {
  if (format.empty()) return false;
  if (type.empty() || type == "string") return find_format(format) != nullptr;
  if (type == "integer") return format == "int32" || format == "int64";
  if (type == "number") return format == "float" || format == "double";
  return false;
}

bool has_format(std::string_view text, std::string_view format) {
  const Format* found = find_format(format);
  return !found || found->check(text);
}

}  // namespace gatepost::kube::crd
