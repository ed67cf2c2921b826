// Targets: who is called, as kube-apiserver's ClientManager keeps them: one pooled client for each clientConfig, shared
// by all webhooks (and conversions) that name the same one, so that connections outlive a change of the configuration.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "admission/make_client.h"
#include "admission/resolve/service.h"
#include "admission/resolve/url.h"
#include "base/result.h"
#include "net/http/client.h"

namespace gatepost::admission {

struct Target {
  using Handle = std::shared_ptr<const Target>;
  std::string url;      // without a query
  std::string problem;  // why there is no client; empty: there is one. Stands behind `failed calling webhook "x": `
  std::shared_ptr<net::http::Client> client;
};

class TargetCache {
 public:
  // `resolver` outlives us. `dial` empty: DNS and TCP.
  TargetCache(ServiceResolver& resolver, net::http::Dialer dial, MakeClient make_client = {})
      : resolver_(resolver), dial_(std::move(dial)), make_client_(std::move(make_client)) {}

  Target::Handle get(const ClientConfig& config);

 private:
  Target make(const ClientConfig& config);

  ServiceResolver& resolver_;
  net::http::Dialer dial_;
  MakeClient make_client_;
  std::map<std::string, std::weak_ptr<const Target>> known_;
};

}  // namespace gatepost::admission
