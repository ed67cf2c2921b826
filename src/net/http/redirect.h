// Redirects as Go's http.Client follows them: pure decisions.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "net/http/message.h"
#include "net/url.h"

namespace gatepost::net::http {

inline constexpr int kMostRedirects = 10;

// What an answer asks for. 301, 302 and 303 turn every method but GET and HEAD into GET and drop the body; 307 and 308
// keep both.
struct Redirect {
  std::string method;
  bool keep_body = true;
};
std::optional<Redirect> redirect_of(int status, const std::string& method);

// The fields of a request after a redirect from `last` to `next`: those of the first request without what must not go
// there, and the Referer. `strip_sensitive`: credentials stay behind.
Headers redirected_headers(const Headers& first, const url::Url& last, const url::Url& next, bool strip_sensitive,
                           bool keep_body);

// Whether credentials may follow from one URL to another: the same host or one below it.
bool may_keep_credentials(const url::Url& initial, const url::Url& next);

}  // namespace gatepost::net::http
