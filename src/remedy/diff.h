// Changes for the eyes: lines of "-" and "+" a field. Secrets and certificates are told by what they are (subject,
// fingerprint, date), never by their bytes.
#pragma once

#include <string>
#include <vector>

#include "remedy/change.h"
#include "remedy/plan.h"

namespace gatepost::remedy {

// One value of a field as it may be shown; at most 300 characters.
std::string shown(const Path& path, const json::Value& value, std::string_view kind);

// "- path: old", "+ path: new"; the whole object of a step that makes or deletes one is told in a line.
std::vector<std::string> diff_of(const Step& step);

// "2 certificates: CN=a, sha256 1234abcd..., until 2027-01-01T00:00:00Z; CN=b, ..."
std::string describe_pem(std::string_view pem);

}  // namespace gatepost::remedy
