// `gatepost diagnose`: the root cause of each webhook that does not answer, from the cluster's own objects and from the
// best vantage point that is allowed. Reads only; a dry run stores nothing and is made only where the webhook says that
// it has no side effects then.
//
//   cluster.h       what is read           subject.h      a webhook and the case about it
//   backend.h       Service, endpoints     pods.h         why pods are not ready
//   certificates.h  Secret, served, CA     ca_injection.h who writes the caBundle
//   network_policy.h, deadlock.h, impact.h, webhook_metrics.h
//   probe.h         the vantage points: dry_run.h, direct_call.h, service_proxy.h, port_forward.h
//   root_cause.h    from facts to the root cause, by data/root-causes.rules
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "client/rest.h"
#include "report/finding.h"

namespace gatepost::diagnose {

struct DiagnoseOptions {
  std::vector<std::string> names;  // configurations or webhooks; none: all
  std::string error;               // the text that somebody met; its webhooks are looked at, too
  WallTime now;
  std::function<void(const std::string&)> progress = {};  // told what is under way; empty: nobody listens
};

struct DiagnoseError {
  enum class Kind { use, cluster };  // a name that is not there; the cluster refused
  Kind kind = Kind::cluster;
  std::string text;
};

net::Task<Result<report::Report, DiagnoseError>> diagnose(client::Rest& rest, DiagnoseOptions options);

}  // namespace gatepost::diagnose
