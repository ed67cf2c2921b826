#include "net/http/redirect.h"

#include <algorithm>
#include <array>

namespace gatepost::net::http {
namespace {

constexpr std::array<std::string_view, 6> kSensitive = {"Authorization", "Www-Authenticate",    "Cookie",
                                                        "Cookie2",       "Proxy-Authorization", "Proxy-Authenticate"};
constexpr std::array<std::string_view, 4> kOfBody = {"Content-Encoding", "Content-Language", "Content-Location",
                                                     "Content-Type"};

template <std::size_t N>
bool one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view each) { return equal_fold(name, each); });
}

}  // namespace

std::optional<Redirect> redirect_of(int status, const std::string& method) {
  switch (status) {
    case 301:
    case 302:
    case 303:
      return Redirect{method == "GET" || method == "HEAD" ? method : "GET", false};
    case 307:
    case 308:
      return Redirect{method, true};
    default:
      return std::nullopt;
  }
}

bool may_keep_credentials(const url::Url& initial, const url::Url& next) {
  std::string parent = initial.hostname(), sub = next.hostname();
  if (sub == parent) return true;
  // An IPv6 address has no domains below it.
  if (sub.find_first_of(":%") != std::string::npos) return false;
  return sub.size() > parent.size() && sub.ends_with(parent) && sub[sub.size() - parent.size() - 1] == '.';
}

Headers redirected_headers(const Headers& first, const url::Url& last, const url::Url& next, bool strip_sensitive,
                           bool keep_body) {
  Headers out;
  for (auto [name, value] : first) {
    if (strip_sensitive && one_of(name, kSensitive)) continue;
    if (!keep_body && one_of(name, kOfBody)) continue;
    if (equal_fold(name, "Host")) continue;
    out.add(name, value);
  }
  bool downgrade = last.scheme == "https" && next.scheme == "http";
  if (!downgrade && !out.has("Referer")) {
    url::Url shown = last;
    shown.user.reset();
    out.add("Referer", shown.string());
  }
  return out;
}

}  // namespace gatepost::net::http
