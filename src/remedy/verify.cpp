#include "remedy/verify.h"

#include <algorithm>
#include <fmt/format.h>

#include "diagnose/diagnose.h"
#include "explain/grammar.h"

namespace gatepost::remedy {
namespace {

struct Stage {
  int number;
  std::initializer_list<std::string_view> causes;
};

const Stage stages[] = {
    {1, {"service-not-found", "dns", "proxy", "tunnel"}},
    {2, {"no-endpoints"}},
    {3, {"connection-refused", "connection-timeout", "no-route", "connection-reset"}},
    {4,
     {"tls-handshake-timeout", "unknown-authority", "cert-expired", "cert-not-yet-valid", "name-mismatch", "no-san",
      "key-usage", "not-tls", "tls-alert", "tls-version", "bad-ca-bundle"}},
    {5, {"deadline-exceeded", "eof", "request-budget-exhausted"}},
    {6, {"http-status", "not-found-path", "bad-response", "bad-uid", "wrong-review-version"}},
};

Health failing(std::string cause, std::string detail) {
  const int stage = stage_of(cause);
  return {Health::State::failing, stage, std::move(cause), std::move(detail)};
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

// The answer to the dry run, as far as it speaks of this webhook. unknown: it does not.
Health read_probe(const client::Reply& reply, const Repair& repair) {
  for (const explain::Occurrence& error : explain::read_text(reply.status >= 400 ? reply.text : "")) {
    if (error.webhook != repair.webhook) continue;
    if (error.outcome == report::Outcome::denied)
      return {Health::State::answering, 0, "", "the webhook answered the dry run (it refused the object)"};
    return failing(error.cause, first_line(reply.text));
  }
  if (reply.status < 400) return {Health::State::passing, 0, "", "the dry run passes"};
  return {};
}

int rank(const Health& health) {
  switch (health.state) {
    case Health::State::answering:
      return 100;
    case Health::State::passing:
      return 90;
    case Health::State::failing:
      return health.stage;
    case Health::State::unknown:
      return 0;
  }
  return 0;
}

// What diagnose says of this webhook of this configuration.
Health read_report(const report::Report& report, const Repair& repair) {
  for (const report::Finding& finding : report.findings)
    if (finding.webhook == repair.webhook && finding.configuration == repair.configuration &&
        finding.severity != report::Severity::info)
      return failing(finding.cause,
                     finding.tail.empty() ? finding.cause : fmt::format("{}: {}", finding.cause, finding.tail));
  for (const report::Fact& fact : report.summary)
    if (fact.name == "healthy" && std::holds_alternative<std::int64_t>(fact.value) &&
        std::get<std::int64_t>(fact.value) > 0)
      return {Health::State::answering, 0, "", "the webhook answers"};
  return {};
}

}  // namespace

int stage_of(std::string_view cause) {
  for (const Stage& stage : stages)
    if (std::find(stage.causes.begin(), stage.causes.end(), cause) != stage.causes.end()) return stage.number;
  return 0;
}

net::Task<Health> check_health(Api* api, Repair repair, WallTime now) {
  Health probed;
  if (!repair.probe.path.empty()) {
    auto reply = co_await api->rest().call("POST", repair.probe.path, repair.probe.body);
    if (reply) probed = read_probe(*reply, repair);
    if (probed.state == Health::State::failing || probed.state == Health::State::answering) co_return probed;
    if (repair.goal == Goal::passes && probed.state == Health::State::passing) co_return probed;
  }
  // A request that passes says nothing of a webhook that fails open: its other evidence is looked at.
  diagnose::DiagnoseOptions options;
  options.names = {repair.webhook};
  options.now = now;
  auto report = co_await diagnose::diagnose(api->rest(), std::move(options));
  if (!report) {
    if (report.error().kind == diagnose::DiagnoseError::Kind::use)
      co_return Health{Health::State::passing, 0, "", "the webhook is no longer registered"};
    co_return Health{Health::State::unknown, 0, "", report.error().text};
  }
  Health out = read_report(*report, repair);
  if (out.state != Health::State::unknown) co_return out;
  out.detail = probed.state == Health::State::passing
                   ? "requests pass, but nothing that could be tried from here tells whether the webhook answers"
                   : "nothing that could be tried from here tells";
  co_return out;
}

bool reached(const Repair& repair, const Health& after) {
  switch (repair.goal) {
    case Goal::stored:
      return true;
    case Goal::passes:
      return after.state == Health::State::passing || after.state == Health::State::answering;
    case Goal::answers:
      return after.state == Health::State::answering;
  }
  return false;
}

bool better(const Health& before, const Health& after) {
  return rank(after) > rank(before);
}

}  // namespace gatepost::remedy
