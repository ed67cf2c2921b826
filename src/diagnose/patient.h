// One webhook on its way through the checks: what is known of it so far, and from which vantage point.
#pragma once

#include <optional>
#include <vector>

#include "diagnose/backend.h"
#include "diagnose/direct_call.h"
#include "diagnose/dry_run.h"
#include "diagnose/service_proxy.h"

namespace gatepost::diagnose {

struct Patient {
  Subject subject;
  Backend backend;
  Case found;
  using State = report::WebhookLine::State;
  State state = State::unknown;
  std::optional<DryRun> run;          // made when it is first needed
  std::vector<DirectAnswer> answers;  // of its endpoints or its URL, where this machine could call them
  std::optional<ProxyAnswer> proxy;
  std::string vantage;  // the best one that told something
  std::string note;     // of an unknown one: what would settle it
  std::optional<double> milliseconds;
};

// "https://hook.sys.svc:443/validate"
std::string url_of(const Subject& subject);

// Takes over what a text says of this webhook. False where it says nothing of it.
bool take_error(const std::string& text, Patient& patient);
// Whether the text is a denial: the webhook answered.
bool denies(const std::string& text, const Subject& subject);
// The same as take_error for a call's last clause.
void take_tail(const std::string& tail, Patient& patient);

// What a vantage point's word is worth, in a sentence.
std::string vantage_text(std::string_view vantage);
// Why nothing could be proven of a webhook, and what would settle it.
std::string unsettled_text(const Subject& subject);

}  // namespace gatepost::diagnose
