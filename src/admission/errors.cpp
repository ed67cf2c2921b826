#include "admission/errors.h"

#include "json/parse.h"
#include "json/write.h"

namespace gatepost::admission {

std::string webhook_failed(const std::string& webhook, const std::string& why) {
  return "failed calling webhook \"" + webhook + "\": " + why;
}

std::string call_failed(const std::string& webhook, const std::string& why) {
  return webhook_failed(webhook, "failed to call webhook: " + why);
}

kube::Status denied(const std::string& webhook, const json::Value& given) {
  kube::Status status;
  status.code = static_cast<int>(json::int_at(given, {"code"}));
  status.reason = json::string_at(given, {"reason"});
  std::string_view message = json::string_at(given, {"message"});
  std::string text = "admission webhook \"" + webhook + "\" denied the request";
  if (!message.empty())
    text += ": " + std::string(message);
  else if (!status.reason.empty())
    text += ": " + status.reason;
  else
    text += " without explanation";
  status.message = text;
  if (status.code < 400) status.code = 400;
  if (const json::Value* details = json::find(given, "details"); details && details->is_object())
    status.extra_details_json = json::write(*details);
  status.retry_after_seconds = json::int_at(given, {"details", "retryAfterSeconds"});
  return status;
}

std::string http_status_text(int status, std::string_view body) {
  if (auto parsed = json::parse(body, json::make_arena());
      parsed && json::string_at(*parsed, {"kind"}) == "Status" && json::string_at(*parsed, {"status"}) != "Success") {
    if (std::string_view message = json::string_at(*parsed, {"message"}); !message.empty()) return std::string(message);
  }
  while (!body.empty() && (body.back() == '\n' || body.back() == ' ' || body.back() == '\r' || body.back() == '\t'))
    body.remove_suffix(1);
  while (!body.empty() && (body.front() == '\n' || body.front() == ' ' || body.front() == '\r' || body.front() == '\t'))
    body.remove_prefix(1);
  std::string text(body);
  switch (status) {
    case 400:
      return "the server rejected our request for an unknown reason";
    case 401:
      return "the server has asked for the client to provide credentials";
    case 403:
      return text.empty() ? "forbidden: " : text;
    case 404:
      return "the server could not find the requested resource";
    case 405:
      return "the server does not allow this method on the requested resource";
    case 406:
      return text.empty() ? "the server was unable to respond with a content type that the client supports" : text;
    case 409:
      return "the server reported a conflict";
    case 410:
      return "the server has removed this resource";
    case 415:
      return text.empty() ? "the body of the request was in an unknown format" : text;
    case 422:
      return "the server rejected our request due to an error in our request";
    case 429:
      return "the server has received too many requests and has asked us to try again later";
    case 503:
      return "the server is currently unable to handle the request";
    case 504:
      return "the server was unable to return a response in the time allotted, but may still be processing the request";
    default:
      break;
  }
  if (status >= 500)
    return "an error on the server (\"" + (text.empty() ? "unknown" : text) +
           "\") has prevented the request from succeeding";
  return "the server responded with the status code " + std::to_string(status) + " but did not return more information";
}

std::string cannot_modify(const std::string& webhook) {
  return "admission webhook \"" + webhook +
         "\" attempted to modify the object, which is not supported for this operation";
}

std::string unsupported_patch(const std::string& type) {
  return "unsupported patch type \"" + type + "\"";
}

kube::Status dry_run_unsupported(const std::string& webhook) {
  kube::Status status;
  status.code = 400;
  status.reason = "BadRequest";
  status.message = "admission webhook \"" + webhook + "\" does not support dry run";
  return status;
}

}  // namespace gatepost::admission
