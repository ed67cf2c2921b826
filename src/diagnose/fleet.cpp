#include "diagnose/fleet.h"

#include <algorithm>

namespace gatepost::diagnose {
namespace {

report::Fact& fact_of(report::Facts& facts, const report::Fact& like) {
  auto found =
      std::find_if(facts.begin(), facts.end(), [&](const report::Fact& fact) { return fact.name == like.name; });
  if (found != facts.end()) return *found;
  facts.push_back(like);
  if (auto* number = std::get_if<std::int64_t>(&facts.back().value)) *number = 0;
  if (auto* texts = std::get_if<std::vector<std::string>>(&facts.back().value)) texts->clear();
  return facts.back();
}

}  // namespace

void add_context(const std::string& context, report::Report of, report::Report& into) {
  into.command = of.command;
  into.time = std::max(into.time, of.time);
  for (const report::Fact& fact : of.summary) {
    report::Fact& sum = fact_of(into.summary, fact);
    if (const auto* number = std::get_if<std::int64_t>(&fact.value)) std::get<std::int64_t>(sum.value) += *number;
    if (const auto* texts = std::get_if<std::vector<std::string>>(&fact.value))
      for (const std::string& text : *texts)
        std::get<std::vector<std::string>>(sum.value).push_back(context + ": " + text);
  }
  for (report::WebhookLine& line : of.webhooks) {
    line.context = context;
    into.webhooks.push_back(std::move(line));
  }
  for (report::Finding& finding : of.findings) {
    finding.context = context;
    into.findings.push_back(std::move(finding));
  }
}

void add_unreached(const std::string& context, const std::string& why, report::Report& into) {
  report::Fact& fact = fact_of(into.summary, {"notReached", std::vector<std::string>()});
  std::get<std::vector<std::string>>(fact.value).push_back(context + ": " + why);
}

}  // namespace gatepost::diagnose
