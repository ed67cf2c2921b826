// kube-apiserver's static token file: lines of token,user,uid,"group1,group2" in the CSV of Go's encoding/csv. Bounded
// by the size of the text.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "admission/attributes.h"
#include "base/result.h"

namespace gatepost::apiserver {

using Tokens = std::unordered_map<std::string, admission::UserInfo>;

// Adds the users of `text`; a token that is there already is replaced. The error names the line, never the token.
Result<void> add_tokens(std::string_view text, Tokens& tokens);

}  // namespace gatepost::apiserver
