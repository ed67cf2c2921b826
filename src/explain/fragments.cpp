#include <algorithm>
#include <array>

#include "explain/classify.h"
#include "explain/grammar.h"
#include "explain/pattern.h"
#include "explain/tail.h"
#include "explain/target.h"
#include "explain/unfold.h"

namespace gatepost::explain {
namespace {

using report::Outcome;

constexpr std::size_t longest_looked_at = 64 * 1024;
constexpr std::size_t longest_prose = 16 * 1024;
constexpr int least_literals = 10;  // a bare clause that proves less is a word of the language

std::size_t line_of(std::string_view text, std::size_t at) {
  const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

// What kubectl says when the API server could not carry out a change: the bare clause behind it is the admission
// chain's.
bool changes_something(std::string_view text) {
  static constexpr std::array<std::string_view, 7> words = {
      "error when creating",  "error when patching", "error when applying", "error when updating",
      "error when replacing", "Error creating:",     "dry-run failed"};
  for (std::string_view word : words) {
    if (text.find(word) != std::string_view::npos) return true;
  }
  return false;
}

bool after(std::string_view text, std::size_t at, std::string_view words) {
  return at >= words.size() && text.substr(at - words.size(), words.size()) == words;
}

// The API server has webhooks of other kinds, called the same way.
bool other_webhook(std::string_view before) {
  for (std::string_view word :
       {"authorizer", "authenticator", "authenticate the request", "audit", "image policy", "token review"}) {
    if (before.find(word) != std::string_view::npos) return true;
  }
  return false;
}

// METHOD "URL": clause
bool read_request(std::string_view text, std::size_t at, Occurrence& out) {
  static constexpr std::array<std::string_view, 6> methods = {"Post ", "Get ", "Put ", "Patch ", "Delete ", "Head "};
  for (std::string_view method : methods) {
    if (!text.substr(at).starts_with(method)) continue;
    const Unfolded record = unfold(text, line_of(text, at), at);
    std::size_t i = method.size();
    while (i < record.text.size() && std::string_view(" \\\"'`[<").find(record.text[i]) != std::string_view::npos) ++i;
    if (!record.text.substr(std::min(i, record.text.size())).starts_with("http")) return false;
    std::size_t end = i;
    while (end < record.text.size() && !is_space(record.text[end]) &&
           std::string_view("\"'`]>").find(record.text[end]) == std::string_view::npos)
      ++end;
    std::string url = record.text.substr(i, end - i);
    while (!url.empty() && (url.back() == ':' || url.back() == '\\')) url.pop_back();
    const auto target = read_target(url);
    if (!target) return false;
    if (end < record.text.size() && record.text[end] == ']' && record.text.find('(', end) == end + 1)
      end = record.text.find(')', end);
    while (end < record.text.size() && std::string_view("\\\"'`]>): ").find(record.text[end]) != std::string_view::npos)
      ++end;
    const Tail tail = read_tail(record, end, Before::post_url);
    out.target = target->url;
    out.service = target->service;
    out.port = target->port;
    out.timeout_seconds = target->timeout;
    out.tail = tail.text;
    out.cause = tail.cause.empty() ? "truncated" : tail.cause;
    out.shape = tail.shape;
    out.literals = tail.literals;
    out.known = tail.known;
    // Only the API server's webhook clients call a Service with a timeout in the query.
    if (method != "Post " || target->service.empty() || !target->timeout || other_webhook(text.substr(0, at))) {
      out.outcome = Outcome::other_subsystem;
      out.cause = "unrelated";
    } else if (target->conversion) {
      out.outcome = Outcome::conversion;
      out.cause = "conversion";
    }
    out.begin = at;
    out.end = at + 1;
    return true;
  }
  return false;
}

// Words, and few enough to have one subject.
bool says_something(std::string_view text) {
  const auto letters =
      std::count_if(text.begin(), text.end(), [](char c) { return lower(c) >= 'a' && lower(c) <= 'z'; });
  return letters >= 8 && text.size() <= longest_prose;
}

}  // namespace

std::vector<Occurrence> read_fragments(std::string_view text) {
  text = text.substr(0, longest_looked_at);
  Occurrence request;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((at == 0 || !(lower(text[at - 1]) >= 'a' && lower(text[at - 1]) <= 'z')) && read_request(text, at, request))
      return {request};
  }

  Occurrence best;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_space(text[at]) || (at > 0 && !is_space(text[at - 1]) &&
                               std::string_view("\"'`(=,]>|\xe2").find(text[at - 1]) == std::string_view::npos))
      continue;
    const Clause clause = classify(text, at);
    if (!clause.known || clause.literals < least_literals || clause.literals <= best.literals) continue;
    if (is_reason_phrase(text.substr(at, clause.end - at))) continue;  // a status phrase alone proves nothing
    const Unfolded record = unfold(text, line_of(text, at), at);
    const Tail tail = read_tail(record, 0, Before::webhook_name);
    if (!tail.known) continue;
    best.tail = tail.text;
    best.cause = tail.cause;
    best.shape = tail.shape;
    best.literals = clause.literals;
    best.known = true;
    best.begin = at;
    best.end = at + 1;
  }
  if (best.tail.empty()) {
    if (!says_something(text)) return {};
    best.outcome = Outcome::other_subsystem;
    best.cause = "unrelated";
    return {best};
  }
  const bool status = best.cause == "http-status" || best.cause == "not-found-path";
  const bool webhook = best.tail.find(".svc") != std::string::npos || changes_something(text) ||
                       after(text, best.begin, "Internal error occurred: ") || best.cause == "bad-uid" ||
                       best.cause == "wrong-review-version";
  if (status || !webhook) {
    best.outcome = Outcome::other_subsystem;
    best.cause = "unrelated";
  }
  return {best};
}

}  // namespace gatepost::explain
