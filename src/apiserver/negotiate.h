// Which form the client wants its answer in (Accept), as kube-apiserver's negotiation chooses.
#pragma once

#include <string>
#include <string_view>

#include "kube/status.h"

namespace gatepost::apiserver {

struct Format {
  enum class Encoding { json, yaml } encoding = Encoding::json;
  enum class Form { object, table, partial } form = Form::object;
  bool pretty = false;
};

// Takes the first media type that can be served. Protobuf is never served: a client that accepts JSON as well gets
// JSON, one that does not gets 406.
kube::ApiResult<Format> negotiate(std::string_view accept, std::string_view user_agent,
                                  std::string_view pretty_parameter);

// Whether an Accept-Encoding names gzip.
bool accepts_gzip(std::string_view encodings);

}  // namespace gatepost::apiserver
