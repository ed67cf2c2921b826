// The libraries url, regex and jsonpatch.
#include <algorithm>
#include <re2/re2.h>

#include "cel/kubernetes/host_value.h"
#include "cel/libraries.h"
#include "cel/utf8.h"
#include "net/url.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;
using net::url::Url;

struct UrlTraits {
  static const Type* type() {
    static const Type type{TypeKind::Struct, false, "kubernetes.URL", {}};
    return &type;
  }
  static bool equals(const Url& a, const Url& b) { return a.string() == b.string(); }
  static std::string text(const Url& url) { return "url(\"" + url.redacted() + "\")"; }
};
using UrlValue = HostValue<Url, UrlTraits>;

Value url(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::String)) return no_such_overload();
  // As a request line's URL first, which must be absolute or a path; then once more for a fragment.
  auto strict = net::url::parse_request_uri(args[0].text());
  if (!strict) return evaluation.error("URL parse error during conversion from string: " + strict.error().text);
  auto out = net::url::parse(args[0].text());
  if (!out) return evaluation.error("URL parse error during conversion from string: " + out.error().text);
  return UrlValue::make(evaluation, std::move(*out));
}

Value is_url(Evaluation&, Args args) {
  return args[0].is(ValueKind::String) ? Value::of_bool(net::url::parse_request_uri(args[0].text()).has_value())
                                       : no_such_overload();
}

template <std::string (*Get)(const Url&)>
Value part(Evaluation& evaluation, Args args) {
  const Url* from = UrlValue::get(args[0]);
  return from != nullptr ? evaluation.text(Get(*from)) : no_such_overload();
}
std::string scheme(const Url& from) {
  return from.scheme;
}
std::string host(const Url& from) {
  return from.host;
}
std::string hostname(const Url& from) {
  return from.hostname();
}
std::string port(const Url& from) {
  return from.port();
}
std::string escaped_path(const Url& from) {
  return from.escaped_path();
}

Value query(Evaluation& evaluation, Args args) {
  const Url* from = UrlValue::get(args[0]);
  if (from == nullptr) return no_such_overload();
  std::vector<std::pair<std::string, std::vector<std::string>>> values;
  for (auto& [key, value] : net::url::parse_query(from->raw_query)) {
    auto found = std::find_if(values.begin(), values.end(), [&](const auto& entry) { return entry.first == key; });
    if (found == values.end()) found = values.insert(values.end(), {key, {}});
    found->second.push_back(std::move(value));
  }
  MapBuilder out(evaluation.arena, values.size());
  for (const auto& [key, texts] : values) out.add(evaluation.text(key), list_of_texts(evaluation, texts));
  return out.finish();
}

bool pattern_arguments(Args args) {
  return args[0].is(ValueKind::String) && args[1].is(ValueKind::String) &&
         (args.size() == 2 || args[2].is(ValueKind::Int));
}

Value find(Evaluation& evaluation, Args args) {
  if (!pattern_arguments(args)) return no_such_overload();
  std::string problem;
  const re2::RE2* pattern = evaluation.regex(args[1].text(), problem);
  if (pattern == nullptr) return evaluation.error("Illegal regex: " + problem);
  re2::StringPiece match;
  const re2::StringPiece text(args[0].chars, args[0].size);
  if (!pattern->Match(text, 0, text.size(), re2::RE2::UNANCHORED, &match, 1)) return Value::of_string("");
  return Value::of_string({match.data(), match.size()});
}

// All matches that do not overlap; an empty one right behind another does not count.
Value find_all(Evaluation& evaluation, Args args) {
  if (!pattern_arguments(args)) return no_such_overload();
  std::string problem;
  const re2::RE2* pattern = evaluation.regex(args[1].text(), problem);
  if (pattern == nullptr) return evaluation.error("Illegal regex: " + problem);
  const std::int64_t most = args.size() == 3 && args[2].integer >= 0 ? args[2].integer : INT64_MAX;
  const re2::StringPiece text(args[0].chars, args[0].size);
  std::vector<Value> found;
  std::size_t at = 0;
  std::size_t last_end = static_cast<std::size_t>(-1);
  while (static_cast<std::int64_t>(found.size()) < most && at <= text.size()) {
    re2::StringPiece match;
    if (!pattern->Match(text, at, text.size(), re2::RE2::UNANCHORED, &match, 1)) break;
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    const std::size_t end = begin + match.size();
    if (!match.empty() || begin != last_end) found.push_back(Value::of_string({match.data(), match.size()}));
    last_end = end;
    at = match.empty() ? end + (end < text.size() ? code_point_length(args[0].text(), end) : 1) : end;
  }
  Value* items = evaluation.arena.array<Value>(found.size());
  std::copy(found.begin(), found.end(), items);
  return Value::of_list({items, found.size()});
}

Value escape_key(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::String)) return no_such_overload();
  std::string out;
  for (const char c : args[0].text()) {
    if (c == '/')
      out += "~1";
    else if (c == '~')
      out += "~0";
    else
      out += c;
  }
  return evaluation.text(out);
}

}  // namespace

void add_urls(Declarations& to) {
  to.type_name("kubernetes.URL", UrlTraits::type());
  to.function("url", url, {{"string_to_url", "string->$kubernetes.URL"}});
  to.function("getScheme", part<scheme>, {{"url_get_scheme", ".$kubernetes.URL->string"}});
  to.function("getHost", part<host>, {{"url_get_host", ".$kubernetes.URL->string"}});
  to.function("getHostname", part<hostname>, {{"url_get_hostname", ".$kubernetes.URL->string"}});
  to.function("getPort", part<port>, {{"url_get_port", ".$kubernetes.URL->string"}});
  to.function("getEscapedPath", part<escaped_path>, {{"url_get_escaped_path", ".$kubernetes.URL->string"}});
  to.function("getQuery", query, {{"url_get_query", ".$kubernetes.URL->map(string,list(string))"}});
  to.function("isURL", is_url, {{"is_url_string", "string->bool"}});
}

void add_regex(Declarations& to) {
  to.function("find", find, {{"string_find_string", ".string,string->string"}});
  to.function("findAll", find_all,
              {{"string_find_all_string", ".string,string->list(string)"},
               {"string_find_all_string_int", ".string,string,int->list(string)"}});
}

void add_json_patch(Declarations& to) {
  to.function("jsonpatch.escapeKey", escape_key, {{"string_jsonpatch_escapeKey_string", "string->string"}});
}

}  // namespace gatepost::cel
