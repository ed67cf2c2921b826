#include "apiserver/impersonate.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "net/go_text.h"

namespace gatepost::apiserver {
namespace {

constexpr std::string_view kExtraPrefix = "impersonate-extra-";
constexpr std::string_view kAccountPrefix = "system:serviceaccount:";
constexpr std::string_view kAuthenticated = "system:authenticated", kUnauthenticated = "system:unauthenticated";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Keys of extras are percent-encoded; one that is not well-formed is taken as it is.
std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex(text[i + 2]) : -1;
    if (high < 0 || low < 0) return text;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

struct Account {
  std::string ns, name;
};

// "system:serviceaccount:ns:name"
std::optional<Account> service_account(std::string_view user) {
  if (!user.starts_with(kAccountPrefix)) return std::nullopt;
  user.remove_prefix(kAccountPrefix.size());
  const std::size_t colon = user.find(':');
  if (colon == user.npos || colon == 0 || colon + 1 == user.size()) return std::nullopt;
  if (user.find(':', colon + 1) != user.npos) return std::nullopt;
  return Account{std::string(user.substr(0, colon)), std::string(user.substr(colon + 1))};
}

// The user that was asked for as Go's %#v prints it (user.DefaultInfo).
std::string go_syntax(const admission::UserInfo& user) {
  const auto list = [](const std::vector<std::string>& values) {
    std::string out = "[]string{";
    for (const std::string& value : values) out += (out.back() == '{' ? "" : ", ") + net::go_quote(value);
    return out + "}";
  };
  std::string members;
  for (const auto& [key, values] : user.extra)
    members += (members.empty() ? "" : ", ") + net::go_quote(key) + ":" + list(values);
  const std::string extra = "map[string][]string" + (members.empty() ? "(nil)" : "{" + members + "}");
  return "&user.DefaultInfo{Name:\"\", UID:" + net::go_quote(user.uid) +
         ", Groups:" + (user.groups.empty() ? "[]string(nil)" : list(user.groups)) + ", Extra:" + extra + "}";
}

bool has(const std::vector<std::string>& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

}  // namespace

kube::ApiResult<Impersonation> read_impersonation(const net::http::Headers& headers) {
  Impersonation out;
  admission::UserInfo& user = out.user;
  user.name = headers.get("Impersonate-User");
  user.uid = headers.get("Impersonate-Uid");
  for (const auto [name, value] : headers) {
    const std::string key = lower(name);
    if (key == "impersonate-group") {
      user.groups.emplace_back(value);
    } else if (key.starts_with(kExtraPrefix)) {
      user.extra[unescape(key.substr(kExtraPrefix.size()))].emplace_back(value);
    }
  }
  if (user.name.empty()) {
    return fail_with(kube::bad_request("requested " + go_syntax(user) + " without impersonating a user name"));
  }
  const auto account = service_account(user.name);
  if (account) {
    out.permitted.push_back({"", "serviceaccounts", "", account->ns, account->name});
  } else {
    out.permitted.push_back({"", "users", "", "", user.name});
  }
  for (const std::string& group : user.groups) out.permitted.push_back({"", "groups", "", "", group});
  for (const auto& [key, values] : user.extra) {
    for (const std::string& value : values) {
      out.permitted.push_back({"authentication.k8s.io", "userextras", key, "", value});
    }
  }
  if (!user.uid.empty()) out.permitted.push_back({"authentication.k8s.io", "uids", "", "", user.uid});

  if (account && user.groups.empty()) {
    user.groups = {"system:serviceaccounts", "system:serviceaccounts:" + account->ns};
  }
  if (user.name == "system:anonymous") {
    if (!has(user.groups, kUnauthenticated)) user.groups.emplace_back(kUnauthenticated);
  } else if (!has(user.groups, kAuthenticated) && !has(user.groups, kUnauthenticated)) {
    user.groups.emplace_back(kAuthenticated);
  }
  return out;
}

}  // namespace gatepost::apiserver
