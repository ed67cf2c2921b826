#include "x509/domain.h"

namespace gatepost::x509 {

bool is_domain_name(std::string_view text, DomainUse use) {
  if (text.empty()) return true;
  if (text.back() == '.') return false;
  if (use == DomainUse::constraint && text[0] == '.') text.remove_prefix(1);
  std::size_t label = 0;
  for (char c : text) {
    if (c < 33 || c > 126) return false;
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else {
      ++label;
    }
  }
  return label > 0;
}

namespace {

bool in(char c, unsigned low, unsigned high) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= low && byte <= high;
}

// A quoted local part; `text` starts behind the opening quote and ends behind the closing one.
std::optional<std::string> quoted_local(std::string_view& text) {
  std::string local;
  while (!text.empty()) {
    char c = text[0];
    text.remove_prefix(1);
    if (c == '"') return local;
    if (c == '\\') {
      if (text.empty()) return std::nullopt;
      c = text[0];
      text.remove_prefix(1);
      if (c != 11 && c != 12 && !in(c, 1, 9) && !in(c, 14, 127)) return std::nullopt;
    } else if (c != 11 && c != 12 && c != 32 && c != 33 && c != 127 && !in(c, 1, 8) && !in(c, 14, 31) &&
               !in(c, 35, 91) && !in(c, 93, 126)) {
      return std::nullopt;
    }
    local += c;
  }
  return std::nullopt;
}

bool is_atom_char(char c) {
  return in(c, '0', '9') || in(c, 'a', 'z') || in(c, 'A', 'Z') ||
         std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}

std::optional<std::string> plain_local(std::string_view& text) {
  std::string local;
  while (!text.empty()) {
    if (text[0] == '\\') {
      text.remove_prefix(1);
      if (text.empty()) return std::nullopt;
    } else if (!is_atom_char(text[0])) {
      break;
    }
    local += text[0];
    text.remove_prefix(1);
  }
  if (local.empty() || local.front() == '.' || local.back() == '.' || local.find("..") != std::string::npos) {
    return std::nullopt;
  }
  return local;
}

}  // namespace

std::optional<Mailbox> parse_mailbox(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::optional<std::string> local;
  if (text[0] == '"') {
    text.remove_prefix(1);
    local = quoted_local(text);
  } else {
    local = plain_local(text);
  }
  if (!local || text.empty() || text[0] != '@') return std::nullopt;
  text.remove_prefix(1);
  if (!is_domain_name(text, DomainUse::name)) return std::nullopt;
  return Mailbox{std::move(*local), std::string(text)};
}

Result<std::string> uri_host(std::string_view uri) {
  for (char c : uri) {
    if (in(c, 0, 31) || c == 127) return fail("net/url: invalid control character in URL");
  }
  if (auto fragment = uri.find('#'); fragment != std::string_view::npos) uri = uri.substr(0, fragment);
  if (auto query = uri.find('?'); query != std::string_view::npos) uri = uri.substr(0, query);
  if (!uri.empty() && uri[0] == ':') return fail("missing protocol scheme");
  std::size_t scheme = 0;
  while (scheme < uri.size() && (in(uri[scheme], 'a', 'z') || in(uri[scheme], 'A', 'Z') ||
                                 (scheme > 0 && (in(uri[scheme], '0', '9') || uri[scheme] == '+' ||
                                                 uri[scheme] == '-' || uri[scheme] == '.')))) {
    ++scheme;
  }
  if (scheme > 0 && scheme < uri.size() && uri[scheme] == ':') {
    uri.remove_prefix(scheme + 1);
  } else if (auto colon = uri.find(':'); colon != std::string_view::npos && colon < uri.find('/')) {
    return fail("first path segment in URL cannot contain colon");
  }
  if (!uri.starts_with("//") || uri.starts_with("///")) return std::string();
  uri.remove_prefix(2);
  uri = uri.substr(0, uri.find('/'));
  if (auto at = uri.rfind('@'); at != std::string_view::npos) uri.remove_prefix(at + 1);
  if (uri.find_first_of(" \"<>\\^`{|}") != std::string_view::npos) {
    return fail("invalid character in host name");
  }
  return std::string(uri);
}

}  // namespace gatepost::x509
