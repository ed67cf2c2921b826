// The string formats of OpenAPI that kube-apiserver checks in custom resources (kube-openapi's strfmt with
// govalidator's expressions).
#pragma once

#include <string_view>

namespace gatepost::kube::crd {

// Whether a schema of this type may name this format; formats that it may not name are not checked.
bool is_known_format(std::string_view type, std::string_view format);

// Whether `text` is of the format; true for formats that are not checked.
bool has_format(std::string_view text, std::string_view format);

}  // namespace gatepost::kube::crd
