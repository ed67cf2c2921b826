// URLs as Go's net/url reads, escapes, resolves and prints them, with its error texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace gatepost::net::url {

struct User {
  std::string name;
  std::optional<std::string> password;
};

struct Url {
  std::string scheme;  // lower case
  std::string opaque;
  std::optional<User> user;
  std::string host;      // "host", "host:port", "[::1]:443"
  std::string path;      // decoded
  std::string raw_path;  // as written, where escaping `path` would give something else
  std::string raw_query;
  std::string fragment;  // decoded
  std::string raw_fragment;
  bool force_query = false;  // a '?' with nothing behind it
  bool omit_host = false;    // "file:/path": no authority

  std::string hostname() const;  // without port and brackets
  std::string port() const;      // empty when there is none
  std::string escaped_path() const;
  std::string request_uri() const;  // path and query, as a request line has them
  std::string string() const;
  std::string redacted() const;  // string() with the password as "xxxxx"
  // A redirect's location as seen from this URL.
  Result<Url> resolve(std::string_view reference) const;
};

// The error's text: `parse "http://a b/": invalid character " " in host name`.
Result<Url> parse(std::string_view text);
// What stands in a request line: an absolute URL, a path, or "*".
Result<Url> parse_request_uri(std::string_view text);
// Whether parse_request_uri would take it; costs one pass over the bytes for the usual path.
bool valid_request_uri(std::string_view text);

std::string query_escape(std::string_view text);
std::string path_escape(std::string_view text);
Result<std::string> query_unescape(std::string_view text);
Result<std::string> path_unescape(std::string_view text);

// A query's pairs in order; malformed ones are left out, as Go's URL.Query does.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

}  // namespace gatepost::net::url
