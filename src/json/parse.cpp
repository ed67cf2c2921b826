#include "json/parse.h"

#include <boost/json/parse.hpp>

namespace gatepost::json {

Result<Value> parse(std::string_view text, Storage arena, ParseOptions options) {
  boost::json::parse_options boost_options;
  boost_options.max_depth = options.max_depth;
  boost_options.allow_invalid_utf8 = true;
  boost::json::error_code error;
  Value value = boost::json::parse(text, error, std::move(arena), boost_options);
  if (error) return fail(error.message());
  return value;
}

}  // namespace gatepost::json
