#include "diagnose/log_lines.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "explain/grammar.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_logs = 2;
constexpr std::size_t longest_log = 1000;  // of the lines that are told
constexpr std::size_t longest_plain = 40;  // a longer word of letters and digits may be a key
constexpr std::size_t most_refused = 5;    // that are named

bool is_secret_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '=' || c == '_' || c == '-';
}

// A long run of key material: letters of both cases and digits, without the dots and slashes of names and paths.
bool looks_random(std::string_view word) {
  const auto any = [&](auto test) {
    return std::any_of(word.begin(), word.end(), [&](char c) { return test(static_cast<unsigned char>(c)) != 0; });
  };
  return word.size() > longest_plain && any(isdigit) && any(isupper) && any(islower);
}

bool names_a_secret(std::string_view before) {
  static constexpr std::string_view words[] = {"password", "passwd",  "token",  "secret",       "apikey",
                                               "api_key",  "api-key", "bearer", "authorization"};
  std::string lower(before.substr(before.size() - std::min<std::size_t>(before.size(), 20)));
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  while (!lower.empty() && std::string_view("\"' :=").find(lower.back()) != std::string_view::npos) lower.pop_back();
  return std::any_of(std::begin(words), std::end(words), [&](std::string_view word) { return lower.ends_with(word); });
}

std::string_view message_of(const json::Value& event) {
  const std::string_view message = json::string_at(event, {"message"});
  return message.empty() ? json::string_at(event, {"note"}) : message;
}

std::string_view time_of(const json::Value& event, std::string_view key) {
  const std::string_view time = json::string_at(event, {key});
  return time.empty() ? json::string_at(event, {"eventTime"}) : time;
}

}  // namespace

std::string without_secrets(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_secret_letter(text[at])) {
      out += text[at++];
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_secret_letter(text[end])) ++end;
    std::string_view word = text.substr(at, end - at);
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos && equals + 1 < word.size() && names_a_secret(word.substr(0, equals))) {
      out += std::string(word.substr(0, equals + 1)) + "[hidden]";
    } else {
      const bool assigned = at > 0 && (text[at - 1] == ':' || text[at - 1] == '=' || text[at - 1] == ' ' ||
                                       text[at - 1] == '"' || text[at - 1] == '\'');
      const bool hidden = looks_random(word) || word.starts_with("eyJ") ||
                          (assigned && names_a_secret(text.substr(0, at)) && !names_a_secret(word) &&
                           text.substr(0, at).find_last_of(":=") != std::string_view::npos &&
                           at - text.substr(0, at).find_last_of(":=") <= 3);
      out += hidden ? std::string_view("[hidden]") : word;
    }
    at = end;
  }
  return out;
}

net::Task<void> show_log_lines(client::Rest* rest, std::string ns, Case* found) {
  for (std::size_t i = 0; i < std::min(found->crashed.size(), most_logs); ++i) {
    const Case::Container one = found->crashed[i];
    auto reply = co_await rest->call("GET", fmt::format("/api/v1/namespaces/{}/pods/{}/log?container={}&previous=true"
                                                        "&tailLines=5&limitBytes=4000",
                                                        ns, one.pod, one.name));
    if (!reply || reply->status != 200 || reply->text.empty()) continue;
    found->see("last log lines", std::nullopt, without_secrets(reply->text.substr(0, longest_log)),
               fmt::format("kubectl -n {} logs {} -c {} --previous --tail=5", ns, one.pod, one.name));
  }
}

void check_carried(const Subject& subject, const Cluster& cluster, Case& out) {
  std::int64_t count = 0;
  std::vector<std::string> refused;
  std::string first, last;
  for (const json::Value* event : cluster.refusals.all()) {
    const std::string_view text = message_of(*event);
    if (text.find("\"" + subject.name() + "\"") == std::string_view::npos) continue;
    const auto errors = explain::read_text(text);
    if (std::none_of(errors.begin(), errors.end(), [&](const explain::Occurrence& error) {
          return error.webhook == subject.name() && error.outcome != report::Outcome::denied;
        }))
      continue;
    count += std::max<std::int64_t>(1, json::int_at(*event, {"count"}, 1));
    const std::string_view from = time_of(*event, "firstTimestamp"), to = time_of(*event, "lastTimestamp");
    if (!from.empty() && (first.empty() || from < first)) first = from;
    if (to > last) last = to;
    if (refused.size() < most_refused)
      refused.push_back(fmt::format("{} {}/{}", json::string_at(*event, {"involvedObject", "kind"}),
                                    json::string_at(*event, {"metadata", "namespace"}),
                                    json::string_at(*event, {"involvedObject", "name"})));
  }
  if (count == 0) return;
  out.finding.count = count;
  out.finding.first_seen = first;
  out.finding.last_seen = last;
  out.see("events", false,
          fmt::format("{} events carry this error, the last at {}: {}", count, last, fmt::join(refused, ", ")),
          "kubectl get events -A --field-selector reason=FailedCreate");
}

}  // namespace gatepost::diagnose
