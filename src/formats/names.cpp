#include "formats/names.h"

#include <algorithm>
#include <array>

namespace gatepost::formats {
namespace {

constexpr std::size_t label_length = 63, subdomain_length = 253;

constexpr const char* subdomain_regex = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
constexpr const char* key_regex = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
constexpr const char* key_message =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

bool lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool letter(char c) {
  return lower(c) || (c >= 'A' && c <= 'Z');
}
bool lower_or_digit(char c) {
  return lower(c) || digit(c);
}
bool alphanumeric(char c) {
  return letter(c) || digit(c);
}

// first inner* last, or one that is both.
template <class First, class Inner, class Last>
bool shaped(std::string_view text, First first, Inner inner, Last last) {
  if (text.empty() || !first(text.front())) return false;
  return text.size() == 1 || (last(text.back()) && std::all_of(text.begin() + 1, text.end() - 1, inner));
}

bool is_label(std::string_view text) {
  return shaped(text, lower_or_digit, [](char c) { return lower_or_digit(c) || c == '-'; }, lower_or_digit);
}

bool is_underscore_label(std::string_view text) {
  if (text.starts_with('_')) text.remove_prefix(1);
  return shaped(text, lower_or_digit, [](char c) { return lower_or_digit(c) || c == '-' || c == '_'; }, lower_or_digit);
}

template <class Label>
bool is_dotted(std::string_view text, Label label) {
  for (;;) {
    std::size_t dot = text.find('.');
    if (!label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_subdomain(std::string_view text) {
  return is_dotted(text, is_label);
}

bool is_key(std::string_view text) {
  return shaped(
      text, alphanumeric, [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; }, alphanumeric);
}

std::string too_long(std::size_t most, std::string_view unit = "characters") {
  return "must be no more than " + std::to_string(most) + " " + std::string(unit);
}

std::string subdomain_complaint() {
  return regex_complaint(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
      "and end with an alphanumeric character",
      subdomain_regex, {"example.com"});
}

void add_dots_complaint(std::string_view text, Complaints& out) {
  if (text == ".")
    out.emplace_back("must not be '.'");
  else if (text == "..")
    out.emplace_back("must not be '..'");
  else if (text.starts_with(".."))
    out.emplace_back("must not start with '..'");
}

}  // namespace

std::string regex_complaint(std::string_view message, std::string_view regex,
                            std::initializer_list<std::string_view> examples) {
  std::string out(message);
  out += " (";
  if (examples.size() > 0) {
    out += "e.g. ";
    for (const std::string_view& example : examples) {
      if (&example != examples.begin()) out += " or ";
      out += "'" + std::string(example) + "', ";
    }
  }
  return out + "regex used for validation is '" + std::string(regex) + "')";
}

std::string range_complaint(std::int64_t low, std::int64_t high) {
  return "must be between " + std::to_string(low) + " and " + std::to_string(high) + ", inclusive";
}

Complaints dns1123_label(std::string_view text) {
  Complaints out;
  if (text.size() > label_length) out.push_back(too_long(label_length));
  if (!is_label(text))
    out.push_back(is_subdomain(text)
                      ? "must not contain dots"
                      : regex_complaint("a lowercase RFC 1123 label must consist of lower case alphanumeric characters "
                                        "or '-', and must start and end with an alphanumeric character",
                                        "[a-z0-9]([-a-z0-9]*[a-z0-9])?", {"my-name", "123-abc"}));
  return out;
}

Complaints dns1123_subdomain(std::string_view text) {
  Complaints out;
  if (text.size() > subdomain_length) out.push_back(too_long(subdomain_length));
  if (!is_subdomain(text)) out.push_back(subdomain_complaint());
  return out;
}

Complaints dns1123_subdomain_with_underscore(std::string_view text) {
  Complaints out;
  if (text.size() > subdomain_length) out.push_back(too_long(subdomain_length));
  if (!is_dotted(text, is_underscore_label))
    out.push_back(regex_complaint(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
        "start and end with an alphanumeric character",
        "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*", {"example.com"}));
  return out;
}

Complaints wildcard_dns1123_subdomain(std::string_view text) {
  Complaints out;
  if (text.size() > subdomain_length) out.push_back(too_long(subdomain_length));
  if (!text.starts_with("*.") || !is_subdomain(text.substr(2)))
    out.push_back(regex_complaint(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
        "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        "\\*\\." + std::string(subdomain_regex), {"*.example.com"}));
  return out;
}

Complaints dns1035_label(std::string_view text) {
  Complaints out;
  if (text.size() > label_length) out.push_back(too_long(label_length));
  if (!is_label(text) || !lower(text.front()))
    out.push_back(
        regex_complaint("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                        "alphabetic character, and end with an alphanumeric character",
                        "[a-z]([-a-z0-9]*[a-z0-9])?", {"my-name", "abc-123"}));
  return out;
}

Complaints label_key(std::string_view text) {
  Complaints out;
  std::string_view name = text;
  if (std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    name = text.substr(slash + 1);
    if (name.find('/') != std::string_view::npos)
      return {"a valid label key " + regex_complaint(key_message, key_regex, {"MyName", "my.name", "123-abc"}) +
              " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"};
    std::string_view prefix = text.substr(0, slash);
    if (prefix.empty()) {
      out.emplace_back("prefix part must be non-empty");
    } else {
      if (prefix.size() > subdomain_length) out.push_back("prefix part " + too_long(subdomain_length, "bytes"));
      if (!is_subdomain(prefix)) out.push_back("prefix part " + subdomain_complaint());
    }
  }
  if (name.empty())
    out.emplace_back("name part must be non-empty");
  else if (name.size() > label_length)
    out.push_back("name part " + too_long(label_length, "bytes"));
  if (!is_key(name))
    out.push_back("name part " + regex_complaint(key_message, key_regex, {"MyName", "my.name", "123-abc"}));
  return out;
}

Complaints label_value(std::string_view text) {
  Complaints out;
  if (text.size() > label_length) out.push_back(too_long(label_length, "bytes"));
  if (!text.empty() && !is_key(text))
    out.push_back(regex_complaint(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
        "and end with an alphanumeric character",
        "(" + std::string(key_regex) + ")?", {"MyValue", "my_value", "12345"}));
  return out;
}

Complaints config_map_key(std::string_view text) {
  Complaints out;
  if (text.size() > subdomain_length) out.push_back(too_long(subdomain_length));
  auto allowed = [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), allowed))
    out.push_back(regex_complaint("a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                                  "[-._a-zA-Z0-9]+", {"key.name", "KEY_NAME", "key-name"}));
  add_dots_complaint(text, out);
  return out;
}

Complaints environment_variable(std::string_view text) {
  Complaints out;
  if (text.empty()) out.emplace_back("environment variable name must be non-empty");
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '='; }))
    out.emplace_back(
        "a valid environment variable name must consist only of printable ASCII characters other than '='");
  return out;
}

Complaints port_name(std::string_view text) {
  Complaints out;
  if (text.size() > 15) out.push_back(too_long(15));
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return lower_or_digit(c) || c == '-'; }))
    out.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (std::none_of(text.begin(), text.end(), lower)) out.emplace_back("must contain at least one letter (a-z)");
  if (text.find("--") != std::string_view::npos) out.emplace_back("must not contain consecutive hyphens");
  if (text.starts_with('-') || text.ends_with('-')) out.emplace_back("must not begin or end with a hyphen");
  return out;
}

Complaints port_number(std::int64_t port) {
  if (port >= 1 && port <= 65535) return {};
  return {range_complaint(1, 65535)};
}

Complaints percent(std::string_view text) {
  if (text.size() > 1 && text.ends_with('%') && std::all_of(text.begin(), text.end() - 1, digit)) return {};
  return {regex_complaint("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%",
                          {"1%", "93%"})};
}

Complaints http_header_name(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return alphanumeric(c) || c == '-'; }))
    return {};
  return {regex_complaint("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+",
                          {"X-Header-Name"})};
}

Complaints c_identifier(std::string_view text) {
  auto word = [](char c) { return alphanumeric(c) || c == '_'; };
  if (shaped(text, [](char c) { return letter(c) || c == '_'; }, word, word)) return {};
  return {
      regex_complaint("a valid C identifier must start with alphabetic character or '_', followed by a string of "
                      "alphanumeric characters or '_'",
                      "[A-Za-z_][A-Za-z0-9_]*", {"my_name", "MY_NAME", "MyName"})};
}

Complaints path_segment_prefix(std::string_view text) {
  Complaints out;
  for (char c : {'/', '%'})
    if (text.find(c) != std::string_view::npos) out.push_back(std::string("may not contain '") + c + "'");
  return out;
}

Complaints path_segment(std::string_view text) {
  if (text == "." || text == "..") return {"may not be '" + std::string(text) + "'"};
  return path_segment_prefix(text);
}

std::string fully_qualified_name(std::string_view text) {
  if (Complaints complaints = dns1123_subdomain(text); !complaints.empty()) return joined(complaints, ",");
  if (std::count(text.begin(), text.end(), '.') < 2)
    return "should be a domain with at least three segments separated by dots";
  return {};
}

std::string without_trailing_dash(std::string_view text) {
  if (text.size() > 1 && text.ends_with('-')) return std::string(text.substr(0, text.size() - 2)) + "a";
  return std::string(text);
}

std::string joined(const Complaints& complaints, std::string_view separator) {
  std::string out;
  for (const std::string& complaint : complaints) {
    if (&complaint != &complaints.front()) out += separator;
    out += complaint;
  }
  return out;
}

}  // namespace gatepost::formats
