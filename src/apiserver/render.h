// The last step: an answer in the form that the client asked for (table, metadata only, YAML, indented).
#pragma once

#include <string>
#include <vector>

#include "apiserver/call.h"
#include "apiserver/table/table.h"

namespace gatepost::apiserver {

// One object: its bytes as they are, or rendered.
Answer render_object(const Call& call, Answer answer);

// A list of the call's resource.
std::string render_list(const Call& call, const std::vector<storage::Bytes>& objects, const ListMeta& meta);

// Compact JSON -> what is sent: YAML, indented, or ended with a line feed as by Go's encoder; the content type to send
// with it.
std::string encode_for(const Format& format, std::string json, std::string& content_type);

IncludeObject include_object(const Query& query);

}  // namespace gatepost::apiserver
