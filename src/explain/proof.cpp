#include "explain/proof.h"

#include <array>
#include <fmt/format.h>

#include "explain/log_time.h"
#include "explain/pattern.h"

namespace gatepost::explain {
namespace {

using report::Evidence;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

void prove_budget(const Occurrence& error, std::optional<int> longest, std::vector<Evidence>& out) {
  if (error.cause == "request-budget-exhausted") {
    out.push_back({"request-budget", false,
                   "The error names no webhook because none failed by itself: the request's own time ran out while "
                   "webhooks were called one "
                   "after the other. Those with failurePolicy Ignore count too."});
    return;
  }
  if (!error.timeout_seconds) return;
  const int left = *error.timeout_seconds;
  if (longest && left < *longest) {
    out.push_back({"request-budget", false,
                   fmt::format("?timeout={}s is what was left of the request's time; the same call was given {} s "
                               "elsewhere, so earlier webhooks ate "
                               "{} s (unless timeoutSeconds was changed in between).",
                               left, *longest, *longest - left)});
  } else if (left > 0 && left < 10 && error.outcome != report::Outcome::conversion) {
    out.push_back({"request-budget", std::nullopt,
                   fmt::format("?timeout={}s is what was left of the request's time. If the webhook's timeoutSeconds "
                               "is more than {}, earlier webhooks "
                               "ate the difference.",
                               left, left)});
  }
}

// The names between "valid for " and ", not ".
std::string_view names_in(std::string_view tail) {
  const std::size_t begin = tail.find("valid for ");
  const std::size_t end = tail.find(", not ");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "";
  return tail.substr(begin + 10, end - begin - 10);
}

void prove_certificate(const Occurrence& error, std::vector<Evidence>& out) {
  if (error.cause == "name-mismatch") {
    const std::string_view names = names_in(error.tail);
    if (error.port == 10250 || (!names.empty() && !has(names, ".svc") &&
                                (has(names, "node") || has(names, "ip-") || has(names, ".compute.internal")))) {
      out.push_back({"kubelet-answered", false,
                     fmt::format("The certificate names a node ({}) and the kubelet listens on port 10250: the kubelet "
                                 "answered in the webhook's place.",
                                 names)});
    } else if (has(names, "webhook-service.system.svc")) {
      out.push_back({"placeholder-names", false,
                     "The certificate was made for kustomize's placeholder names (webhook-service.system): they were "
                     "never replaced."});
    }
  }
  const std::size_t now_at = error.tail.find("current time ");
  const std::size_t limit_at = std::min(error.tail.find(" is after "), error.tail.find(" is before "));
  if (now_at == std::string::npos || limit_at == std::string::npos) return;
  const bool after = error.tail.compare(limit_at, 10, " is after ") == 0;
  const auto now = parse_time(std::string_view(error.tail).substr(now_at + 13));
  const auto limit = parse_time(std::string_view(error.tail).substr(limit_at + (after ? 10 : 11)));
  if (!now || !limit) return;
  const std::int64_t apart = after ? *now - *limit : *limit - *now;
  const std::string span = apart < 7200     ? fmt::format("{} min", apart / 60)
                           : apart < 172800 ? fmt::format("{} h", apart / 3600)
                                            : fmt::format("{} days", apart / 86400);
  out.push_back(
      {"validity", false,
       after ? fmt::format("The certificate had expired {} before the call.", span)
             : fmt::format(
                   "By the API server's clock the certificate becomes valid only {} later: compare the clocks first.",
                   span)});
}

void prove_way(const Occurrence& error, std::vector<Evidence>& out) {
  if (error.cause == "proxy") {
    out.push_back({"proxy-environment", false,
                   "Go prints a bare status phrase only when a proxy refuses CONNECT: the API server's process has "
                   "HTTPS_PROXY set and its NO_PROXY does not "
                   "cover the Service."});
  }
  if (error.cause == "http-status") {
    out.push_back(
        {"answered", true, "Something answered with an HTTP status: this is neither a timeout nor a network failure."});
  }
  if (error.cause == "service-not-found" &&
      (error.service == "system/webhook-service" || has(error.service, "system/webhook-service"))) {
    if (error.service == "system/webhook-service") {
      out.push_back({"placeholder-names", false,
                     "webhook-service in namespace system is kustomize's placeholder: the names were never replaced."});
    }
  }
  if (has(error.tail, "10.96.0.1:443") || has(error.tail, "kubernetes.default")) {
    out.push_back({"api-server-address", std::nullopt, "The address dialled looks like the API server's own Service."});
  }
  if (error.policy == Policy::failing_open) {
    out.push_back({"failing-open", false, "failurePolicy is Ignore: the request went through unchecked."});
  }
}

// The words behind `verb` in a command line that was pasted along: helm install RELEASE CHART.
std::vector<std::string_view> arguments_behind(std::string_view text, std::string_view verb) {
  std::vector<std::string_view> out;
  const std::size_t at = text.find(verb);
  if (at == std::string_view::npos) return out;
  std::string_view rest = text.substr(at + verb.size());
  rest = rest.substr(0, rest.find('\n'));
  while (!rest.empty() && out.size() < 2) {
    const std::size_t begin = std::min(rest.find_first_not_of(' '), rest.size());
    const std::size_t end = std::min(rest.find(' ', begin), rest.size());
    const std::string_view word = rest.substr(begin, end - begin);
    rest.remove_prefix(end);
    if (!word.empty() && word[0] != '-')
      out.push_back(word);
    else if (!word.empty())
      break;
  }
  return out;
}

// True when a part of `word` longer than three letters is in `names`.
bool related(std::string_view word, std::string_view names) {
  std::string part;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    const char c = i < word.size() ? lower(word[i]) : '-';
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      part += c;
      continue;
    }
    if (part.size() > 3 && has(names, part)) return true;
    part.clear();
  }
  return false;
}

void prove_product(const Occurrence& error, std::string_view text, std::vector<Evidence>& out) {
  if (error.webhook.empty() || error.outcome == report::Outcome::denied) return;
  const std::string names = error.webhook + " " + error.service;
  for (std::string_view verb : {"helm install ", "helm upgrade --install ", "helm upgrade "}) {
    const auto words = arguments_behind(text, verb);
    if (words.empty()) continue;
    for (std::string_view word : words) {
      if (related(word, names)) return;
    }
    out.push_back({"other-product", false,
                   fmt::format("\"{}\" was being installed, but the webhook that fails belongs to another product "
                               "({}): look there, not at the chart.",
                               words[0], error.service.empty() ? error.webhook : error.service)});
    return;
  }
  if (has(text, "INSTALLATION FAILED") || has(text, "UPGRADE FAILED")) {
    out.push_back(
        {"other-product", std::nullopt,
         fmt::format("The webhook belongs to {}. If that is not what is being installed, the chart is not at fault.",
                     error.service.empty() ? error.webhook : error.service)});
  }
}

}  // namespace

std::vector<Evidence> prove(const Occurrence& error, std::string_view text, std::optional<int> longest_timeout) {
  std::vector<Evidence> out;
  if (error.outcome == report::Outcome::other_subsystem) return out;
  prove_budget(error, longest_timeout, out);
  prove_certificate(error, out);
  prove_way(error, out);
  prove_product(error, text, out);
  return out;
}

}  // namespace gatepost::explain
