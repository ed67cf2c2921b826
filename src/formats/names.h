// The forms that names, keys and other short texts of the Kubernetes API must have, and what is said of those that do
// not (k8s.io/apimachinery: util/validation and api/validate/content). Each function returns its complaints; none: the
// text is of the form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatepost::formats {

using Complaints = std::vector<std::string>;

Complaints dns1123_label(std::string_view text);
Complaints dns1123_subdomain(std::string_view text);
Complaints dns1123_subdomain_with_underscore(std::string_view text);
Complaints wildcard_dns1123_subdomain(std::string_view text);
Complaints dns1035_label(std::string_view text);
Complaints label_key(std::string_view text);  // also called a qualified name
Complaints label_value(std::string_view text);
Complaints config_map_key(std::string_view text);
Complaints environment_variable(std::string_view text);  // printable ASCII but '='
Complaints port_name(std::string_view text);
Complaints port_number(std::int64_t port);
Complaints percent(std::string_view text);
Complaints http_header_name(std::string_view text);
Complaints c_identifier(std::string_view text);
Complaints path_segment(std::string_view text);
Complaints path_segment_prefix(std::string_view text);

// "a.b.c": at least three parts. The text of one complaint, or nothing; an empty name is the caller's.
std::string fully_qualified_name(std::string_view text);

// A prefix of generated names may end with a dash: the text with that made good.
std::string without_trailing_dash(std::string_view text);

std::string regex_complaint(std::string_view message, std::string_view regex,
                            std::initializer_list<std::string_view> examples);
std::string range_complaint(std::int64_t low, std::int64_t high);  // "must be between 1 and 3, inclusive"

std::string joined(const Complaints& complaints, std::string_view separator);

}  // namespace gatepost::formats
