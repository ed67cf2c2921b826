// Gathers what remedies look at. Reads only; endpoints are called with GET, which no webhook has side effects on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/rest.h"
#include "remedy/scene.h"
#include "report/finding.h"

namespace gatepost::remedy {

// A scene is large and pointed into: it stays where it was made.
struct Survey {
  Scene scene;
  std::vector<std::unique_ptr<Ill>> ills;  // in the order of the findings
};

struct SurveyOptions {
  WallTime now;
  std::string ca_pem;
  bool trust_served = false;
};

net::Task<Result<std::unique_ptr<Survey>>> survey(client::Rest* rest, std::vector<report::Finding> findings,
                                                  SurveyOptions options);

}  // namespace gatepost::remedy
