#include "apiserver/request_info.h"

#include <algorithm>

namespace gatepost::apiserver {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { space, literal };

std::string unescape(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else if (text[i] == '+' && plus == Plus::space) {
      out.push_back(' ');
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  std::size_t start = 0;
  while (start <= path.size()) {
    std::size_t slash = std::min(path.find('/', start), path.size());
    if (slash > start) out.emplace_back(path.substr(start, slash - start));
    start = slash + 1;
  }
  return out;
}

std::string verb_of(std::string_view method) {
  if (method == "POST") return "create";
  if (method == "GET" || method == "HEAD") return "get";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return "delete";
  return "";
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// `metadata.name=x` anywhere in a field selector; kube-apiserver lets RBAC's resourceNames see it.
std::string name_in_field_selector(std::string_view selector) {
  constexpr std::string_view prefix = "metadata.name=";
  std::size_t start = 0;
  while (start <= selector.size()) {
    std::size_t comma = std::min(selector.find(',', start), selector.size());
    std::string_view term = selector.substr(start, comma - start);
    if (term.starts_with(prefix)) {
      term.remove_prefix(prefix.size());
      if (term.starts_with('=')) term.remove_prefix(1);
      return std::string(term);
    }
    start = comma + 1;
  }
  return "";
}

}  // namespace

Query Query::parse(std::string_view text) {
  Query query;
  std::size_t start = 0;
  while (start < text.size()) {
    std::size_t end = std::min(text.find('&', start), text.size());
    std::string_view pair = text.substr(start, end - start);
    start = end + 1;
    if (pair.empty()) continue;
    std::size_t equals = pair.find('=');
    std::string key = unescape(pair.substr(0, equals), Plus::space);
    std::string value = equals == std::string_view::npos ? "" : unescape(pair.substr(equals + 1), Plus::space);
    query.pairs_.emplace_back(std::move(key), std::move(value));
  }
  return query;
}

std::string_view Query::get(std::string_view key) const {
  for (const auto& [name, value] : pairs_)
    if (name == key) return value;
  return {};
}

bool Query::has(std::string_view key) const {
  return std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair.first == key; });
}

std::vector<std::string_view> Query::all(std::string_view key) const {
  std::vector<std::string_view> out;
  for (const auto& [name, value] : pairs_)
    if (name == key) out.push_back(value);
  return out;
}

bool Query::flag(std::string_view key) const {
  const std::string value = lower(get(key));
  return has(key) && value != "false" && value != "0";
}

RequestInfo read_request_info(std::string_view method, std::string_view target) {
  RequestInfo info;
  std::size_t question = target.find('?');
  if (question != std::string_view::npos) info.raw_query = target.substr(question + 1);
  info.path = unescape(target.substr(0, question), Plus::literal);
  info.query = Query::parse(info.raw_query);
  info.verb = lower(method);

  std::vector<std::string> parts = segments_of(info.path);
  if (parts.size() < 3 || (parts[0] != "api" && parts[0] != "apis")) return info;
  std::size_t at = 1;
  if (parts[0] == "apis") {
    if (parts.size() < 4) return info;
    info.group = parts[at++];
  }
  info.version = parts[at++];
  info.is_resource = true;
  info.verb = verb_of(method);

  bool watch_prefix = false;
  if (at < parts.size() && (parts[at] == "watch" || parts[at] == "proxy") && at + 1 < parts.size()) {
    // The old forms /api/v1/watch/pods and /api/v1/proxy/...
    watch_prefix = parts[at] == "watch";
    if (!watch_prefix) info.verb = "proxy";
    ++at;
  }
  if (parts[at] == "namespaces") {
    if (parts.size() - at > 1) {
      info.ns = parts[at + 1];
      // /namespaces/x/status and /finalize belong to the namespace itself.
      bool own_subresource = parts.size() - at > 2 && (parts[at + 2] == "status" || parts[at + 2] == "finalize");
      info.in_namespace = parts.size() - at > 2 && !own_subresource;
      if (info.in_namespace) at += 2;
    }
  }
  info.resource = parts[at++];
  if (at < parts.size()) info.name = parts[at++];
  if (at < parts.size()) info.subresource = parts[at++];
  while (at < parts.size()) info.rest.push_back(parts[at++]);
  if (info.resource == "namespaces" && info.name.empty()) info.ns.clear();

  info.label_selector = info.query.get("labelSelector");
  info.field_selector = info.query.get("fieldSelector");
  if (watch_prefix) info.verb = "watch";
  if (info.name.empty() && info.verb == "get") {
    info.verb = info.query.flag("watch") ? "watch" : "list";
    info.name = name_in_field_selector(info.field_selector);
  } else if (info.name.empty() && info.verb == "delete") {
    info.verb = "deletecollection";
  }
  return info;
}

}  // namespace gatepost::apiserver
