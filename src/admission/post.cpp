#include "admission/post.h"

#include <charconv>

#include "admission/errors.h"
#include "net/loop.h"

namespace gatepost::admission {
namespace {

constexpr int most_retries = 10;  // client-go's rest.Request

// The seconds that Retry-After asks for; client-go retries 429 and 5xx answers that carry it.
int retry_after(const net::http::Response& response) {
  bool may = response.status == 429 || response.status / 100 == 5;
  std::string_view text = response.headers.get("Retry-After");
  int seconds = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return may && !text.empty() && parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() ? seconds : -1;
}

Failure<PostFailure> failed(std::string text, int status) {
  return fail_with(PostFailure{std::move(text), status});
}

}  // namespace

net::Task<Result<net::http::Response, PostFailure>> post(Target::Handle target, std::string user_agent,
                                                         std::string body, std::chrono::nanoseconds budget) {
  net::SteadyTime until = std::chrono::steady_clock::now() + budget;
  auto seconds = std::chrono::ceil<std::chrono::seconds>(budget).count();
  std::string url = target->url + "?timeout=" + std::to_string(seconds) + "s";
  net::http::Request request;
  request.method = "POST";
  request.headers.add("Accept", "application/json, */*");
  request.headers.add("Content-Type", "application/json");
  request.headers.add("User-Agent", std::move(user_agent));
  request.body = std::move(body);
  for (int attempt = 0;; ++attempt) {
    net::http::CallTrace trace;
    std::string failed_url = url;
    auto response = co_await target->client->call(url, request, until, &trace, &failed_url);
    if (!response) {
      if (trace.phase == net::http::Phase::body && trace.status != 0)
        co_return failed(
            "unexpected error when reading response body. Please retry. Original error: " + response.error().text,
            trace.status);
      co_return failed("Post \"" + failed_url + "\": " + response.error().text, 0);
    }
    if (int wait = retry_after(*response); wait >= 0 && attempt < most_retries) {
      net::SteadyTime again = std::chrono::steady_clock::now() + std::chrono::seconds(wait);
      if (again >= until) {
        co_await net::sleep_until(until);
        co_return failed("Post \"" + url + "\": context deadline exceeded", response->status);
      }
      co_await net::sleep_until(again);
      continue;
    }
    if (response->status < 200 || response->status > 206)
      co_return failed(http_status_text(response->status, response->body), response->status);
    co_return std::move(*response);
  }
}

}  // namespace gatepost::admission
