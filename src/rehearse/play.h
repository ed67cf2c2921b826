// Plays one scenario in the world and says what became of every webhook concerned. Afterwards the world is as before.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rehearse/scenario.h"

namespace gatepost::rehearse {

enum class Verdict { recovers, recovers_after, degraded, wedged };
std::string_view to_string(Verdict verdict);  // as in the JSON: "recovers-after"

// A request that a backend needs to come back and that is refused.
struct Wait {
  std::string backend;  // that waits, "namespace/service"
  std::string who;      // "Deployment shop/guard"
  std::string what;     // "CREATE pods"
  std::string webhook;  // whose call failed; empty: refused for another reason
  std::string on;       // the backend of that webhook, "namespace/service"
  std::string text;     // the server's
};

struct WebhookResult {
  std::size_t webhook = 0;  // in World::webhooks
  Verdict verdict = Verdict::recovers;
  std::optional<std::chrono::milliseconds> down;  // how long its calls failed, when they did
  std::vector<std::string> blocked, passed;       // canaries during the outage: refused, and let through unguarded
  std::string error;                              // one of the refusals' texts
};

struct Played {
  std::vector<WebhookResult> results;
  std::vector<Wait> waits;          // of backends that did not come back
  std::vector<std::string> wedged;  // backends on a cycle, in its order where it is a simple one
  std::vector<std::string> remarks;
  std::chrono::milliseconds length{0};
};

net::Task<Played> play(World* world, Scenario scenario);

}  // namespace gatepost::rehearse
