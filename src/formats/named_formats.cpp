#include "formats/named_formats.h"

#include <algorithm>
#include <chrono>

namespace gatepost::formats {

namespace {

using Problems = std::vector<std::string>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_letter(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}

constexpr const char* kLabelProblem =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an "
    "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kSubdomainProblem =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end "
    "with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr const char* kLabel1035Problem =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and "
    "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kQualifiedNameProblem =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. "
    "'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr const char* kLabelValueProblem =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end "
    "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

bool is_label(std::string_view text) {
  const auto word = [](char c) { return is_lower(c) || is_digit(c); };
  return !text.empty() && word(text.front()) && word(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return word(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_name_part(std::string_view text) {
  const auto word = [](char c) { return is_letter(c) || is_digit(c); };
  return !text.empty() && word(text.front()) && word(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return word(c) || c == '-' || c == '_' || c == '.'; });
}

void check_length(std::string_view text, std::size_t most, Problems& out) {
  if (text.size() > most) out.push_back("must be no more than " + std::to_string(most) + " characters");
}

// A prefix of a generated name may end with a dash.
std::string without_last_dash(std::string_view text) {
  std::string out(text);
  if (out.size() > 1 && out.ends_with('-')) out[out.size() - 1] = 'a';
  return out;
}

Problems check_label(std::string_view text) {
  Problems out;
  check_length(text, 63, out);
  if (!is_label(text)) out.emplace_back(is_subdomain(text) ? "must not contain dots" : kLabelProblem);
  return out;
}

Problems check_subdomain(std::string_view text) {
  Problems out;
  check_length(text, 253, out);
  if (!is_subdomain(text)) out.emplace_back(kSubdomainProblem);
  return out;
}

Problems check_label_1035(std::string_view text) {
  Problems out;
  check_length(text, 63, out);
  if (!is_label(text) || !is_lower(text.front())) out.emplace_back(kLabel1035Problem);
  return out;
}

template <Problems (*Check)(std::string_view)>
Problems check_prefix(std::string_view text) {
  return Check(without_last_dash(text));
}

Problems check_qualified_name(std::string_view text) {
  Problems out;
  const std::size_t slash = text.find('/');
  std::string_view name = text;
  if (slash != std::string_view::npos) {
    name = text.substr(slash + 1);
    if (name.find('/') != std::string_view::npos)
      return {"a valid label key " + std::string(kQualifiedNameProblem) +
              " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"};
    const std::string_view prefix = text.substr(0, slash);
    if (prefix.empty())
      out.emplace_back("prefix part must be non-empty");
    else
      for (const std::string& problem : check_subdomain(prefix)) out.push_back("prefix part " + problem);
  }
  if (name.empty())
    out.emplace_back("name part must be non-empty");
  else if (name.size() > 63)
    out.emplace_back("name part must be no more than 63 characters");
  if (!is_name_part(name)) out.push_back("name part " + std::string(kQualifiedNameProblem));
  return out;
}

Problems check_label_value(std::string_view text) {
  Problems out;
  check_length(text, 63, out);
  if (!text.empty() && !is_name_part(text)) out.emplace_back(kLabelValueProblem);
  return out;
}

Problems check_uuid(std::string_view text) {
  constexpr std::size_t kGroups[] = {8, 4, 4, 4, 12};
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  bool good = true;
  for (const std::size_t& size : kGroups) {
    if (&size != kGroups && text.starts_with('-')) text.remove_prefix(1);
    good = good && text.size() >= size &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size), is_hex);
    text.remove_prefix(std::min(size, text.size()));
  }
  return good && text.empty() ? Problems{} : Problems{"does not match the UUID format"};
}

Problems check_byte(std::string_view text) {
  const std::size_t body = text.ends_with("==") ? text.size() - 2 : text.ends_with('=') ? text.size() - 1 : text.size();
  const bool good = !text.empty() && text.size() % 4 == 0 &&
                    std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(body),
                                [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/'; });
  return good ? Problems{} : Problems{"invalid base64"};
}

bool read_digits(std::string_view& text, std::size_t count, int& out) {
  if (text.size() < count) return false;
  out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool read_date(std::string_view& text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!read_digits(text, 4, year) || !take(text, '-') || !read_digits(text, 2, month) || !take(text, '-') ||
      !read_digits(text, 2, day))
    return false;
  return std::chrono::year_month_day{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))}
      .ok();
}

Problems check_date(std::string_view text) {
  return read_date(text) && text.empty() ? Problems{} : Problems{"invalid date"};
}

Problems check_datetime(std::string_view text) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  bool good = text.size() >= 4 && read_date(text) && (take(text, 'T') || take(text, 't')) &&
              read_digits(text, 2, hour) && take(text, ':') && read_digits(text, 2, minute) && take(text, ':') &&
              read_digits(text, 2, second) && hour < 24 && minute < 60 && second < 60;
  if (good && take(text, '.')) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    good = digits > 0;
    text.remove_prefix(digits);
  }
  if (good && !take(text, 'Z') && !take(text, 'z'))
    good = (take(text, '+') || take(text, '-')) && read_digits(text, 2, hour) && take(text, ':') &&
           read_digits(text, 2, minute);
  return good && text.empty() ? Problems{} : Problems{"invalid datetime"};
}

constexpr NamedFormat kFormats[] = {
    {"dns1123Label", "DNS1123Label", 30, check_label},
    {"dns1123Subdomain", "DNS1123Subdomain", 60, check_subdomain},
    {"dns1035Label", "DNS1035Label", 30, check_label_1035},
    {"qualifiedName", "QualifiedName", 60, check_qualified_name},
    {"dns1123LabelPrefix", "DNS1123LabelPrefix", 30, check_prefix<check_label>},
    {"dns1123SubdomainPrefix", "DNS1123SubdomainPrefix", 60, check_prefix<check_subdomain>},
    {"dns1035LabelPrefix", "DNS1035LabelPrefix", 30, check_prefix<check_label_1035>},
    {"labelValue", "LabelValue", 40, check_label_value},
    {"uuid", "uuid", 70, check_uuid},
    {"byte", "byte", 84, check_byte},
    {"date", "date", 71, check_date},
    {"datetime", "datetime", 71, check_datetime}};

}  // namespace

const NamedFormat* find_named_format(std::string_view name) {
  const auto found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                  [&](const NamedFormat& format) { return format.name == name; });
  return found == std::end(kFormats) ? nullptr : found;
}

}  // namespace gatepost::formats
