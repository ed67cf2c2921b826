#include "net/url.h"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>

#include "net/go_text.h"
#include "net/url_escape.h"

namespace gatepost::net::url {
namespace {

enum class From { anywhere, request };

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::pair<std::string_view, std::string_view> cut(std::string_view text, char at) {
  std::size_t found = text.find(at);
  if (found == std::string_view::npos) return {text, {}};
  return {text.substr(0, found), text.substr(found + 1)};
}

// Splits "scheme:rest"; the scheme is empty when there is none.
Result<std::pair<std::string_view, std::string_view>> split_scheme(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) continue;
    if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
      if (i == 0) break;
      continue;
    }
    if (c != ':') break;
    if (i == 0) return fail("missing protocol scheme");
    return std::pair(text.substr(0, i), text.substr(i + 1));
  }
  return std::pair(std::string_view(), text);
}

bool valid_optional_port(std::string_view port) {
  if (port.empty()) return true;
  if (port[0] != ':') return false;
  return std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Failure<gatepost::Error> bad_port(std::string_view port) {
  return fail("invalid port " + go_quote(port) + " after host");
}

Result<std::string> parse_ip_literal(std::string_view host) {
  std::size_t close = host.rfind(']');
  if (close == std::string_view::npos) return fail("missing ']' in host");
  std::string_view port = host.substr(close + 1);
  if (!valid_optional_port(port)) return bad_port(port);
  std::string_view name = host.substr(1, close - 1);
  std::size_t zone_at = name.find("%25");
  auto plain = unescape(name.substr(0, zone_at), Part::host);
  if (!plain) return fail_with(std::move(plain).error());
  std::string whole = *plain;
  if (zone_at != std::string_view::npos) {
    auto zone = unescape(name.substr(zone_at), Part::zone);
    if (!zone) return fail_with(std::move(zone).error());
    whole += *zone;
  }
  std::string numeric = whole.substr(0, whole.find('%'));
  boost::system::error_code error;
  boost::asio::ip::make_address_v6(numeric, error);
  if (error) {
    boost::asio::ip::make_address_v4(numeric, error);
    if (!error) return fail("invalid IP-literal");
    return fail("invalid host: ParseAddr(" + go_quote(whole) + "): unable to parse IP");
  }
  return "[" + whole + "]" + std::string(port);
}

Result<std::string> parse_host(std::string_view scheme, std::string_view host) {
  std::size_t bracket = host.rfind('[');
  if (bracket == 0) return parse_ip_literal(host);
  if (bracket != std::string_view::npos) return fail("invalid IP-literal");
  std::size_t colon = host.find(':');
  if (colon != std::string_view::npos) {
    // Only http and https are strict about a second colon.
    if (scheme != "http" && scheme != "https") colon = host.rfind(':');
    if (!valid_optional_port(host.substr(colon))) return bad_port(host.substr(colon));
  }
  return unescape(host, Part::host);
}

bool valid_userinfo(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
  });
}

Result<void> parse_authority(std::string_view authority, Url& url) {
  std::size_t at = authority.rfind('@');
  bool has_user = at != std::string_view::npos;
  auto host = parse_host(url.scheme, has_user ? authority.substr(at + 1) : authority);
  if (!host) return fail_with(std::move(host).error());
  if (has_user) {
    std::string_view info = authority.substr(0, at);
    if (!valid_userinfo(info)) return fail("net/url: invalid userinfo");
    auto [name, password] = cut(info, ':');
    auto plain_name = unescape(name, Part::user_password);
    if (!plain_name) return fail_with(std::move(plain_name).error());
    url.user = User{*plain_name, std::nullopt};
    if (info.find(':') != std::string_view::npos) {
      auto plain = unescape(password, Part::user_password);
      if (!plain) return fail_with(std::move(plain).error());
      url.user->password = *plain;
    }
  }
  url.host = *host;
  return {};
}

Result<void> set_path(Url& url, std::string_view raw) {
  auto path = unescape(raw, Part::path);
  if (!path) return fail_with(std::move(path).error());
  url.path = *path;
  url.raw_path = escape(url.path, Part::path) == raw ? std::string() : std::string(raw);
  return {};
}

Result<Url> parse_parts(std::string_view text, From from) {
  Url url;
  if (has_control(text)) return fail("net/url: invalid control character in URL");
  if (text.empty() && from == From::request) return fail("empty url");
  if (text == "*") {
    url.path = "*";
    return url;
  }
  auto split = split_scheme(text);
  if (!split) return fail_with(std::move(split).error());
  auto [scheme, rest] = *split;
  for (char c : scheme) url.scheme += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (rest.ends_with('?') && std::count(rest.begin(), rest.end(), '?') == 1) {
    url.force_query = true;
    rest.remove_suffix(1);
  } else {
    auto [before, query] = cut(rest, '?');
    url.raw_query = query;
    rest = before;
  }
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return url;
    }
    if (from == From::request) return fail("invalid URI for request");
    if (cut(rest, '/').first.find(':') != std::string_view::npos) {
      return fail("first path segment in URL cannot contain colon");
    }
  }
  bool may_have_host = !url.scheme.empty() || (from == From::anywhere && !rest.starts_with("///"));
  if (may_have_host && rest.starts_with("//")) {
    std::string_view authority = rest.substr(2);
    std::size_t slash = authority.find('/');
    rest = slash == std::string_view::npos ? std::string_view() : authority.substr(slash);
    if (auto ok = parse_authority(authority.substr(0, slash), url); !ok) return fail_with(std::move(ok).error());
  } else if (!url.scheme.empty() && rest.starts_with('/')) {
    url.omit_host = true;
  }
  if (auto ok = set_path(url, rest); !ok) return fail_with(std::move(ok).error());
  return url;
}

Failure<gatepost::Error> parse_error(std::string_view text, const gatepost::Error& why) {
  return fail("parse " + go_quote(text) + ": " + why.text);
}

bool valid_encoded(std::string_view text, Part part) {
  return std::all_of(text.begin(), text.end(), [part](char c) {
    return std::string_view("!$&'()*+,;=:@[]%").find(c) != std::string_view::npos || !should_escape(c, part);
  });
}

std::string encoded(const std::string& plain, const std::string& raw, Part part) {
  if (!raw.empty() && valid_encoded(raw, part)) {
    auto back = unescape(raw, part);
    if (back && *back == plain) return raw;
  }
  return escape(plain, part);
}

// Joins `reference` to `base` and takes out "." and "..".
std::string resolve_path(std::string_view base, std::string_view reference) {
  std::string full;
  if (reference.empty()) {
    full = base;
  } else if (reference[0] != '/') {
    full = std::string(base.substr(0, base.rfind('/') + 1)) + std::string(reference);
  } else {
    full = reference;
  }
  if (full.empty()) return {};
  std::string out = "/";
  std::string_view rest = full, element;
  bool first = true, more = true;
  while (more) {
    std::size_t slash = rest.find('/');
    more = slash != std::string_view::npos;
    element = rest.substr(0, slash);
    if (more) rest.remove_prefix(slash + 1);
    if (element == ".") {
      first = false;
    } else if (element == "..") {
      std::size_t last = out.rfind('/');
      out.resize(last == 0 || last == std::string::npos ? 1 : last);
      first = out.size() == 1;
    } else {
      if (!first) out += '/';
      out += element;
      first = false;
    }
  }
  if (element == "." || element == "..") out += '/';
  if (out.size() > 1 && out[1] == '/') out.erase(0, 1);
  return out;
}

std::string to_string(const Url& url, const std::optional<User>& user) {
  std::string out;
  if (!url.scheme.empty()) out += url.scheme + ":";
  if (!url.opaque.empty()) {
    out += url.opaque;
  } else {
    bool omit = url.omit_host && url.host.empty() && !user;
    if ((!url.scheme.empty() || !url.host.empty() || user) && !omit) {
      if (!url.host.empty() || !url.path.empty() || user) out += "//";
      if (user) {
        out += escape(user->name, Part::user_password);
        if (user->password) out += ":" + escape(*user->password, Part::user_password);
        out += '@';
      }
      out += escape(url.host, Part::host);
    }
    std::string path = url.escaped_path();
    if (!path.empty() && path[0] != '/' && !url.host.empty()) out += '/';
    if (out.empty() && cut(path, '/').first.find(':') != std::string_view::npos) out += "./";
    out += path;
  }
  if (url.force_query || !url.raw_query.empty()) out += "?" + url.raw_query;
  if (!url.fragment.empty()) out += "#" + encoded(url.fragment, url.raw_fragment, Part::fragment);
  return out;
}

std::pair<std::string_view, std::string_view> split_port(std::string_view host) {
  std::string_view port;
  std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && valid_optional_port(host.substr(colon))) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, port};
}

}  // namespace

Result<Url> parse(std::string_view text) {
  auto [before, fragment] = cut(text, '#');
  auto url = parse_parts(before, From::anywhere);
  if (!url) return parse_error(before, url.error());
  if (!fragment.empty()) {
    auto plain = unescape(fragment, Part::fragment);
    if (!plain) return parse_error(text, plain.error());
    url->fragment = *plain;
    if (escape(*plain, Part::fragment) != fragment) url->raw_fragment = fragment;
  }
  return url;
}

Result<Url> parse_request_uri(std::string_view text) {
  auto url = parse_parts(text, From::request);
  if (!url) return parse_error(text, url.error());
  return url;
}

bool valid_request_uri(std::string_view text) {
  if (text.empty() || text[0] != '/') return parse_parts(text, From::request).has_value();
  bool in_query = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f) return false;
    if (c == '?') in_query = true;
    if (c == '%' && !in_query && !unescape(text.substr(i, 3), Part::path)) return false;
  }
  return true;
}

std::string Url::hostname() const {
  return std::string(split_port(host).first);
}
std::string Url::port() const {
  return std::string(split_port(host).second);
}

std::string Url::escaped_path() const {
  if (path == "*" && raw_path.empty()) return "*";
  return encoded(path, raw_path, Part::path);
}

std::string Url::request_uri() const {
  std::string out = opaque;
  if (out.empty()) {
    out = escaped_path();
    if (out.empty()) out = "/";
  } else if (out.starts_with("//")) {
    out = scheme + ":" + out;
  }
  if (force_query || !raw_query.empty()) out += "?" + raw_query;
  return out;
}

std::string Url::string() const {
  return to_string(*this, user);
}

std::string Url::redacted() const {
  auto shown = user;
  if (shown && shown->password) shown->password = "xxxxx";
  return to_string(*this, shown);
}

Result<Url> Url::resolve(std::string_view reference) const {
  auto parsed = parse(reference);
  if (!parsed) return parsed;
  Url& out = *parsed;
  bool absolute = !out.scheme.empty() || !out.host.empty() || out.user;
  if (out.scheme.empty()) out.scheme = scheme;
  std::string reference_path = out.escaped_path();
  if (absolute) {
    (void)set_path(out, resolve_path(reference_path, ""));
    return parsed;
  }
  if (!out.opaque.empty()) return parsed;
  if (out.path.empty() && !out.force_query && out.raw_query.empty()) {
    out.raw_query = raw_query;
    if (out.fragment.empty()) {
      out.fragment = fragment;
      out.raw_fragment = raw_fragment;
    }
  }
  if (out.path.empty() && !opaque.empty()) {
    out.opaque = opaque;
    return parsed;
  }
  out.host = host;
  out.user = user;
  (void)set_path(out, resolve_path(escaped_path(), reference_path));
  return parsed;
}

std::string query_escape(std::string_view text) {
  return escape(text, Part::query_component);
}
std::string path_escape(std::string_view text) {
  return escape(text, Part::path_segment);
}
Result<std::string> query_unescape(std::string_view text) {
  return unescape(text, Part::query_component);
}
Result<std::string> path_unescape(std::string_view text) {
  return unescape(text, Part::path_segment);
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!query.empty()) {
    auto [pair, rest] = cut(query, '&');
    query = rest;
    if (pair.empty() || pair.find(';') != std::string_view::npos) continue;
    auto [key, value] = cut(pair, '=');
    auto plain_key = query_unescape(key);
    auto plain_value = query_unescape(value);
    if (plain_key && plain_value) out.emplace_back(std::move(*plain_key), std::move(*plain_value));
  }
  return out;
}

}  // namespace gatepost::net::url
